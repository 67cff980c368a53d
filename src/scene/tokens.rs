//! The one table of colours, lengths and motions, for each theme.
//!
//! A kind has one hue, a state one hue and one glyph, everywhere. Each hue has two colours: `mark` for strokes,
//! dots and bars, and `text` for words and for chips that carry words, which is readable on every ground.

use crate::api::Kind;

/// Light, dark, or of high contrast for a projector in a bright room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Theme {
    #[default]
    Light,
    Dark,
    Contrast,
}

impl Theme {
    /// All of them.
    pub const ALL: [Theme; 3] = [Theme::Light, Theme::Dark, Theme::Contrast];
}

/// A colour, `0xrrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u32);

impl Color {
    /// `#rrggbb`
    pub fn hex(self) -> String {
        format!("#{:06x}", self.0)
    }
    /// So much darker that a word in it is told from white by more than 7 to 1.
    fn deep(self) -> Color {
        let channel = |shift: u32| ((self.0 >> shift) & 0xff) * 7 / 10;
        Color(channel(16) << 16 | channel(8) << 8 | channel(0))
    }
}

macro_rules! tokens {
    ($( #[doc = $doc:literal] $name:ident $property:literal $light:literal $dark:literal $contrast:literal; )+) => {
        /// A colour that is of no kind and no state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Token { $( #[doc = $doc] $name ),+ }

        impl Token {
            /// Every token, in the order of the stylesheet.
            pub const ALL: &'static [Token] = &[ $( Token::$name ),+ ];

            /// The custom property of the stylesheet.
            pub fn property(self) -> &'static str {
                match self { $( Token::$name => concat!("--", $property) ),+ }
            }
            /// Its colour.
            pub fn color(self, theme: Theme) -> Color {
                match (self, theme) { $(
                    (Token::$name, Theme::Light) => Color($light),
                    (Token::$name, Theme::Dark) => Color($dark),
                    (Token::$name, Theme::Contrast) => Color($contrast),
                )+ }
            }
        }
    };
}

tokens! {
    /// The ground of the stage.
    Paper "paper" 0xf6f5f1 0x12151c 0xffffff;
    /// Cards, panels and bars on the paper.
    Card "card" 0xffffff 0x1a1f29 0xffffff;
    /// What is set into a card.
    Well "well" 0xefece5 0x252c39 0xe9e9e9;
    /// Lines between things.
    Line "line" 0xe2dfd8 0x3a4356 0x5c5c5c;
    /// The border of what can be used, told from its ground by 3 to 1.
    Border "border" 0x8d8a80 0x6f7b93 0x000000;
    /// Text.
    Ink "ink" 0x1d2330 0xe9ecf2 0x000000;
    /// Text that stands back.
    Muted "muted" 0x5b6476 0x9fa9bb 0x2b2b2b;
    /// The ground of what stands out most: the chosen tab, the play button, the playhead's flag.
    Bold "bold" 0x1d2330 0xe9ecf2 0x000000;
    /// Text on it.
    OnBold "on-bold" 0xffffff 0x12151c 0xffffff;
    /// The block of `pause`.
    Pause "pause" 0x1d2330 0x3a4358 0x000000;
    /// Its border.
    PauseLine "pause-line" 0x1d2330 0x5d6984 0x000000;
    /// A terminal.
    Slab "slab" 0x1d2330 0x0b0d12 0x000000;
    /// Its border.
    SlabLine "slab-line" 0x1d2330 0x3a4356 0x000000;
    /// Text on it.
    OnSlab "on-slab" 0xffffff 0xffffff 0xffffff;
    /// Text on it that stands back.
    OnSlabMuted "on-slab-muted" 0xdee2e6 0xadb5bd 0xffffff;
    /// A glyph or a word on the `mark` or the `text` colour of a hue.
    OnHue "on-hue" 0xffffff 0x12151c 0xffffff;
    /// Podium's own colour: what is played, what is chosen, where the focus is.
    Brand "brand" 0x3b5bdb 0x5c7cfa 0x0000b8;
    /// Shade below a card.
    Shade "shade" 0x1d2330 0x000000 0x000000;
}

macro_rules! hues {
    ($( #[doc = $doc:literal] $name:ident $class:literal $mark:literal $text:literal $dark_mark:literal $dark_text:literal; )+) => {
        /// What a colour means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Hue { $( #[doc = $doc] $name ),+ }

        impl Hue {
            /// Every hue, in the order of the stylesheet.
            pub const ALL: &'static [Hue] = &[ $( Hue::$name ),+ ];

            /// The class of the stylesheet.
            pub fn class(self) -> &'static str {
                match self { $( Hue::$name => concat!("hue-", $class) ),+ }
            }
            /// The custom property of the colour of strokes, dots and bars.
            pub fn mark_property(self) -> &'static str {
                match self { $( Hue::$name => concat!("--", $class) ),+ }
            }
            /// The custom property of the colour of words.
            pub fn text_property(self) -> &'static str {
                match self { $( Hue::$name => concat!("--", $class, "-text") ),+ }
            }
            /// The colour of strokes, dots and bars.
            pub fn mark(self, theme: Theme) -> Color {
                match (self, theme) { $(
                    (Hue::$name, Theme::Light) => Color($mark),
                    (Hue::$name, Theme::Dark) => Color($dark_mark),
                    (Hue::$name, Theme::Contrast) => Color($text).deep(),
                )+ }
            }
            /// The colour of words, and of chips that carry words.
            pub fn text(self, theme: Theme) -> Color {
                match (self, theme) { $(
                    (Hue::$name, Theme::Light) => Color($text),
                    (Hue::$name, Theme::Dark) => Color($dark_text),
                    (Hue::$name, Theme::Contrast) => Color($text).deep(),
                )+ }
            }
        }
    };
}

hues! {
    /// A Deployment.
    Deployment "deployment" 0x3b5bdb 0x364fc7 0x91a7ff 0x91a7ff;
    /// A ReplicaSet.
    ReplicaSet "replicaset" 0x7048e8 0x673ee0 0xb197fc 0xb197fc;
    /// A Pod.
    Pod "pod" 0x0b7285 0x0a6a7b 0x3bc9db 0x3bc9db;
    /// A Service, and the requests to it.
    Service "service" 0xd9480f 0xb33a0b 0xffa94d 0xffa94d;
    /// The scheduler.
    Scheduler "scheduler" 0x0c8599 0x0a6a7b 0x3bc9db 0x3bc9db;
    /// What stores and answers: the API server.
    Server "server" 0x3b5bdb 0x364fc7 0x91a7ff 0x91a7ff;
    /// Running.
    Running "running" 0x2f9e44 0x227232 0x69db7c 0x69db7c;
    /// Pending.
    Pending "pending" 0xe67700 0x9c5000 0xffc078 0xffc078;
    /// Succeeded.
    Succeeded "succeeded" 0x1098ad 0x0b6e7e 0x66d9e8 0x66d9e8;
    /// Failed, and nothing else.
    Failed "failed" 0xe03131 0xc01d1d 0xff8787 0xff8787;
    /// Unknown.
    Unknown "unknown" 0x868e96 0x5f666e 0x9fa9bb 0x9fa9bb;
    /// Being deleted.
    Terminating "terminating" 0x9c36b5 0x9733af 0xda77f2 0xda77f2;
    /// The Linux namespace net.
    Net "net" 0x1c7ed6 0x1666ae 0x74c0fc 0x74c0fc;
    /// The Linux namespace ipc.
    Ipc "ipc" 0xbe4bdb 0xa025bf 0xe599f7 0xe599f7;
    /// The Linux namespace uts.
    Uts "uts" 0xf08c00 0x955700 0xffc078 0xffc078;
    /// The Linux namespace pid.
    Pid "pid" 0x2b8a3e 0x247133 0x8ce99a 0x8ce99a;
    /// The Linux namespace mnt.
    Mnt "mnt" 0x868e96 0x5f666e 0x9fa9bb 0x9fa9bb;
    /// Volumes.
    Volume "volume" 0x5c940d 0x466f0a 0xa9e34b 0xa9e34b;
    /// Branch A of a deletion: the kubelet.
    BranchA "branch-a" 0x1971c2 0x1664ac 0x74c0fc 0x74c0fc;
    /// Branch B of a deletion: the endpoints.
    BranchB "branch-b" 0xc2255c 0xb92358 0xf783ac 0xf783ac;
    /// A person, and what is of no kind.
    Plain "plain" 0x1d2330 0x1d2330 0xe9ecf2 0xe9ecf2;
    /// What stands back.
    Quiet "quiet" 0xaeaca4 0x5b6476 0x6f7b93 0x9fa9bb;
}

impl Hue {
    /// The hue of a kind.
    pub fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Deployment => Hue::Deployment,
            Kind::ReplicaSet => Hue::ReplicaSet,
            Kind::Pod => Hue::Pod,
            Kind::Service | Kind::EndpointSlice | Kind::Endpoints => Hue::Service,
            _ => Hue::Plain,
        }
    }
}

/// A Pod's phase, or that it is being deleted, which is no phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum State {
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
    Terminating,
}

impl State {
    /// Every state.
    pub const ALL: [State; 6] =
        [State::Pending, State::Running, State::Succeeded, State::Failed, State::Unknown, State::Terminating];
    /// Its hue.
    pub fn hue(self) -> Hue {
        match self {
            State::Pending => Hue::Pending,
            State::Running => Hue::Running,
            State::Succeeded => Hue::Succeeded,
            State::Failed => Hue::Failed,
            State::Unknown => Hue::Unknown,
            State::Terminating => Hue::Terminating,
        }
    }
}

/// How much of its colour a tint takes; the rest is the ground.
pub const TINT: f32 = 0.09;

/// Lengths in pixels, by the name of their custom property.
pub const LENGTHS: &[(&str, f32)] = &[
    ("--space-1", space::XS),
    ("--space-2", space::S),
    ("--space-3", space::M),
    ("--space-4", space::L),
    ("--space-6", space::XL),
    ("--radius-chip", radius::CHIP),
    ("--radius-card", radius::CARD),
    ("--radius-panel", radius::PANEL),
];

/// Distances between things, in pixels.
#[allow(missing_docs)]
pub mod space {
    pub const XS: f32 = 4.0;
    pub const S: f32 = 8.0;
    pub const M: f32 = 12.0;
    pub const L: f32 = 16.0;
    pub const XL: f32 = 24.0;
}

/// Radii of round corners, in pixels.
#[allow(missing_docs)]
pub mod radius {
    /// Of what is set into a card.
    pub const CHIP: f32 = 7.0;
    /// Of a card.
    pub const CARD: f32 = 12.0;
    /// Of a panel.
    pub const PANEL: f32 = 16.0;
}

/// Times and curves of motion, by the name of their custom property.
pub const MOTIONS: &[(&str, &str)] = &[
    // What answers a hand: a hover, a press.
    ("--motion-answer", "120ms"),
    // What comes or goes.
    ("--motion-fade", "200ms"),
    // What moves to another place on the stage.
    ("--motion-move", "360ms"),
    ("--ease-move", "cubic-bezier(0.3, 0.7, 0.2, 1)"),
    ("--ease-fade", "cubic-bezier(0.2, 0, 0.4, 1)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(color: Color) -> [f64; 3] {
        [16, 8, 0].map(|shift| f64::from((color.0 >> shift) & 0xff) / 255.0)
    }

    /// The contrast of two colours by WCAG 2.
    #[allow(
        clippy::disallowed_methods,
        reason = "the last digit, which platforms differ in, decides nothing here"
    )]
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let luminance = |channels: [f64; 3]| {
            let [r, g, b] =
                channels.map(|c| if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn tint(hue: Hue, ground: Token, theme: Theme) -> [f64; 3] {
        let (over, under) = (channels(hue.mark(theme)), channels(ground.color(theme)));
        [0, 1, 2].map(|i| over[i] * f64::from(TINT) + under[i] * (1.0 - f64::from(TINT)))
    }

    #[track_caller]
    fn check(what: &str, text: [f64; 3], ground: [f64; 3], least: f64) {
        let found = contrast(text, ground);
        assert!(found >= least, "{what}: {found:.2} to 1, {least} are needed");
    }

    const GROUNDS: [Token; 3] = [Token::Paper, Token::Card, Token::Well];

    #[test]
    fn every_word_is_readable_on_every_ground() {
        for theme in Theme::ALL {
            let color = |token: Token| channels(token.color(theme));
            for ground in GROUNDS {
                for text in [Token::Ink, Token::Muted] {
                    check(&format!("{text:?} on {ground:?}, {theme:?}"), color(text), color(ground), 4.5);
                }
                for &hue in Hue::ALL {
                    let text = channels(hue.text(theme));
                    check(&format!("{hue:?} on {ground:?}, {theme:?}"), text, color(ground), 4.5);
                }
            }
            for (text, ground) in [
                (Token::OnBold, Token::Bold),
                (Token::OnSlab, Token::Slab),
                (Token::OnSlabMuted, Token::Slab),
                (Token::OnSlab, Token::Pause),
                (Token::OnSlabMuted, Token::Pause),
            ] {
                check(&format!("{text:?} on {ground:?}, {theme:?}"), color(text), color(ground), 4.5);
            }
        }
    }

    #[test]
    fn words_are_readable_on_the_tint_and_on_the_chip_of_their_hue() {
        for theme in Theme::ALL {
            for &hue in Hue::ALL {
                let text = channels(hue.text(theme));
                for ground in [Token::Paper, Token::Card] {
                    check(
                        &format!("{hue:?} on its tint on {ground:?}, {theme:?}"),
                        text,
                        tint(hue, ground, theme),
                        4.5,
                    );
                }
                let on_hue = channels(Token::OnHue.color(theme));
                check(&format!("a word on {hue:?}, {theme:?}"), on_hue, text, 4.5);
            }
        }
    }

    #[test]
    fn a_projector_has_seven_to_one() {
        let theme = Theme::Contrast;
        let color = |token: Token| channels(token.color(theme));
        for ground in GROUNDS {
            for text in [Token::Ink, Token::Muted, Token::Brand] {
                check(&format!("{text:?} on {ground:?}"), color(text), color(ground), 7.0);
            }
            for &hue in Hue::ALL {
                check(&format!("{hue:?} on {ground:?}"), channels(hue.text(theme)), color(ground), 7.0);
                check(
                    &format!("the mark of {hue:?} on {ground:?}"),
                    channels(hue.mark(theme)),
                    color(ground),
                    4.5,
                );
            }
            check(&format!("a line on {ground:?}"), color(Token::Line), color(ground), 4.5);
        }
    }

    #[test]
    fn glyphs_and_marks_are_seen() {
        for theme in Theme::ALL {
            for state in State::ALL {
                let mark = channels(state.hue().mark(theme));
                check(
                    &format!("the glyph of {state:?}, {theme:?}"),
                    channels(Token::OnHue.color(theme)),
                    mark,
                    2.95,
                );
                check(
                    &format!("the mark of {state:?}, {theme:?}"),
                    mark,
                    channels(Token::Card.color(theme)),
                    2.95,
                );
            }
            for ground in [Token::Paper, Token::Card] {
                let ground_color = channels(ground.color(theme));
                for token in [Token::Border, Token::Brand] {
                    check(
                        &format!("{token:?} on {ground:?}"),
                        channels(token.color(theme)),
                        ground_color,
                        3.0,
                    );
                }
            }
        }
    }

    #[test]
    fn red_is_for_failures_alone() {
        for theme in Theme::ALL {
            for &hue in Hue::ALL.iter().filter(|hue| **hue != Hue::Failed) {
                assert_ne!(hue.mark(theme), Hue::Failed.mark(theme), "{hue:?}");
                assert_ne!(hue.text(theme), Hue::Failed.text(theme), "{hue:?}");
            }
        }
    }
}
