//! The moments of clients and their requests to Services: the first that is answered, those that fail, and from when on they
//! are answered again.

use super::memory::Failing;
use super::nodes::node_name;
use super::objects::{number, text};
use super::step::Step;
use super::{Moment, Teller};
use crate::cluster::record::Record;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::cluster::traffic::{Client, Outcome, RequestRow, Sender};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::history::History;
use crate::timeline::reasons::node_without_power;
use crate::timeline::row::RowKey;

/// How long none may have failed before requests are said to be answered again. Where only some endpoints fail, answers come in
/// between.
const CALM: Micros = 3 * SECOND;

impl Teller {
    pub(super) fn client(&mut self, history: &History, record: &Record, client: &Client) {
        let mut args = vec![("service", text(&client.service.name)), ("count", number(client.per_second))];
        let step = match &client.from {
            Sender::Node(node) => {
                args.push(("node", node_name(history, *node)));
                Step::ClientBegins
            }
            Sender::Pod(pod) => {
                args.push(("node", text(&pod.name)));
                Step::ClientBegins
            }
            Sender::LoadBalancer(_) => Step::ClientBeginsOutside,
        };
        self.tell(record, Moment::new(step, record.time, client.service.clone(), args));
    }

    pub(super) fn request(
        &mut self,
        history: &History,
        record: &Record,
        number_in_run: u32,
        row: &RequestRow,
    ) {
        let Some((ended, outcome)) = &row.ended else { return };
        let subject = RowKey::Request(number_in_run);
        let mut args = vec![("service", text(&row.service.name)), ("node", node_name(history, row.from))];
        if let Some(to) = &row.endpoint {
            args.extend([("pod", text(&to.pod.name)), ("port", number(to.port))]);
        }
        if matches!(outcome, Outcome::Served(_)) {
            self.answered_again(record, row, *ended);
            let step = Step::Answered(row.service.clone());
            // Only the first one is news.
            if !self.is_told(&step) {
                self.tell(record, Moment::new(step, *ended, subject, args));
            }
            return;
        }
        let off = node_without_power(history, row);
        let deletion = row.endpoint.as_ref().and_then(|to| self.memory.deletion(&to.pod));
        if let (Some(deletion), None) = (deletion, off) {
            args.push(("outcome", Arg::Message(super::say::outcome(outcome))));
            let step = Step::RequestsFail(row.service.clone(), deletion.cohort);
            self.tell(record, Moment::new(step, *ended, subject, args));
            return;
        }
        if let Some(node) = off {
            args.retain(|(name, _)| *name != "node");
            args.push(("node", node_name(history, node)));
        }
        // The message that tells the first of them, and the one that tells how many more there were.
        let (first, more) = match (off, &row.endpoint, outcome) {
            (Some(node), ..) => {
                let is_entry = node == row.from || row.endpoint.is_none();
                let first = if is_entry {
                    msg!("say.request-without-power")
                } else {
                    msg!("say.request-to-pod-without-power")
                };
                (first, msg!("say.requests-without-power"))
            }
            (None, None, Outcome::Refused) => (msg!("say.no-endpoints"), msg!("say.requests-nowhere")),
            (None, None, _) => (msg!("say.request-dropped"), msg!("say.requests-dropped")),
            (None, Some(_), Outcome::Refused) => {
                (msg!("say.request-not-listened"), msg!("say.requests-not-listened"))
            }
            (None, Some(_), Outcome::CutOff) => {
                (msg!("say.request-cut-short"), msg!("say.requests-cut-short"))
            }
            (None, Some(_), Outcome::TimedOut | Outcome::Served(_)) => {
                (msg!("say.request-silent"), msg!("say.requests-silent"))
            }
        };
        let step = Step::RequestFails(row.service.clone(), first);
        self.fails(record, row, more, Moment::new(step, *ended, subject, args));
    }

    /// A request fails, and no Pod is being deleted for it. The first one is told when it has failed, those after it together
    /// when the last of them has.
    fn fails(&mut self, record: &Record, row: &RequestRow, more: &'static str, mut moment: Moment) {
        let step = Step::MoreFail(row.service.clone(), more);
        let key = (row.service.clone(), more);
        let before = self.memory.failing.get(&key);
        if before.is_some_and(|before| moment.time.since(before.failed) <= step.window()) {
            moment.step = step;
        }
        let failing = Failing { failed: moment.time, is_over: false };
        self.memory.failing.insert(key, failing);
        self.tell(record, moment);
    }

    /// A request is answered that was sent when none had failed for a while: what is told of those that fail goes to here.
    fn answered_again(&mut self, record: &Record, row: &RequestRow, ended: SimTime) {
        let chapter = self.chapters.len() - 1;
        let all = self.memory.failing.iter_mut().filter(|((service, _), _)| *service == row.service);
        for ((_, more), failing) in
            all.filter(|(_, failing)| !failing.is_over && row.sent >= failing.failed + CALM)
        {
            let step = Step::MoreFail(row.service.clone(), more);
            let Some(group) = self.open.get(&step).and_then(|place| self.groups.get_mut(*place)) else {
                continue;
            };
            if group.chapter == chapter && group.last == failing.failed {
                failing.is_over = true;
                group.last = ended.max(failing.failed);
                group.records.push(record.id);
                group.last_args.push(("again", number(true)));
            }
        }
    }
}
