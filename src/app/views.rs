//! The views as tabs of the page.

use super::shell::ViewId;
use podium::msg;

/// A tab.
#[derive(Debug)]
pub(super) struct Tab {
    pub(super) id: ViewId,
    /// The messages of its name and of what it shows.
    pub(super) name: &'static str,
    pub(super) hint: &'static str,
}

pub(super) const VIEWS: &[Tab] = &[
    Tab { id: "hierarchy", name: msg!("page.view-hierarchy"), hint: msg!("page.view-hierarchy-hint") },
    Tab { id: "pod", name: msg!("page.view-pod"), hint: msg!("page.view-pod-hint") },
    Tab { id: "deletion", name: msg!("page.view-deletion"), hint: msg!("page.view-deletion-hint") },
];
