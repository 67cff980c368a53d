//! A button that opens a list below it.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent, HtmlElement, HtmlSelectElement, KeyboardEvent, MouseEvent, Node};
use yew::{AttrValue, Callback, Children, Html, Properties, TargetCast, component, html, use_node_ref};

#[derive(Properties, PartialEq)]
pub(super) struct MenuProps {
    /// What the button is called, for those who do not see it.
    pub(super) label: AttrValue,
    /// What is on the button.
    pub(super) face: Html,
    #[prop_or("tool")]
    pub(super) class: &'static str,
    /// The role of the list, where its items are choices of which one holds.
    #[prop_or_default]
    pub(super) role: Option<&'static str>,
    /// Hears whether the list is open.
    #[prop_or_default]
    pub(super) toggled: Option<Callback<bool>>,
    /// The items; a click on one closes the list.
    pub(super) children: Children,
}

/// The list is a `<details>`, so it opens without help; Escape, a choice and a click elsewhere close it.
#[component]
pub(super) fn Menu(props: &MenuProps) -> Html {
    let details = use_node_ref();
    let close = {
        let details = details.clone();
        move || {
            if let Some(details) = details.cast::<Element>() {
                _ = details.remove_attribute("open");
            }
        }
    };
    let onkeydown = {
        let (close, details) = (close.clone(), details.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(details) = details.cast::<Element>().filter(|details| details.has_attribute("open"))
            else {
                return;
            };
            // In a list of choices the arrows are that list's.
            let is_choice = event.target_dyn_into::<HtmlSelectElement>().is_some();
            match event.key().as_str() {
                "ArrowDown" | "ArrowUp" if is_choice => {}
                "Escape" => {
                    close();
                    event.stop_propagation();
                    focus(details.query_selector("summary").ok().flatten());
                }
                "ArrowDown" => move_focus(&details, 1, &event),
                "ArrowUp" => move_focus(&details, -1, &event),
                _ => {}
            }
        })
    };
    let onfocusout = {
        let (close, details) = (close.clone(), details.clone());
        Callback::from(move |event: FocusEvent| {
            let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            let stays = details.cast::<Node>().is_some_and(|details| details.contains(to.as_ref()));
            // Without a next focus the window may have lost it, or a click on nothing follows.
            if !stays {
                close();
            }
        })
    };
    let onclick = Callback::from(move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest(".menu-item").ok().flatten().is_some()) {
            close();
        }
    });
    // Safari does not focus buttons on a click, and the list would close before the click arrives.
    let onmousedown = Callback::from(|event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        // A list of choices would not open.
        let is_choice = |target: &Element| target.closest("label").ok().flatten().is_some();
        if target.is_some_and(|target| {
            target.closest(".menu-list").ok().flatten().is_some() && !is_choice(&target)
        }) {
            event.prevent_default();
        }
    });
    let ontoggle = props.toggled.clone().map(|toggled| {
        let details = details.clone();
        Callback::from(move |_: Event| {
            toggled.emit(details.cast::<Element>().is_some_and(|details| details.has_attribute("open")));
        })
    });
    html! {
        <details class="menu" ref={details} {onkeydown} {onfocusout} {ontoggle}>
            <summary class={props.class} aria-label={props.label.clone()} title={props.label.clone()}>
                { props.face.clone() }
            </summary>
            <div class="menu-list" role={props.role} aria-label={props.role.map(|_| props.label.clone())} {onclick} {onmousedown}>{ props.children.clone() }</div>
        </details>
    }
}

fn move_focus(details: &Element, by: i32, event: &KeyboardEvent) {
    event.prevent_default();
    let Ok(items) = details.query_selector_all(".menu-item") else { return };
    let active = gloo::utils::document().active_element();
    let count = items.length() as i32;
    let at = (0..count).find(|at| {
        let item = items.item(*at as u32).and_then(|item| item.dyn_into::<Element>().ok());
        item.is_some() && item == active
    });
    let next = match at {
        Some(at) => (at + by).rem_euclid(count.max(1)),
        None if by > 0 => 0,
        None => count - 1,
    };
    focus(items.item(next as u32).and_then(|item| item.dyn_into().ok()));
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        _ = element.focus();
    }
}
