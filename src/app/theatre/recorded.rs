//! What a real cluster did, on the stage in the place of the run.

use super::{BUDGET, SLICE, Theatre, now};
use podium::cluster::time::SimTime;
use podium::recording::{Again, Outcome, Recording};
use podium::session::Action;
use podium::timeline::{Command, Playhead};
use podium::value::Str;
use std::rc::Rc;

/// What is known of the first difference.
#[derive(Clone, PartialEq)]
pub(in crate::app) enum Compared {
    /// The simulation goes on.
    Comes,
    /// It is done; with whether the whole recording was compared, and what of its manifests was refused.
    Came(Outcome, bool, Option<Str>),
}

impl Theatre {
    /// Whether a recording is played.
    pub(in crate::app) fn is_recorded(&self) -> bool {
        self.session().recording().is_some()
    }
    /// Plays a recording from its beginning, or shows it at a moment.
    pub(in crate::app) fn play_recording(&self, recording: Rc<Recording>, at: Option<SimTime>) {
        let speed = self.playhead().speed();
        self.0.waiting.take();
        *self.0.again.borrow_mut() = Some(Again::new(recording.clone()));
        self.0.session.borrow_mut().apply(Action::PlayRecording(recording));
        self.0.playhead.set(Playhead::default());
        self.0.plays_then.set(false);
        self.0.target.set(None);
        self.changed();
        self.tell(Command::Speed(speed));
        match at {
            Some(at) => self.tell(Command::Seek(at)),
            None => self.tell(Command::Play),
        }
    }
    /// Leaves the recording: the run is there again, at its moment.
    pub(in crate::app) fn leave_recording(&self) {
        let speed = self.playhead().speed();
        *self.0.again.borrow_mut() = None;
        self.0.session.borrow_mut().apply(Action::LeaveRecording);
        let at = self.session().at();
        self.0.playhead.set(Playhead::default());
        self.tell(Command::Speed(speed));
        self.0.target.set(Some(at));
        self.changed();
        self.keep_soon();
        self.wake();
    }
    /// What is known of where the recording differs from its simulation; none where no recording is played.
    pub(in crate::app) fn compared(&self) -> Option<Compared> {
        let again = self.0.again.borrow();
        let again = again.as_ref().filter(|_| self.is_recorded())?;
        Some(match again.outcome() {
            Some(outcome) => {
                Compared::Came(outcome.clone(), again.is_whole(), again.refused().first().cloned())
            }
            None => Compared::Comes,
        })
    }
    /// Lets the simulation of the recording go on for a slice. True where more is to be done.
    pub(super) fn look_for_difference(&self) -> bool {
        if !self.is_recorded() {
            return false;
        }
        {
            let mut again = self.0.again.borrow_mut();
            let Some(again) = again.as_mut().filter(|again| again.outcome().is_none()) else { return false };
            let until = now() + SLICE;
            while again.run(BUDGET) {
                if now() >= until {
                    return true;
                }
            }
        }
        // Whoever is told looks at what came of it.
        self.0.revision.set(self.0.revision.get() + 1);
        self.0.session_watchers.tell();
        false
    }
}
