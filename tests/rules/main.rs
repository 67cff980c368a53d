//! Manifests with mistakes, and what is found in them: `# error 3:11-3:20 code, a fix` stands above the line where
//! the mistake begins. `mended/` has each of them after the first fix of everything.
//!
//! `UPDATE_EXPECT=1 cargo test --test rules` writes the notes and the mended texts again.

// It reads the project's own files.
#![allow(clippy::disallowed_methods)]

use expect_test::expect_file;
use podium::api::{Read, read};
use podium::manifest::{Diagnostic, Edit, LineIndex, Severity, apply_edits};
use podium::words::{Language, arguments, text as say};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What is found among several objects.
const TOGETHER: &str = include_str!("../../src/words/en/together.txt");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// The names of the files in a folder, without what comes after the dot, sorted.
fn names(folder: &Path, extension: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let name = |path: PathBuf| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = paths.filter_map(name).collect();
    names.sort();
    names
}

#[test]
fn every_rule_has_a_manifest_in_which_it_finds_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = names(&root.join("src/api/rules"), "rs");
    let fixtures = names(&folder(), "yaml");
    // What needs a cluster is held in `tests/mistakes`.
    let mistakes = names(&root.join("static/mistakes"), "yaml");
    let is_played = |rule: &str| {
        let code =
            std::fs::read_to_string(root.join(format!("src/api/rules/{rule}.rs"))).expect("can be read");
        mistakes.iter().any(|mistake| code.contains(&format!("\"{mistake}\"")))
    };
    let missing: Vec<&String> =
        rules.iter().filter(|rule| *rule != "mod" && !fixtures.contains(rule) && !is_played(rule)).collect();
    assert!(
        missing.is_empty(),
        "these rules have no manifest in tests/rules or static/mistakes: {missing:?}"
    );
}

#[test]
fn what_is_found_is_what_the_notes_say() {
    for name in names(&folder(), "yaml") {
        let path = folder().join(format!("{name}.yaml"));
        let text = plain(&std::fs::read_to_string(&path).expect("the file can be read"));
        let found = read(&text);
        assert!(!found.diagnostics.is_empty(), "nothing is found in {name}");
        expect_file![path].assert_eq(&annotated(&text, &found));
        let first = edits(&found.diagnostics, |fixes| fixes.min(1));
        let mended = folder().join(format!("mended/{name}.yaml"));
        expect_file![mended].assert_eq(&apply_edits(&text, &first));
    }
}

/// A fix is certain, and is offered alone, where it does away with the mistake: by itself, and with all others.
#[test]
fn a_certain_fix_does_away_with_its_mistake() {
    for name in names(&folder(), "yaml") {
        let text =
            plain(&std::fs::read_to_string(folder().join(format!("{name}.yaml"))).expect("can be read"));
        let found = read(&text).diagnostics;
        for one in &found {
            mends(&name, &text, std::slice::from_ref(one));
        }
        mends(&name, &text, &found);
    }
}

#[test]
fn diagnostics_give_their_messages_what_they_want() {
    for name in names(&folder(), "yaml") {
        let text =
            plain(&std::fs::read_to_string(folder().join(format!("{name}.yaml"))).expect("can be read"));
        for found in read(&text).diagnostics {
            is_said(&found);
        }
    }
}

/// The manifest without its notes.
fn plain(fixture: &str) -> String {
    let is_note =
        |line: &str| ["# error ", "# warning ", "# hint "].iter().any(|note| line.starts_with(note));
    fixture.split_inclusive('\n').filter(|line| !is_note(line)).collect()
}

/// The manifest with notes, in the lines and columns that it has with them.
fn annotated(text: &str, read: &Read) -> String {
    let index = LineIndex::new(text);
    let position = |at: u32| index.position(text, at as usize);
    let notes_upto =
        |line: usize| read.diagnostics.iter().filter(|found| position(found.span.start).0 <= line).count();
    let mut out = String::new();
    for (i, line) in text.split_inclusive('\n').enumerate() {
        for found in read.diagnostics.iter().filter(|found| position(found.span.start).0 == i + 1) {
            let severity = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Hint => "hint",
            };
            let place = |at: u32| {
                let (line, column) = position(at);
                format!("{}:{column}", line + notes_upto(line))
            };
            let fixes = match found.fixes.len() {
                0 => String::new(),
                1 => ", a fix".to_owned(),
                several => format!(", {several} fixes"),
            };
            let (start, end) = (place(found.span.start), place(found.span.end));
            writeln!(out, "# {severity} {start}-{end} {}{fixes}", found.code).expect("a string takes all");
        }
        out.push_str(line);
    }
    out
}

fn edits(diagnostics: &[Diagnostic], count: impl Fn(usize) -> usize) -> Vec<Edit> {
    let fixes = diagnostics.iter().flat_map(|found| found.fixes.iter().take(count(found.fixes.len())));
    fixes.flat_map(|fix| fix.edits.clone()).collect()
}

/// The certain fixes of these do away with them.
fn mends(name: &str, text: &str, found: &[Diagnostic]) {
    let certain: Vec<Diagnostic> = found.iter().filter(|found| found.fixes.len() == 1).cloned().collect();
    let before = read(text).diagnostics;
    let mended = apply_edits(text, &edits(&certain, |fixes| fixes));
    let after = read(&mended).diagnostics;
    // What comes of an object among others is only told once the API server would take it.
    let alone =
        |found: &&Diagnostic| !TOGETHER.lines().any(|line| line.starts_with(&format!("{} = ", found.code)));
    let severities = |all: &[Diagnostic], worst: Severity| {
        all.iter().filter(alone).filter(|found| found.severity <= worst).count()
    };
    for worst in [Severity::Error, Severity::Warning] {
        let left = severities(&before, worst) - severities(&certain, worst);
        assert!(
            severities(&after, worst) <= left,
            "{name}: there are more mistakes after the fix:\n{mended}"
        );
    }
    for code in certain.iter().map(|found| found.code) {
        let count = |all: &[Diagnostic]| all.iter().filter(|found| found.code == code).count();
        let gone = count(&certain);
        assert!(count(&after) + gone <= count(&before), "{name}: {code} is there after its fix:\n{mended}");
    }
}

fn is_said(found: &Diagnostic) {
    let mistake =
        [(found.code, &found.args)].into_iter().chain(found.consequence.map(|id| (id, &found.args)));
    // A fix has arguments of its own, as its button has no other.
    let fixes = found.fixes.iter().map(|fix| (fix.label, &fix.args));
    for (id, args) in mistake.chain(fixes) {
        for language in Language::ALL {
            for name in arguments(*language, id) {
                assert!(args.iter().any(|(given, _)| *given == name), "{id} is not given {name}");
            }
            assert!(!say(*language, id, args).contains(&format!("[{id}]")), "there is no message {id}");
        }
    }
}

/// A chart as many are: the autoscaler says how many Pods there are, and the Deployment does not.
const SCALED: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxUnavailable: 1}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        resources: {requests: {cpu: 100m}}
        readinessProbe: {httpGet: {path: /, port: 80}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
";

#[test]
fn an_autoscaler_says_how_many_pods_a_budget_and_a_rollout_have() {
    let codes = |text: &str| -> Vec<&str> { read(text).diagnostics.iter().map(|found| found.code).collect() };
    let told = ["budget-blocks-every-drain", "rollout-leaves-none"];
    let scaled = codes(SCALED);
    assert!(!told.iter().any(|code| scaled.contains(code)), "{scaled:?}");
    let alone = codes(&SCALED.replace("minReplicas: 2", "minReplicas: 1"));
    assert!(told.iter().all(|code| alone.contains(code)), "{alone:?}");
}

#[test]
fn what_very_many_pods_come_to_is_counted_at_once() {
    let text = "
apiVersion: v1
kind: ResourceQuota
metadata: {name: few}
spec: {hard: {pods: '10'}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: many}
spec:
  replicas: 2147483647
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}]}
";
    let found = read(text);
    let codes: Vec<&str> = found.diagnostics.iter().map(|found| found.code).collect();
    assert!(codes.contains(&"quota-too-small"), "{codes:?}");
}
