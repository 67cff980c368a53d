//! What the cluster does because of a mistake, and that it does not once the mistake is mended: `static/mistakes` has a
//! manifest for each code, and what is to be seen when it is applied.
//!
//! A file begins with lines of these sorts; `#! mended` parts the manifest with the mistake from the one without. Where that
//! line is not there, the mended manifest is what the first fix of each finding makes of it.
//!
//! ```text
//! #! before COMMAND               done in a fresh cluster first, so that what it makes is there already
//! #! SECONDS COMMAND              done so long after `kubectl apply`; what it prints is looked at
//! #! SECONDS requests SERVICE PORT  20 requests a second for 30 seconds; ends with a line that says how many were lost
//! #! see TEXT                     is printed with the mistake, and not without it
//! #! then TEXT                    is printed without the mistake, and not with it
//! #! unsimulated WHY              nothing acts on it here: what is seen is that what it needs is not there
//! ```

// It reads the project's own files.
#![allow(clippy::disallowed_methods)]

use podium::api::{Kind, Object, ObjectKey, read_all};
use podium::cluster::record::{Fact, NodeId};
use podium::cluster::setup::Setup;
use podium::cluster::time::{SECOND, SimTime};
use podium::cluster::traffic::{Client, Outcome, Sender};
use podium::manifest::{Diagnostic, Edit, Severity, apply_edits};
use podium::timeline::{Act, History, Run};
use podium::words::{Language, arguments, mistakes};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Until then a new cluster has its Namespaces and their ServiceAccounts.
const SETTLED: u64 = 30;
/// How long the cluster goes on where nothing is asked later.
const LEAST: u64 = 10;

/// A mistake and what comes of it.
struct Case {
    code: String,
    before: Vec<String>,
    /// What is done, and after how many seconds.
    acts: Vec<(u64, String)>,
    see: Vec<String>,
    then: Vec<String>,
    wrong: String,
    mended: Option<String>,
}

impl Case {
    fn read(code: &str, text: &str) -> Case {
        let shown = mistakes::shown(text);
        let mut case = Case {
            code: code.to_owned(),
            before: Vec::new(),
            acts: Vec::new(),
            see: Vec::new(),
            then: Vec::new(),
            wrong: shown.wrong,
            mended: shown.mended,
        };
        for (word, rest) in shown.notes {
            match (word.as_str(), word.parse::<u64>()) {
                ("before", _) => case.before.push(rest),
                ("see", _) => case.see.push(rest),
                ("then", _) => case.then.push(rest),
                ("unsimulated", _) => assert!(!rest.is_empty(), "{code}: it is not said why"),
                (_, Ok(seconds)) => case.acts.push((seconds, rest)),
                _ => panic!("{code}: nobody knows what this is: {word} {rest}"),
            }
        }
        assert!(!(case.see.is_empty() && case.then.is_empty()), "{code}: nothing is to be seen");
        case
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/mistakes");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let mut cases: Vec<Case> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .map(|path| {
            let code = path.file_stem().expect("a name").to_string_lossy().into_owned();
            Case::read(&code, &std::fs::read_to_string(&path).expect("the file can be read"))
        })
        .collect();
    cases.sort_by(|a, b| a.code.cmp(&b.code));
    let only = std::env::var("MISTAKE").unwrap_or_default();
    cases.retain(|case| case.code.contains(&only));
    cases
}

fn at(seconds: u64) -> SimTime {
    SimTime(seconds * SECOND)
}

/// A cluster after what is done first.
fn begin(fresh: &Run, before: &[String]) -> (Run, Vec<Object>) {
    let mut run = fresh.clone();
    let mut history = History::new(run.cluster().node_names());
    for command in before {
        run.act(Act::Command(command.as_str().into()));
        run.advance(SimTime(run.now().0 + 5 * SECOND), usize::MAX);
    }
    history.extend(run.take_records());
    let view = history.at(run.now());
    let existing = Kind::all().flat_map(|kind| view.objects(kind, None)).cloned().collect();
    (run, existing)
}

/// Applies a manifest and does what is to be done; what was printed.
fn play(mut run: Run, text: &str, acts: &[(u64, String)]) -> String {
    run.take_records();
    let begun = run.now().0 / SECOND;
    run.act(Act::File("mistake.yaml".into(), Some(text.into())));
    run.act(Act::Command("kubectl apply -f mistake.yaml".into()));
    let mut end = begun + LEAST;
    for (seconds, what) in acts {
        run.advance(at(begun + seconds), usize::MAX);
        let mut words = what.split(' ');
        match (words.next(), words.next(), words.next().and_then(|port| port.parse().ok())) {
            (Some("requests"), Some(service), Some(port)) => {
                run.act(Act::Requests(Client {
                    service: ObjectKey::new(Kind::Service, "default", service),
                    port,
                    from: Sender::Node(NodeId(0)),
                    per_second: 20,
                    lasts: 30 * SECOND,
                    timeout: 3 * SECOND,
                    connections: 0,
                }));
                end = end.max(begun + seconds + 40);
            }
            _ => {
                run.act(Act::Command(what.as_str().into()));
                end = end.max(begun + seconds + 3);
            }
        }
    }
    run.advance(at(end), usize::MAX);
    let mut out = String::new();
    let mut requests = BTreeMap::new();
    for record in run.take_records() {
        match record.fact {
            Fact::CommandPrints(_, _, text) => out += &text,
            Fact::Request(number, row) => _ = requests.insert(number, row),
            _ => {}
        }
    }
    let is_lost = |outcome: &Outcome| !matches!(outcome, Outcome::Served(_));
    let ended = requests.values().filter_map(|row| row.ended.as_ref());
    let lost = ended.filter(|(_, outcome)| is_lost(outcome)).count();
    match (lost, requests.len()) {
        (_, 0) => {}
        (0, all) => out += &format!("all of {all} requests are answered\n"),
        (lost, all) => out += &format!("{lost} of {all}: requests are lost\n"),
    }
    out
}

fn fixes(found: &[Diagnostic], code: &str) -> Vec<Edit> {
    let with_fix = found.iter().filter(|found| found.code == code);
    with_fix.flat_map(|found| found.fixes.first()).flat_map(|fix| fix.edits.clone()).collect()
}

#[test]
fn the_page_knows_which_codes_have_a_file() {
    if std::env::var("MISTAKE").is_err() {
        let files: Vec<String> = cases().into_iter().map(|case| case.code).collect();
        assert_eq!(files, mistakes::CODES);
    }
}

#[test]
fn what_a_diagnostic_says_is_what_happens() {
    let mut fresh = Run::new(&Setup::with_seed(1), "default", Default::default());
    fresh.advance(at(SETTLED), usize::MAX);
    let mut wrong = Vec::new();
    let mut told = BTreeSet::new();
    for case in cases() {
        let code = &case.code;
        let mut refuse = |why: String| wrong.push(format!("{code}: {why}"));
        let (run, existing) = begin(&fresh, &case.before);
        let found = read_all(&[&case.wrong], &existing).remove(0).diagnostics;
        if !found.iter().any(|found| found.code == case.code) {
            let codes: Vec<&str> = found.iter().map(|found| found.code).collect();
            refuse(format!("it is not found, but {codes:?}"));
        }
        told.extend(found.iter().filter(|found| found.code == case.code).flat_map(said));
        let mended = case.mended.clone().unwrap_or_else(|| apply_edits(&case.wrong, &fixes(&found, code)));
        for left in read_all(&[&mended], &existing).remove(0).diagnostics {
            if left.severity != Severity::Hint || left.code == case.code {
                refuse(format!("{} is found once it is mended:\n{mended}", left.code));
            }
        }
        let (with, without) = (play(run.clone(), &case.wrong, &case.acts), play(run, &mended, &case.acts));
        for (texts, here, there) in [(&case.see, &with, &without), (&case.then, &without, &with)] {
            for text in texts {
                if !here.contains(text) || there.contains(text) {
                    refuse(format!("“{text}”\n--- with it\n{with}\n--- without it\n{without}"));
                }
            }
        }
    }
    if std::env::var("MISTAKE").is_err() {
        let untold = together().into_iter().filter(|id| !told.contains(id));
        wrong.extend(untold.map(|id| format!("{id}: no case says it")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The messages of a diagnostic, whose arguments are all there.
fn said(found: &Diagnostic) -> Vec<String> {
    let ids: Vec<&str> = [Some(found.code), found.consequence].into_iter().flatten().collect();
    for id in &ids {
        for name in arguments(Language::En, id) {
            assert!(found.args.iter().any(|(given, _)| *given == name), "{id} is not given {name}");
        }
    }
    ids.into_iter().map(str::to_owned).collect()
}

/// The messages of what is found among several objects.
fn together() -> Vec<String> {
    let text = include_str!("../../src/words/en/together.txt");
    let ids =
        text.lines().filter(|line| !line.starts_with([' ', '#'])).filter_map(|line| line.split_once(" = "));
    ids.map(|(id, _)| id.to_owned()).collect()
}

#[test]
fn each_case_is_one_code() {
    let codes: BTreeSet<String> = cases().into_iter().map(|case| case.code).collect();
    let unknown: Vec<&String> =
        codes.iter().filter(|code| !podium::words::ids("").any(|id| id == code.as_str())).collect();
    assert!(unknown.is_empty(), "no diagnostic has these codes: {unknown:?}");
}

/// What a StatefulSet makes claims from is looked at as a claim is.
#[test]
fn a_template_of_claims_is_told_as_a_claim_is() {
    let mut fresh = Run::new(&Setup::with_seed(1), "default", Default::default());
    fresh.advance(at(SETTLED), usize::MAX);
    let (_, existing) = begin(&fresh, &[]);
    let set = |class: &str| {
        format!(
            "apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec: {{containers: [{{name: db, image: 'redis:7'}}]}}
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{{class}accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
"
        )
    };
    let volume = |size: &str| {
        format!(
            "---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: disk}}
spec: {{capacity: {{storage: {size}}}, accessModes: [ReadWriteOnce], hostPath: {{path: /data}}}}
"
        )
    };
    for (text, code) in [
        (set(""), Some("claim-without-class")),
        (set("storageClassName: fast, "), Some("storage-class-missing")),
        (set("") + &volume("1Gi"), None),
        (set("") + &volume("1Mi"), Some("claim-fits-no-volume")),
    ] {
        let found = read_all(&[&text], &existing).remove(0).diagnostics;
        let about = |found: &&Diagnostic| found.code.contains("claim") || found.code.contains("class");
        let codes: Vec<&str> = found.iter().filter(about).map(|found| found.code).collect();
        assert_eq!(codes, code.into_iter().collect::<Vec<_>>(), "{text}");
    }
}
