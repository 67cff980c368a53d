//! Which way a request to a Service went, and why it failed.

use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::proxy::RuleEndpoint;
use crate::cluster::record::{Fact, NodeId, RecordId};
use crate::cluster::time::{MILLI, SimTime};
use crate::cluster::traffic::{Outcome, RequestRow};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{History, RowKey, Sentence, View};

pub(super) fn of(view: View, number: u32) -> Vec<Sentence> {
    let Some(row) = view.request(number) else { return Vec::new() };
    let mut args = vec![
        ("service", (&row.service.name).into()),
        ("node", view.node_name(row.from).into()),
        ("sent", row.sent.clock().into()),
    ];
    if let Some(to) = &row.endpoint {
        let address = format!("{}:{}", to.ip, to.port);
        args.extend([("pod", Arg::from(&to.pod.name)), ("address", address.into())]);
    }
    let Some((ended, outcome)) = &row.ended else {
        let id = match row.endpoint {
            Some(_) => msg!("why.request-goes"),
            None => msg!("why.request-goes-nowhere"),
        };
        return vec![Sentence::new(id, args)];
    };
    args.push(("took", Arg::Millis(ended.since(row.sent) / MILLI)));
    let id = match (outcome, &row.endpoint) {
        (Outcome::Served(code), _) => {
            args.push(("code", i64::from(*code).into()));
            msg!("why.request-served")
        }
        (Outcome::Refused, None) => msg!("why.request-no-endpoint"),
        (_, None) => msg!("why.request-dropped"),
        (Outcome::Refused, Some(_)) => msg!("why.request-refused"),
        (Outcome::TimedOut, Some(_)) => msg!("why.request-silent"),
        (Outcome::CutOff, Some(_)) => msg!("why.request-cut"),
    };
    let mut said = vec![Sentence::new(id, args)];
    if !matches!(outcome, Outcome::Served(_)) {
        said.extend(row.endpoint.as_ref().and_then(|to| late(view, row, to)));
        let off = node_without_power(view.history(), row);
        let about = off.map(|node| [("node", view.node_name(node).into())]);
        said.extend(about.map(|args| Sentence::new(msg!("why.request-without-power"), args)));
    }
    said
}

/// The node that had no power when a request was sent to it: where it came in, or where the Pod was that it went to.
pub(in crate::timeline) fn node_without_power(history: &History, row: &RequestRow) -> Option<NodeId> {
    let then = history.at(row.sent);
    let is_off = |node: &NodeId| {
        let faults = history.faults().filter(|(time, _)| *time <= row.sent);
        faults.fold(false, |is_off, (_, fault)| match fault {
            Fault::NodeDies(at) if at == node => true,
            Fault::NodeReturns(at) if at == node => false,
            _ => is_off,
        })
    };
    // Rules may lead to a Pod that is gone already.
    let of_pod = |pod: &ObjectKey| then.node(&then.last_known(pod)?.0.get::<Pod>()?.spec.node_name);
    let to = row.endpoint.as_ref().and_then(|to| of_pod(&to.pod));
    Some(row.from).into_iter().chain(to).find(is_off)
}

/// Where a Pod was ending already when the rules chose it: they did not know yet.
fn late(view: View, row: &RequestRow, to: &RuleEndpoint) -> Option<Sentence> {
    let since = marked(view, &to.pod, row.sent)?;
    let args = [
        ("pod", (&to.pod.name).into()),
        ("node", view.node_name(row.from).into()),
        ("time", since.clock().into()),
    ];
    Some(Sentence::new(msg!("why.request-late"), args))
}

/// Since when a Pod was being deleted at a moment, or was gone.
fn marked(view: View, pod: &ObjectKey, at: SimTime) -> Option<SimTime> {
    let then = view.history().at(at);
    let (object, _) = then.last_known(pod)?;
    let uid = &object.get::<Pod>()?.metadata.uid;
    then.versions(&RowKey::Object(pod.clone())).iter().find_map(|version| {
        match &view.history().record(version.record)?.fact {
            Fact::Object { object, .. } if object.meta().uid == *uid && object.meta().is_terminating() => {
                Some(version.time)
            }
            _ => None,
        }
    })
}

/// What else led to a failure: the rules that were there, and the Pod that they led to.
pub(super) fn further(view: View, number: u32) -> Vec<RecordId> {
    let Some(row) = view.request(number) else { return Vec::new() };
    let Some((ended, outcome)) = &row.ended else { return Vec::new() };
    if matches!(outcome, Outcome::Served(_)) {
        return Vec::new();
    }
    let rules = view.history().at(row.sent);
    let key = match &row.endpoint {
        None => RowKey::Rules(row.from, row.service.clone()),
        Some(to) => RowKey::Object(ObjectKey::new(Kind::Pod, &*to.pod.namespace, &*to.pod.name)),
    };
    let then = if row.endpoint.is_some() { view.history().at(*ended) } else { rules };
    then.row(&key).map(|record| record.id).into_iter().collect()
}
