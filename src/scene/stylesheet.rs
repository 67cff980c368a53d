//! The stylesheet that the tokens make: `static/tokens.css`.
//!
//! Custom properties for each theme, a class for each role, hue and way to set text. A test holds the committed
//! file to it; `UPDATE_EXPECT=1 cargo test stylesheet` writes it anew.

use std::fmt::{self, Write};

use super::role::{LOOKS, Look, Paint};
use super::shape::number;
use super::tokens::{Hue, LENGTHS, MOTIONS, Theme, Token};
use super::typeface::{Family, Type};

/// The whole stylesheet.
pub fn stylesheet() -> String {
    let mut css = String::new();
    let written = write_all(&mut css);
    // Writing to a String has no way to fail.
    debug_assert!(written.is_ok());
    css
}

fn write_all(css: &mut String) -> fmt::Result {
    css.push_str(
        "/* Made from src/scene/tokens.rs, role.rs and typeface.rs: UPDATE_EXPECT=1 cargo test stylesheet */\n\n",
    );
    writeln!(css, ":root {{\n  color-scheme: light;")?;
    for family in [Family::Sans, Family::Mono] {
        writeln!(css, "  {}: {};", family.property(), family.fonts())?;
    }
    for (property, length) in LENGTHS {
        writeln!(css, "  {property}: {}px;", number(*length))?;
    }
    for (property, value) in MOTIONS {
        writeln!(css, "  {property}: {value};")?;
    }
    colors(css, Theme::Light, "  ")?;
    css.push_str("}\n\n");
    css.push_str("@media (prefers-color-scheme: dark) {\n  :root:not([data-theme=\"light\"]) {\n    color-scheme: dark;\n");
    colors(css, Theme::Dark, "    ")?;
    css.push_str("  }\n}\n\n:root[data-theme=\"dark\"] {\n  color-scheme: dark;\n");
    colors(css, Theme::Dark, "  ")?;
    css.push_str("}\n\n:root[data-theme=\"contrast\"] {\n  color-scheme: light;\n");
    colors(css, Theme::Contrast, "  ")?;
    css.push_str("}\n\n");
    for hue in Hue::ALL {
        let (mark, text) = (hue.mark_property(), hue.text_property());
        writeln!(css, ".{} {{\n  --mark: var({mark});\n  --text: var({text});\n}}\n", hue.class())?;
    }
    for ty in Type::ALL {
        let font = ty.font();
        let (weight, size, family) = (font.weight, number(font.size), font.family.property());
        writeln!(css, ".{} {{\n  font: {weight} {size}px/1.4 var({family});\n}}\n", ty.class())?;
    }
    for look in LOOKS {
        role(css, look)?;
    }
    // One blank line between rules, none after the last.
    css.truncate(css.trim_end().len());
    css.push('\n');
    Ok(())
}

fn colors(css: &mut String, theme: Theme, indent: &str) -> fmt::Result {
    for token in Token::ALL {
        writeln!(css, "{indent}{}: {};", token.property(), token.color(theme).hex())?;
    }
    for hue in Hue::ALL {
        writeln!(css, "{indent}{}: {};", hue.mark_property(), hue.mark(theme).hex())?;
        writeln!(css, "{indent}{}: {};", hue.text_property(), hue.text(theme).hex())?;
    }
    Ok(())
}

fn role(css: &mut String, look: &Look) -> fmt::Result {
    let style = look.style;
    writeln!(css, ".{} {{", look.class)?;
    writeln!(css, "  fill: {};", paint(style.fill))?;
    if style.fill_opacity < 1.0 {
        writeln!(css, "  fill-opacity: {};", number(style.fill_opacity))?;
    }
    if style.stroke != Paint::None {
        writeln!(css, "  stroke: {};", paint(style.stroke))?;
        writeln!(css, "  stroke-width: {};", number(style.stroke_width))?;
        if style.stroke_opacity < 1.0 {
            writeln!(css, "  stroke-opacity: {};", number(style.stroke_opacity))?;
        }
        if !style.dash.is_empty() {
            let dash: Vec<String> = style.dash.iter().map(|&length| number(length)).collect();
            writeln!(css, "  stroke-dasharray: {};", dash.join(" "))?;
        }
        if style.round {
            writeln!(css, "  stroke-linecap: round;\n  stroke-linejoin: round;")?;
        }
        if style.outline_first {
            writeln!(css, "  paint-order: stroke;")?;
        }
    }
    css.push_str("}\n\n");
    Ok(())
}

fn paint(paint: Paint) -> String {
    match paint {
        Paint::None => "none".to_owned(),
        Paint::Token(token) => format!("var({})", token.property()),
        Paint::Mark => "var(--mark)".to_owned(),
        Paint::Text => "var(--text)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_stylesheet_of_the_page_is_the_one_that_the_tokens_make() {
        expect_test::expect_file!["../../static/tokens.css"].assert_eq(&super::stylesheet());
    }
}
