//! The text of a file in CodeMirror, a custom element whose script comes after the first picture (`editor/src/main.js`). It asks
//! and is told here; what is known of a text is the library's.

use super::bridge::{Asked, Host, Marks, Places, call};
use super::code::CodeProps;
use super::finding::{finding, findings};
use crate::app::words::use_words;
use js_sys::Function;
use podium::manifest::{Span, folds};
use podium::msg;
use wasm_bindgen::JsValue;
use web_sys::Element;
use yew::{
    AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_memo, use_mut_ref,
    use_node_ref, use_state_eq,
};

/// What the custom element does beyond what the plain text area can.
#[derive(Properties, PartialEq)]
pub(super) struct CodeMirrorProps {
    pub(super) code: CodeProps,
    /// The lines of what is chosen on the stage.
    pub(super) chosen: Option<Span>,
    /// Where to go, once the file is shown.
    pub(super) goal: Option<Span>,
    /// What the plain text area had: where the cursor was, and whether the focus.
    pub(super) took_over: Option<(u32, u32)>,
    /// The byte that the cursor is at; none without the focus.
    pub(super) moved: Callback<Option<usize>>,
    /// Goes to where what stands at a byte leads.
    pub(super) lead: Callback<usize>,
    pub(super) format: Callback<()>,
    /// Calls what takes long, once the page has said that it computes.
    pub(super) soon: Callback<Function>,
    /// The goal is reached.
    pub(super) reached: Callback<()>,
}

#[component]
pub(super) fn CodeMirror(props: &CodeMirrorProps) -> Html {
    let words = use_words();
    let element = use_node_ref();
    let typing = use_state_eq(|| false);
    let CodeProps { text, reading, file, edited, ways, drift } = &props.code;
    let asked = use_memo((), |()| Asked::default());
    {
        let (typing, moved) = (typing.clone(), props.moved.clone());
        asked.set(Host {
            reading: reading.clone(),
            words,
            file: file.clone(),
            edited: edited.clone(),
            moved: props.moved.clone(),
            lead: props.lead.clone(),
            format: props.format.clone(),
            soon: props.soon.clone(),
            focused: Callback::from(move |is| {
                typing.set(is);
                if !is {
                    moved.emit(None);
                }
            }),
        });
    }

    let placed = reading.placed(text);
    // Below a line that is far too long nobody would find anything.
    let reads = !*typing && !placed.is_empty() && !reading.is_wide();

    // The file and its text; at first also what the element is to say and whom it asks.
    {
        let (element, asked) = (element.clone(), asked.clone());
        let known = use_mut_ref(|| None::<AttrValue>);
        let label: AttrValue = words.with(msg!("editor.label"), &[("file", file.into())]);
        let took_over = props.took_over;
        use_effect_with((file.clone(), text.clone(), label), move |(file, text, label)| {
            let Some(element) = element.cast::<Element>() else { return };
            let is_new = known.borrow().is_none();
            if known.borrow().as_ref() != Some(label) {
                super::bridge::dress(&element, words, label);
                known.replace(Some(label.clone()));
            }
            if is_new {
                asked.answer(&element);
            }
            asked.shows(text);
            call(&element, "show", &[JsValue::from_str(file), JsValue::from_str(text)]);
            if is_new && let Some((from, to)) = took_over {
                call(&element, "select", &[from.into(), to.into()]);
                call(&element, "focus", &[]);
            }
        });
    }
    // What is known of it.
    {
        let (element, text) = (element.clone(), text.clone());
        let depends = (reading.clone(), *typing, drift.clone(), props.chosen, file.clone());
        let last = use_mut_ref(|| false);
        use_effect_with(depends, move |(reading, typing, drift, chosen, _)| {
            let Some(element) = element.cast::<Element>() else { return };
            let placed = reading.placed(&text);
            let roots = reading.read().documents.iter().map(|document| &*document.node);
            let folds = if *reading.text() == text { folds(&text, roots) } else { Vec::new() };
            let places = Places::of(&text);
            let marks = Marks {
                placed: &placed,
                notes: !typing && !reading.is_wide(),
                drift,
                folds: &folds,
                chosen: *chosen,
            };
            // Going between reading and typing moves the lines; the one with the cursor stays where it is.
            let anchor = last.replace(*typing) != *typing;
            call(&element, "mark", &[marks.to_js(&places, anchor)]);
        });
    }
    {
        let (element, text, typing) = (element.clone(), text.clone(), *typing);
        use_effect_with(props.chosen, move |chosen| {
            if let (Some(element), Some(span), false) = (element.cast::<Element>(), chosen, typing) {
                let places = Places::of(&text);
                call(&element, "reveal", &[places.unit(span.start), places.unit(span.end), JsValue::FALSE]);
            }
        });
    }
    {
        let (element, text, reached) = (element.clone(), text.clone(), props.reached.clone());
        use_effect_with((props.goal, file.clone()), move |(goal, _)| {
            if let (Some(element), Some(span)) = (element.cast::<Element>(), goal) {
                let places = Places::of(&text);
                call(&element, "reveal", &[places.unit(span.start), places.unit(span.end), JsValue::TRUE]);
                reached.emit(());
            }
        });
    }

    // The notes of a line share a slot, in the order of the text.
    let notes = placed.iter().filter(|found| reads && found.is_told()).map(|found| {
        html! {
            <div class="code-note" slot={format!("note-{}", found.line)} key={format!("note-{}", found.place)}>
                { finding(words, found, ways) }
            </div>
        }
    });
    let drifts = drift.iter().enumerate().map(|(at, drift)| {
        html! {
            <span class="code-drift" slot={format!("drift-{at}")} key={format!("drift-{at}")}
                title={format!("{} {}", drift.key.kind.info().name, drift.path)}>
                { words.with(msg!("page.drift-live"), &[("value", drift.live.as_str().into())]) }
            </span>
        }
    });
    let mode = if reads { "reading" } else { "typing" };
    html! {
        <>
            <div class="code" data-mode={mode} data-editor="">
                <podium-editor ref={element}>
                    { for notes }
                    { for drifts }
                </podium-editor>
            </div>
            if !reads && !placed.is_empty() {
                { findings(words, &placed, ways) }
            }
        </>
    }
}
