//! Whether the second run differs in what it says and in nothing else, and whether slices change nothing.

use super::*;
use crate::api::Kind;
use crate::api::objects::Pod;
use crate::cluster::fault::Fault;
use crate::cluster::record::{Change, Fact, NodeId, Record};
use crate::cluster::setup::Setup;
use crate::cluster::testing::requests_to_web;
use crate::cluster::traffic::{Outcome, RequestRow};
use crate::msg;
use crate::value::Str;

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'podium/web:1.0', ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";

/// A rollout under requests, with a text of its own.
fn rollout(text: &str) -> Timeline {
    let client = requests_to_web(20, 6 * SECOND, 2 * SECOND);
    let acts = vec![
        (0, Act::File("web.yaml".into(), Some(text.into()))),
        (0, Act::Command("kubectl apply -f web.yaml".into())),
        (5_000, Act::Requests(client)),
        (6_000, Act::Command("kubectl set image deployment/web web=podium/web:2.0".into())),
    ];
    let acts = acts.into_iter().map(|(at, act)| Acted { at: SimTime::millis(at), act }).collect();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
    let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    timeline
}

fn file(acts: &[Acted]) -> &Str {
    match &acts[0].act {
        Act::File(_, Some(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_difference_is_put_in_and_taken_away_again() {
    let timeline = rollout(WEB);
    assert_eq!(Difference::possible(timeline.start(), timeline.acts()), Difference::ALL);
    for (difference, written) in [
        (Difference::PreStop, "lifecycle.preStop.sleep.seconds: 5"),
        (Difference::Readiness, "readinessProbe.tcpSocket.port: 8080"),
        (Difference::Strategy, "strategy.type: Recreate"),
    ] {
        let other = difference.apply(timeline.start(), timeline.acts()).expect("it differs");
        assert_eq!(other.sides[1].written.as_deref(), Some(written));
        assert_eq!(&other.acts[1..], &timeline.acts()[1..], "what is done stays");
        let back = difference.apply(timeline.start(), &other.acts).expect("it differs again");
        assert_eq!(back.sides[0].written.as_deref(), Some(written));
        let [own, other, back] = [timeline.acts(), &other.acts, &back.acts].map(|acts| {
            crate::api::read::read(file(acts))
                .documents
                .into_iter()
                .map(|read| read.value)
                .collect::<Vec<_>>()
        });
        assert_ne!(own, other);
        assert_eq!(own[1], other[1], "the Service is the same");
        if difference != Difference::Strategy {
            assert_eq!(own, back, "{difference}");
        }
    }
}

#[test]
fn nothing_done_is_nothing_to_compare() {
    let start = rollout(WEB).start().clone();
    assert_eq!(Difference::possible(&start, &[]), []);
}

#[test]
fn only_a_seed_differs_where_no_manifest_was_written() {
    let timeline = rollout("");
    assert_eq!(Difference::possible(timeline.start(), timeline.acts()), [Difference::Seed]);
    let comparison = Comparison::new(&timeline, Some(Difference::Seed.into())).expect("a seed");
    assert!(comparison.sweep().is_one());
    assert_eq!(comparison.other().start().setup.seed, 2);
}

#[test]
fn the_first_seeds_lose_without_a_pre_stop_and_not_with_one_however_they_are_sliced() {
    let timeline = rollout(WEB);
    let counts = [usize::MAX, 97].map(|budget| {
        let mut comparison =
            Comparison::new(&timeline, Some(Difference::PreStop.into())).expect("it differs");
        while comparison.sweep().seeds() < 6 {
            assert!(comparison.run(SimTime::ZERO, budget).is_more);
        }
        comparison.sweep().counts().map(<[Tally]>::to_vec)
    });
    assert_eq!(counts[0], counts[1], "slices change nothing");
    let [without, with] = &counts[0];
    assert!(without.iter().all(|tally| tally.ended == 120 && tally.lost > 0), "{without:?}");
    assert!(with.iter().all(|tally| tally.ended == 120 && tally.lost == 0), "{with:?}");
}

#[test]
fn the_run_of_the_session_is_among_the_seeds() {
    let mut timeline = rollout(WEB);
    let mut comparison = Comparison::new(&timeline, Some(Difference::PreStop.into())).expect("it differs");
    assert!(comparison.is_of(&timeline));
    while comparison.sweep().seeds() < 1 {
        comparison.run(SimTime::ZERO, 10_000);
    }
    for (place, timeline) in [&timeline, comparison.other()].into_iter().enumerate() {
        let view = timeline.at(timeline.history().end());
        let lost = view
            .requests_within(u64::MAX)
            .filter(|(_, row)| !matches!(row.ended, Some((_, crate::cluster::traffic::Outcome::Served(_)))));
        assert_eq!(lost.count() as u32, comparison.sweep().counts()[place][0].lost, "run {place}");
    }
    timeline.act(SimTime::millis(20_000), Act::Command("kubectl get pods".into()));
    assert!(!comparison.is_of(&timeline));
}

/// Two Pods that end what they have begun, and their Service.
const POLITE: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web-a, labels: {app: web}}
spec: {containers: [{name: web, image: 'podium/web:1.0', env: [{name: GRACEFUL_MS, value: '3000'}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-b, labels: {app: web}}
spec: {containers: [{name: web, image: 'podium/web:1.0', env: [{name: GRACEFUL_MS, value: '3000'}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";

/// Requests are sent as soon as the Pods are ready, and one is deleted while they flow: with another seed they are ready later.
#[test]
fn who_waits_for_their_pods_does_so_with_every_seed() {
    let acted = |at, act| Acted { at, act };
    let applied = [
        acted(SimTime::ZERO, Act::File("web.yaml".into(), Some(POLITE.into()))),
        acted(SimTime::ZERO, Act::Command("kubectl apply -f web.yaml".into())),
    ];
    let run = |acts: Vec<Acted>| {
        let setup = Setup::with_seed(1);
        let start = Start { setup, namespace: "default".into(), files: Default::default() };
        let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
        while timeline.record(SimTime::ZERO, 10_000) {}
        timeline
    };
    let timeline = run(applied.to_vec());
    let mut settling = Settling::new(SimTime::ZERO);
    timeline.history().records().iter().for_each(|record| settling.hear(record));
    let ready = SimTime(settling.settled(SimTime::NEVER).expect("they get ready"));
    let mut acts = applied.to_vec();
    acts.push(acted(ready + 1, Act::Requests(requests_to_web(20, 10 * SECOND, 2 * SECOND))));
    acts.push(acted(ready + SECOND, Act::Command("kubectl delete pod web-a".into())));
    let timeline = run(acts);
    let mut comparison = Comparison::new(&timeline, Some(Difference::Seed.into())).expect("it differs");
    while comparison.sweep().seeds() < 20 {
        assert!(comparison.run(SimTime::ZERO, 10_000).is_more);
    }
    let [own, _] = comparison.sweep().counts();
    assert!(own.iter().all(|tally| tally.ended == 200), "{own:?}");
    // The first two are drawn, and wait for nothing.
    assert!(own[2..].iter().all(|tally| tally.lost == 0), "{own:?}");
    for (timeline, tally) in [&timeline, comparison.other()].into_iter().zip(own) {
        let view = timeline.at(timeline.history().end());
        let is_lost = |row: &RequestRow| !matches!(row.ended, Some((_, Outcome::Served(_))));
        let lost = view.requests_within(u64::MAX).filter(|(_, row)| is_lost(row)).count();
        assert_eq!(lost as u32, tally.lost, "what is drawn is what is counted");
    }
}

/// Who does not wait in the run that is drawn waits with no seed: what is done in the middle of a rollout is done in its middle.
#[test]
fn who_did_not_wait_waits_with_no_seed() {
    let acts = |last: u64| {
        let acts = [
            (0, Act::Command("kubectl apply -f web.yaml".into())),
            (100, Act::Command("kubectl scale deployment web --replicas=3".into())),
            (20_000, Act::Requests(requests_to_web(1, SECOND, SECOND))),
            (20_100, Act::Command("kubectl rollout restart deployment web".into())),
            (last, Act::Command("kubectl scale deployment web --replicas=1".into())),
        ];
        acts.map(|(at, act)| Acted { at: SimTime::millis(at), act })
    };
    let waited = |last: u64| {
        let start = Start {
            setup: Setup::with_seed(1),
            namespace: "default".into(),
            files: [("web.yaml".into(), WEB.into())].into(),
        };
        let acts = acts(last);
        let mut timeline = Timeline::restore(start, vec![(acts.to_vec(), None)], 0);
        while timeline.record(SimTime::ZERO, 10_000) {}
        calm::waited(&acts, timeline.history().records())
    };
    assert_eq!(waited(20_101), [false, false, true, true, false], "the rollout has hardly begun");
    assert_eq!(waited(21_500), [false, false, true, true, false], "it is under way");
    assert_eq!(waited(60_000), [false, false, true, true, true], "it is over");
}

/// What is done by a command four seconds after WEB was applied.
fn with_command(line: &str) -> Timeline {
    let mut timeline = rollout(WEB);
    timeline.fork(SimTime::millis(4_000));
    timeline.act(SimTime::millis(4_000), Act::Command(line.into()));
    while timeline.record(SimTime::ZERO, 10_000) {}
    timeline
}

#[test]
fn a_pre_stop_is_offered_only_where_a_container_is_stopped() {
    for (line, is_offered) in [
        ("kubectl get pods", false),
        ("kubectl scale deployment/web --replicas=3", false),
        ("kubectl scale deployment/web --replicas=1", true),
        ("kubectl rollout restart deployment/web", true),
        ("kubectl delete pods --all", true),
    ] {
        let timeline = with_command(line);
        let possible = Against::possible(&timeline);
        assert_eq!(possible.contains(&Difference::PreStop.into()), is_offered, "{line}");
        let comparison = Comparison::new(&timeline, Some(Difference::PreStop.into())).expect("it differs");
        let chosen = if is_offered { Difference::PreStop } else { Difference::Readiness };
        assert_eq!(comparison.against(), chosen.into(), "{line}");
    }
}

#[test]
fn a_stop_that_is_recorded_later_makes_another_comparison() {
    let whole = with_command("kubectl delete pods --all");
    let mut timeline = Timeline::restore(whole.start().clone(), vec![(whole.acts().to_vec(), None)], 0);
    let early = Comparison::new(&timeline, None).expect("it differs");
    assert_eq!(early.against(), Difference::Readiness.into());
    assert!(early.is_of(&timeline));
    while timeline.record(SimTime::ZERO, 10_000) {}
    assert!(!early.is_of(&timeline));
}

#[test]
fn a_branch_is_compared_with_another_in_which_something_else_is_done() {
    let mut timeline = with_command("kubectl scale deployment/web --replicas=3");
    timeline.rename(1, "three");
    // One in which nothing else is done.
    timeline.fork(SimTime::millis(20_000));
    timeline.look_at(1);
    let branches = |timeline: &Timeline| -> Vec<Against> {
        let possible = Against::possible(timeline).into_iter();
        possible.filter(|against| matches!(against, Against::Branch(_))).collect()
    };
    assert_eq!(branches(&timeline), [Against::Branch(0)]);
    let mut comparison = Comparison::new(&timeline, Some(Against::Branch(0))).expect("it differs");
    assert!(comparison.is_of(&timeline));
    let [own, other] = comparison.sides();
    assert_eq!((own.title, other.title), (msg!("compare.branch-named"), msg!("page.branch-main")));
    assert_eq!(own.written.as_deref(), Some("kubectl scale deployment/web --replicas=3"));
    assert_eq!(other.written.as_deref(), Some("kubectl set image deployment/web web=podium/web:2.0"));
    while comparison.sweep().seeds() < 1 {
        comparison.run(SimTime::ZERO, 10_000);
    }
    assert!(!comparison.sweep().is_one());
    assert_eq!(
        Some(comparison.other().history().digest()),
        timeline.history_of(0).map(|history| history.digest()),
        "it is played as the branch was"
    );
    assert_eq!(comparison.sweep().counts().map(|tallies| tallies[0].ended), [0, 120]);
    // From the last act of each: 4 s and 6 s.
    assert_eq!(comparison.last_deeds(), [4_000, 6_000].map(SimTime::millis));
    assert!(comparison.span_of_requests().is_some(), "also where only the other has requests");
    assert!(!comparison.name_branches(&timeline), "it is called so");
    timeline.rename(1, "more");
    assert!(comparison.is_of(&timeline), "a name does not begin it anew");
    assert!(comparison.name_branches(&timeline));
    assert_eq!(comparison.sides()[0].args, [("name", "more".into())]);
    timeline.look_at(0);
    assert_eq!(branches(&timeline), [Against::Branch(1), Against::Branch(2)]);
    let comparison = Comparison::new(&timeline, Some(Against::Branch(0))).expect("it differs");
    assert_eq!(comparison.against(), Difference::PreStop.into(), "a run is not compared with itself");
}

#[test]
fn a_pod_that_is_deleted_by_its_name_is_deleted_in_both_runs_and_with_every_seed() {
    let acts = vec![
        (0, Act::File("web.yaml".into(), Some(WEB.into()))),
        (0, Act::Command("kubectl apply -f web.yaml".into())),
    ];
    let acts = acts.into_iter().map(|(at, act)| Acted { at: SimTime::millis(at), act }).collect();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
    let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    let view = timeline.at(timeline.history().end());
    let name = view.all::<Pod>().next().map(|pod| pod.metadata.name.clone()).expect("a Pod");
    timeline
        .act(SimTime::millis(8_000), Act::Command(format!("kubectl delete pod {name} --wait=false").into()));
    while timeline.record(SimTime::ZERO, 10_000) {}
    for difference in [Difference::PreStop, Difference::Seed] {
        let mut comparison = Comparison::new(&timeline, Some(difference.into())).expect("it differs");
        while comparison.sweep().seeds() < 3 {
            comparison.run(SimTime::ZERO, 10_000);
        }
        assert_eq!(comparison.against(), difference.into());
        let is_end = |record: &&Record| match &record.fact {
            Fact::Object { object, change } => *change == Change::Deleted && object.kind() == Kind::Pod,
            _ => false,
        };
        assert_eq!(comparison.other().history().records().iter().filter(is_end).count(), 1, "{difference}");
        assert_eq!(comparison.found_nothing().count(), 0);
        for tally in comparison.sweep().counts().concat() {
            assert!(!tally.has_missed && tally.rests.is_some_and(|rests| rests > SECOND), "{tally:?}");
        }
    }
}

#[test]
fn what_is_not_there_in_the_second_run_is_known() {
    // A Pod of the new ReplicaSet, which `Recreate` does not make before the old Pods are gone.
    let mut timeline = rollout(WEB);
    let at = SimTime::millis(6_400);
    let pods = |at: SimTime| timeline.at(at).all::<Pod>().map(|pod| pod.metadata.name.clone());
    let old: Vec<Str> = pods(SimTime::millis(6_000)).collect();
    let name = pods(at).find(|name| !old.contains(name)).expect("a new Pod");
    timeline.act(at, Act::Command(format!("kubectl delete pod {name}").into()));
    let early = Timeline::restore(timeline.start().clone(), vec![(timeline.acts().to_vec(), None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    let comparison = Comparison::new(&early, Some(Difference::Strategy.into())).expect("it differs");
    assert!(comparison.is_of(&early));
    assert!(!comparison.is_of(&timeline), "now it is known what the name stands for");
    let mut comparison = Comparison::new(&timeline, Some(Difference::Strategy.into())).expect("it differs");
    while comparison.sweep().seeds() < 3 {
        comparison.run(SimTime::ZERO, 10_000);
    }
    let found_nothing: Vec<ClientId> = comparison.found_nothing().collect();
    assert_eq!(found_nothing, [ClientId(2)]);
    let missed = comparison.sweep().counts().map(|tallies| tallies[0].has_missed);
    assert_eq!(missed, [false, true]);
}

/// The second run is known as far as its seeds are, however late its last act is; and where a node is not heard of, its Pods are not
/// settled, though their containers are ready.
#[test]
fn the_second_run_is_played_as_far_as_its_seeds_are() {
    let web = |image: &str| format!("kubectl create deployment web --replicas=4 --image={image}");
    let acted = |at: u64, act| Acted { at: SimTime::millis(at), act };
    let run =
        |image: &str, last: Act| vec![acted(0, Act::Command(web(image).into())), acted(1_900_000, last)];
    let scaled = Act::Command("kubectl scale deployment web --replicas=3".into());
    for (image, last, settles) in [
        ("podium/web:1.0", scaled.clone(), true),
        ("nginx:9.99", scaled, false),
        ("podium/web:1.0", Act::Fault(Fault::KubeletStops(NodeId(0))), false),
    ] {
        let start =
            Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
        // What is looked at does less: the other branch is the one that is asked of.
        let branches = vec![(run(image, last.clone())[..1].to_vec(), None), (run(image, last.clone()), None)];
        let mut timeline = Timeline::restore(start, branches, 0);
        while timeline.record(SimTime::ZERO, 10_000) {}
        let mut comparison = Comparison::new(&timeline, Some(Against::Branch(1))).expect("it differs");
        while comparison.sweep().seeds() < 3 {
            comparison.run(SimTime::ZERO, 10_000);
        }
        let (other, [_, since]) = (comparison.other(), comparison.last_deeds());
        assert!(other.history().end() >= since, "{image}, {last:?}");
        let mut settling = Settling::new(since);
        other.history().records().iter().for_each(|record| settling.hear(record));
        let until = if other.story().is_whole { SimTime::NEVER } else { settling.end() };
        let drawn = settling.settled(until);
        let seeds = comparison.sweep().counts()[1];
        assert_eq!(seeds[0].rests, drawn, "{image}, {last:?}");
        assert!(seeds.iter().all(|tally| tally.rests.is_some() == settles), "{image}, {last:?}: {seeds:?}");
    }
}

#[test]
fn what_a_schedule_makes_for_ever_keeps_nothing_from_being_settled() {
    let schedule = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec: {schedule: '*/1 * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'busybox:1.36', command: [sleep, '5']}]}}}}}\n";
    let settled = |yaml: String| {
        let acts = vec![
            Acted { at: SimTime::ZERO, act: Act::File("web.yaml".into(), Some(yaml.into())) },
            Acted { at: SimTime::ZERO, act: Act::Command("kubectl apply -f web.yaml".into()) },
        ];
        let start =
            Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
        let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
        while timeline.record(SimTime(200 * SECOND), 10_000) {}
        let mut settling = Settling::new(SimTime::ZERO);
        timeline.history().records().iter().for_each(|record| settling.hear(record));
        settling.settled(SimTime(200 * SECOND)).expect("the others are settled")
    };
    let with = settled(format!("{POLITE}---\n{schedule}"));
    assert!(with < 10 * SECOND && settled(POLITE.into()) < 10 * SECOND, "{with}");
}
