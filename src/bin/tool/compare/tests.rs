//! The comparer on the two made-up runs of `tests/recordings`.

use super::{Comparer, Options, folders};
use crate::recording::Run;
use expect_test::expect;
use std::path::PathBuf;

fn tiny(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(folder)
}

fn comparer(options: Options) -> Comparer {
    Comparer::new(options)
}

#[test]
fn a_run_agrees_with_itself_wholly() {
    let run = Run::read(&tiny("recorded/tiny")).expect("a recording");
    let comparison = comparer(Options::default()).compare("tiny", &run, &run);
    assert!(comparison.kinds.len() > 5, "lanes of {:?} only", comparison.kinds.keys());
    for (kind, tally) in &comparison.kinds {
        assert_eq!(tally.good, tally.all, "{kind}");
    }
    assert_eq!(comparison.on_time.good, comparison.on_time.all);
    assert!(comparison.differences.is_empty());
}

/// The second run has other random names and nodes, pulls its image, one counter read more coarsely and one
/// age more: none of it counts. One Pod crashes, one command does not know its verb, one Pod is late.
#[test]
fn differences_are_told_lane_by_lane() {
    let options = Options { show: 3, without: Vec::new(), ..Options::default() };
    let report = folders(&tiny("recorded"), &tiny("simulated"), options).expect("two folders");
    expect![[r#"
        tiny      45/50 lanes  90.00 %        46/52 on time  88.46 %  commands 3/4, deployments 8/8, endpoint 2/2, endpointslices 3/3, events 2/2, pods 18/22, replicasets 7/7, services 2/2
          commands | kubectl expose deploy web --port=80 | printed
            recorded  (0, "service/web exposed", "")
            simulated (1, "", "error: unknown command \"expose\"")
          pods | web~@1~# | condition Ready
            recorded  ("True", -, "")
            simulated ("False", "ContainersNotReady", "containers with unready status: [web]")
          pods | web~@1~# | container web
            recorded  ("running", -, -, "")
            simulated ("waiting", "CrashLoopBackOff", -, "back-off <t> restarting failed container=web pod=web~@1~#_tiny(<uid>)")
        ALL       45/50 lanes  90.00 %        46/52 on time  88.46 %  commands 3/4, deployments 8/8, endpoint 2/2, endpointslices 3/3, events 2/2, pods 18/22, replicasets 7/7, services 2/2
    "#]]
    .assert_eq(&report);
}

#[test]
fn kinds_can_be_left_out() {
    let options = Options { show: 0, without: vec!["commands".into(), "pods".into()], ..Options::default() };
    let report = folders(&tiny("recorded/tiny"), &tiny("simulated/tiny"), options).expect("two runs");
    assert!(report.starts_with("tiny      24/24 lanes 100.00 %"), "{report}");
}

#[test]
fn a_folder_without_steps_is_no_run() {
    let report = folders(&tiny("recorded/tiny"), &tiny("nowhere"), Options::default());
    assert!(report.is_err_and(|error| error.contains("nowhere")));
}
