//! The mistakes that are looked for: one a file, each a line in `all`.
//!
//! A rule looks at what it needs and no more: at entries that a mapping's definition does not know
//! (`Check::Strangers`), at a value of the wrong type (`Check::Misfit`), at every mapping or field with its
//! place in the structure (`Check::Block`, `Check::Field`), at an object (`Check::Object`), at all objects together
//! (`Check::Across`), or at one among all (`Check::Among`). The first two come first and mend what they are certain of; the others see the
//! mended tree, so that one mistake is told once.

use super::kinds::Kind;
use super::subject::{Block, Findings, Mended, Misfit, Place, Strangers, Subject};
use super::world::{World, Written};
use std::sync::OnceLock;

mod autoscaler;
mod autoscaler_target;
mod behind_service;
mod budget_in_force;
mod cel;
mod claim_missing;
mod claim_shared;
mod claim_unbound;
mod config_keys;
mod config_missing;
mod container_habits;
mod containers;
mod cron_job_overlaps;
mod disruption_budget;
mod ends_at_once;
mod enums;
mod env;
mod field_ref;
mod grace_period;
mod host_port_with_replicas;
mod image;
mod image_latest;
mod ingress_backend;
mod init_container;
mod item_or_list;
mod labels;
mod limits;
mod missing_field;
mod missing_parent;
mod name;
mod namespace;
mod network_policy;
mod no_node_fits;
mod node_port_twice;
mod not_simulated;
mod numbers;
mod one_level_off;
mod one_of;
mod pod_adopted;
mod port;
mod port_twice;
mod priority_class_missing;
mod probe_port;
mod quantity;
mod quota_forbids;
mod reference_missing;
mod refused_field;
mod resources;
mod restart_policy;
mod rollout;
mod rollout_stands;
mod same_object;
mod scalar;
mod schedule;
mod secret_data;
mod secret_type;
mod selector_flat;
mod selector_mismatch;
mod selectors_overlap;
mod server_warns;
mod service_account;
mod service_mixes;
mod service_name_missing;
mod service_ports;
mod service_selects;
mod service_type;
mod shorthand;
mod space_after_colon;
mod spread_out;
mod stop_signal;
mod storage;
mod toleration;
mod unknown_field;
mod volume_mount;

pub(crate) use refused_field::place_of;
pub(crate) use unknown_field::parent_name;

/// A rule.
pub(crate) struct Rule {
    /// What it looks at.
    pub(crate) check: Check,
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// Entries that the definition of their mapping does not know.
    Strangers(fn(&mut Strangers, &mut Findings)),
    /// A value of the wrong type. The first rule that knows it has the word.
    Misfit(fn(&Misfit, &mut Findings) -> Option<Mended>),
    /// Every mapping that has a definition.
    Block(fn(&Subject, &Block, &mut Findings)),
    /// Every field with a value.
    Field(fn(&Subject, &Place, &mut Findings)),
    /// Every object.
    Object(fn(&Subject, &mut Findings)),
    /// All objects of all files.
    Across(fn(&World, &mut Findings)),
    /// Every object of these kinds that the API server would take, among all others.
    Among(&'static [Kind], fn(&World, &Written, &mut Findings)),
}

/// The kinds that make Pods, and Pods themselves.
const MAKERS: &[Kind] = &[
    Kind::Pod,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
];

/// The kinds whose Pods are meant to run for ever.
const SERVERS: &[Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet];

/// The rules by what they look at, so that at a field no others are gone through than those that look at fields.
#[derive(Default)]
pub(crate) struct Sorted {
    pub(crate) strangers: Vec<fn(&mut Strangers, &mut Findings)>,
    pub(crate) misfits: Vec<fn(&Misfit, &mut Findings) -> Option<Mended>>,
    pub(crate) blocks: Vec<fn(&Subject, &Block, &mut Findings)>,
    pub(crate) fields: Vec<fn(&Subject, &Place, &mut Findings)>,
    pub(crate) objects: Vec<fn(&Subject, &mut Findings)>,
}

/// The rules that look at one object, each sort in the order of `all`.
pub(crate) fn sorted() -> &'static Sorted {
    static SORTED: OnceLock<Sorted> = OnceLock::new();
    SORTED.get_or_init(|| {
        let mut sorted = Sorted::default();
        for rule in all() {
            match rule.check {
                Check::Strangers(check) => sorted.strangers.push(check),
                Check::Misfit(check) => sorted.misfits.push(check),
                Check::Block(check) => sorted.blocks.push(check),
                Check::Field(check) => sorted.fields.push(check),
                Check::Object(check) => sorted.objects.push(check),
                Check::Across(_) | Check::Among(..) => {}
            }
        }
        sorted
    })
}

/// Every rule. Those that know more of what was meant stand before those that know less.
pub(crate) fn all() -> &'static [Rule] {
    const ALL: &[Rule] = &[
        one_level_off::RULE,
        selector_flat::RULE,
        selector_flat::IN_SERVICE,
        ingress_backend::RULE,
        missing_parent::RULE,
        unknown_field::RULE,
        space_after_colon::RULE,
        env::AS_MAP,
        env::AS_STRINGS,
        shorthand::RULE,
        item_or_list::RULE,
        quantity::RULE,
        secret_data::RULE,
        scalar::RULE,
        name::RULE,
        labels::RULE,
        missing_field::RULE,
        enums::RULE,
        config_keys::RULE,
        containers::RULE,
        image::RULE,
        port::RULE,
        resources::RULE,
        volume_mount::RULE,
        one_of::RULE,
        field_ref::RULE,
        numbers::RULE,
        init_container::RULE,
        toleration::RULE,
        restart_policy::RULE,
        selector_mismatch::RULE,
        rollout::RULE,
        disruption_budget::RULE,
        autoscaler::RULE,
        storage::RULE,
        limits::RULE,
        service_ports::RULE,
        service_type::RULE,
        secret_type::RULE,
        schedule::RULE,
        port_twice::RULE,
        grace_period::RULE,
        refused_field::RULE,
        not_simulated::RULE,
        cel::RULE,
        same_object::RULE,
        namespace::RULE,
        service_selects::RULE,
        service_account::RULE,
        config_missing::RULE,
        claim_missing::RULE,
        priority_class_missing::RULE,
        no_node_fits::RULE,
        host_port_with_replicas::RULE,
        ends_at_once::RULE,
        image_latest::RULE,
        behind_service::RULE,
        service_mixes::RULE,
        service_name_missing::RULE,
        selectors_overlap::RULE,
        pod_adopted::RULE,
        budget_in_force::RULE,
        budget_in_force::OVERLAP,
        autoscaler_target::RULE,
        autoscaler_target::WITH_REPLICAS,
        cron_job_overlaps::RULE,
        probe_port::RULE,
        stop_signal::RULE,
        claim_shared::RULE,
        claim_unbound::RULE,
        quota_forbids::RULE,
        spread_out::RULE,
        node_port_twice::RULE,
        rollout_stands::RULE,
        container_habits::RULE,
        reference_missing::PULL_SECRET,
        reference_missing::INGRESS,
        reference_missing::BINDING,
        network_policy::RULE,
        server_warns::RULE,
    ];
    ALL
}
