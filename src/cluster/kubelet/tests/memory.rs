//! Containers whose programs take memory.

use super::pod;
use crate::cluster::fault::{Fault, Shortage};
use crate::cluster::record::NodeId;
use crate::cluster::testing::{Act, Test};
use crate::cluster::time::SimTime;

/// The containers of the documentation's page on memory, with a limit and what is to be taken.
fn stress(limit: &str, bytes: &str) -> String {
    pod(
        "memory-demo",
        &format!(
            "  containers:\n  - name: c\n    image: polinux/stress\n    resources: {{limits: {{memory: {limit}}}}}\n    command: [stress]\n    args: ['--vm', '1', '--vm-bytes', {bytes}, '--vm-hang', '1']\n"
        ),
    )
}

/// How a container of a Pod stands after some seconds, how often it was restarted, and how it last ended.
fn state(test: &Test, name: &str) -> (String, i64, String) {
    let status = &test.pod(name).expect("the Pod").status.container_statuses[0];
    let (now, last) = (&status.state, &status.last_state);
    let ended = now.terminated.as_ref().or(last.terminated.as_ref());
    let now = match (&now.waiting, &now.running) {
        (Some(waiting), _) => waiting.reason.to_string(),
        (_, Some(_)) => "running".into(),
        _ => "ended".into(),
    };
    let ended = ended.map_or_else(String::new, |ended| format!("{} {}", ended.reason, ended.exit_code));
    (now, i64::from(status.restart_count), ended)
}

/// What a container goes through in so many seconds, each once.
fn goes_through(test: &mut Test, name: &str, seconds: u64) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    for second in 1..=seconds {
        test.run_until(SimTime::millis(second * 1_000));
        let (now, _, ended) = state(test, name);
        seen.insert(if now == "ended" { format!("{now} {ended}") } else { now });
    }
    seen.retain(|state| state != "ContainerCreating");
    seen.into_iter().collect()
}

#[test]
fn a_container_above_its_limit_is_killed_and_restarted() {
    let mut test = Test::new();
    test.create(&stress("100Mi", "250M"));
    assert_eq!(
        goes_through(&mut test, "memory-demo", 40),
        ["CrashLoopBackOff", "ended OOMKilled 137", "running"]
    );
    assert!(state(&test, "memory-demo").1 >= 2);
    assert_eq!(
        test.log("memory-demo", "c"),
        ["stress: info: [1] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd"]
    );
}

#[test]
fn a_container_at_its_limit_or_below_runs() {
    for (limit, bytes) in [("200Mi", "150M"), ("150Mi", "150M")] {
        let mut test = Test::new();
        test.create(&stress(limit, bytes));
        test.run_until(SimTime::millis(60_000));
        assert_eq!(state(&test, "memory-demo"), ("running".into(), 0, String::new()), "{limit}");
    }
}

#[test]
fn what_programs_are_told_decides_how_they_end() {
    for (command, expected) in [
        // Two workers take twice as much; of stress-ng they share it.
        ("[stress, '-m', '2', '--vm-bytes', 60M]", Some("OOMKilled 137")),
        ("[stress-ng, '--vm', '2', '--vm-bytes', 60M, '--cpu-load', '5']", None),
        ("[sh, -c, 'stress --vm 1 --vm-bytes 200M']", Some("OOMKilled 137")),
        ("[stress, '--cpu', '2', '--timeout', 10s]", Some("Completed 0")),
        ("[stress, '--speed', '2']", Some("Error 1")),
        // As many workers as the node has processors, and a stressor that is not known here.
        ("[stress-ng, '--cpu', '0', '-t', 100s]", None),
        ("[stress-ng, '--matrix', '1', '-t', 100s]", None),
        ("[stress-ng, '-t', '1', '--vm', '0', '--vm-bytes', 2G]", Some("OOMKilled 137")),
        // What its shell runs takes all of a container with it.
        (
            "[sh, -c, 'dd if=/dev/zero of=/dev/null bs=200M count=1; echo on; sleep 5; exit 0']",
            Some("OOMKilled 137"),
        ),
        ("[sh, -c, 'sleep 1; tail /dev/zero; sleep 5']", Some("OOMKilled 137")),
        // Its time is over before it has all that it wants.
        ("[stress-ng, '--vm', '1', '--vm-bytes', '99%', '-t', 1s]", Some("Completed 0")),
        // More than the node has.
        ("[stress-ng, '--vm', '1', '--vm-bytes', '101%']", Some("OOMKilled 137")),
    ] {
        let limits = if command.contains('%') { "" } else { "\n    resources: {limits: {memory: 100Mi}}" };
        let mut test = Test::new();
        let spec =
            format!("  containers:\n  - name: c\n    image: mine/tools\n    command: {command}{limits}\n");
        test.create(&pod("p", &spec));
        test.run_until(SimTime::millis(62_000));
        let ended = state(&test, "p").2;
        assert_eq!((!ended.is_empty()).then_some(&*ended), expected, "{command}");
    }
}

#[test]
fn the_documentations_stress_takes_its_time() {
    let args = |total: &str| {
        let spec = format!(
            "  containers:\n  - name: c\n    image: vish/stress\n    resources: {{limits: {{cpu: '1', memory: 100Mi}}}}\n    args: ['-cpus', '2', '-mem-total', {total}]\n"
        );
        pod("cpu-demo", &spec)
    };
    let mut test = Test::new();
    test.create(&args("80Mi"));
    test.run_until(SimTime::millis(40_000));
    assert_eq!(state(&test, "cpu-demo").0, "running");
    let log = test.log("cpu-demo", "c");
    assert_eq!(log.len(), 4, "{log:?}");
    assert!(log[0].starts_with("I1124 "), "{log:?}");
    assert!(log[0].ends_with("       1 main.go:26] Allocating \"80Mi\" memory, in \"4Ki\" chunks, with a 1ms sleep between allocations"), "{log:?}");
    assert!(log[3].ends_with("main.go:29] Allocated \"80Mi\" memory"), "{log:?}");

    let mut test = Test::new();
    test.create(&args("150Mi"));
    test.run_until(SimTime::millis(20_000));
    assert_eq!(state(&test, "cpu-demo"), ("running".into(), 0, String::new()), "it takes 4Ki a millisecond");
    test.run_until(SimTime::millis(40_000));
    assert_eq!(state(&test, "cpu-demo").2, "OOMKilled 137");
}

#[test]
fn who_takes_the_most_is_evicted_first() {
    let mut test = Test::new();
    let busy = "  containers: [{name: c, image: polinux/stress, command: [stress, '--vm', '1', '--vm-bytes', 300M]}]\n";
    test.create(&pod("idle", "  containers: [{name: c, image: 'nginx:1.27'}]\n"));
    test.create(&pod("busy", busy));
    test.run_until(SimTime::millis(5_000));
    test.act(Act::Fault(Fault::Shortage(NodeId(0), Shortage::Memory)));
    test.run_until(SimTime::millis(60_000));
    let told = |name: &str| {
        test.pod(name).map(|pod| (pod.status.reason.to_string(), pod.status.message.to_string()))
    };
    let (reason, message) = told("busy").expect("the Pod");
    assert_eq!(reason, "Evicted");
    assert!(message.contains("Container c was using "), "{message}");
    assert_eq!(told("idle").expect("the Pod").0, "", "what the other gave back is enough");
}
