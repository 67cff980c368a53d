//! Files that are dropped onto the page.

use podium::manifest::{Arg, MAX_BYTES};
use podium::msg;
use podium::value::Str;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File};
use yew::{Callback, hook, use_effect_with, use_state_eq};

/// What came of a dropped file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dropped {
    /// Its name and its text.
    Text(Str, Str),
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
                        for at in 0..files.as_ref().map_or(0, |files| files.length()) {
                            if let Some(file) = files.as_ref().and_then(|files| files.get(at)) {
                                read(file, dropped.clone());
                            }
                        }
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

/// Reads a file, and tells of it once that is done.
pub(super) fn read(file: File, dropped: Callback<Dropped>) {
    let name: Str = file.name().into();
    let size = file.size();
    if size > MAX_BYTES as f64 {
        let args = vec![
            ("file", (&name).into()),
            ("size", Arg::Bytes(size as u64)),
            ("limit", Arg::bytes(MAX_BYTES)),
        ];
        dropped.emit(Dropped::LeftOut(msg!("page.drop-too-large"), args));
        return;
    }
    yew::platform::spawn_local(async move {
        let bytes = gloo::file::futures::read_as_bytes(&gloo::file::Blob::from(file)).await;
        dropped.emit(match bytes.map(String::from_utf8) {
            Ok(Ok(text)) if !text.contains('\0') => {
                Dropped::Text(name, text.trim_start_matches('\u{feff}').into())
            }
            _ => Dropped::LeftOut(msg!("page.drop-not-text"), vec![("file", (&name).into())]),
        });
    });
}
