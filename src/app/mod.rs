//! The Yew components, one a file. They decide nothing about Kubernetes.
//!
//! `theatre` holds the session and the playhead; `shell` what is open on the page. Every component takes its part of
//! the session from the theatre and hands what a person does back to it.

mod asks;
mod clipboard;
mod dialog;
mod drop;
mod editor;
mod examples;
mod explained;
mod faults;
mod fidelity;
mod gallery;
mod give;
mod grip;
mod header;
mod help;
mod icons;
mod inspector;
mod keyboard;
mod keys;
mod lesson;
mod live;
mod menu;
mod notes;
mod notices;
mod now;
mod paste;
mod phone;
mod prefs;
mod presenter;
mod recorded;
mod requests;
mod rest;
mod shell;
mod size;
mod splitter;
mod stage;
mod storage;
mod term;
mod terminal;
mod theatre;
mod transport;
mod welcome;
mod words;

use asks::Asks;
use drop::{Dropped, use_drop};
use editor::{Editor, use_reading};
pub(crate) use gallery::{Gallery, is_asked as is_gallery};
use give::Give;
use header::Header;
use help::Help;
use inspector::Inspector;
use keyboard::use_keyboard;
use lesson::{Clicker, Lessons};
pub(crate) use notes::{Notes, is_asked as is_notes};
use notices::Notices;
use paste::use_paste;
use podium::msg;
use podium::scene::Target;
use podium::session::{Action, Session, examples as library};
use prefs::Prefs;
use presenter::BoardOver;
use rest::use_rest;
use shell::{Notice, Shell, ShellAction};
use splitter::{Edge, Splitter};
use stage::Stage;
use theatre::asking::Asked;
use theatre::{Theatre, kept, use_keeping, use_session, use_theatre};
use transport::Transport;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use welcome::Welcome;
use words::Words;
use yew::{
    Callback, ContextProvider, Html, Properties, component, html, use_callback, use_effect_with, use_memo,
    use_reducer,
};

/// The beat that a first visit begins with: by then there is an object on the stage.
const FIRST_BEAT: usize = 3;

/// The whole page: it finds the session of the last visit, or begins one.
#[component]
pub(crate) fn App() -> Html {
    let opened = use_memo((), |()| open());
    let first_visit = opened.first_visit;
    let shell = use_reducer(|| Shell::new(first_visit));
    html! {
        <ContextProvider<Theatre> context={opened.theatre.clone()}>
            <ContextProvider<Words> context={Words(shell.prefs.language)}>
                <Page shell={(*shell).clone()} act={shell.dispatcher().to_callback()} trouble={opened.trouble} {first_visit} />
            </ContextProvider<Words>>
        </ContextProvider<Theatre>>
    }
}

/// What the page begins with.
struct Opened {
    theatre: Theatre,
    first_visit: bool,
    /// The message that says why the last session is not there.
    trouble: Option<&'static str>,
}

/// The session that was kept; without one an example is playing.
fn open() -> Opened {
    let (session, trouble) = match kept() {
        Some(Ok(session)) => (Some(session), None),
        Some(Err(error)) => (None, Some(error.message())),
        None => (None, None),
    };
    let first_visit = session.is_none();
    if first_visit && give::is_link() {
        return Opened { theatre: Theatre::awaiting(), first_visit, trouble };
    }
    let theatre = Theatre::new(session.unwrap_or_else(Session::default));
    if first_visit {
        begin_first_visit(&theatre);
    }
    theatre.wake();
    Opened { theatre, first_visit, trouble }
}

/// Plays the first example, as it was recorded before.
fn begin_first_visit(theatre: &Theatre) {
    theatre.begin_example(library::ALL[0].id);
    theatre.recall();
    theatre.skip_to_beat(FIRST_BEAT);
}

#[derive(Properties, PartialEq)]
struct PageProps {
    shell: Shell,
    act: Callback<ShellAction>,
    trouble: Option<&'static str>,
    first_visit: bool,
}

#[component]
fn Page(PageProps { shell, act, trouble, first_visit }: &PageProps) -> Html {
    let theatre = use_theatre();
    let words = Words(shell.prefs.language);
    use_effect_with(shell.prefs.clone(), |prefs| {
        dress(prefs);
        // Losing these is no loss of work, so it is not told.
        _ = prefs.save();
    });
    {
        let asked = match shell.prefs.asks {
            Some(false) => Asked::No,
            _ if shell.prefs.does_ask() => Asked::All,
            // What came with a link is asked without being asked for.
            _ => Asked::Placed,
        };
        let theatre = theatre.clone();
        use_effect_with(asked, move |asked| theatre.ask(*asked));
    }
    let is_whole = use_rest();
    {
        // What was looked at when the page was left is looked at again.
        let (theatre, act, was_open) = (theatre.clone(), act.clone(), shell.prefs.inspector);
        use_effect_with(is_whole, move |is_whole| {
            if *is_whole && was_open {
                act.emit(ShellAction::Inspect(inspected_again(&theatre)));
            }
        });
    }
    {
        // So is the lesson that was open, at its step.
        let (act, are_shown) = (act.clone(), shell.lessons);
        use_effect_with(is_whole, move |is_whole| {
            if *is_whole && !are_shown && lesson::was_shown() {
                act.emit(ShellAction::Lessons);
            }
        });
    }
    use_effect_with((is_whole, shell.lessons), |(is_whole, are_shown)| {
        if *is_whole {
            lesson::set_shown(*are_shown);
        }
    });
    let clicker = use_memo((), |()| Clicker::default());
    use_keyboard(shell, act, &clicker);
    use_paste(&theatre, act);
    give::use_link(*first_visit, act);
    use_keeping(&theatre);
    recorded::use_kept(act);
    let is_recorded = use_session(&theatre, |session| session.recording().is_some());
    let view = use_session(&theatre, |session| session.view());
    let dropped =
        use_callback((theatre.clone(), act.clone()), |dropped: Dropped, (theatre, act)| match dropped {
            Dropped::Text(name, text) => {
                match give::session_in(&text) {
                    Some(Ok(session)) => {
                        give::open(theatre, act, session, true);
                        return;
                    }
                    Some(Err(error)) => {
                        let notice = Notice { message: error.message(), args: Vec::new(), offer: None };
                        return act.emit(ShellAction::Notice(Some(notice)));
                    }
                    None if give::is_lesson(&text) => return give::open_lesson(act, &text),
                    None => {}
                }
                theatre.act(Action::AddFile(name, text));
                let view = theatre.session().view();
                act.emit(ShellAction::EditorClosed(view, false));
            }
            Dropped::Recorded(texts) => recorded::play(theatre.clone(), act.clone(), texts),
            Dropped::LeftOut(message, args) => {
                act.emit(ShellAction::Notice(Some(Notice { message, args, offer: None })));
            }
        });
    let over = use_drop(dropped);
    let sizes = shell.prefs.sizes;
    let (reading, busy) = use_reading(&theatre);
    let shown = use_memo(
        (reading.clone(), shell.asking.contains(&theatre.session().open_file().name)),
        |(reading, is_asking)| {
            if *is_asking { reading.unmarked() } else { reading.clone() }
        },
    );
    html! {
        <div class="app">
            <a class="skip" href="#stage" onclick={to_stage}>{ words.say(msg!("page.to-stage")) }</a>
            <Header prefs={shell.prefs.clone()} editor_open={shell.editor_open} shell={act.clone()} />
            <main class="work" data-editor={(shell.prefs.presenter || shell.prefs.is_closed(view)).then_some("closed")}>
                <Editor open={shell.editor_open} size={sizes.of(Edge::Terminal)} composed={shell.composed.clone()} reading={(*shown).clone()} {busy} chosen={shell.inspected.clone()} revealed={shell.revealed.clone()} shell={act.clone()} />
                <Splitter edge={Edge::Editor} size={sizes.of(Edge::Editor)} shell={act.clone()} />
                <Stage chosen={shell.inspected.clone()} pointed={shell.pointed.clone()} larger={if shell.prefs.presenter { presenter::LARGER } else { 1.0 }} shell={act.clone()} />
                if let Some(chosen) = shell.inspected.clone() {
                    <Inspector {chosen} reading={reading.clone()} shell={act.clone()} />
                    <Splitter edge={Edge::Inspector} size={sizes.of(Edge::Inspector)} shell={act.clone()} />
                }
                <div class="over-stage">
                    <Notices notice={shell.notice.clone()} trouble={*trouble} editor_open={shell.editor_open} shell={act.clone()} />
                    // Beside an inspector there is no room left for it.
                    if shell.welcome && shell.inspected.is_none() { <Welcome shell={act.clone()} /> }
                </div>
                <Asks />
                if shell.lessons && !is_recorded { <Lessons asked={shell.lesson_asked.clone()} clicker={(*clicker).clone()} shell={act.clone()} /> }
                if over { <div class="drop"><p>{ words.say(msg!("page.drop-here")) }</p></div> }
            </main>
            <Transport open={shell.prefs.timeline} size={sizes.of(Edge::Timeline)} deep={shell.prefs.deep} asks={shell.prefs.does_ask()} presenter={shell.prefs.presenter} shell={act.clone()} />
            if shell.notes { <notes::Desk theme={shell.prefs.theme.code()} board={shell.board} shell={act.clone()} /> }
            if shell.help { <Help shell={act.clone()} /> }
            if let Some(board) = shell.board { <BoardOver {board} close={act.reform(|()| ShellAction::Board(None))} /> }
            if let Some(about) = shell.result.clone() { <give::ResultOver {about} shell={act.clone()} /> }
            if shell.give { <Give deep={shell.prefs.deep} shell={act.clone()} /> }
        </div>
    }
}

/// Takes the focus past the header and the editor.
fn to_stage(event: web_sys::MouseEvent) {
    event.prevent_default();
    keyboard::focus(".scene [tabindex=\"0\"], .play");
}

/// What the inspector showed when the page was left. On a phone it would lie over the stage.
fn inspected_again(theatre: &Theatre) -> Option<Target> {
    theatre.session().selected().cloned().filter(|_| !phone::is_phone()).map(Target::Object)
}

/// Gives the page its language and its theme, and its panels their sizes.
fn dress(prefs: &Prefs) {
    if let Some(root) = gloo::utils::document().document_element() {
        _ = root.set_attribute("lang", prefs.language.code());
        _ = root.set_attribute("data-theme", prefs.theme.code());
        _ = root.toggle_attribute_with_force("data-presenter", prefs.presenter);
        _ = root.toggle_attribute_with_force("data-embedded", storage::embedded().is_some());
        for edge in Edge::ALL {
            if let (Some(root), Some(size)) = (root.dyn_ref::<HtmlElement>(), prefs.sizes.of(edge)) {
                _ = root.style().set_property(edge.property(), &format!("{size}px"));
            }
        }
    }
}
