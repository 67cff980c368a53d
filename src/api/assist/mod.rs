//! What helps a person who writes a manifest: what may stand at a place, what stands there, and where it leads.
//!
//! It only answers questions about texts; it finds no mistakes and changes nothing.

mod complete;
mod hover;
mod index;
mod names;
mod place;

pub use complete::{Completion, Item, ItemKind, complete};
pub use hover::{Hover, hover};
pub use index::{Index, Site};
