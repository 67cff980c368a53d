//! Whether something is on the screen, or will be with a little scrolling.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};
use yew::{NodeRef, hook, use_effect_with, use_state_eq};

/// How far from the screen something is near it.
const MARGIN: &str = "500px";

/// Whether an element is near the screen, now and whenever that changes.
#[hook]
pub(super) fn use_near(node: &NodeRef) -> bool {
    let near = use_state_eq(|| false);
    {
        let (node, near) = (node.clone(), near.clone());
        use_effect_with((), move |()| {
            let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
                // The last one is how it is now.
                let last = entries.get(entries.length().saturating_sub(1));
                if let Ok(entry) = last.dyn_into::<IntersectionObserverEntry>() {
                    near.set(entry.is_intersecting());
                }
            });
            let options = IntersectionObserverInit::new();
            options.set_root_margin(MARGIN);
            let observer =
                IntersectionObserver::new_with_options(closure.as_ref().unchecked_ref(), &options).ok();
            if let (Some(observer), Some(element)) = (&observer, node.cast::<Element>()) {
                observer.observe(&element);
            }
            move || {
                if let Some(observer) = &observer {
                    observer.disconnect();
                }
                drop(closure);
            }
        });
    }
    *near
}
