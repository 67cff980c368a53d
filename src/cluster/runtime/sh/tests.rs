//! Scripts as containers run them: what they print, how they end and how long they take.

use crate::cluster::setup::Setup;
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;

/// Runs a script in a container that is not restarted: its exit code, whole seconds, and its lines.
fn run(script: &str) -> (i32, u64, Vec<String>) {
    let mut test = Test::new();
    let quoted = crate::value::json::compact(&crate::value::Value::from(script));
    test.create(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: box}}
spec:
  nodeName: node-1
  restartPolicy: Never
  containers:
  - {{name: box, image: 'busybox:1.36', command: [sh, -c, {quoted}]}}
"
    ));
    test.run_until(SimTime::millis(300_000));
    let status = &test.pod("box").expect("there").status.container_statuses[0];
    let Some(ended) = &status.state.terminated else { return (-1, 0, test.log("box", "box")) };
    let wall = test.cluster.wall();
    let at =
        |text: &Option<crate::value::Str>| text.as_ref().and_then(|text| wall.parse(text)).expect("a time");
    let took = at(&ended.finished_at).since(at(&ended.started_at)) / 1_000_000;
    (ended.exit_code, took, test.log("box", "box"))
}

#[test]
fn scripts_do_what_a_shell_does() {
    for (script, code, lines) in [
        ("echo hello; exit 3", 3, &["hello"][..]),
        ("false && echo no || echo yes", 0, &["yes"]),
        ("if [ -f /tmp/x ]; then echo a; elif true; then echo b; else echo c; fi", 0, &["b"]),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", 0, &["1", "3"]),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", 0, &["3"]),
        ("until false; do echo once; break; done", 0, &["once"]),
        ("case abc in x*) echo x;; a?c) echo yes;; *) echo no;; esac", 0, &["yes"]),
        ("f() { echo \"$1-$#\"; return 4; }; f a b; echo $?", 0, &["a-2", "4"]),
        ("echo one > /tmp/a; echo two >> /tmp/a; cat /tmp/a", 0, &["one", "two"]),
        ("cat /none 2>/dev/null || echo missing", 0, &["missing"]),
        ("x=$(echo a; echo b); echo \"[$x]\"; echo $x", 0, &["[a", "b]", "a b"]),
        ("echo $((2*3+1)) ${y:-z} ${#HOME}", 0, &["7 z 5"]),
        ("(exit 5); echo $?; (x=1); echo \"<$x>\"", 0, &["5", "<>"]),
        ("printf 'a\\nb\\nc\\n' | grep -v b | wc -l", 0, &["2"]),
        ("set -e; false; echo not here", 1, &[]),
        ("set -e; false || true; if false; then :; fi; echo here", 0, &["here"]),
        ("trap 'echo bye' EXIT; echo hi; exit 2", 2, &["hi", "bye"]),
        ("no-such-tool", 127, &["sh: no-such-tool: not found"]),
        ("echo a; if; then", 2, &["sh: syntax error: unexpected \";\""]),
        ("hostname; echo $HOSTNAME; cat /etc/hostname", 0, &["box", "box", "box"]),
        ("touch /tmp/ok && ls /tmp; rm /tmp/ok; test -e /tmp/ok; echo $?", 0, &["ok", "1"]),
        ("mkdir -p /data/a; cd /data; pwd; ls", 0, &["/data", "a"]),
        ("echo $0 $$; exec echo last", 0, &["sh 1", "last"]),
        ("a='x y'; set -- $a \"$a\"; echo $#; shift; echo $1", 0, &["3", "y"]),
        ("cat <<EOF\na $((1+1))\nEOF\necho b", 0, &["a 2", "b"]),
        ("v=/a/b.txt; echo ${v##*/} ${v%.txt}; echo /t*", 0, &["b.txt /a/b", "/tmp"]),
        ("sleep 1 & wait; echo $?; (sleep 2; exit 7) & wait $!; echo $?", 0, &["0", "7"]),
        ("echo x | while read l; do echo got $l; done", 0, &["got x"]),
        ("! true; echo $?; { echo a; echo b; } > /tmp/f; cat /tmp/f", 0, &["1", "a", "b"]),
        ("trap 'echo usr' USR1; kill -USR1 $$; echo after", 0, &["usr", "after"]),
        ("sleep 60 & kill $!; wait $!; echo $?", 0, &["143"]),
        ("kill -9 1; echo still", 0, &["still"]),
        ("seq 3 | tail -n 1; echo abc | tr a-c A-C", 0, &["3", "ABC"]),
    ] {
        let (ended, _, printed) = run(script);
        assert_eq!(
            (ended, printed.iter().map(String::as_str).collect::<Vec<_>>()),
            (code, lines.to_vec()),
            "{script}"
        );
    }
}

#[test]
fn sleeping_takes_its_time() {
    for (script, seconds) in [
        ("sleep 3; exit 1", 3),
        ("for i in 1 2 3 4; do sleep 1; done", 4),
        ("sleep 5 & sleep 2; wait", 5),
        ("x=$(sleep 2; echo a); echo $x", 2),
        ("n=0; while true; do sleep 1; n=$((n+1)); [ $n -ge 7 ] && break; done", 7),
    ] {
        let (_, took, _) = run(script);
        assert!((seconds..=seconds + 1).contains(&took), "{script}: {took}");
    }
}

#[test]
fn a_loop_that_only_sleeps_needs_no_events_and_its_trap_runs_after_the_sleep() {
    let mut test = Test::new();
    test.create(
        "
apiVersion: v1
kind: Pod
metadata: {name: loop}
spec:
  nodeName: node-1
  containers:
  - name: loop
    image: busybox:1.36
    command: [sh, -c, \"trap 'echo got TERM; sleep 3; exit 0' TERM; while true; do sleep 10; done\"]
",
    );
    test.run();
    // Nothing is left to happen, though the loop goes on.
    assert!(test.cluster.is_quiet());
    let ran = test.cluster.now();
    test.run_until(SimTime::millis(60_000));
    assert!(ran < SimTime::millis(25_000), "quiet at {ran:?}");
    test.act(crate::cluster::testing::Act::DeletePod("loop", Some(30)));
    // The loop began a second after the Pod: its sleep ends a second after the deletion.
    test.run_until(SimTime::millis(60_500));
    assert_eq!(test.log("loop", "loop"), Vec::<String>::new());
    test.run_until(SimTime::millis(63_000));
    assert_eq!(test.log("loop", "loop"), ["got TERM"]);
    test.run();
    assert!(test.pod("loop").is_none());
}

#[test]
fn a_command_that_ends_the_first_process_may_be_killed_with_it() {
    let mut codes = std::collections::BTreeSet::new();
    for seed in 1..=8 {
        let mut test = Test::with(&Setup::with_seed(seed));
        test.create(
            "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  nodeName: node-1
  restartPolicy: Never
  containers:
  - name: web
    image: nginx:1.25
    lifecycle: {postStart: {exec: {command: [sh, -c, kill 1]}}}
",
        );
        test.run_until(SimTime::millis(10_000));
        let pod = test.pod("web").expect("there");
        let ended = pod.status.container_statuses[0].state.terminated.as_ref().expect("ended");
        assert_eq!(ended.exit_code, 0, "nginx ends well on SIGTERM");
        codes.insert(test.trace().contains("FailedPostStartHook"));
    }
    assert_eq!(codes.len(), 2, "sometimes the sender ends first");
}
