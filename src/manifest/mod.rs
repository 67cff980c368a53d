//! YAML text to a tree with spans, to documents and to diagnostics. Reading never fails and never panics: what
//! was understood is returned, with what is wrong beside it.
//!
//! It never knows what a Deployment is.
//!
//! `yaml` is the adapter to the parser, `blocks` reads what does not need it, `tree` makes the tree, `scalar` says what a scalar is, `mistakes` names
//! what stopped the reading, `doubts` what could be read and was hardly meant, and `refusal` has the words of
//! kubectl for it.

mod blocks;
mod bytes;
mod diagnostic;
mod doubts;
mod entries;
mod fold;
mod foreign;
mod format;
mod json;
mod lines;
mod mistakes;
mod node;
mod note;
mod origin;
mod prose;
mod read;
mod refusal;
mod scalar;
mod shuffle;
mod span;
mod steps;
mod template;
mod tokens;
mod tree;
mod yaml;

#[cfg(test)]
mod tests;

pub use bytes::decode;
pub use diagnostic::{Arg, Diagnostic, Edit, Fix, Severity, apply_edits, indent_edit};
pub use doubts::missing_space_after_colon;
pub use fold::folds;
pub use format::{NotFormatted, format};
pub(crate) use json::go_error as go_json_error;
pub use node::{Document, Entry, Node, NodeKind, Parsed};
pub use note::{Note, NoteManifest, note};
pub use read::{document_at, parse, parse_in_steps, parse_recalling};
pub use shuffle::shuffle;
pub use span::{LineIndex, Span, Units};
pub use steps::at_once;
pub use tokens::{Token, TokenKind, tokens};

/// How deep collections may be within one another. kubectl reads 10,000 levels; no manifest has more than some
/// dozens, and whoever walks the tree may recurse.
pub const MAX_DEPTH: usize = 256;

/// How many values aliases may make in a text, all together.
pub const MAX_ALIAS_NODES: usize = 100_000;

/// How many diagnostics a text gets; a mistake that is everywhere is no clearer for being told more often.
pub const MAX_DIAGNOSTICS: usize = 1_000;

/// How long a text may be, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;

/// How long a request to the API server may be, in bytes (`DefaultMaxRequestBodySize` in apiserver
/// `pkg/server/config.go`).
pub const MAX_REQUEST_BYTES: usize = 3 * 1024 * 1024;
