//! What stands on the cards, and how wide they are.
//!
//! A width is taken from what an object is at first and from the most that its numbers come to, so that a card
//! does not grow while it is watched.

use super::super::objects::seen;
use super::cast::{Group, Maker, Plain, Reserved, images, template};
use super::endpoints::Tally;
use super::slots::Branch;
use super::uses::User;
use crate::api::conditions;
use crate::api::objects::{Deployment, Job, ObjectMeta, PodSpec, ReplicaSet, Service};
use crate::api::{Kind, Object};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::width;
use crate::scene::parts::{Card, Stage as Life};
use crate::scene::tokens::State;
use crate::scene::typeface::Type;
use crate::value::{Str, Value};
use crate::words::{Language, text};

/// A chip with the name of a Pod.
pub(super) const CHIP_WIDTH: f32 = 104.0;
pub(super) const CHIP_HEIGHT: f32 = 30.0;
/// A tray is so wide at least, for the line that counts; one for a single Pod is narrower.
const TRAY_LEAST: f32 = 264.0;
const TRAY_OF_ONE: f32 = 200.0;

/// How wide the tray of so many Pods is at least.
pub(super) fn tray_least(slots: usize) -> f32 {
    if slots > 1 { TRAY_LEAST } else { TRAY_OF_ONE }
}

/// The card that stands for several ReplicaSets.
pub(super) const FOLDED_WIDTH: f32 = 190.0;
/// Room for the line that counts marks of workloads.
pub(super) const COUNTS_LEAST: f32 = 330.0;
/// The card of a whole workload.
pub(super) const TILE_WIDTH: f32 = 260.0;
pub(super) const TILE_HEIGHT: f32 = 96.0;

const LEAST: f32 = 200.0;
const JOB_LEAST: f32 = 270.0;
/// `replicas 10 → 9` beside `FailedCreate` fits.
const SET_LEAST: f32 = 250.0;
const MOST: f32 = 380.0;

/// The beginning of the keys of an object's shapes.
pub(super) fn key(kind: Kind, meta: &ObjectMeta) -> String {
    format!("{}/{}/{}", kind.info().plural, meta.namespace, meta.name)
}

/// A kind as it stands on cards.
pub(super) fn kind_in_capitals(kind: Kind) -> String {
    kind.info().name.to_ascii_uppercase()
}

fn number(number: i32) -> Arg {
    Arg::Number(number.into())
}

/// A Deployment's card.
pub(super) fn deployment(deployment: &Deployment, language: Language) -> Card {
    let strategy = &deployment.spec.strategy;
    let mut caption = strategy.kind.to_string();
    if let Some(bounds) = &strategy.rolling_update {
        for (name, bound) in [("maxSurge", &bounds.max_surge), ("maxUnavailable", &bounds.max_unavailable)] {
            match bound {
                Some(Value::Int(bound)) => caption.push_str(&format!(" · {name} {bound}")),
                Some(Value::String(bound)) => caption.push_str(&format!(" · {name} {bound}")),
                _ => {}
            }
        }
    }
    if deployment.spec.paused {
        caption.push_str(" · paused");
    }
    let stage = if deployment.metadata.is_terminating() { Life::Unsettled } else { Life::Settled };
    Card {
        key: key(Kind::Deployment, &deployment.metadata).into(),
        kind: Some(Kind::Deployment),
        stage,
        eyebrow: text(language, msg!("scene.deployment"), &[]).into(),
        name: deployment.metadata.name.clone(),
        caption: caption.into(),
        state: ending(&deployment.metadata),
    }
}

/// The card where it is narrow: only a rolling update has these bounds.
pub(super) fn brief(card: &mut Card) {
    if let Some(bounds) = card.caption.strip_prefix("RollingUpdate · ") {
        card.caption = bounds.into();
    }
}

/// Of one that is being deleted: kubectl has no word for it, so it is the one of Pods and Namespaces.
fn ending(meta: &ObjectMeta) -> Option<(State, Str)> {
    meta.is_terminating().then(|| (State::Terminating, "Terminating".into()))
}

fn deployment_width(place: &Reserved<Deployment>, language: Language) -> f32 {
    let card = || deployment(place.now.unwrap_or(place.first), language).width(LEAST, 440.0);
    *place.wide.get_or_init(card)
}

/// The width of the card above those that make Pods; none where there is no such card.
pub(super) fn head_width(group: &Group, language: Language) -> f32 {
    let deployment = group.deployment.as_ref().map(|place| deployment_width(place, language));
    let cron_job = group.cron_job.as_ref().map(|place| plain_width(place, language));
    deployment.or(cron_job).unwrap_or(0.0)
}

/// How many Pods there are and how many there are to be: where an owner or its Namespace `ends`, none is to come or to go any more.
fn replicas([now, wanted]: [i32; 2], ends: bool, language: Language) -> String {
    let args = [("from", number(now)), ("to", number(wanted))];
    match () {
        () if ends => text(language, msg!("scene.replicas-of"), &args),
        () if now == wanted => text(language, msg!("scene.replicas"), &[("count", number(wanted))]),
        () => text(language, msg!("scene.replicas-change"), &args),
    }
}

/// A ReplicaSet's card. `counts` are what its Pods number.
fn replica_set_saying(
    set: &ReplicaSet,
    revision: Option<&str>,
    counts: [i32; 2],
    ends: bool,
    stage: Life,
    language: Language,
) -> Card {
    let eyebrow = match revision {
        Some(revision) => {
            text(language, msg!("scene.replica-set-revision"), &[("revision", revision.into())])
        }
        None => text(language, msg!("scene.replica-set"), &[]),
    };
    let replicas = replicas(counts, ends, language);
    let failure = conditions::find(&set.status.conditions, "ReplicaFailure");
    // Why it makes no Pods stands in the place of the image.
    let images = if failure.is_some() { String::new() } else { images_of(&set.spec.template.spec) };
    Card {
        key: key(Kind::ReplicaSet, &set.metadata).into(),
        kind: Some(Kind::ReplicaSet),
        stage,
        eyebrow: eyebrow.into(),
        name: set.metadata.name.clone(),
        caption: format!("{replicas}{images}").into(),
        state: ending(&set.metadata).or_else(|| Some((State::Failed, failure?.reason.clone()))),
    }
}

/// The first image of a template, and how many more there are, as the end of a caption.
fn images_of(spec: &PodSpec) -> String {
    let mut images = images(spec);
    let image = images.next().map(|image| format!(" · {image}")).unwrap_or_default();
    match images.count() {
        0 => image,
        more => format!("{image} +{more}"),
    }
}

/// A ReplicaSet's card.
fn replica_set(set: &ReplicaSet, branch: &Branch, is_current: bool, ends: bool, language: Language) -> Card {
    let counts = [set.status.replicas, set.spec.replicas.unwrap_or(1)];
    let stage = match counts {
        _ if set.metadata.is_terminating() => Life::Unsettled,
        _ if is_current => Life::Settled,
        _ => Life::Retired,
    };
    replica_set_saying(set, branch.revision(), counts, ends, stage, language)
}

/// The card of one who makes Pods, for this width; `ends` says that its Namespace is terminating.
pub(super) fn maker(
    object: &Object,
    branch: &Branch,
    is_current: bool,
    ends: bool,
    wide: f32,
    language: Language,
) -> Card {
    let ends = ends || object.meta().is_terminating();
    let mut card = match object {
        Object::ReplicaSet(set) => replica_set(set, branch, is_current, ends, language),
        _ => other_maker(object, counts(object), ends, language),
    };
    let mut has_more = object.meta().is_terminating();
    if let Object::Job(job) = object {
        has_more |= job.status.failed > 0;
        if let Some((state @ State::Running, _)) = &mut card.state
            && job.status.succeeded == 0
            && only_fails(branch)
        {
            *state = State::Pending;
        }
    }
    // What there is to say of its end matters more than the image, where there is no room for both.
    if has_more && card.width(0.0, f32::INFINITY) > wide {
        let images = template(object).map(images_of).unwrap_or_default();
        let said = card.caption.strip_suffix(&*images).map(Str::from);
        card.caption = said.unwrap_or(card.caption);
    }
    card
}

/// Whether Pods have failed, and none runs or has succeeded: nothing in it is to be glad of, though it goes on.
fn only_fails(branch: &Branch) -> bool {
    let mut fails = false;
    for (_, pod) in &branch.pods {
        match seen(pod).said {
            State::Running | State::Succeeded => return false,
            state => fails |= state == State::Failed,
        }
    }
    fails
}

pub(super) fn maker_width(place: &Maker, branch: &Branch, language: Language) -> f32 {
    // Its numbers go from no Pods to all that there is room for.
    let most = i32::try_from(branch.slots).unwrap_or(i32::MAX).max(10);
    let counts = [most, most - 1];
    let card = || match place.first {
        Object::ReplicaSet(set) => {
            replica_set_saying(set, branch.revision(), counts, false, Life::Settled, language)
        }
        other => other_maker(other, counts, false, language),
    };
    // A Job that fails says why, and so does a ReplicaSet that cannot make its Pods.
    let least = match place.first {
        Object::Job(_) => JOB_LEAST,
        Object::ReplicaSet(_) => SET_LEAST,
        _ => LEAST,
    };
    *place.wide.get_or_init(|| card().width(least, MOST))
}

/// How many Pods there are, or have done their work, and how many there are to be.
pub(super) fn counts(maker: &Object) -> [i32; 2] {
    match maker {
        Object::ReplicaSet(set) => [set.status.replicas, set.spec.replicas.unwrap_or(1)],
        Object::StatefulSet(set) => [set.status.replicas, set.spec.replicas.unwrap_or(1)],
        Object::DaemonSet(set) => [set.status.current_number_scheduled, set.status.desired_number_scheduled],
        Object::Job(job) => {
            [job.status.succeeded, job.spec.completions.or(job.spec.parallelism).unwrap_or(1)]
        }
        Object::ReplicationController(set) => [set.status.replicas, set.spec.replicas.unwrap_or(1)],
        _ => [0, 0],
    }
}

/// The card of one who makes Pods and is no ReplicaSet. Its number is called as kubectl's column is.
fn other_maker(object: &Object, [now, wanted]: [i32; 2], ends: bool, language: Language) -> Card {
    let meta = object.meta();
    let number = match object {
        // Any one Pod that succeeds is enough where no number is named.
        Object::Job(job) if job.spec.completions.is_none() => match job.spec.parallelism {
            Some(pods @ 2..) => format!("completions {now}/1 of {pods}"),
            _ => format!("completions {now}/1"),
        },
        Object::Job(_) => format!("completions {now}/{wanted}"),
        Object::DaemonSet(set) => {
            // What is where it should not be matters more than how many there are.
            match set.status.number_misscheduled {
                0 => format!("desired {wanted} · current {now}"),
                count => format!("misscheduled {count} · desired {wanted}"),
            }
        }
        _ => replicas([now, wanted], ends, language),
    };
    let reason = match object {
        Object::Job(job) => job_failure(job).map(|reason| format!(" · {reason}")),
        _ => None,
    };
    let failed = match object {
        Object::Job(job) if job.status.failed > 0 && reason.is_none() => {
            // What has failed is counted later than its Pod is seen to: until then it is active.
            let active = match job.status.active {
                0 => String::new(),
                count => format!(" · active {count}"),
            };
            format!("{active} · failed {}", job.status.failed)
        }
        _ => String::new(),
    };
    let images = template(object).filter(|_| reason.is_none()).map(images_of).unwrap_or_default();
    let reason = reason.unwrap_or_default();
    let kind = kind_in_capitals(object.kind());
    let eyebrow = match meta.controller() {
        Some(owner) => format!("{kind} · {} {}", owner.kind, owner.name),
        None => kind,
    };
    Card {
        key: key(object.kind(), meta).into(),
        kind: Some(object.kind()),
        stage: if meta.is_terminating() { Life::Unsettled } else { Life::Settled },
        eyebrow: eyebrow.into(),
        name: meta.name.clone(),
        caption: format!("{number}{failed}{reason}{images}").into(),
        state: match object {
            Object::Job(job) => Some(job_state(job)),
            _ => ending(meta),
        },
    }
}

/// What kubectl prints as the STATUS of a Job.
fn job_state(job: &Job) -> (State, Str) {
    let has = |kind: &&str| conditions::is_true(&job.status.conditions, kind);
    let late = || ["Suspended", "FailureTarget", "SuccessCriteriaMet"].into_iter().find(has);
    match ["Complete", "Failed"].into_iter().find(has) {
        Some("Failed") => (State::Failed, "Failed".into()),
        Some(complete) => (State::Succeeded, complete.into()),
        None if job.metadata.is_terminating() => (State::Terminating, "Terminating".into()),
        None => match late() {
            Some("FailureTarget") => (State::Failed, "FailureTarget".into()),
            Some(late) => (State::Pending, late.into()),
            None => (State::Running, "Running".into()),
        },
    }
}

/// Why a Job has failed.
fn job_failure(job: &Job) -> Option<&Str> {
    let failed = ["Failed", "FailureTarget"].into_iter();
    let mut found = failed.filter_map(|kind| conditions::find(&job.status.conditions, kind));
    found.next().map(|condition| &condition.reason)
}

/// A Service's card with this many endpoints that are ready.
pub(super) fn service(service: &Service, endpoints: usize, language: Language) -> Card {
    let spec = &service.spec;
    let value = match &*spec.kind {
        "ExternalName" => spec.external_name.clone(),
        "NodePort" => spec.ports.first().map_or_else(Str::default, |port| port.node_port.to_string().into()),
        _ => spec.cluster_ip.clone(),
    };
    let eyebrow = if value.is_empty() {
        text(language, msg!("scene.service"), &[])
    } else {
        let args = [("type", Arg::Text(spec.kind.clone())), ("value", Arg::Text(value))];
        text(language, msg!("scene.service-typed"), &args)
    };
    let count = ("count", Arg::Number(i64::try_from(endpoints).unwrap_or(i64::MAX)));
    let caption = if spec.selector.is_empty() {
        text(language, msg!("scene.selects-nothing"), &[count])
    } else {
        let labels: Vec<String> = spec.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
        text(language, msg!("scene.selects"), &[("selector", labels.join(",").into()), count])
    };
    Card {
        key: key(Kind::Service, &service.metadata).into(),
        kind: Some(Kind::Service),
        stage: if service.metadata.is_terminating() { Life::Unsettled } else { Life::Settled },
        eyebrow: eyebrow.into(),
        name: service.metadata.name.clone(),
        caption: caption.into(),
        state: ending(&service.metadata),
    }
}

/// `most` is how many endpoints there may be.
pub(super) fn service_width(place: &Reserved<Service>, most: usize, language: Language) -> f32 {
    let card = |count| service(place.first, count, language).width(LEAST, MOST);
    *place.wide.get_or_init(|| [0, 1, most.max(10)].map(card).into_iter().fold(0.0, f32::max))
}

/// The card of an object that owns no Pods; of those that use it, it names who is there.
pub(super) fn plain(plain: &Plain, language: Language) -> Card {
    plain_with(plain, language, |user| user.is_there)
}

fn plain_with(plain: &Plain, language: Language, is_named: impl Fn(&User) -> bool) -> Card {
    let object = plain.now.unwrap_or(plain.first);
    let kind = kind_in_capitals(object.kind());
    let keys = |count: usize| {
        text(
            language,
            msg!("scene.keys"),
            &[("count", Arg::Number(i64::try_from(count).unwrap_or(i64::MAX)))],
        )
    };
    let said = match object {
        Object::ConfigMap(map) => Some(keys(map.data.len() + map.binary_data.len())),
        Object::Secret(secret) => Some(keys(secret.data.len() + secret.string_data.len())),
        Object::EndpointSlice(slice) => Some(Tally::of([&**slice]).says(language)),
        Object::CronJob(job) => Some(job.spec.schedule.to_string()),
        Object::ResourceQuota(quota) => {
            let used = |(name, most): (&Str, &Str)| {
                let used = quota.status.used.get(name).map_or("0", |used| used);
                format!("{name} {used}/{most}")
            };
            Some(quota.spec.hard.iter().map(used).collect::<Vec<_>>().join(" · "))
        }
        _ => None,
    };
    // Their phases are their words.
    let state = match object {
        Object::PersistentVolumeClaim(claim) => Some(claim.status.phase.to_string()),
        Object::PersistentVolume(volume) => Some(volume.status.phase.to_string()),
        _ => None,
    };
    let state = state.filter(|phase| !phase.is_empty()).map(|phase| {
        let state = match &*phase {
            "Bound" => State::Running,
            "Lost" | "Failed" => State::Failed,
            "Released" => State::Succeeded,
            _ => State::Pending,
        };
        (state, Str::from(phase))
    });
    let users = match object {
        // Pods use the claim; this is what it is bound to, as kubectl's column has it.
        Object::PersistentVolume(volume) => {
            let claim = volume.spec.claim_ref.as_ref();
            claim.map(|claim| format!("CLAIM {}/{}", claim.namespace, claim.name))
        }
        _ => {
            // A Pod may have the name of its Deployment.
            let mut users: Vec<&str> =
                plain.used_by.iter().filter(|user| is_named(user)).map(|user| &*user.name).collect();
            users.dedup();
            (!users.is_empty())
                .then(|| text(language, msg!("scene.used-by"), &[("users", users.join(", ").into())]))
        }
    };
    let is_definition = object.kind() == Kind::CustomResourceDefinition;
    let is_simulated = Object::is_simulated(object.kind()) || is_definition;
    let caption: Vec<String> = if is_simulated {
        said.into_iter().chain(users).collect()
    } else {
        vec![text(language, msg!("scene.not-simulated"), &[])]
    };
    let stage = match object {
        _ if object.meta().is_terminating() => Life::Unsettled,
        _ if is_simulated => Life::Settled,
        _ => Life::Retired,
    };
    Card {
        key: key(object.kind(), object.meta()).into(),
        kind: Some(object.kind()),
        stage,
        eyebrow: kind.into(),
        name: object.meta().name.clone(),
        caption: caption.join(" · ").into(),
        state: ending(object.meta()).or(state),
    }
}

pub(super) fn plain_width(place: &Plain, language: Language) -> f32 {
    *place.wide.get_or_init(|| {
        let mut card = plain_with(place, language, |_| true);
        // As wide as the longest word needs that it has in turn, so that nothing moves as one follows another.
        let longest = match card.kind {
            Some(Kind::PersistentVolumeClaim | Kind::PersistentVolume) => "Terminating",
            _ => "",
        };
        let wide = |word: &str| width(word, Type::Label.font());
        if let Some((_, word)) = card.state.as_mut().filter(|(_, word)| wide(word) < wide(longest)) {
            *word = longest.into();
        }
        card.width(LEAST, 340.0)
    })
}

/// The width of the line with a Namespace's name.
pub(super) fn home_title_width(name: &str) -> f32 {
    width(name, Type::Name.font()) + 140.0
}
