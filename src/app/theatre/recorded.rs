//! What a real cluster did, on the stage in the place of the run.

use super::{BUDGET, SLICE, Theatre, now};
use crate::app::live::Watching;
use podium::cluster::time::SimTime;
use podium::recording::live::Grown;
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
        if !recording.is_live {
            self.set_watching(None);
        }
        self.is_another();
        *self.0.again.borrow_mut() = (!recording.is_live).then(|| Again::new(recording.clone()));
        self.0.session.borrow_mut().apply(Action::PlayRecording(recording));
        self.ask_anew();
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
    /// Plays along with a cluster that is watched; none who is behind is brought forward.
    pub(in crate::app) fn follow(&self, recording: Rc<Recording>, at: Option<SimTime>) {
        let is_following = at.is_none() || self.playhead().is_following();
        let end = recording.end;
        self.play_recording(recording, Some(at.unwrap_or(end)));
        if is_following {
            self.tell(Command::Follow);
        }
    }
    /// The watch of a cluster, where one is on the stage.
    pub(in crate::app) fn watching(&self) -> Option<Rc<Watching>> {
        self.0.watching.borrow().clone()
    }
    /// A cluster is watched, or no more.
    pub(in crate::app) fn set_watching(&self, watching: Option<Rc<Watching>>) {
        let before = self.0.watching.replace(watching);
        if let Some(before) = before {
            before.end();
        }
        self.watching_changed();
    }
    /// Something is to be said of the watch.
    pub(in crate::app) fn watching_changed(&self) {
        self.0.revision.set(self.0.revision.get() + 1);
        self.0.session_watchers.tell();
    }
    /// The recording of a cluster that is watched has grown.
    pub(in crate::app) fn grow(&self, grown: Grown) {
        self.0.session.borrow_mut().grow(grown);
        self.changed();
        self.wake();
    }
    /// Leaves the recording: the run is there again, at its moment.
    pub(in crate::app) fn leave_recording(&self) {
        self.set_watching(None);
        let speed = self.playhead().speed();
        *self.0.again.borrow_mut() = None;
        self.is_another();
        self.0.session.borrow_mut().apply(Action::LeaveRecording);
        self.ask_anew();
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
