//! The session and the playhead, and who is told when they change.
//!
//! Both live outside of the components: the playhead moves sixty times a second, and only what shows it is drawn
//! anew. A component reads the part of the session that it draws with `use_session`, and is drawn again when
//! that part differs.

pub(super) mod asking;
mod comparing;
mod doing;
mod hooks;
pub(super) mod recorded;

use super::live::Watching;
use super::now::now;
use super::rest;
use super::storage::{self, NotKept};
use asking::Asks;
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
pub(super) use hooks::*;
use podium::cluster::time::SimTime;
use podium::recording::Again;
use podium::session::{Action, LoadError, Session, ViewName, examples};
use podium::timeline::compare::Comparison;
use podium::timeline::{Act, Acted, Command, Playhead, StageTime};
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;
use yew::Callback;

/// Where the session is kept.
const KEY: &str = "podium.session";
/// How long running and reading may take in one go, in milliseconds, so that the page stays alive.
const SLICE: f64 = 8.0;
/// How many events of the cluster run between two looks at the clock at most. In a large cluster one takes long: there they
/// are fewer.
const BUDGET: usize = 64;
/// How many of them do when what was only stored is simulated.
const PREPARED: usize = 8;
/// Two looks at the clock are to lie no further apart than this, in milliseconds.
const LOOK: f64 = 2.0;
/// With more records than these, what is recorded on is drawn less often than it comes, in milliseconds.
const MANY_RECORDS: usize = 20_000;
const DRAWN_EVERY: f64 = 200.0;
/// How many events of the cluster run before the page is first drawn.
const FIRST_BUDGET: usize = 400;
/// How long after a change the session is kept, in milliseconds: typing makes many.
const KEPT_AFTER: u32 = 400;
/// How long nothing glides after a hand has moved the playhead, in milliseconds.
const STILL_FOR: u32 = 180;
/// The longest step of the playhead in milliseconds. A page that was hidden goes on where it was.
const LONGEST_FRAME: f64 = 100.0;

/// Something that wants to know of changes.
type Watcher = (u32, Callback<()>);

#[derive(Default)]
struct Watchers {
    list: RefCell<Vec<Watcher>>,
    next: Cell<u32>,
}

impl Watchers {
    fn add(self: &Rc<Self>, watcher: Callback<()>) -> impl FnOnce() + use<> {
        let id = self.next.get();
        self.next.set(id + 1);
        self.list.borrow_mut().push((id, watcher));
        let watchers = self.clone();
        move || watchers.list.borrow_mut().retain(|(other, _)| *other != id)
    }
    fn tell(&self) {
        let list: Vec<Callback<()>> = self.list.borrow().iter().map(|(_, watcher)| watcher.clone()).collect();
        for watcher in list {
            watcher.emit(());
        }
    }
}

/// The session and the playhead. A clone is the same theatre.
#[derive(Clone)]
pub(super) struct Theatre(Rc<Inner>);

struct Inner {
    session: RefCell<Session>,
    playhead: Cell<Playhead>,
    /// Where the playhead is to stand as soon as so much has been recorded.
    target: Cell<Option<SimTime>>,
    /// Whether it plays on from there.
    plays_then: Cell<bool>,
    /// Told when the session changes, be it by an action or by what has been recorded.
    session_watchers: Rc<Watchers>,
    /// Told when the playhead moves, starts or stops.
    playhead_watchers: Rc<Watchers>,
    /// Counts the changes of the session that can be seen on the stage: all but what is typed.
    revision: Cell<u64>,
    frame: RefCell<Option<AnimationFrame>>,
    /// When the last frame was; none while there are none.
    last_frame: Cell<Option<f64>>,
    keeping: RefCell<Option<Timeout>>,
    /// Whether it is another than the page's own.
    is_aside: Cell<bool>,
    /// Whether the session could be kept when it was to be last.
    kept: Cell<Result<(), NotKept>>,
    /// Whether a hand moves the playhead: then nothing glides.
    still: Cell<bool>,
    stills: RefCell<Option<Timeout>>,
    /// How many events run between two looks at the clock.
    budget: Cell<usize>,
    /// Whether the stage has nothing new to show only because it is still being computed.
    is_computing: Cell<bool>,
    /// What is to be done as soon as the page has said that it computes.
    waiting: RefCell<Vec<Action>>,
    /// How much takes long and waits for that.
    soon: Cell<u32>,
    /// When what was recorded was told last.
    told: Cell<f64>,
    /// Whether something was recorded that was not told yet.
    is_untold: Cell<bool>,
    /// What the run is compared with, once that is looked at.
    comparison: RefCell<Option<Comparison>>,
    /// Counts the runs that were begun or opened.
    opened: Cell<u32>,
    /// Whether the playhead goes to the end as that comes, and the moment that it was told so at.
    ends: Cell<Option<SimTime>>,
    /// The simulation of the recording that is played.
    again: RefCell<Option<Again>>,
    /// The watch of a cluster that is on the stage.
    watching: RefCell<Option<Rc<Watching>>>,
    /// What is asked before steps that surprise.
    asks: Asks,
    /// Whether what was only stored may be simulated: what that takes has been fetched.
    may_prepare: Cell<bool>,
}

impl PartialEq for Theatre {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Theatre {
    /// A theatre at the moment that the session was left at.
    pub(super) fn new(session: Session) -> Theatre {
        let target = session.at();
        Theatre(Rc::new(Inner {
            session: RefCell::new(session),
            playhead: Cell::default(),
            target: Cell::new(Some(target)),
            plays_then: Cell::default(),
            session_watchers: Rc::default(),
            playhead_watchers: Rc::default(),
            revision: Cell::default(),
            frame: RefCell::default(),
            last_frame: Cell::default(),
            keeping: RefCell::default(),
            is_aside: Cell::default(),
            kept: Cell::new(Ok(())),
            still: Cell::default(),
            stills: RefCell::default(),
            budget: Cell::new(BUDGET),
            is_computing: Cell::default(),
            waiting: RefCell::default(),
            soon: Cell::default(),
            told: Cell::default(),
            is_untold: Cell::default(),
            comparison: RefCell::default(),
            opened: Cell::default(),
            ends: Cell::default(),
            again: RefCell::default(),
            watching: RefCell::default(),
            asks: Asks::default(),
            may_prepare: Cell::default(),
        }))
    }
    /// A theatre beside the page's own: nothing of it is kept.
    pub(super) fn aside(session: Session) -> Theatre {
        let theatre = Theatre::new(session);
        theatre.0.is_aside.set(true);
        theatre
    }
    /// A theatre whose stage waits for what is being computed, and goes on waiting.
    pub(super) fn computing(session: Session) -> Theatre {
        let theatre = Theatre::aside(session);
        theatre.wait();
        theatre
    }
    /// The page's own theatre, empty, while the session that a link holds is on its way.
    pub(super) fn awaiting() -> Theatre {
        let theatre = Theatre::new(Session::default());
        theatre.wait();
        theatre
    }
    fn wait(&self) {
        self.0.target.set(None);
        self.0.is_computing.set(true);
    }
    /// Whether the playhead is where it is to be, and what the run is compared with is there; with `to_the_end` every seed too.
    pub(super) fn is_settled(&self, to_the_end: bool) -> bool {
        let is_compared =
            self.session().view() == ViewName::Compare && !self.session().timeline().acts().is_empty();
        let is_there = |comparison: &Comparison| {
            comparison.is_recorded() && (!to_the_end || comparison.sweep().is_done())
        };
        self.0.target.get().is_none() && (!is_compared || self.comparison().as_ref().is_some_and(is_there))
    }
    /// The session, to be looked at. Nothing may be told to the theatre while somebody looks.
    pub(super) fn session(&self) -> Ref<'_, Session> {
        self.0.session.borrow()
    }
    pub(super) fn playhead(&self) -> Playhead {
        self.0.playhead.get()
    }
    /// Whether the session could be kept.
    pub(super) fn kept(&self) -> Result<(), NotKept> {
        self.0.kept.get()
    }
    /// Tells the playhead something.
    pub(super) fn tell(&self, command: Command) {
        if self.asks_first(command) {
            return;
        }
        let mut playhead = self.playhead();
        let from = playhead.sim();
        {
            let session = self.session();
            playhead.apply(command, session.timeline().story(), session.timeline().history());
        }
        self.0.target.set(None);
        // What is still being recorded has its end later.
        match command {
            Command::ToEnd => self.0.ends.set(self.0.ends.get().or(Some(from))),
            Command::Speed(_) => {}
            _ => self.0.ends.set(None),
        }
        self.move_to(playhead);
        self.keep_soon();
        self.wake();
    }
    /// A hand moves the playhead to a place on the stage.
    pub(super) fn scrub(&self, to: StageTime) {
        self.0.still.set(true);
        let theatre = self.clone();
        *self.0.stills.borrow_mut() = Some(Timeout::new(STILL_FOR, move || {
            theatre.0.still.set(false);
            theatre.0.playhead_watchers.tell();
        }));
        self.tell(Command::SeekStage(to));
    }
    /// Whether a hand moves the playhead.
    pub(super) fn is_still(&self) -> bool {
        self.0.still.get()
    }
    /// What is on the stage from now on is another run.
    fn is_another(&self) {
        self.0.opened.set(self.0.opened.get() + 1);
        self.0.ends.set(None);
    }
    /// How many runs were begun or opened.
    pub(super) fn opened(&self) -> u32 {
        self.0.opened.get()
    }
    /// Begins another run, and plays it from its beginning.
    pub(super) fn begin(&self, action: Action) {
        self.ask_anew();
        let speed = self.playhead().speed();
        self.0.waiting.take();
        self.is_another();
        self.0.session.borrow_mut().apply(action);
        let at = self.session().at();
        self.0.playhead.set(Playhead::default());
        self.0.target.set(Some(at));
        self.changed();
        self.keep_soon();
        self.tell(Command::Speed(speed));
        self.tell(Command::Play);
    }
    /// Opens another session at the moment that it was left at, and plays it from there where that is asked.
    pub(super) fn open(&self, session: Session, plays: bool) {
        self.ask_anew();
        let at = session.at();
        self.0.plays_then.set(plays);
        self.0.waiting.take();
        self.is_another();
        self.0.session.borrow_mut().replace(session);
        self.0.playhead.set(Playhead::default());
        self.0.target.set(Some(at));
        self.compute(true);
        self.changed();
        self.keep_soon();
        self.wake();
    }
    /// Begins another run with an example. A deletion is shown from its command on, a comparison from its requests on.
    pub(super) fn begin_example(&self, id: &'static str) {
        self.begin(Action::LoadExample(id));
        let view = examples::named(id).map_or(ViewName::Hierarchy, |example| example.view);
        let begins = |acted: &&Acted| match (view, &acted.act) {
            (ViewName::Deletion, Act::Command(line)) => line.contains(" delete "),
            (ViewName::Compare, Act::Requests(_)) => true,
            _ => false,
        };
        let begun = self.session().timeline().acts().iter().find(begins).map(|acted| acted.at);
        self.act(Action::View(view));
        if begun.is_some() {
            self.0.target.set(begun);
        }
    }
    /// Looks at another branch, at the same moment.
    pub(super) fn look_at(&self, branch: usize) {
        self.ask_anew();
        self.0.ends.set(None);
        self.act(Action::LookAt(branch));
        let at = self.session().at();
        self.0.target.set(Some(at));
        self.wake();
    }
    /// Shows what was stored of the run of a first visit. Where that cannot be, it is simulated as any other.
    pub(super) fn recall(&self) {
        self.0.session.borrow_mut().recall();
        self.0.may_prepare.set(rest::is_there());
        let theatre = self.clone();
        let prepare = move || {
            theatre.0.may_prepare.set(true);
            theatre.wake();
        };
        rest::when_it_comes(prepare).forget();
    }
    /// Simulates what was only stored, for a slice at each frame that leaves room for it. True where more is to be done for it now.
    fn prepare(&self) -> bool {
        let until = now() + SLICE / 2.0;
        while self.0.session.borrow_mut().prepare(PREPARED) {
            if now() >= until {
                return true;
            }
        }
        false
    }
    /// Begins where something is to be seen, and not with the empty cluster before it.
    pub(super) fn skip_to_beat(&self, beat: usize) {
        self.0.session.borrow_mut().run(SimTime::ZERO, FIRST_BUDGET);
        let at = self.session().timeline().story().beats.get(beat).map(|beat| beat.from);
        if let Some(at) = at {
            self.tell(Command::Seek(at));
        }
    }
    fn move_to(&self, playhead: Playhead) {
        if playhead == self.playhead() {
            return;
        }
        self.0.playhead.set(playhead);
        self.0.session.borrow_mut().show(playhead.sim());
        self.0.playhead_watchers.tell();
    }
    /// The session is another: the playhead keeps its moment, and everybody who draws it is told.
    fn changed(&self) {
        self.0.revision.set(self.0.revision.get() + 1);
        let mut playhead = self.playhead();
        {
            let session = self.session();
            let (story, history) = (session.timeline().story(), session.timeline().history());
            playhead.settle(story);
            if self.0.ends.get().is_some() {
                playhead.apply(Command::ToEnd, story, history);
            }
            if let Some(at) = self.0.target.get() {
                playhead.apply(Command::Seek(at), story, history);
                if story.end() >= at || story.is_over() {
                    self.0.target.set(None);
                    // From the end it begins again.
                    if self.0.plays_then.take() && !playhead.is_playing() {
                        playhead.apply(Command::Toggle, story, history);
                    }
                }
            }
        }
        // What was only looked for on the way to the target is not shown.
        if self.0.target.get().is_none() {
            self.move_to(playhead);
        }
        self.0.session_watchers.tell();
    }
    /// Sees to it that there is a next frame.
    pub(super) fn wake(&self) {
        let mut frame = self.0.frame.borrow_mut();
        if frame.is_none() {
            let theatre = self.clone();
            *frame = Some(request_animation_frame(move |at| theatre.frame(at)));
        }
    }
    /// One frame: the playhead moves, the run goes on for a slice.
    fn frame(&self, at: f64) {
        self.0.frame.borrow_mut().take();
        let last = self.0.last_frame.replace(Some(at)).unwrap_or(at);
        if self.0.target.get().is_none() {
            let mut playhead = self.playhead();
            let passed = (at - last).clamp(0.0, LONGEST_FRAME);
            playhead.advance(passed.round() as u32, self.session().timeline().story());
            if !self.asks_on_the_way(playhead.sim()) {
                self.move_to(playhead);
            }
        }
        let is_compared = self.session().view() == ViewName::Compare;
        let more = self.run() || is_compared && self.compare() || self.look_for_difference();
        let more = more || self.0.may_prepare.get() && self.prepare();
        if more || self.playhead().moves(self.session().timeline().story()) {
            self.wake();
        } else {
            self.0.last_frame.set(None);
            self.keep_soon();
        }
    }
    /// Whether the run is of a large cluster.
    fn is_large(&self) -> bool {
        self.session().timeline().history().records().len() > MANY_RECORDS
    }
    /// Lets the run go on for a slice. True where more is to be done now.
    fn run(&self) -> bool {
        let until = now() + SLICE;
        let at = self.0.target.get().or(self.0.ends.get()).unwrap_or(self.playhead().sim());
        let mut changed = false;
        let more = loop {
            let (more, did) = self.record(at);
            changed |= did;
            if !more || now() >= until {
                break more;
            }
        };
        let is_untold = self.0.is_untold.replace(false);
        if changed || is_untold || self.0.target.get().is_some() && !more {
            // To draw a large cluster takes longer than to let it go on. Where it is recorded far ahead of what plays, a little more of
            // it is recorded at each frame: nobody has to lay it out anew sixty times a second.
            let is_large = self.is_large();
            let plays_on = {
                let playhead = self.playhead();
                playhead.is_playing() && playhead.sim() < self.session().timeline().story().end()
            };
            if is_large && (more || plays_on) && now() < self.0.told.get() + DRAWN_EVERY {
                self.0.is_untold.set(true);
            } else {
                self.0.told.set(now());
                self.changed();
            }
        }
        let playhead = self.playhead();
        let is_at_end = || playhead.is_playing() && playhead.sim() >= self.session().timeline().story().end();
        let goes = self.0.target.get().is_some() || self.0.ends.get().is_some();
        let waits = more && (goes || is_at_end());
        self.compute(waits || self.0.soon.get() > 0);
        if !more && !self.0.is_untold.get() {
            self.0.ends.set(None);
        }
        more
    }
    /// Lets the run go on for a few events: as many as a look at the clock is worth.
    fn record(&self, at: SimTime) -> (bool, bool) {
        let (begun, budget) = (now(), self.0.budget.get());
        let went = self.0.session.borrow_mut().run(at, budget);
        let took = now() - begun;
        let next = if took > LOOK { budget / 2 } else { budget * 2 };
        self.0.budget.set(next.clamp(1, BUDGET));
        went
    }
    /// Whether the stage waits for what is being computed.
    pub(super) fn is_computing(&self) -> bool {
        self.0.is_computing.get()
    }
    fn compute(&self, computes: bool) {
        if self.0.is_computing.replace(computes) != computes {
            self.0.session_watchers.tell();
        }
    }
    /// Keeps the session for the next visit, a moment from now.
    fn keep_soon(&self) {
        let mut keeping = self.0.keeping.borrow_mut();
        if keeping.is_none() {
            let theatre = self.clone();
            *keeping = Some(Timeout::new(KEPT_AFTER, move || {
                theatre.0.keeping.borrow_mut().take();
                theatre.keep();
            }));
        }
    }
    /// The page goes: what was to be kept soon is kept now.
    fn keep_due(&self) {
        if self.0.keeping.borrow_mut().take().is_some() {
            self.keep();
        }
    }
    /// Keeps the session now.
    pub(super) fn keep(&self) {
        if self.0.is_aside.get() || storage::embedded().is_some() {
            return;
        }
        let log = self.session().to_json();
        let kept = storage::save_of_tab(KEY, &log);
        if self.0.kept.replace(kept) != kept {
            self.0.session_watchers.tell();
        }
    }
}

/// What was kept of the last visit; none on the first one.
pub(super) fn kept() -> Option<Result<Session, LoadError>> {
    storage::load_of_tab(KEY).map(|log| Session::from_json(&log))
}
