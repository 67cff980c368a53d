//! The Yew components, one a file.

use yew::{Html, component, html};

/// The whole page.
#[component]
pub(crate) fn App() -> Html {
    html! { <h1>{ "Podium" }</h1> }
}
