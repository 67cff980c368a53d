//! Files that are dropped onto the page.

use podium::manifest::{Arg, MAX_BYTES};
use podium::msg;
use podium::recording::{self, is_recorded};
use podium::value::Str;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File};
use yew::{Callback, hook, use_effect_with, use_state_eq};

/// What came of a dropped file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dropped {
    /// Its name and its text.
    Text(Str, Str),
    /// What a real cluster did: the names and the texts of its files.
    Recorded(Vec<(Str, Str)>),
    /// A message that says why it was left out, with its arguments.
    LeftOut(&'static str, Vec<(&'static str, Arg)>),
}

/// Takes files that are dropped anywhere. Gives whether some are held over the page.
#[hook]
pub(super) fn use_drop(dropped: Callback<Dropped>) -> bool {
    let over = use_state_eq(|| false);
    {
        let over = over.clone();
        use_effect_with(dropped, move |dropped| {
            let document = gloo::utils::document();
            let options = gloo::events::EventListenerOptions::enable_prevent_default();
            let listen = |kind: &'static str, listener: Box<dyn Fn(&DragEvent)>| {
                gloo::events::EventListener::new_with_options(&document, kind, options, move |event| {
                    if let Some(event) = event.dyn_ref::<DragEvent>().filter(|event| has_files(event)) {
                        event.prevent_default();
                        listener(event);
                    }
                })
            };
            let (enters, leaves, drops) = (over.clone(), over.clone(), over.clone());
            let dropped = dropped.clone();
            let listeners = [
                listen("dragover", Box::new(move |_| enters.set(true))),
                // Leaving an element for one within it names that one; leaving the page names none.
                listen(
                    "dragleave",
                    Box::new(move |event| {
                        if event.related_target().is_none() {
                            leaves.set(false);
                        }
                    }),
                ),
                listen(
                    "drop",
                    Box::new(move |event| {
                        drops.set(false);
                        let files = event.data_transfer().and_then(|data| data.files());
                        let files = (0..files.as_ref().map_or(0, |files| files.length()))
                            .filter_map(|at| files.as_ref()?.get(at))
                            .collect();
                        yew::platform::spawn_local(read_all(files, dropped.clone()));
                    }),
                ),
            ];
            move || drop(listeners)
        });
    }
    *over
}

fn has_files(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|data| data.types());
    types.is_some_and(|types| types.iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}

/// Reads files, and tells of each once that is done. What a real cluster did is one, be it in several files.
async fn read_all(files: Vec<File>, dropped: Callback<Dropped>) {
    let mut recorded = Vec::new();
    for file in files {
        match read(file).await {
            Dropped::Text(name, text) if is_recorded(&text) => recorded.push((name, text)),
            other => dropped.emit(other),
        }
    }
    if !recorded.is_empty() {
        dropped.emit(Dropped::Recorded(recorded));
    }
}

/// Reads a file: its text, also of what a real cluster did, or why it is left out.
pub(super) async fn read(file: File) -> Dropped {
    let name: Str = file.name().into();
    let size = file.size();
    let too_large = |message, limit| {
        let args =
            vec![("file", (&name).into()), ("size", Arg::Bytes(size as u64)), ("limit", Arg::bytes(limit))];
        Dropped::LeftOut(message, args)
    };
    if size > recording::MAX_BYTES as f64 {
        return too_large(msg!("recorded.too-large"), recording::MAX_BYTES);
    }
    let bytes = gloo::file::futures::read_as_bytes(&gloo::file::Blob::from(file)).await;
    let text: Str = match bytes.map(String::from_utf8) {
        Ok(Ok(text)) if !text.contains('\0') => text.trim_start_matches('\u{feff}').into(),
        _ => return Dropped::LeftOut(msg!("page.drop-not-text"), vec![("file", (&name).into())]),
    };
    if is_recorded(&text) {
        return Dropped::Text(name, text);
    }
    // A watch is nothing but that: it is no manifest that somebody may want to mend.
    let is_watch = name.ends_with(".jsonl");
    match (text.trim().is_empty(), is_watch) {
        (true, _) if is_watch || name.ends_with(".json") => {
            Dropped::LeftOut(msg!("recorded.empty"), Vec::new())
        }
        (_, true) => Dropped::LeftOut(msg!("recorded.no-objects"), Vec::new()),
        _ if text.len() > MAX_BYTES => too_large(msg!("page.drop-too-large"), MAX_BYTES),
        _ => Dropped::Text(name, text),
    }
}
