//! The table of `kubectl get`.

use super::columns::{self, labels};
use super::tabs;
use crate::api::Kind;
use crate::api::custom::definition::Column;
use crate::kubectl::custom::cell;
use crate::kubectl::fields::{name, text};
use crate::value::{Str, Value};
use std::rc::Rc;

/// What a table shows besides the columns of its kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// The columns of `-o wide`.
    pub(crate) is_wide: bool,
    /// The titles.
    pub(crate) has_titles: bool,
    /// The Namespace before the name.
    pub(crate) has_namespace: bool,
    /// The kind in the name, as `pod/web`.
    pub(crate) has_kind: bool,
    /// All labels behind.
    pub(crate) has_labels: bool,
    /// A column for each of these labels.
    pub(crate) labels: Vec<Str>,
    /// The columns of a kind that is no built-in one.
    pub(crate) columns: Rc<[Column]>,
}

/// A table of objects of one kind; `now` in microseconds since 1970.
pub(crate) fn table(kind: Kind, values: &[Value], look: &Look, now: u64) -> String {
    let text: String = lines(kind, values, look, now).iter().map(|cells| cells.join("\t") + "\n").collect();
    tabs::align(&text, 6, 3)
}

/// The cells of its lines.
pub(crate) fn lines(kind: Kind, values: &[Value], look: &Look, now: u64) -> Vec<Vec<String>> {
    let columns = columns::of(kind, values);
    let is_defined = kind.is_custom() && !look.columns.is_empty();
    let titles: Vec<(String, bool)> = if is_defined {
        let defined = look.columns.iter().map(|column| (column.name.to_uppercase(), column.is_wide));
        std::iter::once(("NAME".to_owned(), false)).chain(defined).collect()
    } else {
        columns.titles.iter().map(|(title, is_wide)| ((*title).to_owned(), *is_wide)).collect()
    };
    let shown: Vec<bool> = titles.iter().map(|(_, is_wide)| look.is_wide || !is_wide).collect();
    let mut lines = Vec::new();
    if look.has_titles {
        let mut cells: Vec<String> = Vec::new();
        if look.has_namespace {
            cells.push("NAMESPACE".into());
        }
        cells.extend(
            titles.iter().zip(&shown).filter(|(_, shown)| **shown).map(|((title, _), _)| title.clone()),
        );
        cells
            .extend(look.labels.iter().map(|label| label.rsplit('/').next().unwrap_or(label).to_uppercase()));
        if look.has_labels {
            cells.push("LABELS".into());
        }
        lines.push(cells);
    }
    for value in values {
        let mut cells = Vec::new();
        if look.has_namespace {
            cells.push(text(value, &["metadata", "namespace"]).to_owned());
        }
        let row = if is_defined {
            let cells = look.columns.iter().map(|column| cell(column, value, now));
            std::iter::once(name(value).to_owned()).chain(cells).collect()
        } else {
            (columns.row)(value, now)
        };
        for (i, cell) in row.into_iter().enumerate().filter(|(i, _)| shown[*i]) {
            let is_name = titles[i].0 == "NAME" && i == 0;
            let cell = if is_name && look.has_kind { format!("{}/{cell}", kind.singular()) } else { cell };
            cells.push(one_line(&cell));
        }
        cells.extend(look.labels.iter().map(|label| match text(value, &["metadata", "labels", label]) {
            "" => "<none>".to_owned(),
            label => label.to_owned(),
        }));
        if look.has_labels {
            cells.push(labels(value, &["metadata", "labels"]));
        }
        lines.push(cells);
    }
    lines
}

/// What is longer than a line is cut.
fn one_line(cell: &str) -> String {
    match cell.find(['\n', '\r', '\u{c}']) {
        Some(end) => format!("{}...", &cell[..end]),
        None => cell.to_owned(),
    }
}
