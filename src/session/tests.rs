use super::*;
use crate::api::objects::{Namespace, Pod};
use crate::cluster::record::Fact;
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
    let mut again = Session::from_json(&session.to_json()).expect("it was just written");
    whole(&mut again);
    assert_eq!(digest(&again), digest(&session));
    again.apply(Action::LookAt(0));
    session.apply(Action::LookAt(0));
    whole(&mut again);
    assert_eq!(digest(&again), digest(&session));
    assert!(gone(&session), "the run itself does not");
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
