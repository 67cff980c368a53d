//! What would help a Pod that no node takes: a Node on which it would fit, as a document to be applied.

use crate::api::objects::Pod;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::scheduler::fitting_node;
use crate::timeline::View;
use crate::value::yaml;

/// The text of a Node on which a Pod would fit; none where it has a node, or where no Node would help.
pub fn fitting(view: View, pod: &ObjectKey) -> Option<String> {
    let pod = view.get::<Pod>(&pod.namespace, &pod.name)?;
    let waits = pod.spec.node_name.is_empty() && !pod.metadata.is_terminating();
    let refused = pod.status.conditions.iter().any(|condition| &*condition.reason == "Unschedulable");
    if !waits || !refused {
        return None;
    }
    let objects: Vec<&Object> = Kind::all().flat_map(|kind| view.objects(kind, None)).collect();
    fitting_node(pod, objects).map(|node| yaml::print(&node))
}

/// A text with another document at its end.
pub fn with_document(text: &str, document: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let line = if text.trim().is_empty() { "" } else { "---\n" };
    format!("{text}{end}{line}{document}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::SimTime;
    use crate::session::{Action, File, Session};

    #[test]
    fn a_pod_that_no_node_takes_gets_one_that_would() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: large}\nspec:\n  nodeSelector: {disk: ssd}\n  \
            containers:\n  - {name: c, image: nginx, resources: {requests: {cpu: 64}}}\n";
        let file = File { name: "large.yaml".into(), text: text.into() };
        let mut session = Session::new(crate::cluster::setup::Setup::with_seed(1), "default", vec![file]);
        let run = |session: &mut Session| {
            session.apply(Action::Apply);
            while session.run(session.at(), 10_000).0 {}
            session.show(session.at() + 20_000_000);
        };
        run(&mut session);
        let key = ObjectKey::new(Kind::Pod, "default", "large");
        let view = session.timeline().at(session.timeline().history().end());
        let node = fitting(view, &key).expect("a node would help");
        assert!(node.contains("disk: ssd"), "{node}");
        assert_eq!(fitting(session.timeline().at(SimTime::ZERO), &key), None);
        session.apply(Action::EditFile("large.yaml".into(), with_document(text, &node).into()));
        run(&mut session);
        let view = session.timeline().at(session.timeline().history().end());
        assert!(!view.get::<Pod>("default", "large").expect("it is there").spec.node_name.is_empty());
        assert_eq!(fitting(view, &key), None);
    }
}
