//! The parts of a step as they are read.

use crate::app::words::Words;
use podium::cluster::time::MILLI;
use podium::lesson::{Deed, Inline, Prose};
use podium::msg;
use podium::words::millis;
use yew::{AttrValue, Html, html};

/// A text.
pub(super) fn prose(text: &Prose) -> Html {
    let piece = |piece: &Inline| match piece {
        Inline::Text(text) => html! { { text.clone() } },
        Inline::Code(text) => html! { <code>{ text.clone() }</code> },
        Inline::Strong(text) => html! { <strong>{ text.clone() }</strong> },
    };
    html! { <>{ for text.iter().map(piece) }</> }
}

/// What a deed is called. A command is called what it is.
pub(super) fn name_of(words: Words, deed: &Deed) -> Html {
    let span = |micros: &u64| millis(words.0, micros / MILLI).as_str().into();
    let said = |text: AttrValue| html! { <span>{ text }</span> };
    match deed {
        Deed::Command(line) => html! { <code>{ format!("$ {line}") }</code> },
        Deed::File(name, _) => html! { <code>{ name.to_string() }</code> },
        Deed::Requests { service, per_second, lasts } => {
            let args = [
                ("service", (&**service).into()),
                ("count", (*per_second as usize).into()),
                ("span", span(lasts)),
            ];
            said(words.with(msg!("lesson.requests"), &args))
        }
        Deed::Power { node, is_on } => {
            let id = if *is_on { msg!("lesson.power-on") } else { msg!("lesson.power-off") };
            said(words.with(id, &[("node", (&**node).into())]))
        }
        Deed::Wait(micros) => said(words.with(msg!("lesson.wait"), &[("span", span(micros))])),
    }
}
