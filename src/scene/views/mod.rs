//! The views: each a function from the recorded run at a time to a scene. A new view is a file or a folder here
//! and a line in [`all`].
//!
//! A view asks the run for everything that it shows and advances nothing. Places depend on the chapter, never on
//! the moment within it, so that nothing moves away while it is watched.

mod areas;
mod cluster;
mod compare;
mod deletion;
mod folds;
mod hierarchy;
mod life;
pub(super) mod objects;
mod pod;
mod silence;

#[cfg(test)]
mod crowds;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod unseen;

use super::shape::{Scene, Target};
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::timeline::compare::Comparison;
use crate::timeline::{StageTime, Story, View};
use crate::words::{self, Language};

/// What a view is to draw, where, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// The state at the time that is shown.
    pub view: View<'a>,
    /// The chapters, the beats and the tempo of the run.
    pub story: &'a Story,
    /// The same time on the stage. What is under way moves by it.
    pub at: StageTime,
    /// Width and height in pixels. A scene is as wide, and higher where its things need it.
    pub size: [f32; 2],
    /// What is chosen.
    pub selection: Option<&'a Target>,
    /// Whose words stand beside the names.
    pub language: Language,
    /// What the run is compared with; none where nobody asked for that.
    pub compare: Option<&'a Comparison>,
}

/// Stages narrower than this are a phone's: time runs downwards there.
const NARROW: f32 = 640.0;

impl Stage<'_> {
    fn say(&self, id: &str, args: &[(&str, Arg)]) -> String {
        words::text(self.language, id, args)
    }
    fn is_narrow(&self) -> bool {
        self.size[0] < NARROW
    }
    /// From when to when the chapter goes that is shown; all of the run where nothing is told.
    fn chapter(&self) -> [SimTime; 2] {
        let history = self.view.history();
        match self.story.chapter_at(self.view.at()) {
            Some(chapter) => [chapter.from, self.no_later(chapter.to)],
            None => [SimTime::ZERO, history.end()],
        }
    }
    /// A moment, or until when anything may be seen where that is earlier: before a question that is still open.
    fn no_later(&self, at: SimTime) -> SimTime {
        self.view.history().until().map_or(at, |until| until.min(at))
    }
}

/// A view.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it is called in addresses and sessions.
    pub id: &'static str,
    /// The message with its name.
    pub name: &'static str,
    /// The message that says what it shows.
    pub hint: &'static str,
    /// Draws it.
    pub draw: fn(&Stage) -> Scene,
}

/// Every view, in the order of the page.
pub fn all() -> &'static [Entry] {
    use crate::msg;
    &[
        Entry {
            id: "hierarchy",
            name: msg!("page.view-hierarchy"),
            hint: msg!("page.view-hierarchy-hint"),
            draw: hierarchy::draw,
        },
        Entry { id: "pod", name: msg!("page.view-pod"), hint: msg!("page.view-pod-hint"), draw: pod::draw },
        Entry {
            id: "life",
            name: msg!("page.view-life"),
            hint: msg!("page.view-life-hint"),
            draw: life::draw,
        },
        Entry {
            id: "deletion",
            name: msg!("page.view-deletion"),
            hint: msg!("page.view-deletion-hint"),
            draw: deletion::draw,
        },
        Entry {
            id: "cluster",
            name: msg!("page.view-cluster"),
            hint: msg!("page.view-cluster-hint"),
            draw: cluster::draw,
        },
        Entry {
            id: "compare",
            name: msg!("page.view-compare"),
            hint: msg!("page.view-compare-hint"),
            draw: compare::draw,
        },
    ]
}
