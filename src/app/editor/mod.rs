//! The editor: files as tabs, the text with what is wrong in it, what is done with it, and the command line.

mod code;
mod files;
mod finding;
mod reading;
mod rows;

use super::shell::{Notice, Offer, ShellAction};
use super::terminal::Terminal;
use super::theatre::{Theatre, use_session, use_shown, use_theatre};
use super::words::use_words;
use code::Code;
use files::Files;
use podium::api::ObjectKey;
use podium::cluster::record::RecordId;
use podium::manifest::{Diagnostic, Edit, apply_edits};
use podium::msg;
use podium::session::drift::{Drift, drift};
use podium::session::{Action, apply_line};
use podium::timeline::RowKey;
use podium::value::Str;
pub(super) use reading::{Reading, use_reading};
use yew::{AttrValue, Callback, Html, Properties, component, hook, html, use_callback};

#[derive(Properties, PartialEq)]
pub(super) struct EditorProps {
    /// On a phone: whether it lies over the stage.
    pub(super) open: bool,
    pub(super) composed: Option<AttrValue>,
    pub(super) reading: Reading,
    /// Whether the text is still being read.
    pub(super) busy: bool,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let (name, text) = use_session(&theatre, |session| {
        let file = session.open_file();
        (file.name.clone(), file.text.clone())
    });
    let reading = &props.reading;
    let drift = use_drift(&theatre, reading);

    let edited = use_callback((name.clone(), theatre.clone()), |text: Str, (name, theatre)| {
        theatre.act(Action::EditFile(name.clone(), text));
    });
    let mend = {
        let (theatre, shell, name, text) = (theatre.clone(), props.shell.clone(), name.clone(), text.clone());
        move |edits: &[Edit], count: usize| {
            theatre.act(Action::EditFile(name.clone(), apply_edits(&text, edits).into()));
            let offer = Some(Offer::UndoFixes(name.clone(), text.clone()));
            let args = vec![("count", count.into())];
            shell.emit(ShellAction::Notice(Some(Notice { message: msg!("page.fixed"), args, offer })));
        }
    };
    let mend_one = {
        let (mend, reading, text) = (mend.clone(), reading.clone(), text.clone());
        Callback::from(move |(place, number): (usize, usize)| {
            let fix = reading.findings().nth(place).and_then(|(_, diagnostic)| diagnostic.fixes.get(number));
            // What was found in an earlier text has its places there.
            if let Some(fix) = fix.filter(|_| *reading.text() == text) {
                mend(&fix.edits, 1);
            }
        })
    };
    let mend_all = {
        let (reading, text) = (reading.clone(), text.clone());
        Callback::from(move |()| {
            if *reading.text() == text {
                mend(&certain_edits(reading.findings().map(|(_, found)| found)), reading.certain());
            }
        })
    };
    let certain = reading.certain();
    // A press on a button leaves the focus in the text until the click has come: else what is wrong would move under its
    // lines, and the button away from below the finger.
    let stay = Callback::from(|event: web_sys::MouseEvent| event.prevent_default());
    html! {
        <section class="panel editor" data-open={props.open.then_some("")} aria-label={words.say(msg!("page.editor"))}>
            <button class="sheet-grip" type="button" aria-label={words.say(msg!("page.close"))}
                onclick={props.shell.reform(|_| ShellAction::EditorOpen(false))} />
            <Files drifts={!drift.is_empty()} />
            <Code key={name.to_string()} file={name.clone()} {text} reading={reading.clone()} {drift} {edited} mend={mend_one} />
            if props.busy {
                <p class="findings-more" role="status">{ words.with(msg!("page.reading"), &[("file", (&name).into())]) }</p>
            }
            <div class="apply-bar" onmousedown={stay}>
                if certain > 1 { { finding::fix_all(words, certain, &mend_all) } }
                <Deeds file={name} shell={props.shell.clone()} />
            </div>
            <Terminal composed={props.composed.clone()} shell={props.shell.clone()} />
        </section>
    }
}

/// The edits of every finding that has one fix alone.
fn certain_edits<'a>(findings: impl Iterator<Item = &'a Diagnostic>) -> Vec<Edit> {
    let certain = findings.filter_map(|diagnostic| match diagnostic.fixes.as_slice() {
        [fix] => Some(fix.edits.clone()),
        _ => None,
    });
    certain.flatten().collect()
}

/// Where the cluster is not as the open file says, at the playhead.
#[hook]
fn use_drift(theatre: &Theatre, reading: &Reading) -> Vec<Drift> {
    let keys: Vec<ObjectKey> =
        reading.read().documents.iter().filter_map(|document| document.key.clone()).collect();
    use_shown(theatre, keys, |view, keys| {
        let state = |key: &ObjectKey| view.row(&RowKey::Object(key.clone())).map(|record| record.id);
        keys.iter().map(state).collect::<Vec<Option<RecordId>>>()
    });
    let session = theatre.session();
    let view = session.timeline().at(theatre.playhead().sim());
    drift(reading.read(), &session.timeline().start().namespace, &view)
}

#[derive(Properties, PartialEq)]
struct DeedsProps {
    file: Str,
    shell: Callback<ShellAction>,
}

/// What is done with the text: applied, begun anew with, put aside for an example.
#[component]
fn Deeds(DeedsProps { file, shell }: &DeedsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let apply = {
        let (theatre, shell) = (theatre.clone(), shell.clone());
        Callback::from(move |_| {
            theatre.perform(Action::Apply);
            shell.emit(ShellAction::EditorOpen(false));
        })
    };
    let start_over = {
        let shell = shell.clone();
        Callback::from(move |_| {
            theatre.begin(Action::StartOver);
            let offer = Some(Offer::UndoStartOver);
            let notice = Notice { message: msg!("page.started-over"), args: Vec::new(), offer };
            shell.emit(ShellAction::Notice(Some(notice)));
            shell.emit(ShellAction::Inspect(None));
        })
    };
    html! {
        <>
            <button class="button button-bold" type="button" data-act="apply" title={words.say(msg!("page.apply-hint"))} onclick={apply}>
                { words.say(msg!("page.apply")) }
                <code class="button-command">{ apply_line(file).to_string() }</code>
            </button>
            <button class="button" type="button" data-act="start-over" title={words.say(msg!("page.start-over-hint"))} onclick={start_over}>
                { words.say(msg!("page.start-over")) }
            </button>
        </>
    }
}
