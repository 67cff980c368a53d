//! PriorityClasses: what Pods get from them, and what is refused
//! (upstream: plugin/pkg/admission/priority and pkg/apis/scheduling).

use super::ApiServer;
use crate::api::objects::{ObjectMeta, PodSpec, PriorityClass};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::request::Status;
use std::rc::Rc;

/// The highest priority that a class of one's own may have.
const HIGHEST_USER_DEFINABLE: i32 = 1_000_000_000;
const SYSTEM_CRITICAL: i32 = 2 * HIGHEST_USER_DEFINABLE;

/// The classes that every cluster has.
pub fn system_classes() -> [PriorityClass; 2] {
    let class = |name: &str, value: i32, description: &str| PriorityClass {
        metadata: Rc::new(ObjectMeta { name: name.into(), generation: 1, ..ObjectMeta::default() }),
        value,
        description: description.into(),
        preemption_policy: "PreemptLowerPriority".into(),
        ..PriorityClass::default()
    };
    [
        class(
            "system-node-critical",
            SYSTEM_CRITICAL + 1000,
            "Used for system critical pods that must not be moved from their current node.",
        ),
        class(
            "system-cluster-critical",
            SYSTEM_CRITICAL,
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        ),
    ]
}

/// The class that Pods get which name none: of several the lowest.
fn default_class(server: &ApiServer) -> Option<&PriorityClass> {
    let all = server.store.list(Kind::PriorityClass, None).filter_map(|object| object.get::<PriorityClass>());
    all.filter(|class| class.global_default).min_by_key(|class| class.value).map(|class| &**class)
}

/// Gives a new Pod its priority.
pub(super) fn admit(server: &ApiServer, key: &ObjectKey, spec: &mut PodSpec) -> Result<(), Rc<Status>> {
    let none = PriorityClass::default();
    let class = if spec.priority_class_name.is_empty() {
        default_class(server).unwrap_or(&none)
    } else {
        let class = ObjectKey::new(Kind::PriorityClass, "", spec.priority_class_name.clone());
        let found = server.store.get(&class).and_then(|object| object.get::<PriorityClass>());
        let why = || format!("no PriorityClass with name {} was found", spec.priority_class_name);
        found.map(|class| &**class).ok_or_else(|| Status::forbidden(key, &why()))?
    };
    if let Some(priority) = spec.priority
        && priority != class.value
    {
        let why = format!(
            "the integer value of priority ({priority}) must not be provided in pod spec; priority admission controller computed {} from the given PriorityClass name",
            class.value
        );
        return Err(Status::forbidden(key, &why));
    }
    let policy = match &*class.preemption_policy {
        "" => "PreemptLowerPriority",
        policy => policy,
    };
    if !spec.preemption_policy.is_empty() && &*spec.preemption_policy != policy {
        let why = format!(
            "the string value of PreemptionPolicy ({}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name",
            spec.preemption_policy
        );
        return Err(Status::forbidden(key, &why));
    }
    spec.priority = Some(class.value);
    spec.preemption_policy = policy.into();
    spec.priority_class_name = class.metadata.name.clone();
    Ok(())
}

/// Refuses a second class that all Pods would get.
pub(super) fn only_one_default(server: &ApiServer, object: &Object) -> Result<(), Rc<Status>> {
    if let Object::PriorityClass(class) = object
        && class.global_default
        && let Some(default) = default_class(server)
        && default.metadata.name != class.metadata.name
    {
        let why = format!(
            "PriorityClass {} is already marked as default. Only one default can exist",
            default.metadata.name
        );
        return Err(Status::forbidden(&object.key(), &why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::{Test, create_request, patch_request};

    fn class(test: &mut Test, name: &str, fields: &str) -> String {
        let text = format!(
            r#"{{"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","metadata":{{"name":"{name}"}},{fields}}}"#
        );
        test.refusal(create_request(ObjectKey::new(Kind::PriorityClass, "", name), &text))
    }

    fn pod(test: &mut Test, name: &str, fields: &str) -> String {
        let text = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"default"}},"spec":{{{fields}"containers":[{{"name":"a","image":"a:1"}}]}}}}"#
        );
        let key = ObjectKey::new(Kind::Pod, "default", name);
        match test.refusal(create_request(key, &text)) {
            done if done == "done" => {
                let spec = &test.pod(name).expect("there").spec;
                format!(
                    "{} {} {}",
                    spec.priority_class_name,
                    spec.priority.unwrap_or(-1),
                    spec.preemption_policy
                )
            }
            why => why,
        }
    }

    #[test]
    fn pods_get_their_priority_from_classes() {
        let mut test = Test::new();
        assert_eq!(pod(&mut test, "a", ""), " 0 PreemptLowerPriority");
        assert_eq!(class(&mut test, "high", r#""value":1000"#), "done");
        assert_eq!(class(&mut test, "polite", r#""value":500,"preemptionPolicy":"Never""#), "done");
        assert_eq!(pod(&mut test, "b", r#""priorityClassName":"high","#), "high 1000 PreemptLowerPriority");
        assert_eq!(pod(&mut test, "c", r#""priorityClassName":"polite","#), "polite 500 Never");
        assert_eq!(
            pod(&mut test, "d", r#""priorityClassName":"system-node-critical","#),
            "system-node-critical 2000001000 PreemptLowerPriority"
        );
        assert_eq!(class(&mut test, "usual", r#""value":10,"globalDefault":true"#), "done");
        assert_eq!(pod(&mut test, "e", ""), "usual 10 PreemptLowerPriority");
        for (fields, why) in [
            (
                r#""priorityClassName":"none","#,
                r#"pods "z" is forbidden: no PriorityClass with name none was found"#,
            ),
            (
                r#""priorityClassName":"high","priority":5,"#,
                r#"pods "z" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name"#,
            ),
            (
                r#""priorityClassName":"high","preemptionPolicy":"Never","#,
                r#"pods "z" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name"#,
            ),
        ] {
            assert_eq!(pod(&mut test, "z", fields), why);
        }
    }

    #[test]
    fn classes_have_their_bounds() {
        let mut test = Test::new();
        let refused =
            |name: &str, why: &str| format!("PriorityClass.scheduling.k8s.io \"{name}\" is invalid: {why}");
        assert_eq!(
            class(&mut test, "max", r#""value":1000000001"#),
            refused(
                "max",
                "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"
            )
        );
        assert_eq!(
            class(&mut test, "system-mine", r#""value":1"#),
            refused(
                "system-mine",
                "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class"
            )
        );
        assert_eq!(class(&mut test, "one", r#""value":1,"globalDefault":true"#), "done");
        assert_eq!(
            class(&mut test, "two", r#""value":2,"globalDefault":true"#),
            r#"priorityclasses.scheduling.k8s.io "two" is forbidden: PriorityClass one is already marked as default. Only one default can exist"#
        );
        let one = ObjectKey::new(Kind::PriorityClass, "", "one");
        assert_eq!(
            test.refusal(patch_request(one.clone(), r#"{"value":2}"#)),
            refused("one", "value: Forbidden: may not be changed in an update.")
        );
        assert_eq!(test.refusal(patch_request(one, r#"{"description":"usual"}"#)), "done");
    }
}
