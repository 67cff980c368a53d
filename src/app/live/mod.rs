//! A cluster that is watched: its API server stands beside the page, behind `kubectl proxy`. Nothing is asked before somebody
//! asks for it, and nothing is written before somebody allows it.
//!
//! What is heard becomes a recording that grows (`recording::live`). Watches come over WebSockets: of plain connections a
//! browser opens six to a server, and there are more kinds than that.

mod bar;
mod net;
mod offer;
mod prompt;
mod stream;
mod watching;

pub(super) use bar::{Bar, Changes, save_button};
pub(super) use offer::Offer;
pub(super) use prompt::Prompt;
pub(super) use watching::Watching;
