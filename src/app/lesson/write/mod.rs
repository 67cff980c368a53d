//! A lesson is written: its text, its mistakes, each with the way to it, and beside them the lesson as a learner sees it, which is
//! rehearsed while one writes. What is typed is kept at once.

mod give;
mod parts;
mod preview;
mod rehearse;

use super::shelf;
use crate::app::dialog::Dialog;
use crate::app::shell::ShellAction;
use crate::app::stage::Stage;
use crate::app::storage::NotKept;
use crate::app::theatre::Theatre;
use crate::app::words::{Words, use_words};
use give::Giving;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use parts::Parts;
use podium::lesson::draft::{Keeping, keeping};
use podium::lesson::{Mistake, Places, Read, read};
use podium::manifest::{LineIndex, Span, Units};
use podium::msg;
use podium::session::Session;
use podium::session::rehearsal::Trouble;
use preview::Preview;
use rehearse::{Tries, use_rehearsal};
use std::rc::Rc;
use web_sys::{HtmlTextAreaElement, InputEvent};
use yew::{
    AttrValue, Callback, ContextProvider, Html, NodeRef, Properties, TargetCast, component, hook, html,
    use_effect_with, use_memo, use_mut_ref, use_node_ref, use_state, use_state_eq,
};

/// How long after a change the text is read, in milliseconds: typing makes many.
const READ_AFTER: u32 = 150;

#[derive(Properties, PartialEq)]
pub(super) struct WriteProps {
    /// The draft.
    pub(super) name: String,
    /// Another draft is to be written, or none.
    pub(super) write: Callback<Option<String>>,
    /// Opens it as a learner sees it.
    pub(super) learn: Callback<String>,
}

/// What another tab has done with the same draft.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Elsewhere {
    Nothing,
    /// It has changed it, and here nothing was typed since.
    Changed,
    /// Both have: what was typed here is a draft of its own now.
    Apart,
}

#[component]
pub(super) fn Write(WriteProps { name, write, learn }: &WriteProps) -> Html {
    let words = use_words();
    let area = use_node_ref();
    let text = use_state_eq(|| AttrValue::from(shelf::text(name).unwrap_or_default()));
    // The name changes where two tabs part.
    let called = use_mut_ref(|| name.clone());
    // What was kept here last, so that it is seen when another tab keeps something else.
    let known = use_mut_ref(|| shelf::kept(name).unwrap_or_default());
    let kept = use_state_eq(|| if give::is_kept(name, &text) { Ok(()) } else { shelf::put(name, &text) });
    let elsewhere = use_state_eq(|| Elsewhere::Nothing);
    let is_giving = use_state_eq(|| false);
    let step = use_state_eq(|| 0);

    let read = use_read(&text);
    let lesson = use_memo(read.clone(), |read| read.lesson.clone());
    let (tries, hand) = use_rehearsal(&lesson);

    let take = {
        let (text, called, known) = (text.clone(), called.clone(), known.clone());
        let (kept, elsewhere) = (kept.clone(), elsewhere.clone());
        Callback::from(move |typed: String| {
            let now_kept = shelf::kept(&called.borrow());
            if keeping(&known.borrow(), now_kept.as_deref(), &typed) == Keeping::Apart {
                let name = shelf::new_name();
                super::keep::set_writing(&name);
                called.replace(name);
                elsewhere.set(Elsewhere::Apart);
            }
            let is_kept = shelf::put(&called.borrow(), &typed);
            if is_kept.is_ok() {
                known.replace(typed.clone());
            }
            kept.set(is_kept);
            text.set(typed.into());
        })
    };
    let oninput = take.reform(|event: InputEvent| {
        let area: HtmlTextAreaElement = event.target_unchecked_into();
        area.value()
    });
    {
        // Another tab keeps something under the same name.
        let (called, known, elsewhere) = (called.clone(), known.clone(), elsewhere.clone());
        use_effect_with((), move |()| {
            let listener = EventListener::new(&gloo::utils::window(), "storage", move |_| {
                let now_kept = shelf::kept(&called.borrow());
                if now_kept.is_some_and(|kept| kept != *known.borrow()) {
                    elsewhere.set(Elsewhere::Changed);
                }
            });
            move || drop(listener)
        });
    }
    {
        // What the browser does not keep would be gone: it asks first.
        use_effect_with(kept.is_err(), |is_lost| {
            let options = EventListenerOptions::enable_prevent_default();
            let listener = is_lost.then(|| {
                EventListener::new_with_options(&gloo::utils::window(), "beforeunload", options, |event| {
                    event.prevent_default();
                })
            });
            move || drop(listener)
        });
    }
    let show_theirs = {
        let (text, called, known, elsewhere) =
            (text.clone(), called.clone(), known.clone(), elsewhere.clone());
        Callback::from(move |_| {
            let theirs = shelf::kept(&called.borrow()).unwrap_or_default();
            known.replace(theirs.clone());
            text.set(theirs.into());
            elsewhere.set(Elsewhere::Nothing);
        })
    };
    let onselect = {
        let (area, read, step) = (area.clone(), read.clone(), step.clone());
        move || {
            if let Some(at) = area.cast::<HtmlTextAreaElement>().and_then(|area| caret(&area)) {
                step.set(
                    read.places.steps.iter().rposition(|heading| heading.start as usize <= at).unwrap_or(0),
                );
            }
        }
    };
    let (on_key, on_click) = (onselect.clone(), onselect);
    let go = {
        let (area, text) = (area.clone(), text.clone());
        Callback::from(move |span: Span| go_to(&area, &text, span))
    };
    let close = write.reform(|()| None);
    let try_it = {
        let (learn, called) = (learn.clone(), called.clone());
        Callback::from(move |_| learn.emit(called.borrow().clone()))
    };
    let give = {
        let is_giving = is_giving.clone();
        Callback::from(move |_| is_giving.set(!*is_giving))
    };
    let (told, said) = status(*kept, *elsewhere);
    html! {
        <Dialog class="write" title={words.say(msg!("writing.title"))} {close}>
            <link rel="stylesheet" href="writing.css" />
            <div class="write-rooms">
                <div class="write-desk">
                    <p class="write-kept" role="status" data-kept={told}>{ words.say(said) }
                        if *elsewhere == Elsewhere::Changed {
                            { " " }<button class="button" type="button" data-act="show-theirs" onclick={show_theirs}>{ words.say(msg!("writing.show-theirs")) }</button>
                        }
                    </p>
                    <textarea ref={area} class="write-text" aria-label={words.say(msg!("writing.text"))} spellcheck="false" autocomplete="off"
                        autocapitalize="off" value={(*text).clone()} {oninput} onkeyup={move |_| on_key()} onclick={move |_| on_click()} />
                    <Parts />
                    <Wrong mistakes={read.mistakes.clone()} tries={tries.clone()} places={read.places.clone()} text={(*text).clone()} {go} />
                </div>
                <div class="write-seen panel-body" role="region" tabindex="0" aria-label={words.say(msg!("writing.seen"))}>
                    <Playing step={(*step).min(lesson.steps.len().saturating_sub(1))} is_done={tries.is_done} tries={tries.steps.clone()} {hand} />
                    <Preview lesson={lesson.clone()} {tries} />
                </div>
            </div>
            <div class="write-foot">
                <button class="button button-bold" type="button" data-act="try-lesson" onclick={try_it}>{ words.say(msg!("writing.try")) }</button>
                <button class="button" type="button" data-act="give-lesson" aria-expanded={is_giving.to_string()} onclick={give}>
                    { words.say(msg!("writing.give")) }
                </button>
                if *is_giving { <Giving text={(*text).clone()} mistakes={read.mistakes.len()} /> }
            </div>
        </Dialog>
    }
}

/// What was read of the text, a moment after it was typed.
#[hook]
fn use_read(text: &AttrValue) -> Rc<Read> {
    let known = use_state(|| Rc::new(read(text)));
    let setter = known.setter();
    use_effect_with(text.clone(), move |text| {
        let text = text.clone();
        let timer = Timeout::new(READ_AFTER, move || setter.set(Rc::new(read(&text))));
        move || drop(timer)
    });
    (*known).clone()
}

/// Whether it is kept and what another tab has done, as a word and as a message.
fn status(kept: Result<(), NotKept>, elsewhere: Elsewhere) -> (&'static str, &'static str) {
    match (kept, elsewhere) {
        (Err(NotKept::Off), _) => ("off", msg!("writing.kept-off")),
        (Err(NotKept::Full), _) => ("full", msg!("writing.kept-full")),
        (Ok(()), Elsewhere::Changed) => ("changed", msg!("writing.changed")),
        (Ok(()), Elsewhere::Apart) => ("apart", msg!("writing.apart")),
        (Ok(()), Elsewhere::Nothing) => ("kept", msg!("writing.kept")),
    }
}

/// The byte of the text that the cursor is at.
fn caret(area: &HtmlTextAreaElement) -> Option<usize> {
    let text = area.value();
    let unit = area.selection_start().ok()??;
    Some(Units::new(&text).byte(&text, unit as usize))
}

/// Goes to a place in the text. The browser scrolls to what is selected where the focus comes from elsewhere.
fn go_to(area: &NodeRef, text: &str, span: Span) {
    let Some(area) = area.cast::<HtmlTextAreaElement>() else { return };
    let units = Units::new(text);
    let unit = |byte: u32| u32::try_from(units.unit(text, byte as usize)).unwrap_or(u32::MAX);
    _ = area.set_selection_range(unit(span.start), unit(span.end));
    _ = area.blur();
    _ = area.focus();
}

#[derive(Properties, PartialEq)]
struct WrongProps {
    mistakes: Vec<Mistake>,
    tries: Tries,
    places: Places,
    text: AttrValue,
    go: Callback<Span>,
}

/// What is wrong: what was read, and what the rehearsal has shown. Each is the way to its place.
#[component]
fn Wrong(WrongProps { mistakes, tries, places, text, go }: &WrongProps) -> Html {
    let words = use_words();
    let index = LineIndex::new(text);
    let way = |span: Span, (line, column): (usize, usize), said: AttrValue| {
        let onclick = go.reform(move |_| span);
        let place = words.with(msg!("lesson.line"), &[("line", line.into()), ("column", column.into())]);
        html! {
            <li>
                <button class="write-mistake" type="button" data-line={line.to_string()} {onclick}>
                    <strong>{ place }</strong>{ " " }{ said }
                </button>
            </li>
        }
    };
    let read = mistakes
        .iter()
        .map(|found| way(found.span, (found.line, found.column), words.with(found.message, &found.args)));
    let played = tries.troubles.iter().filter_map(|trouble| {
        let (span, said) = told(words, *trouble, places)?;
        Some(way(span, index.position(text, span.start as usize), said))
    });
    let found: Vec<Html> = read.chain(played).collect();
    let count = words.with(msg!("writing.mistakes"), &[("count", found.len().into())]);
    let state = if tries.is_cut {
        msg!("writing.cut")
    } else if tries.is_done {
        msg!("writing.played")
    } else {
        msg!("writing.playing")
    };
    html! {
        <section class="write-wrong" aria-label={words.say(msg!("writing.wrong"))} data-count={found.len().to_string()} data-played={tries.is_done.then_some("")}>
            <p class="write-count" role="status"><strong>{ count }</strong>{ " · " }{ words.say(state) }</p>
            if !found.is_empty() { <ul>{ for found }</ul> }
        </section>
    }
}

/// What the rehearsal has found, and where that stands.
fn told(words: Words, trouble: Trouble, places: &Places) -> Option<(Span, AttrValue)> {
    let (span, message) = match trouble {
        Trouble::ReachedBefore(goal) => (places.goals.get(goal), msg!("writing.trouble-before")),
        Trouble::NotReached(goal) => (places.goals.get(goal), msg!("writing.trouble-not-reached")),
        Trouble::NeedsNoSolution(step) => (places.steps.get(step), msg!("writing.trouble-no-need")),
        Trouble::NoChoice(question) => (places.questions.get(question), msg!("writing.trouble-no-choice")),
        Trouble::NoNode(step, deed) => {
            (places.deeds.get(step).and_then(|deeds| deeds.get(deed)), msg!("writing.trouble-no-node"))
        }
    };
    Some((*span?, words.say(message)))
}

#[derive(Properties)]
struct PlayingProps {
    /// The step that the cursor is in.
    step: usize,
    is_done: bool,
    tries: Vec<podium::session::rehearsal::Rehearsed>,
    hand: Rc<rehearse::Stagehand>,
}

impl PartialEq for PlayingProps {
    fn eq(&self, other: &Self) -> bool {
        (self.step, self.is_done) == (other.step, other.is_done)
            && self.tries == other.tries
            && Rc::ptr_eq(&self.hand, &other.hand)
    }
}

/// The stage of the step that the cursor is in: what the rehearsal has done, played. It is looked at and not used.
#[component]
fn Playing(props: &PlayingProps) -> Html {
    let theatre = use_memo((), |()| Theatre::aside(Session::default()));
    let is_there = use_state_eq(|| false);
    {
        let (theatre, is_there, hand) = (theatre.clone(), is_there.clone(), props.hand.clone());
        use_effect_with((props.step, props.is_done, props.tries.clone()), move |(step, is_done, _)| {
            if let Some(session) = hand.played(*step).filter(|_| *is_done) {
                theatre.open(session, true);
                is_there.set(true);
            }
        });
    }
    if !*is_there {
        return Html::default();
    }
    html! {
        <div class="write-stage" inert=true aria-hidden="true">
            <ContextProvider<Theatre> context={(*theatre).clone()}>
                <Stage chosen={None} pointed={None} larger={1.0} shell={Callback::from(|_: ShellAction| ())} />
            </ContextProvider<Theatre>>
        </div>
    }
}
