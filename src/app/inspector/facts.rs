//! What an object is and how it is: facts, conditions, Events.

use crate::app::term::Term;
use crate::app::words::Words;
use podium::api::objects::{Event, Pod, PodPhase};
use podium::api::pod_columns::{pod_columns, tells_of_containers};
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::time::WallClock;
use podium::manifest::Arg;
use podium::msg;
use podium::scene::{Hue, Target};
use podium::timeline::View;
use podium::value::{Str, Value};
use std::rc::Rc;
use yew::{Callback, Html, classes, html};

/// A heading that can be asked.
pub(super) fn asked(id: &'static str, word: yew::AttrValue) -> Html {
    html! { <Term {id} {word} /> }
}

/// A link to another object.
pub(super) fn link(key: ObjectKey, choose: &Callback<Target>) -> Html {
    let name = format!("{} {}", key.kind.info().name, key.name);
    let onclick = choose.reform(move |_| Target::Object(key.clone()));
    html! { <button class="link" type="button" {onclick}>{ name }</button> }
}

/// Phase and STATUS of a Pod beside each other, then where it is, whose it is and what it carries.
pub(super) fn facts(words: Words, view: View, object: &Object, choose: &Callback<Target>) -> Html {
    let mut rows: Vec<(Html, Html)> = Vec::new();
    if let Some(pod) = object.get::<Pod>() {
        let columns = pod_columns(pod);
        let phase = pod.status.phase.unwrap_or(PodPhase::Pending);
        let is_told = tells_of_containers(pod);
        let not_told = html! { <small>{ words.say(msg!("page.not-told")) }</small> };
        let status = if !is_told {
            not_told.clone()
        } else {
            html! { <>
                <span class={classes!("state", status_hue(pod, &columns.status).class())}>{ columns.status.to_string() }</span>
                { " " }<small>{ words.say(msg!("page.status-column-hint")) }</small>
            </> }
        };
        let phase = html! { <>
            <span class={classes!("state", phase_hue(phase).class())}>{ phase.as_str() }</span>
            { " " }<small>{ words.say(msg!("page.phase-hint")) }</small>
        </> };
        rows.push((asked("term.phase", words.say(msg!("page.phase"))), phase));
        rows.push((asked("term.status-column", words.say(msg!("page.status-column"))), status));
        let ready = if is_told {
            let restarts =
                words.with(msg!("page.restarts"), &[("count", i64::from(columns.restarts).into())]);
            html! { { format!("{} · {restarts}", columns.ready_text()) } }
        } else {
            not_told
        };
        rows.push((asked("term.readiness-probe", "READY".into()), ready));
        if !pod.spec.node_name.is_empty() {
            rows.push((asked("term.node", words.say(msg!("page.node"))), text(&pod.spec.node_name)));
        }
        if !pod.status.pod_ip.is_empty() {
            rows.push((html! { { words.say(msg!("page.address")) } }, text(&pod.status.pod_ip)));
        }
    }
    for owner in &object.meta().owner_references {
        if let Some(kind) = Kind::of(&owner.api_version, &owner.kind) {
            let namespace =
                if kind.info().namespaced { object.meta().namespace.clone() } else { Str::default() };
            rows.push((
                asked("term.owner-reference", words.say(msg!("page.owner"))),
                link(ObjectKey::new(kind, namespace, owner.name.clone()), choose),
            ));
        }
    }
    let owned: Vec<ObjectKey> = view.owned_by(&object.meta().uid).map(Object::key).collect();
    if !owned.is_empty() {
        let links = owned.into_iter().map(|key| html! { <li>{ link(key, choose) }</li> });
        rows.push((html! { { words.say(msg!("page.owned")) } }, html! { <ul>{ for links }</ul> }));
    }
    if !object.meta().labels.is_empty() {
        let labels = object
            .meta()
            .labels
            .iter()
            .map(|(key, value)| html! { <li><code>{ format!("{key}={value}") }</code></li> });
        rows.push((asked("term.label", words.say(msg!("page.labels"))), html! { <ul>{ for labels }</ul> }));
    }
    html! {
        <dl class="facts">
            { for rows.into_iter().map(|(name, fact)| html! { <><dt>{ name }</dt><dd>{ fact }</dd></> }) }
        </dl>
    }
}

fn text(text: &str) -> Html {
    html! { <code>{ text.to_owned() }</code> }
}

fn phase_hue(phase: PodPhase) -> Hue {
    match phase {
        PodPhase::Pending => Hue::Pending,
        PodPhase::Running => Hue::Running,
        PodPhase::Succeeded => Hue::Succeeded,
        PodPhase::Failed => Hue::Failed,
        PodPhase::Unknown => Hue::Unknown,
    }
}

/// The colour of what kubectl prints: a deletion's, a failure's, else the phase's.
fn status_hue(pod: &Pod, status: &str) -> Hue {
    let fails = ["Error", "BackOff", "Err", "Invalid", "OOMKilled"].iter().any(|word| status.contains(word));
    match pod.status.phase {
        _ if pod.metadata.is_terminating() => Hue::Terminating,
        _ if fails => Hue::Failed,
        phase => phase_hue(phase.unwrap_or(PodPhase::Pending)),
    }
}

/// A time as an object has it, on the stage's clock. Most of Kubernetes' times are whole seconds, and claim to be no finer.
fn stamp(wall: WallClock, time: &str) -> Option<String> {
    let told = wall.parse(time)?.clock();
    Some(if time.contains('.') { told } else { told.trim_end_matches(".0").to_owned() })
}

/// The conditions of any kind that has some: whether each holds, since when, and why.
pub(super) fn conditions(words: Words, object: &Value, wall: WallClock) -> Option<Html> {
    let conditions = object.at(&["status", "conditions"])?.as_array()?.iter().map(|condition| {
        let word = |key: &str| condition.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let holds = word("status");
        let hue = match holds.as_str() {
            "True" => Hue::Running,
            "False" => Hue::Quiet,
            _ => Hue::Unknown,
        };
        let since = stamp(wall, &word("lastTransitionTime"))
            .map(|time| words.with(msg!("page.condition-since"), &[("time", time.as_str().into())]));
        let why = [word("reason"), word("message")].into_iter().filter(|text| !text.is_empty());
        let why = why.collect::<Vec<_>>().join(": ");
        html! {
            <li>
                <span class={classes!("state", hue.class())}>{ format!("{} {holds}", word("type")) }</span>
                if let Some(since) = since { <small>{ " " }{ since }</small> }
                if !why.is_empty() { <small class="condition-why">{ why }</small> }
            </li>
        }
    });
    let conditions: Vec<Html> = conditions.collect();
    (!conditions.is_empty()).then(|| html! { <ul class="conditions">{ for conditions }</ul> })
}

/// The Events about an object, the newest last, as `kubectl describe` has them.
pub(super) fn events(words: Words, events: &[&Rc<Event>], wall: WallClock) -> Html {
    if events.is_empty() {
        return html! { <p class="quiet">{ words.say(msg!("page.events-none")) }</p> };
    }
    let rows = events.iter().map(|event| {
        let at = event.last_timestamp.as_ref().or(event.event_time.as_ref()).and_then(|at| stamp(wall, at));
        let often = if event.count > 1 { format!(" ×{}", event.count) } else { String::new() };
        let hue = (*event.kind == *"Warning").then_some(Hue::Pending.class());
        html! {
            <tr class={classes!(hue)}>
                <td>{ at }</td>
                <th scope="row">{ format!("{}{often}", event.reason) }</th>
                <td>{ event.message.to_string() }</td>
            </tr>
        }
    });
    html! { <table class="events"><tbody>{ for rows }</tbody></table> }
}

/// The arguments of a message that names an object.
pub(super) fn named(key: &ObjectKey) -> [(&'static str, Arg); 2] {
    [("kind", key.kind.info().name.into()), ("name", (&key.name).into())]
}
