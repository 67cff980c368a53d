//! The recorded run: its state at any time, steps by event, forks from the past, the tempo that maps simulated
//! to stage time, and narration as data. Drawing never advances the simulation.
//!
//! `run` is the one driver; `history` holds what it recorded and looks it up; a `view` is the state at one time. A
//! `line` records a run as far as it is needed, `made` knows what in it has a name of chance, `branches` are the lines of a session. The `teller` makes chapters
//! and `beats` of the records, in a `tempo`; the `playhead` moves through them. `compare` holds a run beside another,
//! `predictions` are what can be asked before a step. What somebody asks "Why?" about is a `target`: `why` tells the
//! chain of its causes, `reasons` what stands before it.

mod asked;
mod beats;
mod branches;
pub mod compare;
mod deep;
mod differs;
pub mod find;
mod flights;
mod here;
mod history;
mod line;
mod made;
mod playhead;
pub mod predictions;
mod reasons;
mod row;
mod run;
mod target;
mod teller;
mod tempo;
mod view;
mod why;

pub use asked::{Asked, asked, printed};
pub use beats::{Beat, Branch, Chapter, Grain, Sentence, Story};
pub use branches::{Done, Origin, Timeline};
pub use deep::{Deep, deep};
pub use differs::{Differs, differs};
pub use here::here;
pub use history::{Cause, History, Version, shows};
pub use line::{AHEAD, Acted, MOST_RECORDS, Start};
pub use playhead::{Command, Playhead, Speed};
pub use reasons::{reasons, who};
pub use row::RowKey;
pub use run::{Act, Run};
pub use target::{Presence, Target};
pub use tempo::{FOLD, FOLDS_OVER, Fold, OPEN_MOST, StageTime, Tempo};
pub use view::{CommandView, InFlight, View};
pub use why::{Applied, Why};
