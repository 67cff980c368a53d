//! A lesson is rehearsed while it is written, in slices, so that typing never waits for it.

use crate::app::now::now;
use gloo::timers::callback::Timeout;
use podium::lesson::Lesson;
use podium::session::Session;
use podium::session::rehearsal::{Rehearsal, Rehearsed, Trouble};
use std::cell::RefCell;
use std::rc::Rc;
use yew::{UseStateSetter, hook, use_effect_with, use_memo, use_state_eq};

/// How long a slice takes, in milliseconds.
const SLICE: f64 = 6.0;
/// How many events of the cluster run between two looks at the clock.
const BUDGET: usize = 32;

/// What has come of the rehearsal so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tries {
    pub(super) steps: Vec<Rehearsed>,
    pub(super) troubles: Vec<Trouble>,
    pub(super) is_done: bool,
    pub(super) is_cut: bool,
}

/// The rehearsal that goes on.
#[derive(Default)]
pub(super) struct Stagehand {
    rehearsal: RefCell<Option<Rehearsal>>,
    /// The next slice. Without it nothing goes on.
    timer: RefCell<Option<Timeout>>,
}

impl Stagehand {
    fn begin(self: &Rc<Self>, lesson: Rc<Lesson>, tell: UseStateSetter<Tries>) {
        let next = match &*self.rehearsal.borrow() {
            Some(before) => before.again(lesson),
            None => Rehearsal::new(lesson),
        };
        *self.rehearsal.borrow_mut() = Some(next);
        self.slice(tell);
    }
    fn slice(self: &Rc<Self>, tell: UseStateSetter<Tries>) {
        let hand = self.clone();
        let timer = Timeout::new(0, move || {
            let until = now() + SLICE;
            let more = {
                let mut rehearsal = hand.rehearsal.borrow_mut();
                let Some(rehearsal) = rehearsal.as_mut() else { return };
                let more = loop {
                    let more = rehearsal.go_on(BUDGET);
                    if !more || now() >= until {
                        break more;
                    }
                };
                tell.set(Tries {
                    steps: rehearsal.steps().to_vec(),
                    troubles: rehearsal.troubles(),
                    is_done: rehearsal.is_done(),
                    is_cut: rehearsal.is_cut(),
                });
                more
            };
            if more {
                hand.slice(tell);
            }
        });
        self.timer.replace(Some(timer));
    }
    /// What a step has played, from the moment that it began at; none before it was played.
    pub(super) fn played(&self, step: usize) -> Option<Session> {
        let rehearsal = self.rehearsal.borrow();
        let rehearsal = rehearsal.as_ref()?;
        let mut session = rehearsal.after(step)?.clone();
        session.show(rehearsal.before(step)?.at());
        Some(session)
    }
}

/// Rehearses a lesson, and again whenever it is another: what plays the same is not played again.
#[hook]
pub(super) fn use_rehearsal(lesson: &Rc<Lesson>) -> (Tries, Rc<Stagehand>) {
    let hand = use_memo((), |()| Stagehand::default());
    let tries = use_state_eq(Tries::default);
    {
        let (hand, tell) = (hand.clone(), tries.setter());
        use_effect_with(lesson.clone(), move |lesson| hand.begin(lesson.clone(), tell));
    }
    {
        let hand = hand.clone();
        use_effect_with((), move |()| move || _ = hand.timer.take());
    }
    ((*tries).clone(), hand)
}
