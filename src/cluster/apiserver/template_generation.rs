//! A DaemonSet's count of its templates, which lives in an annotation
//! (upstream: pkg/registry/apps/daemonset/strategy.go, pkg/apis/apps/v1/conversion.go).

use crate::api::Object;
use crate::api::objects::{DaemonSet, Labels};
use std::rc::Rc;

/// Where the count stands.
pub const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// A new DaemonSet begins with 1, or with what it says itself.
pub(super) fn on_create(object: &mut Object) {
    if let Object::DaemonSet(set) = object {
        let first = count(&set.metadata.annotations).max(1);
        write(Rc::make_mut(set), first);
    }
}

/// A new template counts one further; nobody else changes the count.
pub(super) fn on_update(old: &Object, new: &mut Object) {
    if let (Object::DaemonSet(old), Object::DaemonSet(new)) = (old, new) {
        let is_new = old.spec.template != new.spec.template;
        let next = count(&old.metadata.annotations) + i64::from(is_new);
        write(Rc::make_mut(new), next);
    }
}

fn count(annotations: &Labels) -> i64 {
    annotations.get(TEMPLATE_GENERATION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn write(set: &mut DaemonSet, count: i64) {
    let annotations = &mut Rc::make_mut(&mut set.metadata).annotations;
    annotations.insert(TEMPLATE_GENERATION.into(), count.to_string().into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{DaemonSetSpec, PodSpec, PodTemplateSpec};

    #[test]
    fn only_a_new_template_counts() {
        let set = |host_network: bool, min_ready_seconds: i32| {
            let spec = Rc::new(PodSpec { host_network, ..PodSpec::default() });
            let template = Rc::new(PodTemplateSpec { spec, ..PodTemplateSpec::default() });
            let spec = Rc::new(DaemonSetSpec { template, min_ready_seconds, ..DaemonSetSpec::default() });
            Object::from(DaemonSet { spec, ..DaemonSet::default() })
        };
        let mut first = set(false, 0);
        on_create(&mut first);
        assert_eq!(count(&first.meta().annotations), 1);
        let mut second = set(false, 5);
        on_update(&first, &mut second);
        assert_eq!(count(&second.meta().annotations), 1);
        let mut third = set(true, 5);
        on_update(&second, &mut third);
        assert_eq!(count(&third.meta().annotations), 2);
    }
}
