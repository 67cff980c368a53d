//! The recorded run: its state at any time, steps by event, forks from the past, the tempo that maps simulated
//! to stage time, and narration as data. Drawing never advances the simulation.
//!
//! `run` is the one driver; `history` holds what it recorded and looks it up; a `view` is the state at one time.

mod beats;
mod flights;
mod history;
mod playhead;
mod row;
mod run;
mod tempo;
mod view;

pub use beats::{Beat, Branch, Chapter, Grain, Sentence, Story};
pub use history::{Cause, History, Version, shows};
pub use playhead::{Command, Playhead, Speed};
pub use row::RowKey;
pub use run::{Act, Run};
pub use tempo::{FOLD, FOLDS_OVER, Fold, StageTime, Tempo};
pub use view::{CommandView, InFlight, View};
