//! Whether the page is as narrow as a phone: the same width as in the stylesheets.

use gloo::events::EventListener;
use web_sys::MediaQueryList;
use yew::{hook, use_effect_with, use_state_eq};

fn narrow() -> Option<MediaQueryList> {
    gloo::utils::window().match_media("(max-width: 720px)").ok().flatten()
}

/// Whether it is now.
pub(super) fn is_phone() -> bool {
    narrow().is_some_and(|narrow| narrow.matches())
}

/// The same for what is drawn, which is drawn again when it is another.
#[hook]
pub(super) fn use_phone() -> bool {
    let is = use_state_eq(is_phone);
    let setter = is.setter();
    use_effect_with((), move |()| {
        let turned = move |narrow: MediaQueryList| {
            EventListener::new(&narrow, "change", move |_| setter.set(is_phone()))
        };
        let listener = narrow().map(turned);
        move || drop(listener)
    });
    *is
}
