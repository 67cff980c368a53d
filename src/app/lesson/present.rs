//! A lesson before a room: where the run has nothing more to show, a clicker does the next thing of the lesson.

use super::step::{is_done, play};
use crate::app::keyboard::focus;
use crate::app::shell::ShellAction;
use crate::app::theatre::{Theatre, use_theatre};
use gloo::utils::document;
use podium::lesson::{Block, Deed, Learner, Lesson};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::{Callback, hook, use_effect, use_mut_ref};

/// What presses of a clicker go to: the step of a lesson that is on the page. While none is, or the lesson is folded, to nothing.
#[derive(Clone, Default)]
pub(in crate::app) struct Clicker(Rc<RefCell<Option<Rc<Callback<(), bool>>>>>);

impl PartialEq for Clicker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Clicker {
    /// Does the next thing of the open lesson, where all is seen of what was done so far: a command is given, a question is shown, and
    /// at last the next step is opened. False where the run goes on first, or no lesson is there to be seen.
    pub(in crate::app) fn click(&self) -> bool {
        let pressed = self.0.borrow().clone();
        pressed.is_some_and(|pressed| pressed.emit(()))
    }
}

/// A step of a lesson, as somebody goes through it.
#[derive(Clone)]
pub(super) struct Going {
    pub(super) lesson: Rc<Lesson>,
    pub(super) learner: Learner,
    pub(super) put: Callback<Learner>,
    pub(super) shell: Callback<ShellAction>,
}

/// Has the clicker go through a step as long as it is on the page.
#[hook]
pub(super) fn use_clicker(clicker: &Clicker, going: Going) {
    let theatre = use_theatre();
    // The places of what was shown or done by a press: the next one goes past it.
    let shown = use_mut_ref(BTreeSet::<usize>::new);
    let clicker = clicker.clone();
    use_effect(move || {
        let pressed =
            Callback::from(move |()| is_at_end(&theatre) && going.go_on(&theatre, &mut shown.borrow_mut()));
        let pressed = Rc::new(pressed);
        clicker.0.replace(Some(pressed.clone()));
        move || {
            let is_it = clicker.0.borrow().as_ref().is_some_and(|known| Rc::ptr_eq(known, &pressed));
            if is_it {
                clicker.0.take();
            }
        }
    });
}

impl Going {
    fn go_on(&self, theatre: &Theatre, shown: &mut BTreeSet<usize>) -> bool {
        let Some(step) = self.lesson.steps.get(self.learner.step) else { return false };
        let is_next = |place: usize, block: &Block| !shown.contains(&place) && self.is_open(theatre, block);
        let next = step.blocks.iter().enumerate().find(|(place, block)| is_next(*place, block));
        if let Some((place, block)) = next {
            shown.insert(place);
            bring_into_sight(place);
            match block {
                // Whoever presses sees that it waits there; the keyboard goes on to the answers.
                Block::Question(..) => focus(&selector(place)),
                Block::Deed(deed) => play(theatre, &self.shell, deed),
                Block::File(name, text) => {
                    play(theatre, &self.shell, &Deed::File(name.clone(), text.clone()))
                }
                _ => {}
            }
            return true;
        }
        let has_next = self.learner.step + 1 < self.lesson.steps.len();
        if has_next {
            self.put.emit(Learner { step: self.learner.step + 1, ..self.learner.clone() });
        }
        has_next
    }
    /// Whether something of the step was not done yet. What leads to a solution is for a learner, and none of these.
    fn is_open(&self, theatre: &Theatre, block: &Block) -> bool {
        match block {
            Block::Deed(Deed::Wait(_)) => false,
            Block::Deed(deed) => !is_done(&theatre.session(), deed),
            Block::File(name, text) => !is_done(&theatre.session(), &Deed::File(name.clone(), text.clone())),
            Block::Question(place, _) => !self.learner.answers.contains_key(place),
            Block::Text(_) | Block::Aside(_) | Block::List(_) | Block::Goal(..) => false,
        }
    }
}

/// Whether the playhead is behind all that is told, and nothing is coming.
fn is_at_end(theatre: &Theatre) -> bool {
    let (session, playhead) = (theatre.session(), theatre.playhead());
    let story = session.timeline().story();
    let is_past = story.beats.last().is_none_or(|beat| playhead.sim() >= beat.to);
    let has_acts = !session.timeline().acts().is_empty();
    let is_coming = has_acts && playhead.is_playing() && !story.is_over() && story.rests.is_none();
    is_past && !is_coming && !theatre.is_computing()
}

/// Finds a part of the step on the page.
fn selector(place: usize) -> String {
    format!(".lesson [data-part=\"{place}\"]")
}

/// Moves a part of the step no further than its lower end is seen.
fn bring_into_sight(place: usize) {
    let part = document().query_selector(&selector(place)).ok().flatten();
    if let Some(part) = part {
        part.scroll_into_view_with_bool(false);
    }
}
