//! What a session promises: its log plays again, the past forks, files and cluster stay apart.

use super::*;
use crate::api::objects::{Namespace, Pod};
use crate::cluster::fault::{RegistryState, Shortage};
use crate::cluster::record::{Fact, NodeId};
use crate::cluster::time::SECOND;

fn whole(session: &mut Session) {
    while session.run(session.at(), 10_000).0 {}
}

fn digest(session: &Session) -> u64 {
    session.timeline().history().digest()
}

#[test]
fn a_log_gives_the_same_run_again() {
    for example in examples::ALL {
        let mut session = Session::default();
        session.apply(Action::LoadExample(example.id));
        whole(&mut session);
        let mut again = Session::from_json(&session.to_json()).expect("it was just written");
        whole(&mut again);
        assert_eq!(digest(&again), digest(&session), "{}", example.id);
        assert_eq!(again.to_json(), session.to_json(), "{}", example.id);
        assert_eq!(again.files(), session.files());
    }
}

#[test]
fn a_command_that_watches_goes_on_beside_the_next_one() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("deployment"));
    whole(&mut session);
    session.show(SimTime::millis(8_000));
    session.apply(Action::Command("kubectl get deploy -n myapp-ns -w".into()));
    whole(&mut session);
    session.show(SimTime::millis(9_000));
    let scale = "kubectl scale deploy myapp-deployment -n myapp-ns --replicas=4";
    session.apply(Action::Command(scale.into()));
    whole(&mut session);
    session.show(SimTime::millis(15_000));
    whole(&mut session);
    let view = session.timeline().at(SimTime::millis(15_000));
    let watch = view.commands().find(|command| command.line.ends_with("-w")).expect("it has begun");
    let printed: String = watch.printed().map(|(_, text)| text.to_string()).collect();
    assert!(printed.contains("4/4"), "{printed}");
    assert_eq!(watch.ended, None);
}

#[test]
fn an_act_in_the_past_begins_a_branch_and_the_log_keeps_it() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("deployment"));
    whole(&mut session);
    session.show(SimTime::millis(8_000));
    session.apply(Action::Command("kubectl scale deploy myapp-deployment -n myapp-ns --replicas=1".into()));
    whole(&mut session);
    session.show(SimTime::millis(20_000));
    session.show(SimTime::millis(2_000));
    session.apply(Action::Command("kubectl delete ns myapp-ns --wait=false".into()));
    whole(&mut session);
    assert_eq!(session.timeline().branches(), 2);
    let gone = |session: &Session| {
        session.timeline().history().records().iter().all(|record| match &record.fact {
            Fact::Object { change, object } => {
                object.get::<Namespace>().is_none() || *change != crate::cluster::record::Change::Deleted
            }
            _ => true,
        })
    };
    assert!(!gone(&session), "the branch deletes the Namespace");
    session.apply(Action::NameBranch(1, "  one Pod alone ".into()));
    session.apply(Action::NameBranch(0, "   ".into()));
    let mut again = Session::from_json(&session.to_json()).expect("it was just written");
    whole(&mut again);
    assert_eq!(digest(&again), digest(&session));
    assert_eq!(again.timeline().name(1).map(|name| &**name), Some("one Pod alone"));
    assert_eq!(again.timeline().name(0), None);
    again.apply(Action::LookAt(0));
    session.apply(Action::LookAt(0));
    whole(&mut again);
    assert_eq!(digest(&again), digest(&session));
    assert!(gone(&session), "the run itself does not");
}

/// A log as it was written before questions could be placed, and one as they were written first: both are read for ever.
const LOGS: [&str; 2] = [
    r#"{"podium":1,"files":[{"name":"new.yaml","text":""}],"open":0,"setup":{"seed":"1","start":1795521600000000,"nodes":[],"namespaces":[],"serviceCIDR":"10.96.0.0/12"},"namespace":"default","branches":[{"shown":0,"acts":[]}],"branch":0,"at":0,"view":"hierarchy"}"#,
    r#"{"podium":1,"files":[{"name":"new.yaml","text":""}],"open":0,"setup":{"seed":"1","start":1795521600000000,"nodes":[],"namespaces":[],"serviceCIDR":"10.96.0.0/12"},"namespace":"default","branches":[{"shown":0,"acts":[]}],"branch":0,"at":0,"view":"hierarchy","asks":[{"at":9048000,"kind":"ends"},{"at":12000000,"kind":null},{"at":13000000,"kind":"of-a-newer-version"}]}"#,
];

#[test]
fn questions_are_placed_and_kept() {
    use crate::timeline::predictions::{Own, Placed, PredictionKind, Wanted, asked, before};
    let read = LOGS.map(|log| Session::from_json(log).expect("it can be read").placed().to_vec());
    let placed = |at, what| Placed { at: SimTime(at), what };
    assert_eq!(read[0], []);
    assert_eq!(
        read[1],
        [placed(9_048_000, Wanted::Made(PredictionKind::Ends)), placed(12_000_000, Wanted::Nothing)]
    );

    let mut session = Session::default();
    session.apply(Action::LoadExample("ignores"));
    whole(&mut session);
    let beats = session.timeline().story().beats.clone();
    let can = |session: &Session, beat: usize| before(session.timeline(), &beats[beat]);
    let beat = (0..beats.len()).find(|beat| !can(&session, *beat).is_empty()).expect("something is asked");
    let kind = can(&session, beat)[0].kind;
    let is_asked = |session: &Session, by_themselves| {
        let asked = asked(session.timeline(), session.placed(), by_themselves);
        asked.iter().any(|one| one.beat == beat && one.kind == kind)
    };
    assert!(!is_asked(&session, false));
    session.apply(Action::Ask(Placed { at: beats[beat].from, what: Wanted::Made(kind) }));
    let mut again = Session::from_json(&session.to_json()).expect("it was just written");
    whole(&mut again);
    assert!(is_asked(&again, false) && is_asked(&again, true));
    // What is decided of a step anew takes the place of what was decided before.
    again.apply(Action::Ask(Placed { at: beats[beat].from, what: Wanted::Nothing }));
    assert!(!is_asked(&again, true) && again.placed().len() == 1);
    // What somebody has written is asked as the others are, wherever it stands and whatever the run would give there.
    let own = Own {
        ask: "Who is asked first?".into(),
        choices: vec!["the scheduler".into(), "the API server".into()],
        right: 1,
        why: "Everything begins there.".into(),
    };
    let silent =
        (1..beats.len()).find(|beat| beats[*beat].from > SimTime::ZERO && can(&session, *beat).is_empty());
    let silent = silent.expect("before most steps nothing is asked");
    again.apply(Action::Ask(Placed { at: beats[silent].from, what: Wanted::Own(own.clone()) }));
    let mut given = Session::from_json(&again.to_shared().log).expect("it was just written");
    whole(&mut given);
    assert_eq!(given.placed(), again.placed());
    let said = asked(given.timeline(), given.placed(), false);
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].kind, said[0].at, said[0].right), (PredictionKind::Own, beats[silent].from, 1));
    let texts = [&said[0].ask, &said[0].choices[0].say, &said[0].choices[1].why];
    let texts = texts.map(|said| crate::words::text(crate::words::Language::Ko, said.id, &said.args));
    assert_eq!(texts, ["Who is asked first?", "the scheduler", "Everything begins there."]);
    again.apply(Action::Ask(Placed { at: beats[silent].from, what: Wanted::Nothing }));
    again.apply(Action::StartOver);
    assert!(again.placed().is_empty(), "another run has other steps");
    again.apply(Action::UndoStartOver);
    assert_eq!(again.placed().len(), 2);
}

#[test]
fn broken_logs_are_refused_and_never_panic() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("ends-at-once"));
    let log = session.to_json();
    assert_eq!(Session::from_json("{").err(), Some(LoadError::Broken));
    assert_eq!(Session::from_json("{\"podium\":2}").err(), Some(LoadError::Newer));
    for cut in (0..log.len()).step_by(7).filter(|cut| log.is_char_boundary(*cut)) {
        assert!(Session::from_json(&log[..cut]).is_err());
    }
    for (what, with) in
        [("\"at\":0", "\"at\":-5"), ("\"branch\":0", "\"branch\":9"), ("\"open\":0", "\"open\":99")]
    {
        _ = Session::from_json(&log.replace(what, with));
    }
}

#[test]
fn a_file_taken_away_deletes_nothing_and_set_image_is_drift() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("deployment"));
    whole(&mut session);
    session.show(SimTime::millis(10_000));
    session.apply(Action::Command(
        "kubectl set image deploy/myapp-deployment -n myapp-ns nginx-container=nginx:1.16.1".into(),
    ));
    whole(&mut session);
    let read = crate::api::read(&session.open_file().text);
    let end = session.timeline().history().end();
    let found = drift::drift(&read, "default", &session.timeline().at(end));
    let paths: Vec<_> = found.iter().map(|drift| (&*drift.path, &*drift.file, &*drift.live)).collect();
    assert_eq!(
        paths,
        [("spec.template.spec.containers[nginx-container].image", "nginx:1.14.2", "nginx:1.16.1")]
    );
    let name = session.open_file().name.clone();
    session.apply(Action::RemoveFile(name));
    whole(&mut session);
    assert_eq!(session.timeline().at(end).all::<Pod>().count(), 3);
}

#[test]
fn starting_over_can_be_undone() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("deployment"));
    whole(&mut session);
    let before = digest(&session);
    session.apply(Action::StartOver);
    assert!(session.timeline().acts().is_empty());
    session.apply(Action::UndoStartOver);
    assert_eq!(digest(&session), before);
}

#[test]
fn what_a_command_writes_is_opened_as_a_file() {
    let mut session = Session::default();
    session.apply(Action::Command(
        "kubectl run web --image=nginx:1.25 --dry-run=client -o yaml > web.yaml".into(),
    ));
    whole(&mut session);
    assert!(session.files().iter().any(|file| &*file.name == "web.yaml" && file.text.contains("kind: Pod")));
    assert!(session.timeline().history().end() < SimTime(60 * SECOND));
}

#[test]
fn what_kubectl_edit_opens_is_saved_by_the_button_that_applies() {
    let mut session = Session::default();
    let give = |session: &mut Session, action: Action| {
        session.apply(action);
        whole(session);
        let end = session.timeline().history().end();
        session.show(end);
    };
    give(&mut session, Action::Command("kubectl create deployment web --image=nginx:1.25".into()));
    give(&mut session, Action::Command("kubectl edit deployment web".into()));
    let name: Str = "kubectl-edit-deployment-web.yaml".into();
    assert_eq!(session.open_file().name, name);
    let text = session.open_file().text.replace("replicas: 1", "replicas: 2");
    session.apply(Action::EditFile(name, text.into()));
    assert_eq!(
        &*session.open_file().apply_line(),
        "KUBE_EDITOR='cp kubectl-edit-deployment-web.yaml' kubectl edit deployment.apps/web"
    );
    give(&mut session, Action::Apply);
    let view = session.timeline().at(session.timeline().history().end());
    let printed =
        view.commands().last().map(|command| command.printed().map(|(_, text)| text.to_string()).collect());
    assert_eq!(printed, Some(vec!["deployment.apps/web edited\n".to_owned()]));
    assert_eq!(session.files().iter().filter(|file| file.name.starts_with("/tmp")).count(), 0);
}

#[test]
fn an_act_in_the_past_finds_the_files_as_they_are_now() {
    let mut session = Session::default();
    session.apply(Action::AddFile("a.txt".into(), "old".into()));
    session.apply(Action::Command("cat a.txt".into()));
    whole(&mut session);
    session.show(SimTime(10 * SECOND));
    session.apply(Action::EditFile("a.txt".into(), "new".into()));
    session.apply(Action::Command("cat a.txt".into()));
    whole(&mut session);
    session.show(SimTime(20 * SECOND));
    session.show(SimTime(5 * SECOND));
    session.apply(Action::Command("cat a.txt".into()));
    whole(&mut session);
    let view = session.timeline().at(SimTime(30 * SECOND));
    let printed: Vec<String> = view
        .commands()
        .map(|command| command.printed().map(|(_, text)| text.to_string()).collect())
        .collect();
    assert_eq!(printed, ["old", "new"]);
}

#[test]
fn a_file_that_a_command_writes_again_is_taken_over_and_may_be_changed_then() {
    let mut session = Session::default();
    let text = |session: &Session| session.files()[session.position("a.txt").unwrap_or(0)].text.to_string();
    session.apply(Action::AddFile("a.txt".into(), "mine".into()));
    session.apply(Action::Command("echo theirs > a.txt".into()));
    whole(&mut session);
    assert_eq!(text(&session), "theirs\n");
    session.apply(Action::EditFile("a.txt".into(), "mine again".into()));
    whole(&mut session);
    assert_eq!(text(&session), "mine again");
}

#[test]
fn what_was_shown_is_kept_so_that_an_act_before_it_still_begins_a_branch() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("deployment"));
    whole(&mut session);
    session.show(SimTime(8 * SECOND));
    session.show(SimTime(2 * SECOND));
    session.apply(Action::Command("kubectl delete deploy --all -n myapp-ns --wait=false".into()));
    session.apply(Action::Command("kubectl get pods".into()));
    let mut again = Session::from_json(&session.to_json()).expect("it was just written");
    assert_eq!(again.to_json(), session.to_json());
    for session in [&mut session, &mut again] {
        session.apply(Action::LookAt(0));
        session.show(SimTime(3 * SECOND));
        session.apply(Action::Command("kubectl get pods -A".into()));
        assert_eq!(session.timeline().branches(), 3);
        whole(session);
    }
    assert_eq!(digest(&again), digest(&session));
}

#[test]
fn every_fault_is_kept_and_played_again() {
    let pod = || ObjectKey::new(crate::api::Kind::Pod, "default", "web-a");
    let node = NodeId(1);
    let faults = [
        Fault::KillContainer(pod(), "web".into()),
        Fault::KillPause(pod()),
        Fault::KubeletStops(node),
        Fault::KubeletResumes(node),
        Fault::Partition(node),
        Fault::PartitionEnds(node),
        Fault::ProxySlow(node),
        Fault::ProxyMended(node),
        Fault::ApiServerStops,
        Fault::ApiServerStarts,
        Fault::ImageGone("nginx:1.25".into()),
        Fault::ImageBack("nginx:1.25".into()),
        Fault::Registry(RegistryState::Slow),
        Fault::Registry(RegistryState::Down),
        Fault::Registry(RegistryState::Up),
        Fault::Shortage(node, Shortage::Memory),
        Fault::ShortageEnds(node, Shortage::Memory),
        Fault::Shortage(node, Shortage::Disk),
        Fault::ShortageEnds(node, Shortage::Disk),
        Fault::NodeDies(node),
        Fault::NodeReturns(node),
    ];
    let mut session = Session::default();
    session.apply(Action::LoadExample("drains"));
    for (second, fault) in (5..).zip(&faults) {
        session.show(SimTime(second * SECOND));
        session.apply(Action::Fault(fault.clone()));
    }
    let mut again = Session::from_json(&session.to_json()).expect("it was just written");
    assert_eq!(again.to_json(), session.to_json());
    let kept = again.timeline().acts().iter().filter(|acted| matches!(acted.act, Act::Fault(_))).count();
    assert_eq!(kept, faults.len());
    whole(&mut session);
    whole(&mut again);
    assert_eq!(digest(&again), digest(&session));
}

#[test]
fn a_log_that_was_changed_by_chance_never_panics() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("drains"));
    session.show(SimTime(SECOND));
    session.apply(Action::Fault(Fault::KillPause(ObjectKey::new(crate::api::Kind::Pod, "default", "web-a"))));
    let log = session.to_json();
    let bits = |n: u64| crate::cluster::chance::stable_hash(n, &"changed");
    let bytes: Vec<char> = log.chars().collect();
    for n in 0..400 {
        let mut changed = bytes.clone();
        for k in 0..1 + n % 3 {
            let place = (bits(n * 7 + k) % bytes.len() as u64) as usize;
            let with = ['0', '9', '-', '"', '}', '[', 'n'][(bits(n * 11 + k) % 7) as usize];
            changed[place] = with;
        }
        if let Ok(mut session) = Session::from_json(&changed.iter().collect::<String>()) {
            session.run(SimTime::ZERO, 300);
            session.apply(Action::Apply);
        }
    }
}

#[test]
fn what_the_file_says_in_other_words_is_no_drift() {
    let file = |more: &str, cpu: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, labels: {{app: web{more}}}}}\nspec:\n  containers:\n  - \
             name: web\n    image: nginx:1.25\n    env: [{{name: AMOUNT, value: \"1000m\"}}]\n    resources: {{requests: \
             {{cpu: {cpu}}}}}\n"
        )
    };
    let mut session = Session::default();
    session.apply(Action::AddFile("web.yaml".into(), file("", "500m").into()));
    session.apply(Action::Command("kubectl apply -f web.yaml".into()));
    whole(&mut session);
    let view = session.timeline().at(session.timeline().history().end());
    let paths = |text: &str| -> Vec<(String, String, String)> {
        let found = drift::drift(&crate::api::read(text), "default", &view);
        found.into_iter().map(|drift| (drift.path, drift.file, drift.live)).collect()
    };
    assert_eq!(paths(&file("", "0.5")), []);
    let missing = ("metadata.labels.tier".into(), "front".into(), String::new());
    assert_eq!(paths(&file(", tier: front", "500m")), [missing]);
    let changed = ("spec.containers[web].env[AMOUNT].value".into(), "1".into(), "1000m".into());
    assert_eq!(paths(&file("", "500m").replace("\"1000m\"", "\"1\"")), [changed]);
}

#[test]
fn an_answer_that_changes_nothing_is_there_at_once() {
    let mut session = Session::default();
    session.apply(Action::LoadExample("deployment"));
    whole(&mut session);
    session.show(SimTime::millis(3_000));
    let mut answered = |line: &str| {
        session.apply(Action::Command(line.into()));
        whole(&mut session);
        session.answered().map(|at| at.since(session.at()) < AT_ONCE)
    };
    assert_eq!(answered("kubectl get pods -A"), Some(true));
    assert_eq!(answered("kubectl apply -f nothing.yaml"), Some(true));
    assert_eq!(
        answered("kubectl scale deploy myapp-deployment -n myapp-ns --replicas=2"),
        None,
        "it changes something"
    );
    assert_eq!(answered("kubectl wait --for=delete pod --all -n myapp-ns --timeout=30s"), None, "it waits");
    session.apply(Action::EditFile(session.open_file().name.clone(), "kind: Deloyment\n".into()));
    session.apply(Action::Apply);
    whole(&mut session);
    assert!(session.answered().is_some(), "kubectl refuses the text itself");
}

/// The session of a first visit, with what is stored of it.
fn recalled() -> Session {
    let mut session = Session::default();
    session.apply(Action::LoadExample(examples::ALL[0].id));
    assert!(session.recall());
    session
}

#[test]
fn what_is_stored_of_a_first_visit_is_what_is_simulated() {
    let simulated = examples::first_visit().expect("it is quiet");
    assert!(
        simulated == examples::FIRST_VISIT,
        "the simulation has changed: cargo run --bin podium-tool first-visit src/session/examples/first-visit.run"
    );
    let mut simulated = Session::default();
    simulated.apply(Action::LoadExample(examples::ALL[0].id));
    whole(&mut simulated);
    let mut recalled = recalled();
    assert_eq!(
        recalled.run(SimTime::millis(900_000), 10_000),
        (false, false),
        "nothing is left to be recorded"
    );
    assert!(recalled.timeline().run().is_none(), "it has not begun");
    assert!(recalled.timeline().history().records() == simulated.timeline().history().records());
    assert_eq!(digest(&recalled), digest(&simulated));
    assert!(recalled.timeline().story() == simulated.timeline().story());
    assert_eq!(recalled.timeline().history().nodes(), simulated.timeline().history().nodes());
    assert_eq!(recalled.to_json(), simulated.to_json());
}

#[test]
fn what_was_recalled_goes_on_as_what_was_simulated() {
    let command =
        || Action::Command("kubectl delete pod -n myapp-ns --all --wait=false; echo a > b.txt".into());
    let places = [(0, 0), (2_000, 2_000), (2_000, 900), (60_000, 60_000)];
    for ((shown, at), prepared) in
        places.into_iter().flat_map(|place| [0, 7, 100_000].map(|most| (place, most)))
    {
        let play = |mut session: Session| {
            whole(&mut session);
            session.show(SimTime::millis(shown));
            let is_stored = session.timeline().run().is_none();
            let more = prepared > 0 && session.prepare(prepared);
            assert!(!more || is_stored && prepared == 7, "prepared by {prepared} for {shown}");
            if is_stored && prepared == 100_000 {
                let (run, acts) = session.timeline().run_before(SimTime::millis(shown));
                assert!(
                    acts.is_empty() && (run.is_quiet() || run.now() == SimTime::millis(shown)),
                    "{shown}"
                );
            }
            session.show(SimTime::millis(at));
            session.apply(command());
            whole(&mut session);
            session
        };
        let mut simulated = Session::default();
        simulated.apply(Action::LoadExample(examples::ALL[0].id));
        let (simulated, recalled) = (play(simulated), play(recalled()));
        assert_eq!(digest(&recalled), digest(&simulated), "at {at}, prepared by {prepared}");
        assert!(
            recalled.timeline().story() == simulated.timeline().story(),
            "at {at}, prepared by {prepared}"
        );
        assert_eq!(recalled.files(), simulated.files());
        assert_eq!(recalled.to_json(), simulated.to_json());
    }
    // What is asked beside the run begins where it does.
    let (run, acts) = (recalled().timeline().run_before(SimTime::millis(1_000)).0, 2);
    assert_eq!(run.now(), SimTime::ZERO);
    assert_eq!(recalled().timeline().run_before(SimTime::millis(1_000)).1.len(), acts);
}

#[test]
fn only_a_first_visit_is_recalled() {
    let mut other = Session::default();
    other.apply(Action::LoadExample("myweb1"));
    assert!(!other.recall(), "another example");
    let mut other = Session::new(Setup::with_seed(2), NAMESPACE, Vec::new());
    other.apply(Action::LoadExample(examples::ALL[0].id));
    assert!(!other.recall(), "another seed");
    let mut recorded = Session::default();
    recorded.apply(Action::LoadExample(examples::ALL[0].id));
    whole(&mut recorded);
    assert!(!recorded.recall(), "it is recorded already");
    // Bytes of another program: it is simulated.
    let mut session = Session::default();
    session.apply(Action::LoadExample(examples::ALL[0].id));
    for bytes in [&examples::FIRST_VISIT[..5_000], &examples::FIRST_VISIT[1..], b""] {
        assert!(!session.timeline.recall(bytes));
    }
    whole(&mut session);
    assert_eq!(digest(&session), digest(&recorded));
}

#[test]
fn records_are_stored_exactly() {
    use crate::value::stored::{Reader, Stored, Writer};
    let mut facts = std::collections::BTreeSet::new();
    for example in examples::ALL {
        let mut session = Session::default();
        session.apply(Action::LoadExample(example.id));
        whole(&mut session);
        let records = session.timeline().history().records().to_vec();
        facts.extend(records.iter().map(|record| {
            let fact = format!("{:?}", record.fact);
            fact.split([' ', '(']).next().unwrap_or_default().to_owned()
        }));
        let mut to = Writer::default();
        records.write(&mut to);
        let mut from = Reader::new(to.into_bytes().leak());
        let read = Vec::<Record>::read(&mut from).expect("it was written");
        assert!(from.is_at_end() && read == records, "{}", example.id);
        let mut history = crate::timeline::History::new(Vec::new());
        history.extend(read);
        assert_eq!(history.digest(), digest(&session), "{}", example.id);
    }
    assert!(facts.len() > 14, "{facts:?}");
}

/// A run that never rests: a container that crashes again and again, and a Deployment whose Pods are probed.
const NEVER_RESTS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: crashes}
spec: {containers: [{name: sh, image: busybox:1.36, command: [sh, -c, sleep 1; exit 1]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: podium/web:1.0
        readinessProbe: {httpGet: {port: 8080}, periodSeconds: 5}
        livenessProbe: {httpGet: {port: 8080}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";

#[test]
fn two_hours_of_a_cluster_that_never_rests_grow_evenly_and_are_a_small_part_of_what_a_run_holds() {
    let mut session = Session::default();
    session.apply(Action::AddFile("all.yaml".into(), NEVER_RESTS.into()));
    session.apply(Action::Command("kubectl apply -f all.yaml".into()));
    let counts: Vec<usize> = (0..=2)
        .map(|hour| {
            session.show(SimTime(hour * 3_600 * SECOND));
            whole(&mut session);
            session.timeline().history().records().len()
        })
        .collect();
    assert!(!session.timeline().story().is_over());
    let [first, second] = [counts[1] - counts[0], counts[2] - counts[1]];
    // Probes that find what they found before leave no records, and a crash comes every five minutes: some 500 an hour.
    assert!(first > 0 && second <= first + first / 10, "{counts:?}");
    assert!(counts[2] * 100 < crate::timeline::MOST_RECORDS as usize, "{counts:?}");
}
