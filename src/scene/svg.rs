//! A scene as an SVG file that stands alone: the colours of one theme are written into it.

use std::fmt::{self, Write};

use super::role::{Paint, Role};
use super::shape::{Geometry, Scene, Shape, number, path_data};
use super::tokens::{Theme, Token};
use super::typeface::Family;

/// The scene as the text of an SVG file. Fonts are named, not contained.
pub fn svg(scene: &Scene, theme: Theme) -> String {
    let mut text = String::new();
    let written = write_scene(&mut text, scene, theme);
    // Writing to a String has no way to fail.
    debug_assert!(written.is_ok());
    text
}

fn write_scene(out: &mut String, scene: &Scene, theme: Theme) -> fmt::Result {
    let (width, height) = (number(scene.width), number(scene.height));
    let paper = Token::Paper.color(theme).hex();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<style>"
    )?;
    for family in [Family::Sans, Family::Mono] {
        writeln!(out, ".{} {{ font-family: {}; }}", class(family), family.fonts())?;
    }
    writeln!(out, "</style>\n<rect width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>")?;
    for shape in &scene.shapes {
        write_shape(out, shape, theme)?;
    }
    writeln!(out, "</svg>")
}

fn write_shape(out: &mut String, shape: &Shape, theme: Theme) -> fmt::Result {
    let mut attributes = String::new();
    if shape.opacity < 1.0 {
        write!(attributes, " opacity=\"{}\"", number(shape.opacity))?;
    }
    if !matches!(shape.geometry, Geometry::Group { .. }) {
        paint(&mut attributes, shape.role, theme)?;
    }
    let tag = match &shape.geometry {
        Geometry::Group { x, y, .. } => {
            write!(out, "<g transform=\"translate({} {})\"{attributes}>", number(*x), number(*y))?;
            "g"
        }
        Geometry::Rect { x, y, width, height, radius } => {
            let [x, y, width, height, radius] = [x, y, width, height, radius].map(|&value| number(value));
            write!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"{attributes}>"
            )?;
            "rect"
        }
        Geometry::Circle { x, y, radius } => {
            let [x, y, radius] = [x, y, radius].map(|&value| number(value));
            write!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"{attributes}>")?;
            "circle"
        }
        Geometry::Path(path) => {
            write!(out, "<path d=\"{}\"{attributes}>", path_data(path))?;
            "path"
        }
        Geometry::Text { x, y, anchor, font, .. } => {
            let (x, y, anchor, font) = (number(*x), number(*y), anchor.attribute(), font.font());
            let (class, weight, size) = (class(font.family), font.weight, number(font.size));
            write!(
                out,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" class=\"{class}\" \
                 font-weight=\"{weight}\" font-size=\"{size}\" xml:space=\"preserve\"{attributes}>"
            )?;
            "text"
        }
    };
    if let Some(name) = &shape.name {
        write!(out, "<title>{}</title>", escaped(name))?;
    }
    match &shape.geometry {
        Geometry::Text { text, .. } => out.push_str(&escaped(text)),
        Geometry::Group { children, .. } => {
            out.push('\n');
            for child in children {
                write_shape(out, child, theme)?;
            }
        }
        Geometry::Rect { .. } | Geometry::Circle { .. } | Geometry::Path(_) => {}
    }
    writeln!(out, "</{tag}>")
}

fn class(family: Family) -> &'static str {
    match family {
        Family::Sans => "sans",
        Family::Mono => "mono",
    }
}

/// The role's style as attributes.
fn paint(out: &mut String, role: Role, theme: Theme) -> fmt::Result {
    let style = role.style();
    let color = |paint: Paint| match (paint, role.hue()) {
        (Paint::Token(token), _) => token.color(theme).hex(),
        (Paint::Mark, Some(hue)) => hue.mark(theme).hex(),
        (Paint::Text, Some(hue)) => hue.text(theme).hex(),
        (Paint::None, _) | (Paint::Mark | Paint::Text, None) => "none".to_owned(),
    };
    write!(out, " fill=\"{}\"", color(style.fill))?;
    if style.fill_opacity < 1.0 {
        write!(out, " fill-opacity=\"{}\"", number(style.fill_opacity))?;
    }
    if style.stroke == Paint::None {
        return Ok(());
    }
    write!(out, " stroke=\"{}\" stroke-width=\"{}\"", color(style.stroke), number(style.stroke_width))?;
    if style.stroke_opacity < 1.0 {
        write!(out, " stroke-opacity=\"{}\"", number(style.stroke_opacity))?;
    }
    if !style.dash.is_empty() {
        let dash: Vec<String> = style.dash.iter().map(|&length| number(length)).collect();
        write!(out, " stroke-dasharray=\"{}\"", dash.join(" "))?;
    }
    if style.round {
        out.push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    }
    if style.outline_first {
        out.push_str(" paint-order=\"stroke\"");
    }
    Ok(())
}

/// Text as it stands in XML. Characters that XML has no way to say are left out.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(char),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Anchor, Hue, Type};
    use expect_test::expect;

    fn sample() -> Scene {
        let card = vec![
            Shape::rect("a/frame", Role::CardFrameDashed(Hue::Pending), [0.0, 0.0, 150.0, 80.0], 12.0),
            Shape::text("a/name", Role::Text, Type::NameSmall, 75.0, 24.5, "<a & \"b\">\u{1}")
                .anchored(Anchor::Middle),
        ];
        Scene {
            width: 300.0,
            height: 200.0,
            shapes: vec![
                Shape::line("edge", Role::EdgeOwnerQuiet(Hue::Pod), [1.0, 2.0], [3.0, 4.0]).faded(0.5),
                Shape::group("a", 10.0, 20.0, card).named("Pod a"),
                Shape::circle("dot", Role::MessageDot(Hue::BranchA), 5.0, 6.0, 4.0),
            ],
        }
    }

    #[test]
    fn a_scene_is_written_with_the_colours_of_the_theme() {
        expect![[r##"
            <svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" viewBox="0 0 300 200">
            <style>
            .sans { font-family: Inter, Pretendard, "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", system-ui, sans-serif; }
            .mono { font-family: "JetBrains Mono", Inter, ui-monospace, Pretendard, "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", monospace; }
            </style>
            <rect width="300" height="200" fill="#f6f5f1"/>
            <path d="M1 2L3 4" opacity="0.5" fill="none" stroke="#0b7285" stroke-width="1.6" stroke-opacity="0.42" stroke-linecap="round" stroke-linejoin="round"></path>
            <g transform="translate(10 20)"><title>Pod a</title>
            <rect x="0" y="0" width="150" height="80" rx="12" fill="#ffffff" stroke="#e67700" stroke-width="1.8" stroke-dasharray="5 4"></rect>
            <text x="75" y="24.5" text-anchor="middle" class="mono" font-weight="600" font-size="12.5" xml:space="preserve" fill="#1d2330">&lt;a &amp; &quot;b&quot;&gt;</text>
            </g>
            <circle cx="5" cy="6" r="4" fill="#1971c2"></circle>
            </svg>
        "##]].assert_eq(&svg(&sample(), Theme::Light));
    }

    #[test]
    fn the_themes_differ_in_colours_alone() {
        let colourless = |theme| {
            let text = svg(&sample(), theme);
            let mut parts = text.split('#');
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |kept, part| kept + &part[6..])
        };
        assert_eq!(colourless(Theme::Light), colourless(Theme::Dark));
    }
}
