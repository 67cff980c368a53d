//! Why something is so: the chain of causes of a record, told by the beats that it goes through.

use super::beats::{Beat, Story};
use super::history::History;
use crate::cluster::record::{ClientId, Fact, RecordId};

/// A chain of causes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why<'a> {
    /// The command that it began with, where somebody gave one.
    pub command: Option<ClientId>,
    /// The steps from there to the record, in their order.
    pub beats: Vec<&'a Beat>,
}

impl Story {
    /// Why a record is as it is: what a person did, and each step that followed from it and led there.
    pub fn why(&self, history: &History, id: RecordId) -> Why<'_> {
        let mut why = Why::default();
        for record in history.causes(id) {
            if let Fact::CommandBegins(client, _) = record.fact {
                why.command = Some(client);
            }
            let tells = |beat: &&Beat| beat.records.contains(&record.id);
            why.beats.extend(self.beats.iter().find(tells));
        }
        // One step may tell of several records of a chain.
        why.beats.sort_by_key(|beat| beat.index);
        why.beats.dedup_by_key(|beat| beat.index);
        why
    }
}

#[cfg(test)]
mod tests {
    use crate::api::Kind;
    use crate::cluster::setup::Setup;
    use crate::cluster::time::SimTime;
    use crate::kubectl::Files;
    use crate::timeline::{Act, RowKey, Start, Timeline};

    #[test]
    fn a_pod_runs_because_of_the_command_and_all_that_followed() {
        let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector:\n    \
                   matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        app: web\n    \
                   spec:\n      containers:\n      - name: web\n        image: nginx:1.25\n";
        let files = Files::from([("web.yaml".into(), pod.into())]);
        let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
        let mut timeline = Timeline::new(start);
        timeline.act(SimTime::ZERO, Act::Command("kubectl apply -f web.yaml".into()));
        while timeline.record(SimTime::ZERO, 1_000) {}
        let (history, story) = (timeline.history(), timeline.story());
        let view = timeline.at(history.end());
        let pod = view.objects(Kind::Pod, None).next().expect("it runs");
        let why = story.why(history, view.row(&RowKey::Object(pod.key())).expect("it is there").id);
        assert!(why.command.is_some());
        let told: Vec<&str> = why.beats.iter().map(|beat| beat.say.id).collect();
        expect_test::expect![[r#"
            say.apply-sent
            say.object-created
            say.replica-set-created
            say.pods-created
            say.pod-scheduled
            say.kubelet-told
            say.pause-started
            say.image-pulling
            say.container-started
            say.pod-ready"#]]
        .assert_eq(&told.join("\n"));
    }
}
