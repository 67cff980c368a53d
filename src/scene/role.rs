//! What a shape is, and how that looks: fill, stroke and dashes, in the colours of the tokens.

use super::tokens::{Hue, TINT, Token};

/// Where a fill or a stroke takes its colour from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Nothing is painted.
    None,
    /// A colour of no kind and no state.
    Token(Token),
    /// The colour of the role's hue for strokes, dots and bars.
    Mark,
    /// The colour of the role's hue for words.
    Text,
}

/// How a role looks. What is not said is as in [`Style::NOTHING`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The inside.
    pub fill: Paint,
    /// How much of the inside is seen.
    pub fill_opacity: f32,
    /// The outline.
    pub stroke: Paint,
    /// How much of the outline is seen.
    pub stroke_opacity: f32,
    /// The width of the outline in pixels.
    pub stroke_width: f32,
    /// The lengths of dashes and gaps in pixels; none is an unbroken outline.
    pub dash: &'static [f32],
    /// Whether the ends and corners of lines are round.
    pub round: bool,
    /// Whether the outline is painted below the fill: a word that keeps lines away from itself.
    pub outline_first: bool,
}

impl Style {
    /// Paints nothing.
    pub const NOTHING: Style = Style {
        fill: Paint::None,
        fill_opacity: 1.0,
        stroke: Paint::None,
        stroke_opacity: 1.0,
        stroke_width: 0.0,
        dash: &[],
        round: false,
        outline_first: false,
    };
    const fn fill(self, fill: Paint) -> Style {
        Style { fill, ..self }
    }
    const fn stroke(self, stroke: Paint, stroke_width: f32) -> Style {
        Style { stroke, stroke_width, ..self }
    }
    const fn dashed(self, dash: &'static [f32]) -> Style {
        Style { dash, ..self }
    }
    const fn tinted(self) -> Style {
        self.fill(Paint::Mark).seen(TINT)
    }
    const fn seen(self, fill_opacity: f32) -> Style {
        Style { fill_opacity, ..self }
    }
    const fn stroke_seen(self, stroke_opacity: f32) -> Style {
        Style { stroke_opacity, ..self }
    }
    const fn rounded(self) -> Style {
        Style { round: true, ..self }
    }
    const fn outlined_first(self) -> Style {
        Style { outline_first: true, ..self }
    }
}

/// A role's line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The class of the stylesheet.
    pub class: &'static str,
    /// How it looks.
    pub style: Style,
    /// Whether it has a hue.
    pub hued: bool,
}

macro_rules! roles {
    (
        plain { $( #[doc = $plain_doc:literal] $plain:ident $plain_class:literal $plain_style:expr; )+ }
        hued { $( #[doc = $hued_doc:literal] $hued:ident $hued_class:literal $hued_style:expr; )+ }
    ) => {
        /// What a shape is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role {
            $( #[doc = $plain_doc] $plain, )+
            $( #[doc = $hued_doc] $hued(Hue), )+
        }

        /// How every role looks, in the order of the enum.
        pub const LOOKS: &[Look] = &[
            $( Look { class: concat!("role-", $plain_class), style: $plain_style, hued: false }, )+
            $( Look { class: concat!("role-", $hued_class), style: $hued_style, hued: true }, )+
        ];

        impl Role {
            /// The class of the stylesheet. The class of the hue stands beside it.
            pub fn class(self) -> &'static str {
                match self {
                    $( Role::$plain => concat!("role-", $plain_class), )+
                    $( Role::$hued(_) => concat!("role-", $hued_class), )+
                }
            }
            /// How it looks.
            pub fn style(self) -> Style {
                match self {
                    $( Role::$plain => $plain_style, )+
                    $( Role::$hued(_) => $hued_style, )+
                }
            }
            /// Its hue, where it has one.
            pub fn hue(self) -> Option<Hue> {
                match self {
                    $( Role::$plain => None, )+
                    $( Role::$hued(hue) => Some(hue), )+
                }
            }
        }
    };
}

const N: Style = Style::NOTHING;

const fn token(token: Token) -> Paint {
    Paint::Token(token)
}

roles! {
    plain {
        /// Shapes that move as one.
        Group "group" N;
        /// Takes clicks where nothing is painted.
        Hit "hit" N;

        /// A panel: a node, a side of a comparison.
        Panel "panel" N.fill(token(Token::Card)).stroke(token(Token::Line), 1.5);
        /// A panel that only says where something is: the host around a Pod.
        PanelDashed "panel-dashed" N.fill(token(Token::Card)).stroke(token(Token::Line), 1.5).dashed(&[7.0, 6.0]);
        /// The shade below a card.
        CardShade "card-shade" N.fill(token(Token::Shade)).seen(0.05);
        /// The frame of a card whose object is on its way out of use.
        CardFrameQuiet "card-frame-quiet" N.fill(token(Token::Card)).stroke(token(Token::Line), 1.8);
        /// What is set into a card: an image, a process.
        Well "well" N.fill(token(Token::Well));
        /// The block of `pause`.
        PauseBar "pause-bar" N.fill(token(Token::Pause)).stroke(token(Token::PauseLine), 1.0);
        /// A line that only separates.
        Divider "divider" N.stroke(token(Token::Line), 1.5);

        /// A text.
        Text "text" N.fill(token(Token::Ink));
        /// A text that stands back.
        TextMuted "text-muted" N.fill(token(Token::Muted));
        /// A text on the block of `pause`.
        TextOnSlab "text-on-slab" N.fill(token(Token::OnSlab));
        /// The same, standing back.
        TextOnSlabMuted "text-on-slab-muted" N.fill(token(Token::OnSlabMuted));
        /// A text on the colour of a hue.
        TextOnHue "text-on-hue" N.fill(token(Token::OnHue));
        /// A text on the flag of the playhead.
        TextOnBold "text-on-bold" N.fill(token(Token::OnBold));
        /// A glyph on the colour of a hue.
        GlyphOnHue "glyph-on-hue" N.stroke(token(Token::OnHue), 1.8).rounded();
        /// A glyph that stands back.
        GlyphMuted "glyph-muted" N.stroke(token(Token::Muted), 1.6).rounded();

        /// Every other lane of a sequence of messages.
        LaneGround "lane-ground" N.fill(token(Token::Card)).seen(0.55);
        /// Where time stands.
        Playhead "playhead" N.stroke(token(Token::Bold), 2.0);
        /// The flag that says which time that is.
        PlayheadFlag "playhead-flag" N.fill(token(Token::Bold));
        /// A wait that is not drawn at its length.
        Fold "fold" N.stroke(token(Token::Muted), 2.0).rounded();
        /// Lies over what is still to come.
        Veil "veil" N.fill(token(Token::Card)).seen(0.72);
        /// The ground of a fold.
        FoldGround "fold-ground" N.fill(token(Token::Paper));
    }
    hued {
        /// The frame of a card.
        CardFrame "card-frame" N.fill(token(Token::Card)).stroke(Paint::Mark, 1.8);
        /// The frame of a card that is not settled: it comes to life, or ends.
        CardFrameDashed "card-frame-dashed" N.fill(token(Token::Card)).stroke(Paint::Mark, 1.8).dashed(&[5.0, 4.0]);
        /// The frame of the one thing that the stage is about.
        FrameStrong "frame-strong" N.fill(token(Token::Card)).stroke(Paint::Mark, 2.4);
        /// The bar at the left of a card.
        CardAccent "card-accent" N.fill(Paint::Mark);
        /// Where something will be that is not there yet.
        Ghost "ghost" N.stroke(Paint::Mark, 1.6).dashed(&[3.0, 5.0]);
        /// A part of the ground in a hue.
        Tint "tint" N.tinted();
        /// A chip that carries a word.
        Chip "chip" N.fill(Paint::Text);
        /// The circle of a state's glyph.
        StateMark "state-mark" N.fill(Paint::Mark);
        /// A ring that runs down.
        Ring "ring" N.stroke(Paint::Mark, 2.4).rounded();
        /// A glyph in a hue.
        Glyph "glyph" N.stroke(Paint::Text, 1.8).rounded();
        /// The glyph of a kind.
        Emblem "emblem" N.stroke(Paint::Text, 1.3).rounded();
        /// A bar across a Pod: a Linux namespace that several containers share.
        Band "band" N.tinted().stroke(Paint::Mark, 1.6);
        /// The same, where each container has its own.
        BandApart "band-apart" N.tinted().stroke(Paint::Mark, 1.6).dashed(&[6.0, 5.0]);
        /// A post from a namespace to what holds it.
        Post "post" N.stroke(Paint::Mark, 3.0).stroke_seen(0.8).rounded();
        /// A line from a container into a namespace.
        Joins "joins" N.stroke(Paint::Mark, 2.2).stroke_seen(0.5);

        /// A line from an owner to what it owns.
        EdgeOwner "edge-owner" N.stroke(Paint::Mark, 2.0).rounded();
        /// The same, between what is on its way out of use.
        EdgeOwnerQuiet "edge-owner-quiet" N.stroke(Paint::Mark, 1.6).stroke_seen(0.42).rounded();
        /// A line from what selects to what it selects.
        EdgeSelects "edge-selects" N.stroke(Paint::Mark, 1.7).dashed(&[2.0, 5.0]);
        /// The head of an arrow.
        ArrowHead "arrow-head" N.fill(Paint::Mark);

        /// The line of a lane.
        LaneLine "lane-line" N.stroke(Paint::Mark, 1.2).stroke_seen(0.25);
        /// A message from one lane to another.
        Message "message" N.stroke(Paint::Mark, 2.1).rounded();
        /// Where a message begins, or is now.
        MessageDot "message-dot" N.fill(Paint::Mark);
        /// Work that takes a while.
        Bar "bar" N.fill(Paint::Mark);
        /// A stretch of time that something lives through.
        Span "span" N.tinted().stroke(Paint::Mark, 1.4);
        /// What is left of a time that runs down.
        Rest "rest" N.fill(Paint::Mark).seen(0.25);
        /// A vertical line at one moment.
        Moment "moment" N.stroke(Paint::Mark, 1.5).dashed(&[4.0, 4.0]);
        /// A request that was answered.
        RequestOk "request-ok" N.fill(Paint::Mark);
        /// A request that was not.
        RequestFailed "request-failed" N.stroke(Paint::Mark, 2.0).rounded();
        /// A part of the ground that something befell.
        Region "region" N.tinted().stroke(Paint::Mark, 1.4).dashed(&[4.0, 4.0]);

        /// A text in the hue.
        TextHue "text-hue" N.fill(Paint::Text);
        /// A text in the hue that lies over lines and keeps them away from itself.
        TextOver "text-over" N.fill(Paint::Text).stroke(token(Token::Paper), 4.0).rounded().outlined_first();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_roles_share_a_class() {
        let mut classes: Vec<_> = LOOKS.iter().map(|look| look.class).collect();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), LOOKS.len());
    }

    #[test]
    fn only_a_role_with_a_hue_takes_its_colour_from_one() {
        let from_hue = |paint| matches!(paint, Paint::Mark | Paint::Text);
        for look in LOOKS {
            let takes = from_hue(look.style.fill) || from_hue(look.style.stroke);
            assert_eq!(takes, look.hued, "{}", look.class);
        }
    }
}
