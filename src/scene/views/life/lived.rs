//! What a Pod has lived through: each of its values from when to when, as its object said them.

use std::rc::Rc;

use super::super::Stage;
use super::super::objects::seen;
use crate::api::objects::{Condition, ConditionStatus, ContainerState, Pod, PodPhase};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::time::SimTime;
use crate::scene::shape::Target;
use crate::scene::tokens::{Hue, State};
use crate::timeline::{RowKey, View};
use crate::value::Str;

/// What is told of a Pod, one below the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// What kubectl prints, which is no field.
    Status,
    Phase,
    /// The condition of a type.
    Condition(Str),
    /// The state of a container.
    Container(Str),
}

/// The conditions that the kubelet and the scheduler write, in the order in which they become true.
pub(super) const CONDITIONS: [&str; 5] =
    ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];

/// A value for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: SimTime,
    /// None where it lasts as long as is recorded.
    pub(super) to: Option<SimTime>,
    pub(super) text: Str,
    pub(super) hue: Hue,
}

/// A life of a Pod.
pub(super) struct Lived<'a> {
    pub(super) key: ObjectKey,
    /// Each state and since when.
    states: Vec<(SimTime, &'a Rc<Pod>)>,
    /// When it was made.
    pub(super) from: SimTime,
    /// When it was gone from etcd.
    pub(super) gone: Option<SimTime>,
    /// As it is at the time that is shown, or was last.
    pub(super) pod: &'a Rc<Pod>,
    /// Whether it is there at that time.
    pub(super) is_there: bool,
}

/// All lives of a name, one after the other.
fn lives<'a>(view: View<'a>, key: &ObjectKey) -> Vec<Lived<'a>> {
    let mut lives: Vec<Lived<'a>> = Vec::new();
    let mut is_over = true;
    // What is to come is drawn, too.
    for version in view.history().versions(&RowKey::Object(key.clone())) {
        let Some(Fact::Object { change, object }) =
            view.history().record(version.record).map(|record| &record.fact)
        else {
            continue;
        };
        let Some(pod) = object.get::<Pod>() else { continue };
        let is_past = version.time <= view.at();
        match (*change, lives.last_mut().filter(|_| !is_over)) {
            (Change::Deleted, Some(life)) => {
                life.gone = Some(version.time);
                life.is_there &= !is_past;
                is_over = true;
            }
            (Change::Deleted, None) => {}
            (_, Some(life)) => {
                life.states.push((version.time, pod));
                if is_past {
                    life.pod = pod;
                }
            }
            (_, None) => {
                is_over = false;
                lives.push(Lived {
                    key: key.clone(),
                    states: vec![(version.time, pod)],
                    from: version.time,
                    gone: None,
                    pod,
                    is_there: is_past,
                });
            }
        }
    }
    lives
}

/// The Pods that can be looked at: those that are there, in the order in which they were made.
pub(super) fn pods(view: View) -> Vec<ObjectKey> {
    let mut pods: Vec<(&Str, ObjectKey)> = view
        .all::<Pod>()
        .map(|pod| {
            let meta = &pod.metadata;
            let key = ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
            (&meta.creation_timestamp, key)
        })
        .collect();
    pods.sort();
    pods.into_iter().map(|(_, key)| key).collect()
}

/// The first Pod that an object owns, at once or by what it owns.
fn owned<'a>(view: View<'a>, object: &'a Object) -> Option<ObjectKey> {
    let mut owned: Vec<&Object> = view.owned_by(&object.meta().uid).collect();
    owned.sort_by_key(|object| object.key());
    let pod = owned.iter().find(|object| object.kind() == Kind::Pod).map(|object| object.key());
    pod.or_else(|| owned.iter().find_map(|object| self::owned(view, object)))
}

impl<'a> Lived<'a> {
    /// Whether it is gone from etcd by now.
    pub(super) fn is_gone(&self, stage: &Stage) -> bool {
        self.gone.is_some_and(|gone| gone <= stage.view.at())
    }
    /// The Pod that is chosen, be it that it is gone; else one that what is chosen owns; else the first that is there; else
    /// the one that was there last.
    pub(super) fn new(stage: &Stage<'a>) -> Option<Self> {
        let view = stage.view;
        let begun = |key: &ObjectKey| lives(view, key).into_iter().rfind(|life| life.from <= view.at());
        let chosen = match stage.selection {
            Some(Target::Object(key) | Target::Container { pod: key, .. }) if key.kind == Kind::Pod => {
                begun(key)
            }
            Some(Target::Object(key)) => view.object(key).and_then(|object| begun(&owned(view, object)?)),
            _ => None,
        };
        chosen.or_else(|| pods(view).first().and_then(begun)).or_else(|| {
            let rows = view.history().objects(Kind::Pod);
            let keys = rows.filter_map(|versions| {
                let record = view.history().record(versions.first()?.record)?;
                match &record.fact {
                    Fact::Object { object, .. } => Some(object.key()),
                    _ => None,
                }
            });
            keys.filter_map(|key| begun(&key)).max_by_key(|life| life.gone)
        })
    }
    /// What is told of it: its conditions are those that it has at any time, the usual ones first.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut conditions: Vec<Str> = CONDITIONS.map(Str::from).to_vec();
        for (_, pod) in &self.states {
            for condition in &pod.status.conditions {
                if !conditions.contains(&condition.kind) {
                    conditions.push(condition.kind.clone());
                }
            }
        }
        let spec = &self.pod.spec;
        let containers = spec.init_containers.iter().chain(&spec.containers);
        let containers = containers.map(|container| Row::Container(container.name.clone()));
        [Row::Phase, Row::Status]
            .into_iter()
            .chain(conditions.into_iter().map(Row::Condition))
            .chain(containers)
            .collect()
    }
    /// The values of a row, one after the other.
    pub(super) fn stretches(&self, row: &Row) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for (from, pod) in &self.states {
            let said = said(pod, row);
            let is_same = match (&said, stretches.last()) {
                (Some((text, hue)), Some(last)) => {
                    last.to.is_none() && last.text == *text && last.hue == *hue
                }
                _ => false,
            };
            if is_same {
                continue;
            }
            if let Some(last) = stretches.last_mut().filter(|last| last.to.is_none()) {
                last.to = Some(*from);
            }
            if let Some((text, hue)) = said {
                stretches.push(Stretch { from: *from, to: None, text, hue });
            }
        }
        if let (Some(last), Some(gone)) = (stretches.last_mut(), self.gone) {
            last.to.get_or_insert(gone);
        }
        stretches
    }
    /// The value that a row has at the time that is shown, or had last.
    pub(super) fn now(&self, row: &Row) -> Option<(Str, Hue)> {
        said(self.pod, row)
    }
    /// The phases in which it has been until `at`, with when they began and ended.
    pub(super) fn phases(&self, at: SimTime) -> Vec<(PodPhase, SimTime, Option<SimTime>)> {
        let mut phases: Vec<(PodPhase, SimTime, Option<SimTime>)> = Vec::new();
        for (from, pod) in self.states.iter().filter(|(from, _)| *from <= at) {
            let phase = phase(pod);
            if phases.last().is_some_and(|(last, ..)| *last == phase) {
                continue;
            }
            if let Some((.., to)) = phases.last_mut() {
                *to = Some(*from);
            }
            phases.push((phase, *from, None));
        }
        if let Some((.., to)) = phases.last_mut() {
            *to = self.gone.filter(|gone| *gone <= at);
        }
        phases
    }
}

/// A Pod without a phase is Pending.
pub(super) fn phase(pod: &Pod) -> PodPhase {
    pod.status.phase.unwrap_or(PodPhase::Pending)
}

/// How a phase looks.
pub(super) fn state(phase: PodPhase) -> State {
    match phase {
        PodPhase::Pending => State::Pending,
        PodPhase::Running => State::Running,
        PodPhase::Succeeded => State::Succeeded,
        PodPhase::Failed => State::Failed,
        PodPhase::Unknown => State::Unknown,
    }
}

/// What a Pod says of a row; nothing where it says nothing yet.
fn said(pod: &Rc<Pod>, row: &Row) -> Option<(Str, Hue)> {
    match row {
        Row::Status => {
            let seen = seen(pod);
            // kubectl says it while the phase is still Running.
            let is_over = &*seen.columns.status == "Completed";
            let hue = if is_over { Hue::Succeeded } else { seen.state.hue() };
            Some((seen.columns.status, hue))
        }
        Row::Phase => {
            let phase = phase(pod);
            Some((phase.as_str().into(), state(phase).hue()))
        }
        Row::Condition(kind) => {
            let condition = pod.status.conditions.iter().find(|condition| condition.kind == *kind)?;
            Some((condition_text(condition), condition_hue(condition, phase(pod))))
        }
        Row::Container(name) => {
            let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
            let status = statuses.into_iter().find(|status| status.name == *name)?;
            container(&status.state)
        }
    }
}

/// Why a condition does not hold stands beside it: `Unschedulable` is such a reason, and no condition.
fn condition_text(condition: &Condition) -> Str {
    let status = condition.status.map_or("Unknown", |status| status.as_str());
    if condition.reason.is_empty() {
        status.into()
    } else {
        format!("{status} · {}", condition.reason).into()
    }
}

/// Once the Pod has ended, what does not hold waits for nothing.
fn condition_hue(condition: &Condition, phase: PodPhase) -> Hue {
    match (condition.status, &*condition.reason) {
        (Some(ConditionStatus::True), _) if &*condition.kind == "DisruptionTarget" => Hue::Terminating,
        (Some(ConditionStatus::True), _) => Hue::Running,
        (Some(ConditionStatus::False), _) if matches!(phase, PodPhase::Succeeded | PodPhase::Failed) => {
            state(phase).hue()
        }
        // The kubelet writes them before the phase.
        (Some(ConditionStatus::False), "PodCompleted") => Hue::Succeeded,
        (Some(ConditionStatus::False), "PodFailed") => Hue::Failed,
        (Some(ConditionStatus::False), _) => Hue::Pending,
        _ => Hue::Unknown,
    }
}

/// Nothing where nothing is told: in the past of a Pod that somebody has looked at once.
fn container(state: &ContainerState) -> Option<(Str, Hue)> {
    if state.running.is_some() {
        return Some(("running".into(), Hue::Running));
    }
    if let Some(ended) = &state.terminated {
        let hue = if ended.exit_code == 0 { Hue::Succeeded } else { Hue::Failed };
        return Some((format!("terminated · {} · exit {}", ended.reason, ended.exit_code).into(), hue));
    }
    let reason = &*state.waiting.as_ref()?.reason;
    let hue = if matches!(reason, "" | "ContainerCreating" | "PodInitializing") {
        Hue::Pending
    } else {
        Hue::Failed
    };
    let text = if reason.is_empty() { "waiting".to_owned() } else { format!("waiting · {reason}") };
    Some((text.into(), hue))
}
