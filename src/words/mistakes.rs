//! What a mistake looks like and what becomes of it: the files of `static/mistakes`, one for each code, which the page fetches
//! when somebody asks for an example. `tests/mistakes` plays each of them in a cluster.
//!
//! A file is a manifest with the mistake, and notes that begin with `#! `. After the note `mended` comes the manifest without the
//! mistake; where that is not there, it is what the first fix of each finding makes of the other.

/// What a file tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The notes but `mended`, each with its first word apart.
    pub notes: Vec<(String, String)>,
    /// The manifest with the mistake.
    pub wrong: String,
    /// The manifest without it, where the file has it.
    pub mended: Option<String>,
}

/// Reads a file.
///
/// ```
/// let shown = podium::words::mistakes::shown("#! see refused\na: 1\n#! mended\na: 2\n");
/// assert_eq!(shown.notes, [("see".to_owned(), "refused".to_owned())]);
/// assert_eq!((&*shown.wrong, shown.mended.as_deref()), ("a: 1\n", Some("a: 2\n")));
/// ```
pub fn shown(text: &str) -> Shown {
    let mut shown = Shown::default();
    for line in text.split_inclusive('\n') {
        let Some(note) = line.strip_prefix("#! ") else {
            shown.mended.as_mut().unwrap_or(&mut shown.wrong).push_str(line);
            continue;
        };
        match note.trim_end().split_once(' ').unwrap_or((note.trim_end(), "")) {
            ("mended", _) => shown.mended = Some(String::new()),
            (word, rest) => shown.notes.push((word.to_owned(), rest.to_owned())),
        }
    }
    shown
}

/// The codes that have a file, in order.
pub const CODES: &[&str] = &[
    "account-of-binding-missing",
    "apart-without-room",
    "autoscaler-target-missing",
    "autoscaler-without-requests",
    "autoscalers-share-target",
    "beside-nobody",
    "budget-blocks-every-drain",
    "budget-selects-nothing",
    "budgets-overlap",
    "claim-fits-no-volume",
    "claim-missing",
    "claim-of-one-node-shared",
    "claim-of-one-pod-shared",
    "claim-without-class",
    "cluster-too-small",
    "config-missing",
    "cron-job-can-overlap",
    "deadline-before-ready",
    "definition-beside-resource",
    "deployment-paused",
    "file-is-folder",
    "grace-of-nothing",
    "grace-shorter-than-pre-stop",
    "host-port-with-replicas",
    "image-latest",
    "image-never-pulled",
    "image-runs-as-root",
    "image-tag-unknown",
    "image-without-tag",
    "ingress-port-unknown",
    "ingress-service-missing",
    "init-container-never-ends",
    "job-never-ends",
    "key-missing-in-config",
    "liveness-as-readiness",
    "namespace-missing",
    "no-node-has-labels",
    "no-pre-stop",
    "no-readiness-probe",
    "node-port-twice",
    "outside-limit-range",
    "password-in-plain",
    "pod-is-adopted",
    "policy-cuts-names",
    "policy-cuts-service",
    "policy-selects-nothing",
    "port-twice-in-pod",
    "priority-class-missing",
    "probe-port-unlisted",
    "program-ends-at-once",
    "pull-secret-missing",
    "quota-too-small",
    "quota-wants-amounts",
    "recreate-behind-service",
    "removed-version",
    "replicas-of-autoscaler",
    "request-above-every-node",
    "role-missing",
    "rollout-leaves-none",
    "schedule-never-comes",
    "selectors-overlap",
    "server-warns",
    "service-account-missing",
    "service-in-other-namespace",
    "service-of-set-missing",
    "service-of-set-not-headless",
    "service-port-unserved",
    "service-selects-nothing-but-near",
    "service-selects-two",
    "sidecar-keeps-job",
    "signal-not-heard",
    "spread-over-nothing",
    "storage-class-missing",
    "target-port-unknown",
    "toleration-of-nothing",
];
