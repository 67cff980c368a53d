//! The session given away: as a link, as a picture of the link for a camera, as files; and how a link is opened.

mod earlier;
mod exports;
mod files;
mod film;
mod lesson;
pub(super) mod link;
mod paint;
mod result;
mod save;

use super::begin_first_visit;
use super::clipboard;
use super::dialog::Dialog;
use super::lesson::set_open;
use super::live;
use super::recorded;
use super::shell::{Notice, Offer, ShellAction};
use super::storage::{Embedded, embedded};
use super::theatre::{Theatre, use_theatre};
use super::words::{Words, use_words};
use fast_qr::{ECL, QRBuilder};
use files::{files, pictures};
use film::FilmOf;
use gloo::events::EventListener;
pub(super) use lesson::{is_lesson, open as open_lesson};
use link::Made;
use podium::msg;
use podium::session::{LoadError, Session};
pub(super) use result::{About, ResultOver};
pub(super) use save::save;
use web_sys::{HtmlInputElement, MouseEvent};
use yew::{
    AttrValue, Callback, Html, NodeRef, Properties, component, hook, html, use_effect_with, use_mut_ref,
    use_node_ref, use_state_eq,
};

/// How wide the quiet ground around a code is, in its modules.
const QUIET: usize = 4;

/// Opens what the address says, now and whenever it says something else.
#[hook]
pub(super) fn use_link(first_visit: bool, shell: &Callback<ShellAction>) {
    let theatre = use_theatre();
    let shell = shell.clone();
    use_effect_with((), move |()| {
        let look = move |is_new| {
            let fragment = gloo::utils::window().location().hash().unwrap_or_default();
            if fragment.starts_with(link::MARK) {
                follow(theatre.clone(), shell.clone(), fragment, is_new);
            } else if fragment.starts_with(link::ANY_LESSON) {
                lesson::follow(shell.clone(), fragment);
            } else if fragment.starts_with(link::ANY_RESULT) {
                result::follow(shell.clone(), fragment);
            }
        };
        look(first_visit);
        let listener = EventListener::new(&gloo::utils::window(), "hashchange", move |_| look(false));
        move || drop(listener)
    });
}

/// Whether the address holds a session.
pub(super) fn is_link() -> bool {
    gloo::utils::window().location().hash().is_ok_and(|fragment| fragment.starts_with(link::MARK))
}

fn follow(theatre: Theatre, shell: Callback<ShellAction>, fragment: String, is_new: bool) {
    yew::platform::spawn_local(async move {
        let log = link::text(link::MARK, &fragment).await;
        let opened = log.ok_or(LoadError::Broken).and_then(|log| Session::from_json(&log));
        own_address();
        match opened {
            Ok(session) if embedded().is_some() => {
                theatre.open(session, embedded() == Some(Embedded::Played));
                shell.emit(ShellAction::WelcomeDone);
            }
            Ok(session) => _ = open(&theatre, &shell, session, !is_new),
            Err(error) => {
                if is_new {
                    begin_first_visit(&theatre);
                    theatre.wake();
                }
                tell(&shell, message_of(error), None);
            }
        }
    });
}

/// The address is the page's own again: to load it anew is to go on, and not to begin again.
fn own_address() {
    let window = gloo::utils::window();
    if embedded().is_none()
        && let (Ok(history), Ok(path)) = (window.history(), window.location().pathname())
    {
        let search = window.location().search().unwrap_or_default();
        let address = format!("{path}{search}");
        _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}

/// What is said of a link that cannot be opened.
fn message_of(error: LoadError) -> &'static str {
    match error {
        LoadError::Broken => msg!("give.link-broken"),
        LoadError::Newer => error.message(),
    }
}

fn tell(shell: &Callback<ShellAction>, message: &'static str, offer: Option<Offer>) {
    shell.emit(ShellAction::Notice(Some(Notice { message, args: Vec::new(), offer })));
}

/// Opens a session that somebody has given. What was done here until now is put aside first; false where there is no room for
/// that, so that it was not opened.
pub(super) fn open(
    theatre: &Theatre,
    shell: &Callback<ShellAction>,
    session: Session,
    is_kept: bool,
) -> bool {
    if is_kept && earlier::put(&theatre.session(), None).is_err() {
        tell(shell, msg!("give.no-room"), None);
        return false;
    }
    theatre.open(session, false);
    set_open("");
    shell.emit(ShellAction::WelcomeDone);
    shell.emit(ShellAction::Inspect(None));
    shell.emit(ShellAction::EditorOpen(false));
    let offer = is_kept.then_some(Offer::Earlier);
    tell(shell, if is_kept { msg!("give.opened-beside") } else { msg!("give.opened") }, offer);
    true
}

/// Goes back to the session that was put aside last.
pub(super) fn back(theatre: &Theatre, shell: &Callback<ShellAction>) {
    if let Some(log) = earlier::all().into_iter().next() {
        reopen(theatre, shell, &log);
    }
}

fn reopen(theatre: &Theatre, shell: &Callback<ShellAction>, log: &str) {
    let Ok(session) = Session::from_json(log) else { return };
    if earlier::put(&theatre.session(), Some(log)).is_err() {
        return tell(shell, msg!("give.no-room"), None);
    }
    theatre.open(session, false);
    set_open("");
    shell.emit(ShellAction::Inspect(None));
}

#[derive(Properties, PartialEq)]
pub(super) struct GiveProps {
    /// Whether upstream's own names stand below the sentences.
    pub(super) deep: bool,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Give(props: &GiveProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let field = use_node_ref();
    let made = use_state_eq(|| Made::Soon);
    let copied = use_state_eq(|| Copied::Nothing);
    // Made once when the dialog opens: it is about the moment at which it was opened, though the stage may play on.
    let shared = use_mut_ref(|| theatre.session().to_shared());
    {
        let (made, shared) = (made.clone(), shared.clone());
        use_effect_with((), move |()| {
            let log = shared.borrow().log.clone();
            yew::platform::spawn_local(async move {
                made.set(Made::of(link::MARK, &log).await);
            });
        });
    }
    let close = props.shell.reform(|()| ShellAction::Give(false));
    let copy = {
        let (field, copied, made) = (field.clone(), copied.clone(), made.clone());
        Callback::from(move |_: MouseEvent| {
            let Made::Link(link) = &*made else { return };
            let (field, copied, link) = (field.clone(), copied.clone(), link.clone());
            yew::platform::spawn_local(async move {
                copied.set(copy_or_choose(&field, &link, Copied::Link).await);
            });
        })
    };
    let copy_embed = |guest: Embedded| {
        let (field, shared, copied) = (field.clone(), shared.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let (field, log, copied) = (field.clone(), shared.borrow().log.clone(), copied.clone());
            yew::platform::spawn_local(async move {
                let Some(link) = link::link(link::MARK, &log, guest.search()).await else { return };
                let frame =
                    format!("<iframe src=\"{link}\" title=\"Podium\" width=\"800\" height=\"500\"></iframe>");
                copied.set(copy_or_choose(&field, &frame, Copied::Frame(guest)).await);
            });
        })
    };
    let embed = |guest: Embedded, name: &'static str, message, about| {
        let message = if *copied == Copied::Frame(guest) { msg!("give.copied") } else { message };
        html! {
            <button class="button" type="button" data-act={name} title={words.say(about)} onclick={copy_embed(guest)}>
                { words.say(message) }
            </button>
        }
    };
    let link = match &*made {
        Made::Soon => html! { <p>{ words.say(msg!("give.making")) }</p> },
        Made::Impossible => html! { <p>{ words.say(msg!("give.impossible")) }</p> },
        Made::TooLong(length) => {
            let args = [("length", (*length).into()), ("limit", link::LONGEST.into())];
            html! { <p>{ words.with(msg!("give.too-long"), &args) }</p> }
        }
        Made::Link(link) => html! {
            <>
                <div class="give-link">
                    <input ref={field.clone()} type="text" readonly=true value={if let Copied::Chosen(text) = &*copied { text } else { link }.clone()} data-length={link.len().to_string()}
                        aria-label={words.say(msg!("give.link"))} />
                    <button class="button button-bold" type="button" data-act="copy-link" onclick={copy}>
                        { words.say(if *copied == Copied::Link { msg!("give.copied") } else { msg!("give.copy") }) }
                    </button>
                    { embed(Embedded::Shown, "copy-embed", msg!("give.embed"), msg!("give.embed-about")) }
                    { embed(Embedded::Played, "copy-embed-play", msg!("give.embed-play"), msg!("give.embed-play-about")) }
                </div>
                <p class={(!matches!(*copied, Copied::Chosen(_))).then_some("visually-hidden")} role="status">{ match *copied {
                    Copied::Nothing => None,
                    Copied::Link | Copied::Frame(_) => Some(words.say(msg!("give.copied"))),
                    Copied::Chosen(_) => Some(words.say(msg!("give.copy-it"))),
                } }</p>
                <Code link={link.clone()} />
            </>
        },
    };
    let is_masked = shared.borrow().is_masked;
    html! {
        <Dialog class="give" title={words.say(msg!("give.title"))} {close}>
            <link rel="stylesheet" href="give.css" />
            if theatre.is_recorded() {
                { recorded::away(words, &theatre, msg!("recorded.no-give")) }
                <h3>{ words.say(msg!("give.files")) }</h3>
                <div class="give-files">{ pictures(words, &theatre) }</div>
                <FilmOf />
            } else {
                <p>{ words.say(msg!("give.about")) }{ " " }{ is_masked.then(|| words.say(msg!("give.masked"))) }</p>
                { link }
                <h3>{ words.say(msg!("give.files")) }</h3>
                { files(words, &theatre, shared.borrow().log.clone(), props.deep) }
                <FilmOf />
            }
            { earlier_sessions(words, &theatre, &props.shell) }
            if theatre.watching().is_none() { <live::Offer shell={props.shell.clone()} /> }
        </Dialog>
    }
}

/// What has come of copying.
#[derive(Clone, PartialEq)]
enum Copied {
    Nothing,
    Link,
    Frame(Embedded),
    /// The browser lets the page copy nothing: this text stands in the field, chosen for a hand to copy.
    Chosen(AttrValue),
}

/// Copies the text, which is then `done`; where that is refused, chooses it in the field.
async fn copy_or_choose(field: &NodeRef, text: &str, done: Copied) -> Copied {
    if clipboard::copied(text).await {
        return done;
    }
    if let Some(field) = field.cast::<HtmlInputElement>() {
        field.set_value(text);
        field.select();
    }
    Copied::Chosen(text.to_owned().into())
}

#[derive(Properties, PartialEq)]
pub(super) struct CodeProps {
    pub(super) link: AttrValue,
}

/// The link for a camera: dark on light in every theme, as cameras expect it. Pressed, it fills the screen for the back row.
#[component]
pub(super) fn Code(props: &CodeProps) -> Html {
    let words = use_words();
    let large = use_state_eq(|| false);
    let Ok(code) = QRBuilder::new(&*props.link).ecl(ECL::L).build() else {
        return html! { <p>{ words.say(msg!("give.no-code")) }</p> };
    };
    let mut path = String::new();
    for row in 0..code.size {
        for column in (0..code.size).filter(|column| code[row][*column].value()) {
            path.push_str(&format!("M{} {}h1v1h-1z", column + QUIET, row + QUIET));
        }
    }
    let side = code.size + 2 * QUIET;
    html! {
        <>
        <link rel="stylesheet" href="give.css" />
        <button class="give-code" type="button" aria-label={words.say(msg!("give.code"))} title={words.say(msg!("give.code"))}
            aria-pressed={large.to_string()} onclick={move |_| large.set(!*large)}>
            <svg viewBox={format!("0 0 {side} {side}")} aria-hidden="true">
                <rect width={side.to_string()} height={side.to_string()} />
                <path d={path} />
            </svg>
        </button>
        </>
    }
}

/// The sessions that were put aside, each to be opened again.
fn earlier_sessions(words: Words, theatre: &Theatre, shell: &Callback<ShellAction>) -> Html {
    let logs = earlier::all();
    if logs.is_empty() {
        return Html::default();
    }
    let items = logs.into_iter().filter_map(|log| {
        let session = Session::from_json(&log).ok()?;
        let names: Vec<&str> = session.files().iter().map(|file| &*file.name).collect();
        let args =
            [("files", names.join(", ").as_str().into()), ("acts", session.timeline().acts().len().into())];
        let text = words.with(msg!("give.earlier-one"), &args);
        let (theatre, shell) = (theatre.clone(), shell.clone());
        let onclick = Callback::from(move |_| {
            reopen(&theatre, &shell, &log);
            shell.emit(ShellAction::Give(false));
        });
        Some(html! { <li><button class="link" type="button" {onclick}>{ text }</button></li> })
    });
    html! {
        <>
            <h3>{ words.say(msg!("give.earlier")) }</h3>
            <ul class="give-earlier">{ for items }</ul>
        </>
    }
}

/// The session that lies in a text that somebody has dropped, where it is one.
pub(super) fn session_in(text: &str) -> Option<Result<Session, LoadError>> {
    text.trim_start().starts_with("{\"podium\":").then(|| Session::from_json(text.trim()))
}
