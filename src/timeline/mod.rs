//! The recorded run: what was done and what came of it.

mod run;

pub use run::{Act, Run};
