//! The two branches of a deletion at the lanes of those who carry them out: what the EndpointSlices and the rules of the
//! kube-proxies become, and what the kubelet does until the last container has ended.

use super::super::silence;
use super::chart::{BAR, Chart, LIFE};
use super::facts::Who;
use crate::cluster::fault::Unheard;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::role::Role;
use crate::scene::shape::{Shape, Target};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;

/// So many more places are tried for what holds all the time, each so much later: on a phone a line, else a few letters.
const LATER: usize = 5;
const LATER_BY: f32 = 30.0;
const LATER_BY_NARROW: f32 = 12.0;

impl Chart<'_, '_> {
    /// Where no Service has the Pod as an endpoint, that is said.
    pub(super) fn slices(&mut self) {
        let Some(lane) = self.frame.lane(Who::Slices) else { return };
        if !self.facts.slices.is_empty() {
            return;
        }
        let told = self.facts.messages.iter().find(|sent| sent.to == Who::Slices);
        let along = self.along(told.map_or(self.facts.begun.record.time, |sent| sent.arrives));
        let text = self.stage.say(msg!("scene.no-endpoint"), &[]);
        // It holds for the whole deletion: where messages go through there, it is said later.
        let mut spots = self.around(along, lane, 4.0);
        let by = if self.frame.is_narrow { LATER_BY_NARROW } else { LATER_BY };
        let steps = (1..=LATER).map(|step| along + by * step as f32);
        spots.extend(steps.flat_map(|along| self.around(along, lane, 4.0)));
        self.label("slices", 4, (Type::Caption, Role::TextOver(Hue::Quiet)), text, along, spots);
        let short = self.stage.say(msg!("deletion.no-service"), &[]);
        if let Some(label) = self.labels.last_mut() {
            label.short = Some(short.into());
        }
    }
    pub(super) fn rules(&mut self) {
        for change in &self.facts.rules {
            let Some(lane) = self.frame.lane(Who::Proxy(change.node)) else { continue };
            let along = [self.along(change.heard), self.along(change.done)];
            let along = [along[0], along[1].max(along[0] + 6.0)];
            let key = format!("rules/{}", change.record.0);
            let across = [lane - BAR, lane + BAR];
            let shapes = self.bar(&key, Role::Bar(Hue::BranchB), along, across, 4.0);
            self.keep_off(along, across);
            let said = self.stage.say(msg!("scene.rules-without"), &[("ip", (&change.ip).into())]);
            let node = self.stage.view.node_name(change.node);
            let group = Shape::group(format!("{key}/group"), 0.0, 0.0, shapes);
            let spoken = format!("kube-proxy · {node}: {said}");
            self.bars.push(group.opening(Target::Object(change.service.clone()), spoken));
            let is_last = self.facts.rules.iter().all(|other| other.done <= change.done);
            if self.frame.is_narrow && !is_last {
                continue;
            }
            let text = if self.frame.is_narrow { format!("−{}", change.ip) } else { said };
            let spots = self.around(along[1], lane, 6.0);
            self.label(&key, 2, (Type::Label, Role::TextOver(Hue::BranchB)), text, along[1], spots);
        }
        // Where no other endpoint is ready, the rules keep this one.
        let kept =
            self.facts.slices.iter().find(|change| change.conditions.is_some() && !change.others_ready);
        let first = self.facts.proxies.first();
        let Some((change, node)) = kept.zip(first) else { return };
        let Some(lane) = self.frame.lane(Who::Proxy(*node)) else { return };
        let told = self.facts.messages.iter().find(|sent| {
            sent.to == Who::Proxy(*node) && sent.about == change.slice && sent.at >= change.time
        });
        let along = self.along(told.map_or(change.time, |sent| sent.arrives));
        let id = if self.frame.is_narrow { msg!("scene.rules-keep-short") } else { msg!("scene.rules-keep") };
        let text = self.stage.say(id, &[]);
        let spots = self.around(along, lane, 4.0);
        self.label("rules/keep", 3, (Type::Caption, Role::TextOver(Hue::BranchB)), text, along, spots);
    }
    /// What the kubelet does until the last process has ended, and the grace period.
    pub(super) fn kubelet(&mut self) {
        let Some(lane) = self.frame.lane(Who::Kubelet) else { return };
        let facts = self.facts;
        let acts = facts.containers.iter().flat_map(|container| {
            let hook = container.hook.map(|(from, _)| from);
            container.signals.first().map(|(_, time, _)| *time).into_iter().chain(hook)
        });
        if let Some((heard, acts)) = facts.kubelet_heard().zip(acts.min()) {
            // The call lasts until the last container has ended, but for when the kubelet does nothing at all.
            let until = facts.all_ended().unwrap_or(facts.end).max(acts);
            let mut works = vec![[heard, until]];
            let idle = facts.node.map(|node| silence::idle(self.stage.view, node)).unwrap_or_default();
            for [stops, resumes] in idle {
                if let Some(last) = works.last_mut().filter(|[from, to]| *from < stops && stops < *to) {
                    last[1] = stops;
                    works.extend((resumes < until).then_some([resumes, until]));
                }
            }
            for (place, [from, to]) in works.into_iter().enumerate() {
                let from = self.along(from);
                let along = [from, self.along(to).max(from + 5.0)];
                let key =
                    if place == 0 { "kubelet/work".to_owned() } else { format!("kubelet/work/{place}") };
                self.add_bar(&key, Role::Bar(Hue::BranchA), along, [lane - BAR, lane + BAR], 4.0);
            }
            if !self.frame.is_narrow {
                let heard = self.along(heard);
                let spots = self.around(heard, lane, 8.0);
                let look = (Type::CodeSmall, Role::TextOver(Hue::BranchA));
                self.label("kubelet/work", 6, look, "syncTerminatingPod".to_owned(), heard, spots);
            }
        }
        let ended = facts.all_ended().unwrap_or(facts.end);
        if facts.grace == 0 || facts.counts_from() >= ended {
            return;
        }
        // The two more seconds begin when the kubelet no longer waits for the hook.
        let overrun = facts.overrun();
        let until = overrun.map_or(facts.grace_until().min(ended), |[cut, _]| cut);
        let [from, to] = [facts.counts_from(), until].map(|at| self.along(at));
        // On a phone labels of signals stand at the right.
        let across =
            if self.frame.is_narrow { [lane - 15.0, lane - 11.0] } else { [lane + 12.0, lane + 16.0] };
        self.add_bar("grace", Role::Bar(Hue::Terminating), [from, to], across, 2.0);
        let middle = (across[0] + across[1]) / 2.0;
        if let Some([_, last]) = overrun {
            let over = [to, self.along(last).max(to + 4.0)];
            self.add_bar(
                "grace/more",
                Role::Span(Hue::Terminating),
                over,
                [across[0] - 2.0, across[1] + 2.0],
                2.0,
            );
            let text = self.stage.say(msg!("scene.grace-more"), &[]);
            let spots = self.around(over[1], middle, 4.0);
            self.label(
                "grace/more",
                3,
                (Type::Label, Role::TextOver(Hue::Terminating)),
                text,
                over[1],
                spots,
            );
        } else if ended < facts.deadline() {
            let left = facts.left(ended);
            // After a silence more may be left than has passed since the deletion.
            let is_late = facts.silence.is_some();
            let id = if is_late { msg!("deletion.grace-left-late") } else { msg!("scene.grace-left") };
            let text = self.stage.say(id, &[("time", Arg::Millis(left))]);
            let spots = self.around(to, middle, 7.0);
            self.label("grace", 4, (Type::Label, Role::TextOver(Hue::Terminating)), text, to, spots);
        }
    }
    /// While the node's kubelet does not hear anything.
    pub(super) fn silence(&mut self) {
        let (Some(lane), Some(silence)) = (self.frame.lane(Who::Kubelet), self.facts.silence) else { return };
        let from = self.along(silence.from.max(self.facts.begun.from()));
        let along = [from, self.along(silence.until.min(self.facts.end))];
        let half = if self.frame.is_narrow { 4.0 } else { LIFE };
        self.add_bar("silence", Role::Span(Hue::Failed), along, [lane - half, lane + half], 4.0);
        let id = match (silence.why, self.frame.is_narrow) {
            (Unheard::Power, _) => msg!("deletion.no-power"),
            (_, false) => msg!("deletion.kubelet-silent"),
            (_, true) => msg!("deletion.kubelet-silent-short"),
        };
        let text = self.stage.say(id, &[]);
        let inside = self.inside(along, lane, &text, Type::Label);
        let spots = self.beside_bar(along, lane, half + 2.0);
        let look = (Type::Label, Role::TextHue(Hue::Failed));
        self.inside_label("silence", 1, look, text, along, (inside, spots));
    }
}
