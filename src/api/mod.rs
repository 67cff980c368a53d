//! The Kubernetes objects, the table of kinds, and what reads a text into them. It never acts.

pub mod check;
pub mod conditions;
mod go;
pub mod kinds;
pub mod labels;
pub mod objects;
pub mod patch;
pub mod quantity;

pub use kinds::{Kind, ObjectKey};
pub use objects::Object;
