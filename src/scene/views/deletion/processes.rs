//! The Pod's processes until they end: hooks beside them, the signals that they get, and `pause`.

use super::chart::{BAR, Chart, LIFE};
use super::facts::{AT_ONCE, ContainerEnd, Who};
use super::labels::Spot;
use super::names;
use super::times::{BADGE, BESIDE_SIGNAL};
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::ellipsize;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;

/// Half of the thickness of a process that nobody has asked to end.
const RUNS: f32 = 3.0;
/// Where a hook runs beside its process, from the middle of the lane.
const HOOK: [f32; 2] = [-20.0, -5.0];
const HOOK_NARROW: [f32; 2] = [-9.0, -4.0];

impl Chart<'_, '_> {
    pub(super) fn container(&mut self, place: usize, container: &ContainerEnd) {
        let Some(lane) = self.frame.lane(Who::Container(place)) else { return };
        let half = if self.frame.is_narrow { 5.0 } else { LIFE };
        let key = format!("container/{}", container.name);
        let start = self.along(container.since.max(self.facts.begun.from()));
        let end = self.along(container.ended.map_or(self.facts.end, |(end, _)| end));
        let asked = container.asked().map(|(at, _)| at).or(container.killed()).map(|at| self.along(at));
        let hook = container.hook.map(|(from, _)| {
            [self.along(from), container.hook_holds_until().map_or(end, |until| self.along(until)).min(end)]
        });
        // The process runs on while its hook runs beside it.
        let calm = asked.unwrap_or(end).min(end);
        let mut shapes = self.bar(
            &format!("{key}/runs"),
            Role::Rest(Hue::BranchA),
            [start, calm],
            [lane - RUNS, lane + RUNS],
            RUNS,
        );
        self.keep_off([start, calm], [lane - RUNS, lane + RUNS]);
        let across = [lane - half, lane + half];
        if let Some(hook) = hook {
            let across = if self.frame.is_narrow { HOOK_NARROW } else { HOOK }.map(|by| lane + by);
            shapes.extend(self.bar(&format!("{key}/hook"), Role::Span(Hue::Terminating), hook, across, 4.0));
            self.keep_off(hook, across);
            let middle = (across[0] + across[1]) / 2.0;
            let text = self.hook(container);
            let inside = self.inside(hook, middle, &text, Type::Label);
            let spots = self.beside_bar(hook, middle, (across[1] - across[0]) / 2.0 + 2.0);
            let look = (Type::Label, Role::TextHue(Hue::Terminating));
            // On a phone nothing else says what holds the signal back.
            let rank = if self.frame.is_narrow { 1 } else { 3 };
            self.inside_label(&format!("{key}/hook"), rank, look, text, hook, (inside, spots));
        }
        if let Some(asked) = asked.filter(|asked| end - asked >= 6.0) {
            shapes.extend(self.bar(
                &format!("{key}/ends"),
                Role::Span(Hue::BranchA),
                [asked, end],
                across,
                4.0,
            ));
            self.keep_off([asked, end], across);
            if let Some(text) = self.does(container) {
                // At the beginning of the bar stands the number of its step.
                let from = self.on_bar(Who::Container(place)).map_or(asked, |number| number + BADGE - 2.0);
                let inside = self.inside([from, end], lane, &text, Type::Label);
                let spots = self.after_signal(asked, lane, half);
                let look = (Type::Label, Role::TextHue(Hue::BranchA));
                self.inside_label(&format!("{key}/ends"), 3, look, text, [asked, end], (inside, spots));
            }
        }
        if let Some((_, code)) = container.ended {
            let hue = if code == 0 { Hue::BranchA } else { Hue::Failed };
            let (along, across) = ([end - 2.5, end + 2.5], [lane - half - 1.0, lane + half + 1.0]);
            let tick = Shape::rect(format!("{key}/end"), Role::Bar(hue), self.frame.rect(along, across), 1.5);
            shapes.push(tick.faded(self.opacity(end)));
            self.keep_off(along, across);
            let spots = self.around(end, lane, half + 1.0);
            let look = (Type::Label, Role::TextOver(hue));
            self.label(&format!("{key}/end"), 2, look, format!("exit {code}"), end, spots);
        }
        let group = Shape::group(format!("{key}/group"), 0.0, 0.0, shapes);
        let target = Target::Container { pod: self.facts.pod.clone(), name: container.name.clone() };
        let spoken = names::container(self.stage, container);
        self.bars.push(group.opening(target, spoken));
        self.signals(&key, place, container, lane, half);
    }
    /// Where what a process does after its signal has room: below, past the number of its step or before that, as its name; never
    /// where the process has ended.
    fn after_signal(&self, asked: f32, lane: f32, half: f32) -> Vec<Spot> {
        if self.frame.is_narrow {
            return self.around(asked, lane, half + 2.0);
        }
        let below = lane + half + 15.0;
        let number = asked + BESIDE_SIGNAL + BADGE + 6.0;
        let before = asked + BESIDE_SIGNAL - BADGE - 6.0;
        vec![
            Spot { at: [number, below], anchor: Anchor::Start },
            Spot { at: [asked, below], anchor: Anchor::Start },
            Spot { at: [asked, lane - half - 7.0], anchor: Anchor::Start },
            Spot { at: [before, below], anchor: Anchor::End },
        ]
    }
    fn signals(&mut self, key: &str, place: usize, container: &ContainerEnd, lane: f32, half: f32) {
        let Some(kubelet) = self.frame.lane(Who::Kubelet) else { return };
        for &(record, time, signal) in &container.signals {
            let hue = if signal == "SIGKILL" { Hue::Failed } else { Hue::BranchA };
            let along = self.along(time);
            let (from, to) = (self.frame.point(along, kubelet + BAR), self.frame.point(along, lane - half));
            let key = format!("{key}/signal/{}", record.0);
            let shapes = self.arrow(&key, hue, from, to);
            let group = Shape::group(format!("{key}/group"), 0.0, 0.0, shapes);
            let names =
                [Who::Kubelet, Who::Container(place)].map(|who| names::who(self.stage, self.facts, who));
            let [from_name, to_name] = names.map(Arg::from);
            let spoken = [("from", from_name), ("to", to_name), ("what", signal.into())];
            let spoken = self.stage.say(msg!("scene.spoken-message"), &spoken);
            let target = Target::Container { pod: self.facts.pod.clone(), name: container.name.clone() };
            self.lines.push(group.opening(target, spoken));
            let mut spots = self.beside(from, to);
            if self.frame.is_narrow {
                // It is as wide as what is free between the kubelet's bar and what the process does; there above the dot, too.
                let middle = (kubelet + BAR + lane - RUNS) / 2.0;
                spots.insert(0, Spot { at: [middle, along - 9.5], anchor: Anchor::Middle });
            }
            self.label(&key, 1, (Type::Label, Role::TextOver(hue)), signal.to_owned(), along, spots);
        }
    }
    /// A hook, with what it does.
    fn hook(&self, container: &ContainerEnd) -> String {
        let name = self.stage.say(msg!("scene.pre-stop"), &[]);
        let spec = &self.facts.begun.pod.spec;
        let all = spec.containers.iter().chain(&spec.init_containers);
        let own = all.into_iter().find(|own| own.name == container.name);
        let hook = own.and_then(|own| own.lifecycle.as_ref()?.pre_stop.as_ref());
        let what = hook.and_then(|hook| {
            let sleep = hook.sleep.as_ref().map(|sleep| format!("sleep {} s", sleep.seconds));
            let exec = hook.exec.as_ref().map(|exec| exec.command.join(" "));
            sleep.or(exec).or_else(|| Some(format!("GET {}", hook.http_get.as_ref()?.path)))
        });
        match what.filter(|_| !self.frame.is_narrow) {
            Some(what) => format!("{name} · {}", ellipsize(&what, Type::Label.font(), 160.0)),
            None => name,
        }
    }
    /// What a program does after it was asked to end.
    fn does(&self, container: &ContainerEnd) -> Option<String> {
        let (asked, signal) = container.asked()?;
        let end = container.ended.map_or(SimTime::NEVER, |(end, _)| end);
        if end.since(asked) <= AT_ONCE {
            return None;
        }
        Some(match container.killed() {
            Some(_) => self.stage.say(msg!("scene.ignores"), &[("signal", signal.into())]),
            None => self.stage.say(msg!("scene.finishes"), &[]),
        })
    }
    pub(super) fn pause(&mut self) {
        let (Some(lane), Some((made, until))) = (self.frame.lane(Who::Pause), self.facts.pause) else {
            return;
        };
        let half = if self.frame.is_narrow { 3.0 } else { 6.0 };
        let start = self.along(made.max(self.facts.begun.from()));
        let end = self.along(until.unwrap_or(self.facts.end));
        let across = [lane - half, lane + half];
        let mut shapes = self.bar("pause", Role::PauseBar, [start, end], across, 2.0);
        self.keep_off([start, end], across);
        if until.is_some() {
            let across = [lane - half - 4.0, lane + half + 4.0];
            let tick = Shape::rect(
                "pause/end",
                Role::Bar(Hue::Terminating),
                self.frame.rect([end - 2.5, end + 2.5], across),
                1.5,
            );
            shapes.push(tick.faded(self.opacity(end)));
            self.keep_off([end - 2.5, end + 2.5], across);
        }
        let group = Shape::group("pause/group", 0.0, 0.0, shapes);
        self.bars.push(group.opening(Target::Object(self.facts.pod.clone()), "pause"));
        if !self.frame.is_narrow {
            let text = self.stage.say(msg!("scene.holds-on"), &[]);
            let spots = [start + 8.0, start + 120.0]
                .map(|x| Spot { at: [x, lane + half + 14.0], anchor: Anchor::Start });
            self.label("pause", 6, (Type::Caption, Role::TextOver(Hue::Quiet)), text, start, spots.to_vec());
        }
    }
}
