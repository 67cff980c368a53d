//! What a PodDisruptionBudget does to the Pods that are there: it lets none go, counts none, or counts some that
//! another counts too.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::objects::{Object, PodDisruptionBudget};
use crate::api::subject::Findings;
use crate::api::world::{Maker, World, Written};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;
use crate::value::Value;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::PodDisruptionBudget], check) };

/// Budgets among themselves.
pub(super) const OVERLAP: Rule = Rule { check: Check::Across(overlap) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Object::PodDisruptionBudget(budget) = written.object else { return };
    let Some(selector) = selector(budget) else { return };
    let makers = world.selected(written.namespace(), &selector);
    if makers.is_empty() {
        if !selector.is_everything() && world.knows_pods(written.namespace()) {
            let span = written.span(&["spec", "selector"]);
            // Alone in its files, a budget may well be for Pods that come from elsewhere.
            let is_alone = !world.has_pods(written.namespace());
            let severity = if is_alone { Severity::Hint } else { Severity::Warning };
            let diagnostic = Diagnostic::new(msg!("budget-selects-nothing"), severity, span)
                .arg("selector", selector.to_string())
                .consequence(msg!("budget-protects-nothing"));
            written.tell(diagnostic, findings);
        }
        return;
    }
    if lets_none_go(world, budget, &makers) {
        let field = if budget.spec.min_available.is_some() { "minAvailable" } else { "maxUnavailable" };
        let span = written.subject.get(&["spec", field]).map_or(written.span(&["spec"]), |node| node.span);
        let diagnostic = Diagnostic::new(msg!("budget-blocks-every-drain"), Severity::Warning, span)
            .arg("field", field)
            .arg("value", span.slice(written.subject.text))
            .arg("pods", makers[0].named())
            .consequence(msg!("drain-never-ends"));
        written.tell(diagnostic, findings);
    }
}

fn selector(budget: &PodDisruptionBudget) -> Option<Selector> {
    Selector::from_label_selector(budget.spec.selector.as_ref()?).ok()
}

/// Whether all Pods have to stay, however many are well.
fn lets_none_go(world: &World, budget: &PodDisruptionBudget, makers: &[Maker]) -> bool {
    let spec = &budget.spec;
    match (&spec.min_available, &spec.max_unavailable) {
        (None, Some(Value::Int(0))) => return true,
        (None, Some(Value::String(text))) => return &**text == "0%",
        (Some(Value::String(text)), None) if &**text == "100%" => return true,
        _ => {}
    }
    let Some(all) =
        makers.iter().map(|maker| world.settled(maker.namespace, maker.object)).sum::<Option<i64>>()
    else {
        return false;
    };
    match &spec.min_available {
        Some(Value::Int(least)) => all > 0 && *least >= all,
        // Upstream rounds up: of one Pod every share is the whole.
        Some(Value::String(text)) => {
            let percent = text.strip_suffix('%').and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0);
            all > 0 && (percent * all + 99) / 100 >= all
        }
        _ => false,
    }
}

/// The eviction of a Pod of two budgets fails, whatever they allow. The later one is told of.
fn overlap(world: &World, findings: &mut Findings) {
    let mut counted: BTreeMap<(Kind, &str, &str), &str> = BTreeMap::new();
    for written in world.written(&[Kind::PodDisruptionBudget]) {
        let Object::PodDisruptionBudget(budget) = written.object else { continue };
        let Some(selector) = selector(budget) else { continue };
        let mut twin = None;
        for maker in world.selected(written.namespace(), &selector) {
            let meta = maker.object.meta();
            let key = (maker.object.kind(), maker.namespace, &*meta.name);
            let first = *counted.entry(key).or_insert(written.name());
            if first != written.name() {
                twin = twin.or(Some((first, maker)));
            }
        }
        let Some((other, maker)) = twin else { continue };
        let span = written.span(&["spec", "selector"]);
        let diagnostic = Diagnostic::new(msg!("budgets-overlap"), Severity::Warning, span)
            .arg("other", other)
            .arg("pods", maker.named())
            .consequence(msg!("eviction-fails"));
        written.tell(diagnostic, findings);
    }
}
