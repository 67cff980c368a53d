//! Copying: text into the clipboard.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Whether the text is in the clipboard now. A page that came over plain http from another machine has none: a link
/// stands in its field and is chosen there, so that the keyboard can copy it.
pub(super) async fn copied(text: &str) -> bool {
    let navigator = gloo::utils::window().navigator();
    let has_one = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"))
        .is_ok_and(|one| !one.is_undefined());
    has_one && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
