//! The editor: files as tabs, the text with what is wrong in it, what is done with it, and the command line.

mod code;
mod files;
mod finding;
mod reading;
mod rows;

pub(super) use reading::Reading;

use super::desk::{Desk, DeskAction};
use super::shell::ShellAction;
use super::words::use_words;
use code::Code;
use files::Files;
use gloo::timers::callback::Timeout;
use podium::manifest::{Diagnostic, Edit, apply_edits, parse};
use podium::msg;
use podium::value::Str;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, hook, html, use_callback, use_effect_with, use_state};

/// How long after a change the text is read again, in milliseconds.
const READ_AFTER: u32 = 120;

#[derive(Properties, PartialEq)]
pub(super) struct EditorProps {
    pub(super) desk: Rc<Desk>,
    /// On a phone: whether it lies over the stage.
    pub(super) open: bool,
    pub(super) act: Callback<DeskAction>,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let words = use_words();
    let file = props.desk.active_file().clone();
    let reading = use_reading(&file.name, &file.text);

    let edited = use_callback((file.name.clone(), props.act.clone()), |text: Str, (name, act)| {
        act.emit(DeskAction::Edit(name.clone(), text))
    });
    let mend = use_callback(
        (file.clone(), reading.clone(), props.act.clone()),
        |(place, number): (usize, usize), (file, reading, act)| {
            let fix = reading.findings().get(place).and_then(|(_, diagnostic)| diagnostic.fixes.get(number));
            if let Some(fix) = fix.filter(|_| *reading.text() == file.text) {
                act.emit(DeskAction::Edit(file.name.clone(), apply_edits(&file.text, &fix.edits).into()));
            }
        },
    );
    let mend_all = {
        let (file, reading, act) = (file.clone(), reading.clone(), props.act.clone());
        Callback::from(move |()| {
            if *reading.text() == file.text {
                let edits = certain_edits(reading.findings().iter().map(|(_, diagnostic)| diagnostic));
                act.emit(DeskAction::Edit(file.name.clone(), apply_edits(&file.text, &edits).into()));
            }
        })
    };
    let certain = reading.certain();
    let count = reading.findings().len();
    html! {
        <section class="panel editor" data-open={props.open.then_some("")} aria-label={words.say(msg!("page.editor"))}>
            <button class="sheet-grip" type="button" aria-label={words.say(msg!("page.close"))}
                onclick={props.shell.reform(|_| ShellAction::EditorOpen(false))} />
            <Files desk={props.desk.clone()} act={props.act.clone()} />
            <Code key={file.name.to_string()} file={file.name.clone()} text={file.text.clone()} reading={reading.clone()} {edited} {mend} />
            <div class="apply-bar">
                <span class="problems" role="status">
                    { words.with(msg!("page.problems-count"), &[("count", count.into())]) }
                </span>
                if certain > 0 {
                    { finding::fix_all(words, certain, &mend_all) }
                }
            </div>
        </section>
    }
}

/// The edits of every finding that has one fix alone.
fn certain_edits<'a>(findings: impl Iterator<Item = &'a Diagnostic>) -> Vec<Edit> {
    findings
        .filter_map(|diagnostic| match diagnostic.fixes.as_slice() {
            [fix] => Some(fix.edits.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// What was read in a file, at once when it is opened and a moment after each change.
#[hook]
fn use_reading(name: &Str, text: &Str) -> Reading {
    let state = use_state(|| (name.clone(), read(text)));
    {
        let state = state.clone();
        use_effect_with((name.clone(), text.clone()), move |(name, text)| {
            let is_read = state.0 == *name && state.1.text() == text;
            let timer = (!is_read).then(|| {
                let (name, text) = (name.clone(), text.clone());
                let after = if state.0 == name { READ_AFTER } else { 0 };
                Timeout::new(after, move || state.set((name, read(&text))))
            });
            move || drop(timer)
        });
    }
    state.1.clone()
}

fn read(text: &Str) -> Reading {
    Reading::new(text.clone(), parse(text).diagnostics)
}
