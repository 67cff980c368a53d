//! Questions before steps that surprise: the stage stops where one is asked, and goes on from there.

use super::Theatre;
use podium::cluster::time::{Micros, SECOND, SimTime};
use podium::session::Session;
use podium::timeline::predictions::{self, Own, Placed, Prediction, PredictionKind, Wanted};
use podium::timeline::{Command, Grain, History, Playhead};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use yew::{Callback, hook, use_effect_with, use_force_update, use_mut_ref, use_state_eq};

/// Which questions are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) enum Asked {
    /// None.
    No,
    /// Those that somebody has placed in the session.
    #[default]
    Placed,
    /// Those that the run itself gives, too.
    All,
}

/// How far before the end of what the questions were made of they are made anew, where more is recorded by then: what is asked
/// is looked up in what comes after it.
const AHEAD: Micros = 60 * SECOND;

/// The questions of a run, and what of it they were made of.
struct Made {
    asked: Asked,
    branch: usize,
    placed: Vec<Placed>,
    beats: usize,
    is_whole: bool,
    end: SimTime,
    questions: Rc<[Rc<Prediction>]>,
}

/// What somebody has decided about the questions of what is played: of the session's own run alone.
fn placed(session: &Session) -> &[Placed] {
    if session.recording().is_some() { &[] } else { session.placed() }
}

impl Made {
    /// Whether they are still those of the run, as far as a moment. They are made once for a story: of one that is not whole yet,
    /// once more when the end of what was known comes near.
    fn are_of(&self, session: &Session, asked: Asked, until: SimTime) -> bool {
        let (timeline, story) = (session.timeline(), session.timeline().story());
        let is_near = until.0 + AHEAD > self.end.0 && story.beats.len() != self.beats;
        self.asked == asked
            && self.branch == timeline.current()
            && self.placed == placed(session)
            && self.is_whole == story.is_whole
            && !is_near
    }
}

/// What is asked, and what was.
#[derive(Default)]
pub(super) struct Asks {
    asked: Cell<Asked>,
    made: RefCell<Option<Made>>,
    now: RefCell<Option<Asking>>,
    /// What is not asked again in this run.
    done: RefCell<Vec<(PredictionKind, SimTime)>>,
    /// The run as far as the question that comes next.
    known: RefCell<Option<Rc<History>>>,
}

impl Asks {
    /// Whether a question is not asked again in this run.
    fn is_done(&self, question: &Prediction) -> bool {
        self.done.borrow().contains(&(question.kind, question.at))
    }
    /// Has it asked no more.
    fn put_away(&self, question: &Prediction) {
        if !self.is_done(question) {
            self.done.borrow_mut().push((question.kind, question.at));
        }
    }
}

/// A question that the stage waits at.
#[derive(Clone)]
struct Asking {
    question: Rc<Prediction>,
    then: Then,
}

/// How it goes on.
#[derive(Clone)]
enum Then {
    /// It played.
    Plays(Playhead),
    /// It was told so.
    Told(Command),
}

impl Theatre {
    /// Has these questions asked from now on.
    pub(in crate::app) fn ask(&self, asked: Asked) {
        let was = self.0.asks.asked.replace(asked);
        if asked == Asked::No {
            self.drop_question();
        }
        // What may be shown hangs on it.
        if was != asked {
            self.0.playhead_watchers.tell();
        }
    }
    /// Somebody has answered the question that the stage waits at, or has had the answer shown: what follows may be seen.
    pub(in crate::app) fn answer_question(&self) {
        if let Some(question) = self.question() {
            self.0.asks.put_away(&question);
            self.0.playhead_watchers.tell();
        }
    }
    /// The question that the stage waits at.
    pub(in crate::app) fn question(&self) -> Option<Rc<Prediction>> {
        self.0.asks.now.borrow().as_ref().map(|asking| asking.question.clone())
    }
    /// What is asked before the step that follows, and what could be.
    pub(in crate::app) fn questions_here(
        &self,
    ) -> (Option<SimTime>, Option<PredictionKind>, Vec<PredictionKind>) {
        let session = self.session();
        let (timeline, at) = (session.timeline(), self.playhead().sim());
        let next = timeline.story().beats.iter().find(|beat| beat.from >= at && beat.to > at);
        let Some(next) = next else { return (None, None, Vec::new()) };
        if !predictions::can_ask(next) {
            return (None, None, Vec::new());
        }
        let can = predictions::before(timeline, next).into_iter().map(|one| one.kind).collect();
        let asked = self.questions(&session, next.to);
        let is = asked.iter().find(|one| one.beat == next.index).map(|one| one.kind);
        (Some(next.from), is, can)
    }
    /// The question that somebody has written for the step at a moment.
    pub(in crate::app) fn own_at(&self, at: SimTime) -> Option<Own> {
        let session = self.session();
        let beat = session.timeline().story().beats.iter().find(|beat| beat.from == at)?;
        match &session.placed().iter().rev().find(|placed| placed.is_at(beat))?.what {
            Wanted::Own(own) => Some(own.clone()),
            _ => None,
        }
    }
    /// The questions of the run, at least as far as a moment.
    fn questions(&self, session: &Session, until: SimTime) -> Rc<[Rc<Prediction>]> {
        let asked = self.0.asks.asked.get();
        let mut made = self.0.asks.made.borrow_mut();
        if let Some(made) = made.as_ref().filter(|made| made.are_of(session, asked, until)) {
            return made.questions.clone();
        }
        let timeline = session.timeline();
        let story = timeline.story();
        let all = predictions::asked(timeline, placed(session), asked == Asked::All);
        let questions: Rc<[Rc<Prediction>]> = all.into_iter().map(Rc::new).collect();
        *made = Some(Made {
            asked,
            branch: timeline.current(),
            placed: placed(session).to_vec(),
            beats: story.beats.len(),
            is_whole: story.is_whole,
            end: story.end(),
            questions: questions.clone(),
        });
        questions
    }
    /// The first question from a moment on, before another.
    fn question_between(&self, from: SimTime, to: SimTime) -> Option<Rc<Prediction>> {
        self.next_question(from, to, to)
    }
    /// The same of the questions that are known as far as a moment.
    fn next_question(&self, from: SimTime, to: SimTime, known: SimTime) -> Option<Rc<Prediction>> {
        let asks = &self.0.asks;
        let asked = asks.asked.get();
        let session = self.session();
        if asked == Asked::No || asked == Asked::Placed && placed(&session).is_empty() {
            return None;
        }
        let questions = self.questions(&session, known);
        let is_due = |one: &&Rc<Prediction>| (from..to).contains(&one.at) && !asks.is_done(one);
        questions.iter().find(is_due).cloned()
    }
    /// Until when anything may be shown: until the next question that is still open is asked. None where all of the run may be.
    pub(in crate::app) fn until(&self) -> Option<SimTime> {
        let at = self.playhead().sim();
        let is_open = |question: &Rc<Prediction>| !self.0.asks.is_done(question);
        let asked = self.question().filter(is_open);
        asked.or_else(|| self.next_question(at, SimTime::NEVER, at)).map(|question| question.at)
    }
    /// The run as far as it may be shown then.
    pub(in crate::app) fn known(&self, until: Option<SimTime>) -> Option<Rc<History>> {
        let until = until?;
        let session = self.session();
        let whole = session.timeline().history();
        let mut known = self.0.asks.known.borrow_mut();
        let fits = known.as_ref().is_some_and(|known| known.is_known_of(whole, until));
        if !fits {
            *known = Some(Rc::new(whole.known_until(until)));
        }
        known.clone()
    }
    /// Stops at a question that lies between the playhead and a moment that it is to play to.
    pub(super) fn asks_on_the_way(&self, to: SimTime) -> bool {
        let playhead = self.playhead();
        let Some(question) = self.question_between(playhead.sim(), to) else { return false };
        let mut on = playhead;
        {
            let session = self.session();
            on.apply(Command::Seek(question.at), session.timeline().story(), session.timeline().history());
        }
        self.stop_at(question, Then::Plays(on));
        true
    }
    /// Stops at a question that a command would pass. Whatever else the playhead is told passes the question that is there.
    pub(super) fn asks_first(&self, command: Command) -> bool {
        // How fast it plays concerns no question.
        if matches!(command, Command::Speed(_)) {
            return false;
        }
        self.drop_question();
        if matches!(command, Command::ToStart) {
            self.0.asks.done.borrow_mut().clear();
        }
        // Somebody with a clicker does not play: each step is asked before as well.
        let Command::Step(Grain::Beat, true) = command else { return false };
        let from = self.playhead().sim();
        let to = {
            let session = self.session();
            session.timeline().story().step(session.timeline().history(), from, Grain::Beat, true)
        };
        let Some(question) = to.and_then(|to| self.question_between(from, to)) else { return false };
        self.stop_at(question, Then::Told(command));
        true
    }
    fn stop_at(&self, question: Rc<Prediction>, then: Then) {
        let mut playhead = self.playhead();
        playhead.stand(question.at, self.session().timeline().story());
        *self.0.asks.now.borrow_mut() = Some(Asking { question, then });
        self.move_to(playhead);
        self.0.playhead_watchers.tell();
    }
    fn drop_question(&self) {
        let dropped = self.0.asks.now.borrow_mut().take();
        if let Some(Asking { question, .. }) = dropped {
            self.0.asks.put_away(&question);
            self.0.playhead_watchers.tell();
        }
    }
    /// Goes on as if nothing had been asked.
    pub(in crate::app) fn go_on(&self) {
        let then = self.0.asks.now.borrow().as_ref().map(|asking| asking.then.clone());
        self.drop_question();
        match then {
            Some(Then::Plays(mut playhead)) => {
                // How fast it plays may have been changed meanwhile.
                let speed = Command::Speed(self.playhead().speed());
                {
                    let session = self.session();
                    playhead.apply(speed, session.timeline().story(), session.timeline().history());
                }
                self.move_to(playhead);
                self.wake();
            }
            Some(Then::Told(command)) => self.tell(command),
            None => {}
        }
    }
    /// Another run: what was asked may be asked again.
    pub(super) fn ask_anew(&self) {
        self.0.asks.now.borrow_mut().take();
        self.0.asks.done.borrow_mut().clear();
        self.0.asks.made.borrow_mut().take();
        self.0.asks.known.borrow_mut().take();
        self.0.playhead_watchers.tell();
    }
}

/// Until when anything may be shown. The component is drawn again when that is another moment.
#[hook]
pub(in crate::app) fn use_until(theatre: &Theatre) -> Option<SimTime> {
    let update = use_force_update();
    let drawn = use_mut_ref(|| None);
    let until = theatre.until();
    *drawn.borrow_mut() = until;
    {
        let theatre = theatre.clone();
        use_effect_with((), move |()| {
            let watchers = (theatre.0.playhead_watchers.clone(), theatre.0.session_watchers.clone());
            let look = Callback::from(move |()| {
                let until = theatre.until();
                if *drawn.borrow() != until {
                    drawn.replace(until);
                    update.force_update();
                }
            });
            // Between drawing and listening it may have changed.
            look.emit(());
            let (playhead, session) = (watchers.0.add(look.clone()), watchers.1.add(look));
            move || {
                playhead();
                session();
            }
        });
    }
    until
}

/// The question that the stage waits at.
#[hook]
pub(in crate::app) fn use_question(theatre: &Theatre) -> Option<Rc<Prediction>> {
    let shown = use_state_eq(|| theatre.question());
    {
        let (theatre, shown) = (theatre.clone(), shown.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.playhead_watchers.clone();
            watchers.add(Callback::from(move |()| shown.set(theatre.question())))
        });
    }
    theatre.question()
}
