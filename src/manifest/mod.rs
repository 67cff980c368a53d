//! YAML text to a tree with spans, to documents and to diagnostics. Reading never fails and never panics: what
//! was understood is returned, with what is wrong beside it.
//!
//! It never knows what a Deployment is.

mod diagnostic;
mod node;
mod span;

pub use diagnostic::{Arg, Diagnostic, Edit, Fix, Severity, apply_edits, indent_edit};
pub use node::{Document, Entry, Node, NodeKind, Parsed};
pub use span::{LineIndex, Span};
