//! The second screen of a teacher (`#/notes`): what to say, what comes next and the time, in a window of its own that follows the
//! first one. The two know each other as the one that has opened and the one that was opened, and talk by messages: so they find
//! each other from a disk as well, and after a reload of either.

mod desk;
mod told;

pub(super) use desk::{Desk, open, was_opened};
use podium::msg;
pub(crate) use told::Told;

use super::dress;
use super::icons;
use super::lesson::Notes as LessonNotes;
use super::prefs::{Prefs, ThemeChoice};
use super::words::Words;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Interval;
use gloo::utils::window;
use js_sys::Date;
use podium::words::Language;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, KeyboardEvent, MessageEvent, Storage, Window};
use yew::{
    AttrValue, Callback, ContextProvider, Html, component, html, use_effect_with, use_force_update,
    use_mut_ref, use_state, use_state_eq,
};

/// The fragment of its address.
const ADDRESS: &str = "#/notes";

/// What every message of the two windows begins with.
const MARK: &str = "podium-notes ";

/// How often the second window asks how it stands, in milliseconds.
const ASKS: u32 = 1_000;

/// How long the first one may be silent before that is told, in milliseconds.
const SILENT: f64 = 4_000.0;

/// Where this window keeps when the class began.
const BEGAN: &str = "podium.class";

/// What the second window asks of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// How it stands.
    Hello,
    On,
    Back,
    Play,
    Start,
    End,
    Black,
}

impl Asked {
    const ALL: [(Asked, &'static str); 7] = [
        (Asked::Hello, "hello"),
        (Asked::On, "on"),
        (Asked::Back, "back"),
        (Asked::Play, "play"),
        (Asked::Start, "start"),
        (Asked::End, "end"),
        (Asked::Black, "black"),
    ];
    fn word(self) -> &'static str {
        Asked::ALL.iter().find(|(asked, _)| *asked == self).map_or("", |(_, word)| word)
    }
    fn of(word: &str) -> Option<Asked> {
        Asked::ALL.iter().find(|(_, other)| *other == word).map(|(asked, _)| *asked)
    }
}

/// Whether the address asks for the second screen in the page's place.
pub(crate) fn is_asked() -> bool {
    window().location().hash().is_ok_and(|fragment| fragment == ADDRESS)
}

/// Says something to the other window. From a disk no page has an origin that could be named.
fn say_to(other: &Window, text: &str) {
    let location = window().location();
    let is_disk = location.protocol().is_ok_and(|protocol| protocol == "file:");
    let origin = if is_disk { "*".to_owned() } else { location.origin().unwrap_or_default() };
    _ = other.post_message(&JsValue::from_str(&format!("{MARK}{text}")), &origin);
}

/// What a message of the two windows says; none where it is another's.
fn heard(event: &MessageEvent) -> Option<String> {
    Some(event.data().as_string()?.strip_prefix(MARK)?.to_owned())
}

/// Whether a message comes from a window.
fn is_from(event: &MessageEvent, other: &Window) -> bool {
    event.source().is_some_and(|source| js_sys::Object::is(&source, other))
}

/// The window that has opened this one.
fn first_window() -> Option<Window> {
    let opener = window().opener().ok()?;
    (!opener.is_null() && !opener.is_undefined()).then(|| opener.unchecked_into())
}

fn of_window() -> Option<Storage> {
    window().session_storage().ok()?
}

/// When the class began, in milliseconds since 1970.
fn began() -> f64 {
    let kept = of_window().and_then(|kept| kept.get_item(BEGAN).ok()?);
    kept.and_then(|text| text.parse().ok()).unwrap_or_else(begin)
}

/// The class begins now. What the window does not keep begins anew when it is loaded anew.
fn begin() -> f64 {
    let now = Date::now();
    if let Some(kept) = of_window() {
        _ = kept.set_item(BEGAN, &now.to_string());
    }
    now
}

/// The whole page of the second screen.
#[component]
pub(crate) fn Notes() -> Html {
    let told = use_state(|| None::<Rc<Told>>);
    let last = use_mut_ref(Date::now);
    let is_silent = use_state_eq(|| false);
    let first = use_mut_ref(first_window);
    {
        let (told, last, is_silent, first) = (told.setter(), last.clone(), is_silent.setter(), first.clone());
        use_effect_with((), move |()| {
            let Some(other) = first.borrow().clone() else { return Box::new(|| ()) as Box<dyn FnOnce()> };
            let hears = {
                let (other, last, is_silent) = (other.clone(), last.clone(), is_silent.clone());
                EventListener::new(&window(), "message", move |event| {
                    let Some(event) = event.dyn_ref::<MessageEvent>().filter(|event| is_from(event, &other))
                    else {
                        return;
                    };
                    if let Some(now) = heard(event).and_then(|text| Told::read(&text)) {
                        last.replace(Date::now());
                        is_silent.set(false);
                        told.set(Some(Rc::new(now)));
                    }
                })
            };
            say_to(&other, Asked::Hello.word());
            let asks = Interval::new(ASKS, move || {
                say_to(&other, Asked::Hello.word());
                is_silent.set(Date::now() - *last.borrow() > SILENT);
            });
            Box::new(move || drop((hears, asks)))
        });
    }
    let ask = {
        let first = first.clone();
        Callback::from(move |asked: Asked| {
            if let Some(first) = &*first.borrow() {
                say_to(first, asked.word());
            }
        })
    };
    {
        let ask = ask.clone();
        use_effect_with((), move |()| {
            let options = EventListenerOptions::enable_prevent_default();
            let listener =
                EventListener::new_with_options(&gloo::utils::document(), "keydown", options, move |event| {
                    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                    if let Some(asked) = asked_by(event) {
                        event.prevent_default();
                        ask.emit(asked);
                    }
                });
            move || drop(listener)
        });
    }
    let mut prefs = Prefs::load();
    prefs.presenter = false;
    if let Some(told) = &*told {
        prefs.language = Language::from_tag(&told.language).unwrap_or(prefs.language);
        prefs.theme = ThemeChoice::from_code(&told.theme).unwrap_or(prefs.theme);
    }
    let words = Words(prefs.language);
    use_effect_with(prefs, move |prefs: &Prefs| {
        dress(prefs);
        gloo::utils::document().set_title(&words.say(msg!("notes.title")));
    });
    let trouble = match (&*told, first.borrow().is_some()) {
        (_, false) => Some(msg!("notes.alone")),
        _ if *is_silent => Some(msg!("notes.silent")),
        (None, true) => Some(msg!("notes.coming")),
        (Some(_), true) => None,
    };
    html! {
        <ContextProvider<Words> context={words}>
            <link rel="stylesheet" href="notes.css" />
            <div class="notes">
                <header class="notes-bar">
                    <h1 class="notes-title">{ icons::brand() }<span>{ words.say(msg!("notes.title")) }</span></h1>
                    <Clock />
                </header>
                if let Some(trouble) = trouble {
                    <p class="notes-trouble" role="status">
                        { words.say(trouble) }
                        if trouble == msg!("notes.alone") { { " " }<a href="./">{ words.say(msg!("page.title")) }</a> }
                    </p>
                }
                if let Some(told) = &*told { <Page told={told.clone()} {ask} /> }
            </div>
        </ContextProvider<Words>>
    }
}

/// What a key asks for. A button has its Space and Enter.
fn asked_by(event: &KeyboardEvent) -> Option<Asked> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_button = target.is_some_and(|target| target.matches("button, a, summary").unwrap_or(false));
    Some(match &*event.key() {
        " " if is_button => return None,
        " " if event.shift_key() => Asked::Back,
        " " | "PageDown" | "ArrowRight" => Asked::On,
        "PageUp" | "ArrowLeft" => Asked::Back,
        "p" | "P" | "k" | "K" => Asked::Play,
        "Home" => Asked::Start,
        "End" => Asked::End,
        "b" | "B" => Asked::Black,
        _ => return None,
    })
}

#[derive(yew::Properties, PartialEq)]
struct PageProps {
    told: Rc<Told>,
    ask: Callback<Asked>,
}

/// What is told now, why, and what comes next; beside it the step of the lesson.
#[component]
fn Page(PageProps { told, ask }: &PageProps) -> Html {
    let words = super::words::use_words();
    let button = |asked: Asked, name: AttrValue, is_bold: bool| {
        let ask = ask.clone();
        let class = if is_bold { "button button-bold" } else { "button" };
        html! {
            <button {class} type="button" data-act={asked.word()} onclick={move |_| ask.emit(asked)}>{ name }</button>
        }
    };
    let position = [("step", told.step.into()), ("steps", told.steps.into())];
    let play = if told.is_playing { msg!("page.pause") } else { msg!("page.play") };
    let list = |of: &[String]| of.iter().map(|said| html! { <li>{ said.clone() }</li> }).collect::<Html>();
    html! {
        <>
            <main class="notes-work">
                <section class="notes-run" aria-label={words.say(msg!("notes.now"))}>
                    <p class="notes-where">
                        <span>{ words.with(msg!("page.position"), &position) }</span>
                        <span class="notes-at">{ told.clock.clone() }</span>
                        <span>{ told.chapter.clone() }</span>
                    </p>
                    <p class="notes-said" role="status">{ told.said.clone() }</p>
                    if !told.why.is_empty() {
                        <h2>{ words.say(msg!("notes.why")) }</h2>
                        <ol class="notes-why">{ list(&told.why) }</ol>
                    }
                    <h2>{ words.say(msg!("notes.next")) }</h2>
                    if told.next.is_empty() {
                        <p>{ words.say(msg!("notes.next-none")) }</p>
                    } else {
                        <ol class="notes-next">{ list(&told.next) }</ol>
                    }
                </section>
                <section class="notes-lesson" aria-label={words.say(msg!("notes.lesson"))}>
                    if let Some((name, step)) = &told.lesson {
                        <LessonNotes name={name.clone()} step={*step} />
                    } else {
                        <p class="quiet">{ words.say(msg!("notes.no-lesson")) }</p>
                    }
                </section>
            </main>
            <footer class="notes-foot">
                { button(Asked::Back, words.say(msg!("page.step-back")), false) }
                { button(Asked::Play, words.say(play), false) }
                { button(Asked::On, words.say(msg!("page.step-forward")), true) }
                { button(Asked::Black, words.say(msg!("notes.black")), false) }
                <p class="quiet">{ words.say(msg!("notes.keys")) }</p>
            </footer>
        </>
    }
}

/// The time of day, and how long the class has gone on.
#[component]
fn Clock() -> Html {
    let words = super::words::use_words();
    let update = use_force_update();
    let since = use_state_eq(began);
    use_effect_with((), move |()| {
        let ticks = Interval::new(1_000, move || update.force_update());
        move || drop(ticks)
    });
    let now = Date::new_0();
    let passed = ((Date::now() - *since).max(0.0) / 1_000.0) as u64;
    let reset = {
        let since = since.clone();
        Callback::from(move |_| since.set(begin()))
    };
    html! {
        <div class="notes-clock">
            <p><span class="quiet">{ words.say(msg!("notes.time")) }</span>{ " " }
                <span class="notes-time">{ format!("{:02}:{:02}", now.get_hours(), now.get_minutes()) }</span></p>
            <p><span class="quiet">{ words.say(msg!("notes.class")) }</span>{ " " }
                <span class="notes-time" data-passed={passed.to_string()}>{ format!("{:02}:{:02}", passed / 60, passed % 60) }</span></p>
            <button class="button" type="button" data-act="reset" onclick={reset}>{ words.say(msg!("notes.reset")) }</button>
        </div>
    }
}
