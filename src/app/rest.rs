//! The second half of the page's wasm, which a first visit does without (`static/start.js`).

use gloo::events::EventListener;
use yew::{hook, use_effect_with, use_state_eq};

/// What the document hears when it is there.
const CAME: &str = "podium-rest";

/// Whether it is there. A single file has all of it from the beginning.
pub(super) fn is_there() -> bool {
    gloo::utils::document_element().has_attribute("data-rest")
}

/// Calls back once when it comes.
pub(super) fn when_it_comes(then: impl FnOnce() + 'static) -> EventListener {
    EventListener::once(&gloo::utils::document(), CAME, move |_| then())
}

/// Whether it is there. The component is drawn again when it comes.
#[hook]
pub(super) fn use_rest() -> bool {
    let there = use_state_eq(is_there);
    {
        let there = there.clone();
        use_effect_with((), move |()| {
            let listener = {
                let there = there.clone();
                when_it_comes(move || there.set(true))
            };
            // Between drawing and listening it may have come.
            there.set(is_there());
            move || drop(listener)
        });
    }
    *there
}
