//! The bar above the stage while a cluster is watched: what is shown, how the connection is, what is left out, and the ways out.

use super::watching::Watching;
use crate::app::give::save;
use crate::app::theatre::{Theatre, use_playhead, use_revision, use_theatre};
use crate::app::words::{Words, use_words};
use podium::api::Kind;
use podium::msg;
use podium::recording::{Recording, Source};
use podium::timeline::Command;
use std::rc::Rc;
use yew::{AttrValue, Callback, Html, Properties, component, html};

#[derive(Clone, Properties, PartialEq)]
pub(in crate::app) struct LiveProps {
    pub(in crate::app) watching: Rc<Watching>,
}

#[component]
pub(in crate::app) fn Bar(LiveProps { watching }: &LiveProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let stop = {
        let watching = watching.clone();
        Callback::from(move |_| watching.stop())
    };
    let leave = {
        let theatre = theatre.clone();
        Callback::from(move |_| theatre.leave_recording())
    };
    let where_ = match &**watching.namespace() {
        "" => words.say(msg!("live.everywhere")),
        namespace => words.with(msg!("live.in"), &[("namespace", namespace.into())]),
    };
    let (refused, late) = (named(&watching.refused()), named(&watching.late()));
    html! {
        <section class="recorded live" aria-label={words.say(msg!("live.title"))}>
            <link rel="stylesheet" href="recorded.css" />
            <div class="recorded-head">
                <Now watching={watching.clone()} />
                <span class="recorded-what">{ words.with(msg!("live.what"), &[("count", watching.objects().into())]) }{ " " }{ where_ }</span>
                <details class="recorded-about">
                    <summary>{ words.say(msg!("live.about")) }</summary>
                    <div>
                        <p>{ words.say(msg!("live.reads")) }</p>
                        <p>{ words.say(msg!("live.secrets")) }</p>
                        <p>{ words.say(msg!("live.limit")) }</p>
                    </div>
                </details>
                <span class="live-ways">
                    <button class="button" type="button" data-act="live-stop" title={words.say(msg!("live.stop-hint"))} onclick={stop}>{ words.say(msg!("live.stop")) }</button>
                    <button class="button" type="button" data-act="go-back" title={words.say(msg!("recorded.go-back-hint"))} onclick={leave}>{ words.say(msg!("recorded.go-back")) }</button>
                </span>
            </div>
            <div role="status">
                if watching.is_lost() {
                    <p class="live-lost"><span aria-hidden="true">{ "! " }</span>{ words.say(msg!("live.lost")) }</p>
                }
                if !refused.is_empty() {
                    <p class="live-note">{ words.with(msg!("live.refused"), &[("kinds", refused.into())]) }</p>
                }
                if !late.is_empty() {
                    <p class="live-note">{ words.with(msg!("live.late"), &[("kinds", late.into())]) }</p>
                }
                if watching.has_forgotten() { <p class="live-note">{ words.say(msg!("live.forgotten")) }</p> }
            </div>
        </section>
    }
}

/// Kinds, each with what the server has answered.
fn named(kinds: &[(Kind, u16)]) -> String {
    let name = |(kind, code): &(Kind, u16)| match code {
        0 => kind.info().plural.to_owned(),
        _ => format!("{} ({code})", kind.info().plural),
    };
    kinds.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Whether the stage goes along with the cluster, and the way back to now.
#[component]
fn Now(LiveProps { watching }: &LiveProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    // Whether the connection is lost is no part of what it is given.
    use_revision(&theatre);
    let is_following = use_playhead(&theatre).is_following();
    let onclick = {
        let theatre = theatre.clone();
        Callback::from(move |_| theatre.tell(Command::Follow))
    };
    if is_following {
        let state = if watching.is_lost() { "lost" } else { "live" };
        return html! {
            <strong class="recorded-title live-now" data-live={state}><span aria-hidden="true">{ "● " }</span>{ words.say(msg!("live.title")) }</strong>
        };
    }
    html! {
        <>
            <strong class="recorded-title live-now" data-live="past">{ words.say(msg!("live.past")) }</strong>
            <button class="button button-bold live-follow" type="button" data-act="live-now" {onclick}>{ words.say(msg!("live.to-now")) }</button>
        </>
    }
}

/// The button that saves a recording whose times were written down as it was watched.
pub(in crate::app) fn save_button(words: Words, recording: &Rc<Recording>) -> Html {
    if recording.source != Source::Timed {
        return Html::default();
    }
    let onclick = {
        let recording = recording.clone();
        Callback::from(move |_| save("recording.jsonl", "application/x-ndjson", &recording.to_lines()))
    };
    let hint: AttrValue = words.say(msg!("live.save-hint"));
    html! {
        <button class="button" type="button" data-act="save-recording" title={hint} {onclick}>{ words.say(msg!("live.save")) }</button>
    }
}

/// What is said in the place of the button that applies: nothing is changed before somebody allows it.
#[component]
pub(in crate::app) fn Changes(LiveProps { watching }: &LiveProps) -> Html {
    let words = use_words();
    let theatre: Theatre = use_theatre();
    use_revision(&theatre);
    let allows = watching.allows();
    let onchange = {
        let watching = watching.clone();
        Callback::from(move |_| watching.allow(!watching.allows()))
    };
    html! {
        <div class="live-changes">
            <label>
                <input type="checkbox" data-act="live-allow" checked={allows} {onchange} />
                <span>{ words.say(msg!("live.allow")) }</span>
            </label>
            <p>{ words.say(if allows { msg!("live.allowed") } else { msg!("live.reading-only") }) }</p>
        </div>
    }
}
