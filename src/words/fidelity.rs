//! Where the simulation is simpler than a real cluster: what FIDELITY.md and the page say.

use crate::msg;

/// A sentence each. What is not among them is meant to be as in a real cluster.
pub const SIMPLIFIED: &[&str] = &[
    msg!("fidelity.simplified-hash"),
    msg!("fidelity.simplified-kinds"),
    msg!("fidelity.simplified-root-ca"),
    msg!("fidelity.simplified-image"),
    msg!("fidelity.simplified-shell"),
    msg!("fidelity.simplified-names"),
    msg!("fidelity.simplified-mirroring"),
    msg!("fidelity.simplified-latency"),
    msg!("fidelity.simplified-memory"),
    msg!("fidelity.simplified-config"),
    msg!("fidelity.simplified-leases"),
    msg!("fidelity.simplified-machines"),
    msg!("fidelity.simplified-scheduler"),
    msg!("fidelity.simplified-volumes"),
    msg!("fidelity.simplified-owners"),
    msg!("fidelity.simplified-order"),
    msg!("fidelity.simplified-zones"),
    msg!("fidelity.simplified-balancer"),
    msg!("fidelity.simplified-yaml"),
    msg!("fidelity.simplified-checks"),
    msg!("fidelity.simplified-terminal"),
    msg!("fidelity.simplified-node"),
    msg!("fidelity.simplified-kustomize"),
    msg!("fidelity.simplified-stage"),
    msg!("fidelity.simplified-crowd"),
    msg!("fidelity.simplified-findings"),
    msg!("fidelity.simplified-transfer"),
    msg!("fidelity.simplified-debug"),
    msg!("fidelity.simplified-compare"),
    msg!("fidelity.simplified-recording"),
];
