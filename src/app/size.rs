//! How large an element is, now and after each change.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::{NodeRef, hook, use_effect_with, use_state_eq};

/// The width and height of an element in whole pixels; zero until it is there.
#[hook]
pub(super) fn use_size(node: &NodeRef) -> (f32, f32) {
    let size = use_state_eq(|| (0.0, 0.0));
    {
        let (node, size) = (node.clone(), size.clone());
        use_effect_with((), move |()| {
            let element = node.cast::<Element>();
            let measure = {
                let element = element.clone();
                move || {
                    if let Some(element) = &element {
                        size.set((element.client_width() as f32, element.client_height() as f32));
                    }
                }
            };
            measure();
            let closure = Closure::<dyn FnMut(Array)>::new(move |_| measure());
            let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = &observer {
                    observer.disconnect();
                }
                drop(closure);
            }
        });
    }
    *size
}
