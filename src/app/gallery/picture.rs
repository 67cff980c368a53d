//! A picture of the gallery: a run is played in slices once somebody comes near, and shown by the page's own stage. Far away
//! it is taken down again, so that no more is drawn than can be seen.

use super::near::use_near;
use super::text;
use crate::app::now::now;
use crate::app::stage::Stage;
use crate::app::theatre::{Theatre, use_revision};
use crate::app::transport::LanesOfTime;
use crate::app::words::use_words;
use gloo::timers::future::TimeoutFuture;
use podium::msg;
use podium::scene::Target;
use podium::session::gallery::{Moment, Played, Shown};
use podium::session::{Session, ViewName};
use std::cell::RefCell;
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, ContextProvider, Html, Properties, component, html, use_effect_with, use_node_ref,
    use_state,
};

/// How long a run may be played in one go, in milliseconds, and how many events lie between two looks at the clock.
const SLICE: f64 = 8.0;
const BUDGET: usize = 64;

/// The runs that were played, each whole, and by what line of the list: others show the same run.
#[derive(Clone, Default)]
pub(super) struct Runs(Rc<RefCell<Vec<(Rc<Shown>, Session)>>>);

impl PartialEq for Runs {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Runs {
    fn known(&self, shown: &Shown) -> Option<Session> {
        let runs = self.0.borrow();
        runs.iter().find(|(known, _)| known.is_of_run(shown)).map(|(_, session)| session.clone())
    }
    /// The session of a line, with all that is recorded of it.
    async fn played(&self, shown: &Rc<Shown>) -> Option<Session> {
        if let Some(session) = self.known(shown) {
            return Some(session);
        }
        let log = match &shown.run {
            Played::Recording(name) => Some(text(&format!("gallery/{name}.json")).await?),
            Played::Nothing | Played::Example(_) => None,
        };
        let mut session = shown.session(log.as_deref())?;
        let (at, mut until) = (session.at(), now() + SLICE);
        while session.run(at, BUDGET).0 {
            if now() >= until {
                TimeoutFuture::new(0).await;
                until = now() + SLICE;
            }
        }
        self.0.borrow_mut().push((shown.clone(), session.clone()));
        Some(session)
    }
}

#[derive(Clone, PartialEq)]
enum Hung {
    NotYet,
    Playing,
    There(Theatre),
    Failed,
}

#[derive(Properties, PartialEq)]
pub(super) struct PictureProps {
    /// Its place in the list.
    pub(super) place: usize,
    pub(super) shown: Rc<Shown>,
    pub(super) runs: Runs,
}

#[component]
pub(super) fn Picture(PictureProps { place, shown, runs }: &PictureProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let is_near = use_near(&node);
    let hung = use_state(|| Hung::NotYet);
    {
        let (hung, shown, runs) = (hung.clone(), shown.clone(), runs.clone());
        use_effect_with(is_near, move |is_near| {
            if *is_near && *hung == Hung::NotYet {
                hung.set(Hung::Playing);
                spawn_local(async move { hung.set(hang(&shown, &runs).await) });
            }
        });
    }
    let run: AttrValue = match &shown.run {
        Played::Nothing => words.say(msg!("gallery.nothing")),
        Played::Example(id) => words.with(msg!("gallery.example"), &[("name", (*id).into())]),
        Played::Recording(name) => words.with(msg!("gallery.recording"), &[("name", name.as_str().into())]),
    };
    let inside = match &*hung {
        Hung::NotYet | Hung::Playing => {
            html! { <p class="gallery-waits">{ words.say(msg!("gallery.playing")) }</p> }
        }
        Hung::Failed => html! { <p class="gallery-waits">{ words.say(msg!("gallery.run-failed")) }</p> },
        Hung::There(_) if !is_near => Html::default(),
        Hung::There(theatre) => html! {
            <ContextProvider<Theatre> context={theatre.clone()}>
                <Canvas theatre={theatre.clone()} is_lanes={shown.view.is_none()} />
            </ContextProvider<Theatre>>
        },
    };
    // A command breaks between its words, and at no hyphen.
    let parts = |line: &str| {
        line.split(' ').map(|word| html! { <><span>{ word.to_owned() }</span>{ " " }</> }).collect::<Html>()
    };
    let more = shown.more.iter().map(|(_, line)| html! { <code>{ "+ " }{ parts(line) }</code> });
    html! {
        <figure class="gallery-picture" ref={node} data-place={place.to_string()}
            data-view={shown.view.map_or("timeline", ViewName::as_str)} data-failed={(*hung == Hung::Failed).then_some("")}>
            <figcaption>
                <h3>{ shown.caption(words.0) }</h3>
                <p>{ run }{ for more }</p>
            </figcaption>
            // It is looked at, not used: a wheel over it moves the page.
            <div class="gallery-frame" inert=true>{ inside }</div>
        </figure>
    }
}

/// Plays the run, and puts it on a stage of its own.
async fn hang(shown: &Rc<Shown>, runs: &Runs) -> Hung {
    if shown.moment == Moment::Computing {
        return Hung::There(Theatre::computing(Session::default()));
    }
    let Some(mut session) = runs.played(shown).await else { return Hung::Failed };
    shown.settle(&mut session);
    let theatre = Theatre::aside(session);
    if let Some(difference) = shown.difference {
        theatre.compare_with(difference.into());
    }
    theatre.wake();
    Hung::There(theatre)
}

#[derive(Properties, PartialEq)]
struct CanvasProps {
    theatre: Theatre,
    is_lanes: bool,
}

/// The stage, or the lanes.
#[component]
fn Canvas(CanvasProps { theatre, is_lanes }: &CanvasProps) -> Html {
    use_revision(theatre);
    let nobody = Callback::noop();
    // What is selected is marked as on the page.
    let chosen = theatre.session().selected().cloned().map(Target::Object);
    html! {
        <div class="gallery-canvas" data-drawn={theatre.is_settled(false).then_some("")} data-whole={theatre.is_settled(true).then_some("")}>
            if *is_lanes {
                <section class="timeline"><LanesOfTime larger=1.0 /></section>
            } else {
                <Stage {chosen} pointed={None} larger=1.0 shell={nobody} />
            }
        </div>
    }
}
