//! The editor: files as tabs, the text with what is wrong in it, what is done with it, and the command line.

mod bridge;
mod code;
mod code_mirror;
mod example;
mod files;
mod finding;
mod gone;
mod meanings;
mod note;
mod reading;
mod rows;
mod script;
mod slices;

use super::grip::Grip;
use super::live;
use super::notices::start_over;
use super::phone::is_phone;
use super::recorded;
use super::shell::{Notice, Offer, ShellAction};
use super::terminal::Terminal;
use super::theatre::{Theatre, use_session, use_shown, use_theatre};
use super::words::{Words, use_words};
use code::{Code, CodeProps};
use code_mirror::CodeMirror;
use example::Example;
use files::Files;
use finding::Ways;
use gone::Gone;
use js_sys::Function;
use note::NoteBar;
use podium::api::{Kind, Object, ObjectKey};
use podium::manifest::{Diagnostic, Edit, NotFormatted, Note, Span, apply_edits, format, note, shuffle};
use podium::msg;
use podium::scene::Target;
use podium::session::Action;
use podium::session::drift::{Drift, compared, drift};
use podium::timeline::View;
use podium::value::Str;
pub(super) use reading::{Reading, use_reading};
use script::use_script;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use yew::{
    AttrValue, Callback, Html, Properties, component, hook, html, use_callback, use_effect_with, use_memo,
    use_mut_ref, use_state_eq,
};

/// A file with more objects than these is not compared with the cluster.
const MOST_COMPARED: usize = 500;

#[derive(Properties, PartialEq)]
pub(super) struct EditorProps {
    /// On a phone: whether it lies over the stage.
    pub(super) open: bool,
    pub(super) composed: Option<AttrValue>,
    pub(super) reading: Reading,
    /// Whether the text is still being read.
    pub(super) busy: bool,
    /// What the inspector shows.
    pub(super) chosen: Option<Target>,
    /// How high what commands have printed is, where somebody has said that.
    pub(super) size: Option<i32>,
    /// Where the inspector leads: a file, and the place in it.
    pub(super) revealed: Option<(Str, Span)>,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let (name, text, command) = use_session(&theatre, |session| {
        let file = session.open_file();
        (file.name.clone(), file.text.clone(), file.apply_line())
    });
    let reading = &props.reading;
    let drift = use_drift(&theatre, reading);

    let edited = use_callback(theatre.clone(), |(file, text): (Str, Str), theatre| {
        theatre.act(Action::EditFile(file, text));
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
    let format = {
        let (theatre, shell, name, text) = (theatre.clone(), props.shell.clone(), name.clone(), text.clone());
        Callback::from(move |()| {
            let (message, offer) = match format(&text) {
                Ok(same) if *same == *text => (msg!("editor.formatted-already"), None),
                Ok(other) => {
                    theatre.act(Action::EditFile(name.clone(), other.into()));
                    (msg!("editor.formatted"), Some(Offer::UndoFixes(name.clone(), text.clone())))
                }
                Err(NotFormatted::Broken) => (msg!("editor.not-formatted-broken"), None),
                Err(NotFormatted::Ambiguous) => (msg!("editor.not-formatted-ambiguous"), None),
            };
            shell.emit(ShellAction::Notice(Some(Notice { message, args: Vec::new(), offer })));
        })
    };
    let soon = use_callback(theatre.clone(), |work: Function, theatre| {
        // It is the element's own, and the text is the session's.
        theatre.soon(move || _ = work.call0(&JsValue::NULL));
    });
    let shuffles = use_mut_ref(|| 0_u64);
    let shuffle = {
        let (theatre, shell, name, text) = (theatre.clone(), props.shell.clone(), name.clone(), text.clone());
        Callback::from(move |()| {
            let seed = *shuffles.borrow() + 1;
            shuffles.replace(seed);
            let (message, offer) = match shuffle(&text, seed) {
                Some(other) => {
                    theatre.act(Action::EditFile(name.clone(), other.into()));
                    (msg!("editor.shuffled"), Some(Offer::UndoFixes(name.clone(), text.clone())))
                }
                None => (msg!("editor.not-shuffled"), None),
            };
            shell.emit(ShellAction::Notice(Some(Notice { message, args: Vec::new(), offer })));
        })
    };
    // Beside the tabs that were made of a note, its commands stay.
    let files = use_session(&theatre, |session| (session.files_revision(), session.open_place()));
    let found = use_memo(files, |_| {
        let session = theatre.session();
        if let Some(own) = note(&session.open_file().text) {
            return Some((Rc::new(own), session.open_file().name.clone()));
        }
        let of_others =
            session.files().iter().filter_map(|file| Some((note(&file.text)?, file.name.clone())));
        let is_of = |note: &Note| note.manifests.iter().any(|manifest| *manifest.name == *name);
        of_others.map(|(note, file)| (Rc::new(note), file)).find(|(note, _)| is_of(note))
    });
    // Where a reference has led: the file, and the place in it.
    let goal = use_state_eq(|| None::<(Str, Span)>);
    let lead = {
        let (theatre, reading, goal) = (theatre.clone(), reading.clone(), goal.clone());
        Callback::from(move |at: usize| {
            let leads = reading.leads(at);
            // One after the other, where there are several.
            let further = |file: usize, span: Span| (file, span.start as usize) > (reading.open(), at);
            let next = leads.iter().find(|site| further(site.file, site.span)).or(leads.first());
            let name = next.and_then(|site| Some(theatre.session().files().get(site.file)?.name.clone()));
            if let (Some(site), Some(name)) = (next, name) {
                if site.file != reading.open() {
                    theatre.act(Action::OpenFile(name.clone()));
                }
                goal.set(Some((name, site.span)));
            }
        })
    };
    {
        let (theatre, shell, goal) = (theatre.clone(), props.shell.clone(), goal.clone());
        use_effect_with(props.revealed.clone(), move |revealed| {
            if let Some((file, span)) = revealed.clone() {
                if theatre.session().open_file().name != file {
                    theatre.act(Action::OpenFile(file.clone()));
                }
                goal.set(Some((file, span)));
                shell.emit(ShellAction::Reveal(None));
            }
        });
    }
    let moved = {
        let (reading, text) = (reading.clone(), text.clone());
        props.shell.reform(move |at: Option<usize>| {
            let object = at.filter(|_| *reading.text() == text).and_then(|at| reading.object_at(at));
            ShellAction::Point(object.map(Target::Object))
        })
    };
    let script = use_script();
    let offered = text.clone();
    let shown = use_state_eq(|| None::<&'static str>);
    let show = {
        let shown = shown.clone();
        Callback::from(move |code| shown.set(Some(code)))
    };
    let code = CodeProps {
        text,
        reading: reading.clone(),
        file: name.clone(),
        edited,
        ways: Ways { mend: mend_one, show },
        drift: drift.clone(),
    };
    let code = match script {
        Some(taken_over) => {
            let chosen = props.chosen.as_ref().and_then(|target| lines_of(target, reading, &theatre));
            let here = goal.as_ref().filter(|(file, _)| *file == name).map(|(_, span)| *span);
            let reached = Callback::from(move |()| goal.set(None));
            html! {
                <CodeMirror {code} {chosen} goal={here} took_over={taken_over.cursor} {moved} {lead} format={format.clone()} {soon} {reached} />
            }
        }
        None => html! { <Code key={name.to_string()} ..code /> },
    };
    let is_recorded = use_session(&theatre, |session| session.recording().is_some());
    use_session(&theatre, |session| session.recording().is_some_and(|recording| recording.is_live));
    let watching = theatre.watching();
    let certain = reading.certain();
    // A press on a button leaves the focus in the text until the click has come: else what is wrong would move under its
    // lines, and the button away from below the finger.
    let stay = Callback::from(|event: web_sys::MouseEvent| event.prevent_default());
    html! {
        <section class="panel editor" data-open={props.open.then_some("")} aria-label={words.say(msg!("page.editor"))}>
            <Grip close={props.shell.reform(|()| ShellAction::EditorOpen(false))} />
            <Files drifts={!drift.is_empty()} {format} {shuffle} shell={props.shell.clone()} />
            <recorded::Offer text={offered} file={name.clone()} shell={props.shell.clone()} />
            { code }
            <p class="code-hint"><span>{ words.say(msg!("page.leave-text")) }</span></p>
            if let Some((note, of)) = &*found {
                <NoteBar note={note.clone()} is_open={*of == name} shell={props.shell.clone()} />
            }
            if props.busy {
                <p class="findings-more" role="status">{ words.with(msg!("page.reading"), &[("file", (&name).into())]) }</p>
            }
            // A recording is of another cluster than the one that the text is for.
            if !is_recorded { <Gone reading={props.reading.clone()} /> }
            if let Some(code) = *shown { <Example {code} close={Callback::from(move |()| shown.set(None))} /> }
            <div class="apply-bar" onmousedown={stay}>
                if certain > 1 { { finding::fix_all(words, certain, &mend_all) } }
                if let Some(watching) = watching.clone() { <live::Changes {watching} /> }
                else if is_recorded { { recorded::away(words, &theatre, msg!("recorded.no-apply")) } }
                else { <Deeds {command} shell={props.shell.clone()} /> }
            </div>
            if let Some(watching) = watching { <live::Prompt {watching} /> }
            else if is_recorded { <p class="recorded-quiet">{ words.say(msg!("recorded.no-commands")) }</p> }
            else { <Terminal composed={props.composed.clone()} size={props.size} shell={props.shell.clone()} /> }
        </section>
    }
}

/// What stands where there is no text: how one comes there. On a phone there is nothing to be dropped.
fn empty(words: Words) -> AttrValue {
    words.say(if is_phone() { msg!("page.editor-empty-phone") } else { msg!("page.editor-empty") })
}

/// Where the text says what is chosen on the stage: the object itself, or what made it.
fn lines_of(target: &Target, reading: &Reading, theatre: &Theatre) -> Option<Span> {
    let mut key = target.object()?.clone();
    let session = theatre.session();
    let view = session.timeline().at(theatre.playhead().sim());
    loop {
        if let Some(span) = reading.place_of(&key) {
            return Some(span);
        }
        let object = view.object(&key)?;
        let owner = object.meta().controller()?;
        key = ObjectKey::new(Kind::of(&owner.api_version, &owner.kind)?, key.namespace, owner.name.clone());
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
fn use_drift(theatre: &Theatre, reading: &Reading) -> Rc<Vec<Drift>> {
    let namespace = theatre.session().timeline().start().namespace.clone();
    let keys = use_memo((reading.clone(), namespace.clone()), |(reading, namespace)| {
        let keys: Vec<ObjectKey> = compared(reading.read(), namespace).map(|(_, key)| key).collect();
        // They are looked at with every frame: of more than these none is.
        if keys.len() <= MOST_COMPARED { keys } else { Vec::new() }
    });
    use_shown(theatre, keys.clone(), |view, keys| live(&view, keys));
    let session = theatre.session();
    let view = session.timeline().at(theatre.playhead().sim());
    // To compare takes long, and most keys that are pressed change neither.
    // A recording is of another cluster than the one that the text is for.
    let is_compared = !keys.is_empty() && session.recording().is_none();
    let depends = (reading.clone(), namespace, live(&view, &keys), is_compared);
    use_memo(depends, |(reading, namespace, _, is_compared)| match is_compared {
        true => drift(reading.read(), namespace, &view),
        false => Vec::new(),
    })
}

/// The objects as the cluster has them.
fn live(view: &View, keys: &[ObjectKey]) -> Vec<Option<Object>> {
    keys.iter().map(|key| view.object(key).cloned()).collect()
}

#[derive(Properties, PartialEq)]
struct DeedsProps {
    /// What the first button gives.
    command: Str,
    shell: Callback<ShellAction>,
}

/// What is done with the text: applied, begun anew with, put aside for an example.
#[component]
fn Deeds(DeedsProps { command, shell }: &DeedsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let apply = {
        let (theatre, shell) = (theatre.clone(), shell.clone());
        Callback::from(move |_| {
            let begins = {
                let session = theatre.session();
                session.leaves_example(&session.written())
            };
            if begins {
                theatre.begin(Action::StartOver);
            }
            theatre.perform(Action::Apply);
            shell.emit(ShellAction::EditorOpen(false));
            shell.emit(ShellAction::WelcomeDone);
        })
    };
    let start_over = {
        let shell = shell.clone();
        Callback::from(move |_| start_over(&theatre, &shell))
    };
    html! {
        <>
            <button class="button button-bold" type="button" data-act="apply" title={words.say(msg!("page.apply-hint"))} onclick={apply}>
                { words.say(msg!("page.apply")) }
                <code class="button-command">{ command.to_string() }</code>
            </button>
            <button class="button" type="button" data-act="start-over" title={words.say(msg!("page.start-over-hint"))} onclick={start_over}>
                { words.say(msg!("page.start-over")) }
            </button>
        </>
    }
}
