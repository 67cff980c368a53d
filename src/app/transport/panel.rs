//! What the bar opens: the search, the name of the branch, and the lanes.

use super::find::Find;
use super::lanes::LanesOfTime;
use super::placing::Placing;
use crate::app::icons;
use crate::app::shell::ShellAction;
use crate::app::splitter::{Edge, Splitter};
use crate::app::theatre::{use_revision, use_theatre};
use crate::app::words::use_words;
use podium::msg;
use podium::session::Action;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_state_eq};

#[derive(Properties, PartialEq)]
pub(super) struct PanelProps {
    pub(super) close: Callback<()>,
    /// Whether somebody has just opened it; else it has been open since the last visit.
    pub(super) is_asked_for: bool,
    /// Whether the stage asks before steps that surprise.
    pub(super) asks: bool,
    /// How much larger it is than for one reader.
    pub(super) larger: f32,
    /// How high its lanes are, where somebody has said that.
    pub(super) size: Option<i32>,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Panel(PanelProps { close, is_asked_for, asks, larger, size, shell }: &PanelProps) -> Html {
    let words = use_words();
    let query = use_state_eq(String::new);
    let is_asked = !query.trim().is_empty();
    let name = words.say(msg!("lanes.title"));
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            // A dialog over the timeline closes itself.
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is_inside = target.is_some_and(|target| target.closest("dialog").ok().flatten().is_some());
            if event.key() == "Escape" && !is_inside {
                event.prevent_default();
                event.stop_propagation();
                close.emit(());
            }
        })
    };
    html! {
        <section class="timeline" aria-label={name.clone()} {onkeydown}>
            <link rel="stylesheet" href="timeline.css" />
            <Splitter edge={Edge::Timeline} size={*size} shell={shell.clone()} />
            <div class="timeline-head">
                <h2>{ name }</h2>
                <Find query={query.clone()} is_asked_for={*is_asked_for} close={close.clone()} />
                <Name />
                <button class="tool" type="button" data-act="close-timeline" aria-label={words.say(msg!("page.close"))}
                    title={words.say(msg!("page.close"))} onclick={close.reform(|_| ())}>{ icons::cross() }</button>
            </div>
            <div class="timeline-asks">
                <label><input type="checkbox" data-act="asks" checked={*asks} onchange={shell.reform(|_| ShellAction::Asks)} />
                    { words.say(msg!("predict.switch")) }</label>
                <Placing />
            </div>
            if !is_asked { <LanesOfTime larger={*larger} /> }
        </section>
    }
}

/// The name of the branch that is looked at, once there are several; the bar chooses among them.
#[component]
fn Name() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let session = theatre.session();
    let timeline = session.timeline();
    let current = timeline.current();
    if timeline.branches() < 2 {
        return Html::default();
    }
    let onchange = {
        let theatre = theatre.clone();
        Callback::from(move |event: Event| {
            let field: HtmlInputElement = event.target_unchecked_into();
            theatre.act(Action::NameBranch(current, field.value().as_str().into()));
        })
    };
    let known = timeline.name(current).map(ToString::to_string).unwrap_or_default();
    // As the field's default, which takes the place of nothing that is being typed: the run goes on meanwhile, and
    // each of its revisions renders this anew.
    html! {
        <input class="name-field" key={format!("name-{current}")} type="text" aria-label={words.say(msg!("lanes.branch-name"))}
            placeholder={words.say(msg!("lanes.branch-name"))} maxlength="60" ~defaultValue={known} {onchange} />
    }
}
