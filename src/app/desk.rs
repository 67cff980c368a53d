//! The files on the page, and what is done with them.

use super::storage::{self, NotKept};
use podium::value::{Map, Str, Value, json};
use std::rc::Rc;
use yew::Reducible;

const KEY: &str = "podium.files";

/// A file: its name and its text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct File {
    pub(super) name: Str,
    pub(super) text: Str,
}

/// The files. There is always one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Desk {
    files: Vec<File>,
    active: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum DeskAction {
    /// Gives a file another text.
    Edit(Str, Str),
    /// Adds a file, under another name where there is one of its name, and opens it.
    Add(Str, Str),
    Open(Str),
    Rename(Str, Str),
    Close(Str),
}

impl Desk {
    /// What was kept; else a desk with this file.
    pub(super) fn load(first: impl FnOnce() -> Vec<File>) -> Desk {
        let kept = storage::load_map(KEY);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(Str::from);
        let files = kept.get("files").and_then(Value::as_array).unwrap_or_default().iter();
        let files = files
            .filter_map(|file| Some(File { name: text(file.get("name"))?, text: text(file.get("text"))? }));
        let mut desk = Desk { files: files.collect(), active: 0 };
        if desk.files.is_empty() {
            desk.files = first();
        }
        let active = kept.get("active").and_then(Value::as_int).and_then(|at| usize::try_from(at).ok());
        desk.active = active.filter(|at| *at < desk.files.len()).unwrap_or(0);
        desk
    }
    /// Keeps the files for the next visit.
    pub(super) fn save(&self) -> Result<(), NotKept> {
        let files = self.files.iter().map(|file| {
            let mut map = Map::new();
            map.insert("name", file.name.clone());
            map.insert("text", file.text.clone());
            Value::from(map)
        });
        let mut map = Map::new();
        map.insert("files", Value::from(files.collect::<Vec<_>>()));
        map.insert("active", self.active as i64);
        storage::save(KEY, &json::compact(&Value::from(map)))
    }
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }
    pub(super) fn active_file(&self) -> &File {
        &self.files[self.active]
    }
    fn position(&self, name: &str) -> Option<usize> {
        self.files.iter().position(|file| *file.name == *name)
    }
    /// A name that no file has: `app.yaml`, else `app-2.yaml`.
    fn free_name(&self, name: &str) -> Str {
        let (stem, end) = name.rfind('.').map_or((name, ""), |dot| name.split_at(dot));
        let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{stem}-{n}{end}")));
        let mut free = names.skip_while(|name| self.position(name).is_some());
        free.next().unwrap_or_default().into()
    }
}

impl Reducible for Desk {
    type Action = DeskAction;

    fn reduce(self: Rc<Self>, action: DeskAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            DeskAction::Edit(name, text) => {
                if let Some(at) = next.position(&name) {
                    next.files[at].text = text;
                }
            }
            DeskAction::Add(name, text) => {
                let same = next.files.iter().position(|file| file.name == name && file.text == text);
                next.active = same.unwrap_or_else(|| {
                    let name = next.free_name(&name);
                    next.files.push(File { name, text });
                    next.files.len() - 1
                });
            }
            DeskAction::Open(name) => next.active = next.position(&name).unwrap_or(next.active),
            DeskAction::Rename(name, to) => {
                if let (Some(at), None) = (next.position(&name), next.position(&to)) {
                    next.files[at].name = to;
                }
            }
            DeskAction::Close(name) => {
                if let Some(at) = next.position(&name) {
                    next.files.remove(at);
                    if next.files.is_empty() {
                        next.files.push(File { name: "new.yaml".into(), text: "".into() });
                    }
                    next.active = next.active.saturating_sub(usize::from(at < next.active));
                    next.active = next.active.min(next.files.len() - 1);
                }
            }
        }
        if next == *self { self } else { Rc::new(next) }
    }
}
