//! What fields mean: a file for each language beside the page, which is fetched when a hover or an offer first asks for one.

use gloo::net::http::Request;
use js_sys::{Function, Promise};
use podium::words::Language;
use podium::words::fields::meaning;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use yew::platform::spawn_local;

/// What has come of asking for a file.
enum File {
    /// Those who wait for it: each has a name, and a function that takes what stands under it.
    Coming(Vec<(String, Function)>),
    Here(String),
}

/// The files that somebody has asked for.
#[derive(Default)]
pub(super) struct Meanings(RefCell<BTreeMap<Language, File>>);

impl Meanings {
    /// What stands in the file of a language under a name; null where it has nothing, or cannot be had.
    pub(super) fn ask(self: &Rc<Self>, language: Language, name: &str) -> Promise {
        Promise::new(&mut |resolve, _| {
            let mut files = self.0.borrow_mut();
            match files.get_mut(&language) {
                Some(File::Here(file)) => answer(Some(file), name, &resolve),
                Some(File::Coming(waiting)) => waiting.push((name.to_owned(), resolve)),
                None => {
                    files.insert(language, File::Coming(vec![(name.to_owned(), resolve)]));
                    let meanings = self.clone();
                    spawn_local(async move { meanings.came(language, fetch(language).await) });
                }
            }
        })
    }
    /// Answers those who wait. What could not be had is asked for again by the next one.
    fn came(&self, language: Language, file: Option<String>) {
        let mut files = self.0.borrow_mut();
        if let Some(File::Coming(waiting)) = files.remove(&language) {
            for (name, resolve) in waiting {
                answer(file.as_deref(), &name, &resolve);
            }
        }
        if let Some(file) = file {
            files.insert(language, File::Here(file));
        }
    }
}

async fn fetch(language: Language) -> Option<String> {
    match Request::get(&format!("fields-{language}.txt")).send().await {
        Ok(answer) if answer.ok() => answer.text().await.ok(),
        _ => None,
    }
}

fn answer(file: Option<&str>, name: &str, resolve: &Function) {
    let text = file.and_then(|file| meaning(file, name)).map_or(JsValue::NULL, JsValue::from_str);
    // A promise takes any value.
    _ = resolve.call1(&JsValue::UNDEFINED, &text);
}
