//! The type scale: every way in which a text is set.
//!
//! No text is under 12 pixels on a stage of 1600 x 900. For presenting, a view lays itself out on a smaller
//! stage, which is then drawn larger.

/// The family of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// For reading; its letters differ in width.
    Sans,
    /// For names and for what a terminal shows; its letters are of one width.
    Mono,
}

impl Family {
    /// The custom property of the stylesheet that names the fonts.
    pub fn property(self) -> &'static str {
        match self {
            Family::Sans => "--sans",
            Family::Mono => "--mono",
        }
    }
    /// The fonts, the bundled one first; Hangul is the system's.
    pub fn fonts(self) -> &'static str {
        match self {
            Family::Sans => {
                "Inter, Pretendard, \"Apple SD Gothic Neo\", \"Noto Sans KR\", \"Noto Sans CJK KR\", \
                 \"Malgun Gothic\", system-ui, sans-serif"
            }
            Family::Mono => {
                "\"JetBrains Mono\", Inter, ui-monospace, Pretendard, \"Apple SD Gothic Neo\", \"Noto Sans KR\", \
                 \"Noto Sans CJK KR\", \"Malgun Gothic\", monospace"
            }
        }
    }
}

/// A family at a weight and a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Font {
    /// The family.
    pub family: Family,
    /// 400, 500, 600 or 700.
    pub weight: u16,
    /// Pixels of an em.
    pub size: f32,
}

macro_rules! types {
    ($( #[doc = $doc:literal] $name:ident $class:literal $family:ident $weight:literal $size:literal; )+) => {
        /// A way in which a text is set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Type { $( #[doc = $doc] $name ),+ }

        impl Type {
            /// Every way, in the order of the enum.
            pub const ALL: &'static [Type] = &[ $( Type::$name ),+ ];

            /// The class of the stylesheet.
            pub fn class(self) -> &'static str {
                match self { $( Type::$name => concat!("type-", $class) ),+ }
            }
            /// Its font.
            pub fn font(self) -> Font {
                match self {
                    $( Type::$name => Font { family: Family::$family, weight: $weight, size: $size } ),+
                }
            }
        }
    };
}

types! {
    /// What a card is, in capitals above its name.
    Eyebrow "eyebrow" Sans 700 12.0;
    /// The name of an object on its card.
    Name "name" Mono 600 15.0;
    /// A name on a small card.
    NameSmall "name-small" Mono 600 12.5;
    /// The name of what the whole stage is about.
    NameLarge "name-large" Mono 700 17.0;
    /// A sentence.
    Body "body" Sans 400 13.0;
    /// What is said below a name.
    Caption "caption" Sans 400 12.5;
    /// A word on a line, an arrow or a chip.
    Label "label" Sans 600 12.0;
    /// A word that counts: a total, a lane, a band.
    Strong "strong" Sans 700 13.0;
    /// The number that a whole picture is about.
    Figure "figure" Sans 700 34.0;
    /// A title on the stage.
    Heading "heading" Sans 700 16.0;
    /// The number of a step in its circle.
    Step "step" Sans 700 12.5;
    /// What a terminal or a file says.
    Code "code" Mono 400 12.5;
    /// The same where room is short.
    CodeSmall "code-small" Mono 400 12.0;
    /// What a terminal or a file says, when it is the point.
    CodeStrong "code-strong" Mono 600 12.5;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_under_twelve_pixels_and_no_weight_is_missing_from_the_fonts() {
        for ty in Type::ALL {
            let font = ty.font();
            assert!(font.size >= 12.0, "{ty:?} is {} px", font.size);
            assert!([400, 500, 600, 700].contains(&font.weight), "{ty:?} has weight {}", font.weight);
        }
    }
}
