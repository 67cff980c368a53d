//! Goals and questions are asked of copies of the run, a slice at a time.

use crate::app::now::now;
use crate::app::theatre::{Theatre, use_shown, use_theatre};
use gloo::timers::callback::Timeout;
use podium::cluster::time::SimTime;
use podium::lesson::{Asking, Lesson, holds};
use podium::timeline::View;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, use_effect_with, use_memo};

/// How many events of the cluster run between two looks at the clock.
const BUDGET: usize = 64;
/// How long a slice takes, in milliseconds.
const SLICE: f64 = 6.0;
/// How long after a change goals are asked, in milliseconds: a stage that plays changes all the time.
const REST: u32 = 300;

/// Asks on until it is done.
pub(in crate::app) fn ask(mut asking: Asking, done: impl FnOnce(Vec<String>) + 'static) {
    Timeout::new(0, move || {
        let until = now() + SLICE;
        loop {
            if let Some(seen) = asking.go_on(BUDGET) {
                return done(seen.to_vec());
            }
            if now() >= until {
                return ask(asking, done);
            }
        }
    })
    .forget();
}

#[derive(Properties, PartialEq)]
pub(super) struct WatchProps {
    pub(super) lesson: Rc<Lesson>,
    pub(super) step: usize,
    /// The goals that are reached already.
    pub(super) reached: BTreeSet<usize>,
    /// Is told of each goal that is reached.
    pub(super) on_reached: Callback<usize>,
}

/// How much has happened until a moment.
fn happened(view: View, _: &()) -> usize {
    view.history().records_within(SimTime::ZERO, view.at()).len()
}

/// What is asked, and whether it has to be asked again.
#[derive(Default)]
struct Watching {
    is_busy: Cell<bool>,
    is_stale: Cell<bool>,
    wanted: RefCell<Option<Wanted>>,
}

#[derive(Clone)]
struct Wanted {
    theatre: Theatre,
    lesson: Rc<Lesson>,
    goals: Vec<usize>,
    on_reached: Callback<usize>,
}

impl Watching {
    /// Something is another now.
    fn changed(self: &Rc<Self>) {
        if self.is_busy.replace(true) {
            self.is_stale.set(true);
            return;
        }
        let watching = self.clone();
        Timeout::new(REST, move || {
            watching.is_stale.set(false);
            let wanted = watching.wanted.borrow().clone();
            let goals = wanted.as_ref().map_or_else(Vec::new, |wanted| wanted.goals.clone());
            watching.next(wanted, goals);
        })
        .forget();
    }
    /// Asks for one goal after the other.
    fn next(self: Rc<Self>, wanted: Option<Wanted>, mut goals: Vec<usize>) {
        let (Some(wanted), Some(place)) = (wanted, goals.pop()) else {
            self.is_busy.set(false);
            if self.is_stale.get() {
                self.changed();
            }
            return;
        };
        let goal =
            wanted.lesson.steps.iter().flat_map(|step| step.goals()).find(|(other, _)| *other == place);
        let Some(goal) = goal.map(|(_, goal)| goal.clone()) else { return self.next(Some(wanted), goals) };
        let asking = wanted.theatre.session().ask_goal(&wanted.lesson, &goal);
        ask(asking, move |seen| {
            // Who is told may be another by now: what was reached meanwhile is kept.
            let told = self.wanted.borrow().as_ref().map(|wanted| wanted.on_reached.clone());
            if let Some(told) = told
                && goal.checks.iter().zip(&seen).all(|((_, wanted), seen)| holds(wanted, seen))
            {
                told.emit(place);
            }
            self.next(Some(wanted), goals);
        });
    }
}

/// Watches whether the goals of a step are reached. It draws nothing, because it is told of everything that happens.
#[component]
pub(super) fn Watch(props: &WatchProps) -> Html {
    let theatre = use_theatre();
    use_shown(&theatre, (), happened);
    let watching = use_memo((), |()| Rc::new(Watching::default()));
    let goals: Vec<usize> = props.lesson.steps.get(props.step).map_or_else(Vec::new, |step| {
        step.goals().map(|(place, _)| place).filter(|place| !props.reached.contains(place)).collect()
    });
    let state = {
        let session = theatre.session();
        let happened = happened(session.timeline().at(theatre.playhead().sim()), &());
        (happened, session.files_revision(), session.timeline().current(), goals.clone())
    };
    *watching.wanted.borrow_mut() =
        Some(Wanted { theatre, lesson: props.lesson.clone(), goals, on_reached: props.on_reached.clone() });
    {
        let watching = watching.clone();
        use_effect_with((), move |()| move || _ = watching.wanted.borrow_mut().take());
    }
    use_effect_with(state, move |(.., goals)| {
        if !goals.is_empty() {
            watching.changed();
        }
    });
    Html::default()
}
