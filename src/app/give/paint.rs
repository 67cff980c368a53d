//! A scene on a canvas, with the colours of one theme: what `scene::svg` writes, drawn by the browser. No picture is loaded for
//! it, so the page's policy stays as it is.

use super::save::save_blob;
use js_sys::Array;
use podium::scene::role::Paint;
use podium::scene::shape::{Geometry, path_data};
use podium::scene::tokens::{Theme, Token};
use podium::scene::{Anchor, Role, Scene, Shape};
use std::f64::consts::TAU;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, Path2d};

/// Pixels of the picture for each of the scene's, for a sharp one on any screen.
const SHARP: f64 = 2.0;

/// A picture is no narrower than this, in pixels: where there is little, the scene is narrower than others.
const LEAST_WIDE: f64 = 2_240.0;

/// So many pixels every browser's canvas holds.
const MOST: f64 = 16_000_000.0;

/// Lets the browser save a scene as a PNG.
pub(super) fn save_png(name: &'static str, scene: &Scene, theme: Theme) {
    let Some(canvas) = canvas(scene, theme) else { return };
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            save_blob(name, &blob);
        }
    });
    // A canvas with nothing of another origin on it can always be read.
    _ = canvas.to_blob(done.unchecked_ref());
}

/// The scene on a canvas of its own.
fn canvas(scene: &Scene, theme: Theme) -> Option<HtmlCanvasElement> {
    let canvas = gloo::utils::document().create_element("canvas").ok()?;
    let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
    let [width, height] = [scene.width, scene.height].map(f64::from);
    let scale = (MOST / (width * height).max(1.0)).sqrt().min(SHARP.max(LEAST_WIDE / width.max(1.0)));
    canvas.set_width((width * scale).ceil() as u32);
    canvas.set_height((height * scale).ceil() as u32);
    let on: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    on.scale(scale, scale).ok()?;
    ground(&on, [width, height], theme);
    shapes(&on, &scene.shapes, theme);
    Some(canvas)
}

/// Paints what everything stands on.
pub(super) fn ground(on: &CanvasRenderingContext2d, [width, height]: [f64; 2], theme: Theme) {
    on.set_global_alpha(1.0);
    on.set_fill_style_str(&Token::Paper.color(theme).hex());
    on.fill_rect(0.0, 0.0, width, height);
}

/// Draws shapes where the canvas is now.
pub(super) fn shapes(on: &CanvasRenderingContext2d, shapes: &[Shape], theme: Theme) {
    for shape in shapes {
        draw(on, shape, theme, 1.0);
    }
}

/// Draws a shape that is seen as much as `seen`, from 0 to 1.
fn draw(on: &CanvasRenderingContext2d, shape: &Shape, theme: Theme, seen: f32) {
    let seen = seen * shape.opacity;
    match &shape.geometry {
        Geometry::Group { x, y, children } => {
            let [x, y] = [*x, *y].map(f64::from);
            _ = on.translate(x, y);
            children.iter().for_each(|child| draw(on, child, theme, seen));
            _ = on.translate(-x, -y);
        }
        Geometry::Rect { x, y, width, height, radius } => {
            let radius = radius.min(width / 2.0).min(height / 2.0).max(0.0);
            let data = format!(
                "M{} {y}h{}a{radius} {radius} 0 0 1 {radius} {radius}v{}a{radius} {radius} 0 0 1 -{radius} {radius}\
                 h-{}a{radius} {radius} 0 0 1 -{radius} -{radius}v-{}a{radius} {radius} 0 0 1 {radius} -{radius}z",
                x + radius,
                width - 2.0 * radius,
                height - 2.0 * radius,
                width - 2.0 * radius,
                height - 2.0 * radius,
            );
            path(on, Path2d::new_with_path_string(&data).ok(), shape.role, theme, seen);
        }
        Geometry::Circle { x, y, radius } => {
            let circle = Path2d::new().ok();
            if let Some(circle) = &circle {
                _ = circle.arc((*x).into(), (*y).into(), (*radius).into(), 0.0, TAU);
            }
            path(on, circle, shape.role, theme, seen);
        }
        Geometry::Path(segments) => {
            path(on, Path2d::new_with_path_string(&path_data(segments)).ok(), shape.role, theme, seen);
        }
        Geometry::Text { x, y, anchor, font, text: said } => {
            let font = font.font();
            on.set_font(&format!("{} {}px {}", font.weight, font.size, font.family.fonts()));
            on.set_text_align(match anchor {
                Anchor::Start => "left",
                Anchor::Middle => "center",
                Anchor::End => "right",
            });
            let [x, y] = [*x, *y].map(f64::from);
            strokes_and_fills(
                on,
                shape.role,
                theme,
                seen,
                || _ = on.fill_text(said, x, y),
                || _ = on.stroke_text(said, x, y),
            );
        }
    }
}

fn path(on: &CanvasRenderingContext2d, path: Option<Path2d>, role: Role, theme: Theme, seen: f32) {
    let Some(path) = path else { return };
    strokes_and_fills(on, role, theme, seen, || on.fill_with_path_2d(&path), || on.stroke_with_path(&path));
}

/// Paints the inside and the outline as the role says it.
fn strokes_and_fills(
    on: &CanvasRenderingContext2d,
    role: Role,
    theme: Theme,
    seen: f32,
    fill: impl Fn(),
    stroke: impl Fn(),
) {
    let style = role.style();
    let color = |paint: Paint| match (paint, role.hue()) {
        (Paint::Token(token), _) => Some(token.color(theme).hex()),
        (Paint::Mark, Some(hue)) => Some(hue.mark(theme).hex()),
        (Paint::Text, Some(hue)) => Some(hue.text(theme).hex()),
        (Paint::None, _) | (Paint::Mark | Paint::Text, None) => None,
    };
    let fills = || {
        if let Some(color) = color(style.fill) {
            on.set_global_alpha((seen * style.fill_opacity).into());
            on.set_fill_style_str(&color);
            fill();
        }
    };
    let strokes = || {
        if let Some(color) = color(style.stroke) {
            on.set_global_alpha((seen * style.stroke_opacity).into());
            on.set_stroke_style_str(&color);
            on.set_line_width(style.stroke_width.into());
            let dash: Array = style.dash.iter().map(|length| wasm_bindgen::JsValue::from(*length)).collect();
            _ = on.set_line_dash(&dash);
            on.set_line_cap(if style.round { "round" } else { "butt" });
            on.set_line_join(if style.round { "round" } else { "miter" });
            // As SVG cuts corners.
            on.set_miter_limit(4.0);
            stroke();
        }
    };
    if style.outline_first {
        strokes();
        fills();
    } else {
        fills();
        strokes();
    }
}
