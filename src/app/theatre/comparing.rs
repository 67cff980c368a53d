//! The run that the shown one is compared with, which is computed beside it.

use super::{BUDGET, SLICE, Theatre};
use crate::app::now::now;
use podium::session::Action;
use podium::timeline::compare::{Against, Comparison};
use std::cell::Ref;

impl Theatre {
    /// What the run is compared with; none before that was looked at.
    pub(in crate::app) fn comparison(&self) -> Ref<'_, Option<Comparison>> {
        self.0.comparison.borrow()
    }
    /// Compares the run with this.
    pub(in crate::app) fn compare_with(&self, against: Against) {
        self.act(Action::CompareWith(against));
        *self.0.comparison.borrow_mut() = None;
        self.wake();
    }
    /// Lets the comparison go on for a slice, and begins it anew where the run is another by now. True where more is to be
    /// done.
    pub(super) fn compare(&self) -> bool {
        let until = now() + SLICE;
        let at = self.playhead().sim();
        let (more, changed) = {
            let session = self.session();
            let mut comparison = self.0.comparison.borrow_mut();
            let fits = comparison.as_ref().is_some_and(|comparison| comparison.is_of(session.timeline()));
            if !fits {
                // What is shown stays, also where something else could be chosen by now.
                let shown = comparison.as_ref().filter(|shown| shown.does_as(session.timeline()));
                let against = session.against().or(shown.map(Comparison::against));
                *comparison = Comparison::new(session.timeline(), against);
            }
            let mut changed = !fits;
            if let Some(comparison) = comparison.as_mut() {
                changed |= comparison.name_branches(session.timeline());
            }
            let more = comparison.as_mut().is_some_and(|comparison| {
                loop {
                    let worked = comparison.run(at, BUDGET);
                    changed |= worked.has_changed;
                    if !worked.is_more || now() >= until {
                        break worked.is_more;
                    }
                }
            });
            (more, changed && (more || comparison.is_some()))
        };
        if changed {
            self.0.revision.set(self.0.revision.get() + 1);
            self.0.session_watchers.tell();
        }
        more
    }
}
