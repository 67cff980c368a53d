//! `kubectl events` (upstream: kubectl `cmd/events`).

use super::Verb;
use crate::api::Kind;
use crate::cluster::request::Filter;
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop};
use crate::kubectl::fields::{number, text};
use crate::kubectl::print::{Format, age, list, tabs};
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "events", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let types: Vec<String> = kubectl.arguments.list("types").map(str::to_owned).collect();
    if types.iter().any(|kind| !["normal", "warning"].contains(&&*kind.to_ascii_lowercase())) {
        return Err(kubectl.fail("valid --types are Normal or Warning".to_owned()));
    }
    let mut filter = Filter::default();
    if let Some(object) = kubectl.arguments.text("for").cloned() {
        if !object.contains('/') {
            return Err(kubectl.fail("--for must be in resource/name form".to_owned()));
        }
        let named = object.split('/').next().unwrap_or_default();
        if Kind::from_resource(named).is_none() {
            kubectl.complain(&format!("the server doesn't have a resource type \"{named}\""));
            return Err(Stop::Exit(1));
        }
        let (kind, name) = kubectl.resource_and_name(&object)?;
        filter.fields = format!("involvedObject.kind={kind},involvedObject.name={name}").into();
    }
    let is_everywhere = kubectl.arguments.is("all-namespaces");
    let namespace = if is_everywhere { "".into() } else { kubectl.namespace() };
    let mut events = match kubectl.list(Kind::Event, namespace.clone(), filter)? {
        Ok(events) => events,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    events.retain(|event| {
        types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case(text(event, &["type"])))
    });
    if events.is_empty() {
        let place = if is_everywhere { String::new() } else { format!(" in {namespace} namespace") };
        kubectl.complain(&format!("No events found{place}."));
        return Ok(());
    }
    events.sort_by(|a, b| last(a).cmp(last(b)));
    if !matches!(kubectl.format()?, Format::Table { .. }) {
        if kubectl.format()? == Format::Name {
            // A list has no name, and its items are not asked for theirs.
            return Ok(());
        }
        let mut all = list(events);
        all.set(&["kind"], "EventList");
        all.set(&["metadata"], Value::object());
        return kubectl.report(&all, "");
    }
    let now = kubectl.shell.ask.unix_micros();
    let mut out = String::new();
    if !kubectl.arguments.is("no-headers") {
        out += if is_everywhere { "NAMESPACE\t" } else { "" };
        out += "LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n";
    }
    for event in &events {
        if is_everywhere {
            out += &format!("{}\t", text(event, &["metadata", "namespace"]));
        }
        let [kind, reason, message] = ["type", "reason", "message"].map(|field| text(event, &[field]));
        let [of, name] = ["kind", "name"].map(|field| text(event, &["involvedObject", field]));
        out += &format!("{}\t{kind}\t{reason}\t{of}/{name}\t{}\n", interval(event, now), message.trim());
    }
    kubectl.print(&tabs::align(&out, 6, 3));
    Ok(())
}

/// When an Event was last seen.
fn last(event: &Value) -> &str {
    if let Some(series) = event.get("series") {
        return text(series, &["lastObservedTime"]);
    }
    match text(event, &["lastTimestamp"]) {
        "" => text(event, &["eventTime"]),
        time => time,
    }
}

/// How long ago an Event was, or how often in how long; `now` in microseconds since 1970.
fn interval(event: &Value, now: u64) -> String {
    let first = match text(event, &["eventTime"]) {
        "" => text(event, &["firstTimestamp"]),
        time => time,
    };
    let first = age::since(first, now);
    if event.get("series").is_some() {
        let last = age::since(text(event, &["series", "lastObservedTime"]), now);
        return format!("{last} (x{} over {first})", number(event, &["series", "count"]));
    }
    match number(event, &["count"]) {
        count @ 2.. => {
            format!("{} (x{count} over {first})", age::since(text(event, &["lastTimestamp"]), now))
        }
        _ => first,
    }
}
