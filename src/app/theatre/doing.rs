//! What a person does: at once, or, where it takes long, as soon as the page has said that it computes.

use super::Theatre;
use crate::app::now::now;
use gloo::timers::callback::Timeout;
use podium::cluster::time::SimTime;
use podium::session::Action;
use podium::timeline::Command;

/// How long an answer is looked for when a command is given, in milliseconds.
const ANSWER: f64 = 40.0;
/// With more text than this in its files a command takes long: the page says so before it begins.
const LARGE: usize = 60_000;
/// How long the page has to draw that, in milliseconds.
const DRAWN_WITHIN: u32 = 40;

impl Theatre {
    /// Does something in the session.
    pub(in crate::app) fn act(&self, action: Action) {
        let is_typed = matches!(action, Action::EditFile(..));
        self.0.session.borrow_mut().apply(action);
        // A key in a text changes nothing of the run: who draws that has nothing to do.
        if is_typed {
            self.0.session_watchers.tell();
        } else {
            self.changed();
        }
        self.keep_soon();
        self.wake();
    }
    /// Says that the page computes, and does what takes long once that is drawn.
    pub(in crate::app) fn soon(&self, work: impl FnOnce() + 'static) {
        self.0.soon.set(self.0.soon.get() + 1);
        self.compute(true);
        let theatre = self.clone();
        Timeout::new(DRAWN_WITHIN, move || {
            theatre.0.soon.set(theatre.0.soon.get() - 1);
            work();
            theatre.wake();
        })
        .forget();
    }
    /// Does something in the run at the playhead, and plays what comes of it. An answer that changes nothing is there at
    /// once, whether the stage plays or stands.
    pub(in crate::app) fn perform(&self, action: Action) {
        if self.is_recorded() {
            return;
        }
        let size: usize = self.session().files().iter().map(|file| file.text.len()).sum();
        if size <= LARGE {
            return self.perform_now(action);
        }
        self.0.waiting.borrow_mut().push(action);
        let theatre = self.clone();
        // The first that is due does them all, in their order.
        self.soon(move || {
            theatre.0.waiting.take().into_iter().for_each(|action| theatre.perform_now(action))
        });
    }
    fn perform_now(&self, action: Action) {
        // What is done now makes another run of what comes.
        self.ask_anew();
        let is_asked = matches!(action, Action::Command(_) | Action::Apply);
        self.act(action);
        let answered = if is_asked { self.answered() } else { None };
        self.0.target.set(answered);
        self.0.ends.set(None);
        self.changed();
        if answered.is_none() {
            self.tell(Command::Play);
        }
        self.wake();
    }
    /// When the last command has answered, as far as that is recorded within a slice.
    fn answered(&self) -> Option<SimTime> {
        let until = now() + ANSWER;
        loop {
            let at = self.session().at();
            let more = self.record(at).0;
            let answered = self.session().answered();
            if answered.is_some() || !more || now() >= until {
                return answered;
            }
        }
    }
}
