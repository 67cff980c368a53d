//! The text of a file: a text area, and below it rows with colours and marks.
//!
//! While somebody types, the text area lies over the rows and both have the same lines; what is wrong stands in
//! a list below. While nobody does, what is wrong stands under its line, and a click goes into the text there.

use super::finding::{Ways, finding, findings};
use super::reading::{Placed, Reading, severity_code};
use super::rows::{Part, pieces};
use crate::app::words::use_words;
use podium::manifest::{Severity, Span};
use podium::msg;
use podium::scene::measure::width;
use podium::scene::typeface::{Family, Font};
use podium::session::drift::Drift;
use podium::value::Str;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement, InputEvent, KeyboardEvent, MouseEvent};
use yew::{
    Callback, Html, NodeRef, Properties, TargetCast, component, html, use_effect_with, use_mut_ref,
    use_node_ref, use_state,
};

/// Past so many lines rows are not drawn: the text stands for itself.
const MOST_ROWS: usize = 3_000;

/// Past so many bytes the text area has only the beginning of the text, and cannot be written in: a browser would need minutes
/// to lay out the lines of all of it.
const MOST_WRITTEN: usize = 200_000;

#[derive(Clone, Properties, PartialEq)]
pub(super) struct CodeProps {
    pub(super) text: Str,
    /// What was read in it last, which may be an earlier text.
    pub(super) reading: Reading,
    pub(super) file: Str,
    /// A file, and its text from now on.
    pub(super) edited: Callback<(Str, Str)>,
    pub(super) ways: Ways,
    /// Where the cluster is not as the text says.
    pub(super) drift: Rc<Vec<Drift>>,
}

/// Where a line was on the screen before the rows moved.
type Anchor = Option<(usize, f64)>;

#[component]
pub(super) fn Code(props: &CodeProps) -> Html {
    let words = use_words();
    let typing = use_state(|| false);
    let area = use_node_ref();
    let code = use_node_ref();
    let anchor = use_mut_ref(|| Anchor::None);

    {
        let (code, anchor) = (code.clone(), anchor.clone());
        use_effect_with(*typing, move |_| keep_in_place(&code, anchor.take()));
    }

    let text = props.text.clone();
    let placed = props.reading.placed(&text);
    let shows_rows = text.bytes().filter(|byte| *byte == b'\n').nth(MOST_ROWS).is_none();
    // Where nothing is wrong, rows and text area agree anyway, and the text area takes every click itself.
    let reads = !*typing && !placed.is_empty() && shows_rows;

    let file = props.file.clone();
    let oninput = props.edited.reform(move |event: InputEvent| {
        let area: HtmlTextAreaElement = event.target_unchecked_into();
        (file.clone(), area.value().into())
    });
    let onfocus = {
        let typing = typing.clone();
        Callback::from(move |_| typing.set(true))
    };
    let onblur = {
        let (typing, area, code, anchor) = (typing.clone(), area.clone(), code.clone(), anchor.clone());
        Callback::from(move |_| {
            if let Some(line) = area.cast::<HtmlTextAreaElement>().and_then(|area| caret_line(&area)) {
                *anchor.borrow_mut() = row_top(&code, line).map(|top| (line, top));
            }
            typing.set(false);
        })
    };
    let onclick = {
        let (area, code, anchor, text) = (area.clone(), code.clone(), anchor.clone(), text.clone());
        Callback::from(move |event: MouseEvent| {
            let selected = gloo::utils::window().get_selection().ok().flatten();
            if selected.is_some_and(|selection| !selection.is_collapsed()) {
                return;
            }
            let (Some(area), Some((line, column))) =
                (area.cast::<HtmlTextAreaElement>(), place_of_click(&event, &text))
            else {
                return;
            };
            *anchor.borrow_mut() = row_top(&code, line).map(|top| (line, top));
            let at = utf16_offset(&text, line, column);
            _ = area.focus();
            _ = area.set_selection_range(at, at);
        })
    };
    let onkeydown = Callback::from(indent_after_enter);

    let mode = if reads { "reading" } else { "typing" };
    let is_cut = text.len() > MOST_WRITTEN;
    let shown: std::rc::Rc<str> =
        if is_cut { text[..text.floor_char_boundary(MOST_WRITTEN)].into() } else { text.into() };
    html! {
        <>
            <div class="code" ref={code} data-mode={mode} data-plain={(!shows_rows).then_some("")}>
                if shows_rows {
                    <div class="code-rows" onclick={reads.then_some(onclick)}>
                        { for rows(props, &placed, reads, words) }
                    </div>
                }
                <textarea
                    ref={area}
                    class="code-text"
                    aria-label={words.with(msg!("page.file-text"), &[("file", (&props.file).into())])}
                    placeholder={super::empty(words)}
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    wrap="off"
                    rows="1"
                    readonly={is_cut}
                    value={yew::AttrValue::from(shown)}
                    {oninput} {onfocus} {onblur} {onkeydown}
                />
            </div>
            if is_cut {
                <p class="findings-more">{ words.say(msg!("page.text-cut")) }</p>
            }
            if !reads && !placed.is_empty() {
                { findings(words, &placed, &props.ways) }
            }
        </>
    }
}

/// The rows, and under each what was found on it where somebody reads.
fn rows(props: &CodeProps, placed: &[Placed], reads: bool, words: crate::app::words::Words) -> Vec<Html> {
    let marks: Vec<(Span, Severity)> =
        placed.iter().map(|found| (found.span, found.diagnostic.severity)).collect();
    let mut start = 0;
    let mut html = Vec::new();
    for (number, row) in props.text.split('\n').enumerate() {
        let line = number + 1;
        let drifts = &props.drift;
        let on_row = |span: Span| (start..=start + row.len()).contains(&(span.start as usize));
        let on_line = || placed.iter().filter(|found| found.line == line);
        let severity = on_line().map(|found| found.diagnostic.severity).min().map(severity_code);
        let pieces = pieces(row, start, &marks).into_iter().map(|piece| {
            let class = match piece.part {
                Part::Plain => None,
                Part::Key => Some("code-key"),
                Part::Comment => Some("code-comment"),
            };
            let text = piece.text.to_owned();
            match (piece.mark, class) {
                (Some(severity), class) => {
                    html! { <mark {class} data-severity={severity_code(severity)}>{ text }</mark> }
                }
                (None, Some(class)) => html! { <span {class}>{ text }</span> },
                (None, None) => html! { { text } },
            }
        });
        html.push(html! {
            <div class="code-row" key={line} data-line={line.to_string()} data-severity={severity}>
                <span class="code-line" aria-hidden="true">{ line }</span>
                <span class="code-content" aria-hidden={(!reads).to_string()}>{ for pieces }</span>
                { for drifts.iter().filter(|drift| on_row(drift.span)).map(|drift| html! {
                    <span class="code-drift" title={format!("{} {}", drift.key.kind.info().name, drift.path)}>
                        { words.with(msg!("page.drift-live"), &[("value", drift.live.as_str().into())]) }
                    </span>
                }) }
            </div>
        });
        start += row.len() + 1;
        if !reads {
            continue;
        }
        for found in on_line().filter(|found| found.is_told()) {
            html.push(html! {
                <div class="code-note" key={format!("note-{}", found.place)}>
                    { finding(words, found, &props.ways) }
                </div>
            });
        }
    }
    html
}

/// A new line begins as far in as the one before it.
fn indent_after_enter(event: KeyboardEvent) {
    let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !event.shift_key();
    if event.key() != "Enter" || !plain || event.is_composing() {
        return;
    }
    let area: HtmlTextAreaElement = event.target_unchecked_into();
    let Some(before) = text_before_caret(&area) else { return };
    let line = before.rsplit('\n').next().unwrap_or_default();
    let mut indent = line.len() - line.trim_start_matches(' ').len();
    if line.trim_end().ends_with(':') {
        indent += 2;
    }
    if indent == 0 {
        return;
    }
    // The one way to insert that the text area can undo.
    let document: web_sys::HtmlDocument = gloo::utils::document().unchecked_into();
    let inserted = format!("\n{}", " ".repeat(indent));
    if document.exec_command_with_show_ui_and_value("insertText", false, &inserted).unwrap_or(false) {
        event.prevent_default();
    }
}

fn text_before_caret(area: &HtmlTextAreaElement) -> Option<String> {
    let caret = area.selection_start().ok().flatten()? as usize;
    let units: Vec<u16> = area.value().encode_utf16().take(caret).collect();
    Some(String::from_utf16_lossy(&units))
}

/// The line that the caret is on, from 1.
fn caret_line(area: &HtmlTextAreaElement) -> Option<usize> {
    Some(text_before_caret(area)?.matches('\n').count() + 1)
}

/// The offset of a line (from 1) and a byte of it, as the browser counts.
fn utf16_offset(text: &str, line: usize, byte: usize) -> u32 {
    let before: usize = text.split('\n').take(line - 1).map(|row| row.encode_utf16().count() + 1).sum();
    let row = text.split('\n').nth(line - 1).unwrap_or_default();
    let within = row.get(..byte).unwrap_or(row).encode_utf16().count();
    u32::try_from(before + within).unwrap_or(u32::MAX)
}

/// The line (from 1) that was clicked, and the byte of it next to the pointer.
fn place_of_click(event: &MouseEvent, text: &str) -> Option<(usize, usize)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let row = target.closest(".code-row").ok()??;
    let line: usize = row.get_attribute("data-line")?.parse().ok()?;
    let content = row.query_selector(".code-content").ok()??.get_bounding_client_rect();
    let row = text.split('\n').nth(line.checked_sub(1)?)?;
    let font = Font { family: Family::Mono, weight: 400, size: 13.0 };
    let drawn = width(row, font);
    // The page may be zoomed, and a phone's text is larger.
    let scale = if drawn > 0.0 { content.width() as f32 / drawn } else { 1.0 };
    let x = (f64::from(event.client_x()) - content.left()) as f32 / scale.max(f32::EPSILON);
    let distance = |at: usize| (width(&row[..at], font) - x).abs();
    let places = row.char_indices().map(|(at, _)| at).chain([row.len()]);
    let nearest = places.min_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
    Some((line, nearest))
}

fn row_top(code: &NodeRef, line: usize) -> Option<f64> {
    let row = code.cast::<Element>()?.query_selector(&format!("[data-line=\"{line}\"]")).ok()??;
    Some(row.get_bounding_client_rect().top())
}

/// Scrolls so that a line is where it was.
fn keep_in_place(code: &NodeRef, anchor: Anchor) {
    let Some((line, top)) = anchor else { return };
    let (Some(moved), Some(code)) = (row_top(code, line), code.cast::<HtmlElement>()) else { return };
    code.set_scroll_top(code.scroll_top() + (moved - top).round() as i32);
}
