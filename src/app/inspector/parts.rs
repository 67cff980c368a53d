//! What the inspector shows of what is no object: a process, a message between two parts of the cluster, a request to a Service.
//! And the lists of them from which each can be chosen.

use super::facts::link;
use super::{Context, section};
use podium::api::objects::{Pod, Service};
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::record::{Fact, MessageKind};
use podium::cluster::time::SECOND;
use podium::cluster::traffic::Outcome;
use podium::manifest::Arg;
use podium::msg;
use podium::scene::{Hue, Target};
use podium::timeline::{RowKey, View, reasons, who};
use podium::value::Str;
use yew::{AttrValue, Callback, Html, html};

/// Requests of so long back can be chosen, and so many of them.
const LATELY: u64 = 60 * SECOND;
const MOST_REQUESTS: usize = 6;
/// No more requests than these are under way at once.
const MOST_UNDER_WAY: usize = 50;

/// What stands above the name, the name, and the hue of it.
pub(super) struct Head {
    pub(super) eyebrow: String,
    pub(super) name: String,
    pub(super) hue: Hue,
}

pub(super) fn head(context: &Context, target: &Target) -> Head {
    let Context { words, view, .. } = *context;
    match target {
        Target::Object(key) => {
            let kind = key.kind.info().name;
            let eyebrow = match key.namespace.is_empty() {
                true => kind.to_owned(),
                false => format!("{kind} · {}", key.namespace),
            };
            Head { eyebrow, name: key.name.to_string(), hue: Hue::of_kind(key.kind) }
        }
        Target::Container { pod, name } => {
            let eyebrow = format!("{} · {}", pod.kind.info().name, pod.name);
            Head { eyebrow, name: name.to_string(), hue: Hue::of_kind(pod.kind) }
        }
        Target::Process { node, pid } => {
            let name = command(view, target).map_or_else(String::new, |command| command.to_string());
            Head { eyebrow: format!("PID {pid} · {}", view.node_name(*node)), name, hue: Hue::Pod }
        }
        Target::Message(_) => {
            let name = message(view, target).map_or_else(String::new, |(_, kind)| match kind {
                MessageKind::Request(request) => {
                    let (method, path) = request.http();
                    format!("{method} {}", path.split('?').next().unwrap_or_default())
                }
                MessageKind::Answer(_, None) => "200 OK".to_owned(),
                MessageKind::Answer(_, Some(status)) => {
                    format!("{} {}", status.reason.code(), status.reason.as_str())
                }
                MessageKind::Watch(change, key) => {
                    format!("watch: {} {}/{}", change.as_str(), key.kind.info().plural, key.name)
                }
            });
            let eyebrow = message(view, target).map_or_else(String::new, |(ends, _)| {
                ends.map(|end| words.with(msg!("why.says-only"), &[("message", end)]).to_string()).join(" → ")
            });
            Head { eyebrow, name, hue: Hue::Server }
        }
        Target::Request(number) => {
            let service = view.request(*number).map_or("", |row| &*row.service.name);
            let name = words.with(msg!("why.request"), &[("number", i64::from(*number).into())]);
            Head { eyebrow: format!("Service · {service}"), name: name.to_string(), hue: Hue::Service }
        }
    }
}

/// The command line of a process, be it that it has ended.
fn command(view: View, target: &Target) -> Option<Str> {
    let Target::Process { node, pid } = target else { return None };
    let versions = view.versions(&RowKey::Process(*node, *pid)).iter().rev();
    let mut facts = versions.filter_map(|version| Some(&view.history().record(version.record)?.fact));
    facts.find_map(|fact| match fact {
        Fact::Process(_, _, row) => row.as_ref().map(|row| row.command.clone()),
        _ => None,
    })
}

/// From whom to whom a message goes, and what it is.
fn message<'a>(view: View<'a>, target: &Target) -> Option<([Arg; 2], &'a MessageKind)> {
    let record = view.asked(target)?;
    match &record.fact {
        Fact::Message(message) => {
            Some(([record.actor, message.to].map(|actor| who(view, actor)), &message.kind))
        }
        _ => None,
    }
}

/// When and between whom, with links to the objects of it.
pub(super) fn facts(context: &Context, target: &Target) -> Option<Html> {
    let Context { words, view, choose, .. } = *context;
    let say = |id| words.say(id);
    let object = |kind, name: &str| link(ObjectKey::new(kind, "", name), choose);
    let mut rows: Vec<(AttrValue, Html)> = Vec::new();
    match target {
        Target::Object(_) | Target::Container { .. } => return None,
        Target::Process { node, .. } => {
            rows.push((say(msg!("page.node")), object(Kind::Node, view.node_name(*node))));
        }
        Target::Message(_) => {
            let record = view.asked(target)?;
            let Fact::Message(message) = &record.fact else { return None };
            let name = |actor| words.with(msg!("why.says-only"), &[("message", who(view, actor))]);
            rows.push((say(msg!("why.from")), html! { <code>{ name(record.actor) }</code> }));
            rows.push((say(msg!("why.to")), html! { <code>{ name(message.to) }</code> }));
            rows.push((say(msg!("why.sent")), html! { <code>{ record.time.clock() }</code> }));
            rows.push((say(msg!("why.arrives")), html! { <code>{ message.arrives.clock() }</code> }));
            let key = match &message.kind {
                MessageKind::Request(request) => &request.key,
                MessageKind::Answer(key, _) | MessageKind::Watch(_, key) => key,
            };
            if view.last_known(key).is_some() {
                rows.push((say(msg!("why.about")), link(ObjectKey::clone(key), choose)));
            }
        }
        Target::Request(number) => {
            let row = view.request(*number)?;
            rows.push((say(msg!("why.from")), object(Kind::Node, view.node_name(row.from))));
            rows.push((say(msg!("why.to")), link(row.service.clone(), choose)));
            if let Some(to) = &row.endpoint {
                rows.push((AttrValue::from("Pod"), link(to.pod.clone(), choose)));
            }
            rows.push((say(msg!("why.sent")), html! { <code>{ row.sent.clock() }</code> }));
        }
    }
    Some(html! {
        <section class="section">
            <dl class="facts">
                { for rows.into_iter().map(|(name, fact)| html! { <><dt>{ name }</dt><dd>{ fact }</dd></> }) }
            </dl>
        </section>
    })
}

/// The processes of a Pod, or of one of its containers, each to be chosen.
pub(super) fn processes(context: &Context, pod: &Pod, container: Option<&Str>) -> Option<Html> {
    let Context { words, view, choose, .. } = *context;
    let all = view.processes_of(pod, container.map(|name| &**name));
    let links: Vec<Html> = all
        .into_iter()
        .filter_map(|target| {
            let Target::Process { pid, .. } = &target else { return None };
            let name = format!("PID {pid} {}", command(view, &target)?);
            Some(html! { <li>{ button(name.into(), target, choose) }</li> })
        })
        .collect();
    (!links.is_empty()).then(|| {
        section(
            html! { { words.say(msg!("why.processes")) } },
            html! { <ul class="parts">{ for links }</ul> },
        )
    })
}

/// The last requests to a Service, each to be chosen: those that failed first.
pub(super) fn requests(context: &Context, object: &Object) -> Option<Html> {
    let Context { words, view, choose, .. } = *context;
    let service = object.get::<Service>().map(|_| object.key())?;
    let mut all: Vec<_> = view.requests_within(LATELY).filter(|(_, row)| row.service == service).collect();
    all.sort_by_key(|(_, row)| match &row.ended {
        Some((_, Outcome::Served(_))) => 2,
        Some(_) => 0,
        None => 1,
    });
    let links = all.into_iter().take(MOST_REQUESTS).map(|(number, _)| {
        let target = Target::Request(number);
        let said = reasons(view, &target);
        let name = said.first().map_or_else(AttrValue::default, |said| words.with(said.id, &said.args));
        html! { <li>{ button(name, target, choose) }</li> }
    });
    let links: Vec<Html> = links.collect();
    (!links.is_empty()).then(|| {
        section(html! { { words.say(msg!("why.requests")) } }, html! { <ul class="parts">{ for links }</ul> })
    })
}

/// The last request of all, and how many of the last ones have ended: what tells whether others are to be shown.
pub(super) fn requested(view: View) -> (Option<u32>, usize) {
    let last: Vec<_> = view.requests_within(LATELY).take(MOST_UNDER_WAY).collect();
    let ended = last.iter().filter(|(_, row)| row.ended.is_some()).count();
    (last.first().map(|(number, _)| *number), ended)
}

fn button(name: AttrValue, target: Target, choose: &Callback<Target>) -> Html {
    let onclick = choose.reform(move |_| target.clone());
    html! { <button class="link" type="button" {onclick}>{ name }</button> }
}
