//! The glyphs of buttons, drawn with lines in the colour of the text beside them.

use podium::api::Kind;
use podium::scene::emblem::emblem;
use podium::scene::shape::path_data;
use yew::{Html, html};

/// A glyph of lines on a ground of 16 by 16.
fn lines(data: &'static str) -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path d={data} /></svg> }
}

/// The glyph of a kind, in the hue of what is around it.
pub(super) fn kind(kind: Kind) -> Html {
    let data = path_data(&emblem(kind, [0.0, 0.0], 16.0));
    html! { <svg class="emblem" viewBox="0 0 16 16" aria-hidden="true"><title>{ kind.info().name }</title><path class="role-emblem" d={data} /></svg> }
}

/// Podium's own mark: a stage.
pub(super) fn brand() -> Html {
    html! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <rect class="brand-ground" width="24" height="24" rx="6.5" />
            <path class="brand-stage" d="M5.6 7.4h12.8v9.2H5.6zM5.6 10.2h12.8" />
        </svg>
    }
}
pub(super) fn sun_and_moon() -> Html {
    lines("M8 2.2a5.8 5.8 0 1 0 5.8 5.8A4.4 4.4 0 0 1 8 2.2z")
}
pub(super) fn globe() -> Html {
    lines("M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c4 4 4 8 0 12M8 2c-4 4-4 8 0 12")
}
pub(super) fn question() -> Html {
    lines("M5.6 6a2.4 2.4 0 1 1 3.6 2.1C8.4 8.6 8 9 8 10M8 12.6v.1")
}
pub(super) fn link() -> Html {
    lines(
        "M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7L7.8 4.5M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l1.2-1.2",
    )
}
pub(super) fn cross() -> Html {
    lines("M4 4l8 8M12 4l-8 8")
}
pub(super) fn braces() -> Html {
    lines(
        "M6 2.5c-2 0-2 1-2 2.5S3.6 7.6 2.6 8C3.6 8.4 4 9.5 4 11s0 2.5 2 2.5M10 2.5c2 0 2 1 2 2.5s.4 2.6 1.4 3c-1 .4-1.4 1.5-1.4 3s0 2.5-2 2.5",
    )
}
pub(super) fn lanes() -> Html {
    lines("M2.5 4h6M10.5 4h3M4.5 8h9M2.5 12h4M8.5 12h3")
}
pub(super) fn windows() -> Html {
    lines("M2.5 3h8v6h-8zM5.5 9v4h8V7h-3")
}
pub(super) fn lines_of_text() -> Html {
    lines("M3 4h10M6 8h7M6 12h5")
}
pub(super) fn crossing() -> Html {
    lines("M2.5 4.5h2.6l5.8 7h2.6M2.5 11.5h2.6l5.8-7h2.6M11.5 2.5l2 2-2 2M11.5 9.5l2 2-2 2")
}
pub(super) fn plus() -> Html {
    lines("M8 3v10M3 8h10")
}
pub(super) fn minus() -> Html {
    lines("M3 8h10")
}
pub(super) fn fit() -> Html {
    lines("M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10")
}
pub(super) fn full_screen() -> Html {
    lines("M9.5 6.5l4-4M10 2.5h3.5V6M6.5 9.5l-4 4M6 13.5H2.5V10")
}
pub(super) fn across() -> Html {
    lines("M2.5 8h11M5 5.5L2.5 8 5 10.5M11 5.5L13.5 8 11 10.5")
}
pub(super) fn panel() -> Html {
    lines("M2.5 3.5h11v9h-11zM6.5 3.5v9")
}
pub(super) fn pencil() -> Html {
    lines("M3 13l.6-2.8L10.8 3 13 5.2 5.8 12.4z")
}
pub(super) fn cap() -> Html {
    lines("M8 3L1.5 6 8 9l6.5-3zM4 7.4v3.4c1.8 1.6 6.2 1.6 8 0V7.4M14.5 6v4")
}
pub(super) fn book() -> Html {
    lines(
        "M2.5 3.2C5 2.8 6.8 3.2 8 4.4c1.2-1.2 3-1.6 5.5-1.2v9C11 11.8 9.2 12.2 8 13.4c-1.2-1.2-3-1.6-5.5-1.2zM8 4.4v9",
    )
}
pub(super) fn bolt() -> Html {
    lines("M9 2L3.5 9H7.5L7 14l5.5-7H8.5z")
}
pub(super) fn back() -> Html {
    lines("M10 3.5L5.5 8l4.5 4.5")
}
pub(super) fn forward() -> Html {
    lines("M6 3.5L10.5 8 6 12.5")
}
pub(super) fn to_start() -> Html {
    lines("M4 3.5v9M12 3.5L7.5 8l4.5 4.5")
}
pub(super) fn again() -> Html {
    lines("M12.6 5.4A5.2 5.2 0 1 0 13.2 8M12.8 2.4v3.2H9.6")
}
pub(super) fn play() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5 3.2v9.6l8-4.8z" /></svg> }
}
pub(super) fn pause() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4.4 3.4h2.4v9.2H4.4zM9.2 3.4h2.4v9.2H9.2z" /></svg> }
}
