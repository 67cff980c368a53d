//! The Kubernetes objects, the table of kinds, and what reads a text into them. It never acts.

pub mod kinds;
pub mod objects;

pub use kinds::{Kind, ObjectKey};
pub use objects::Object;
