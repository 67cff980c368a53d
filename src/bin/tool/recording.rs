//! A recorded scenario: the folder that a real cluster's run was written into, read into types.
//!
//! `about.jsonl` says where it ran, `steps.jsonl` what was done, `watch.jsonl` what a watcher saw,
//! `requests.jsonl` what clients got; every other file is one that a command names. Times are seconds since
//! the scenario's start.

pub(crate) use podium::recording::WatchEvent;
use podium::value::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a folder could not be read.
#[derive(Debug)]
pub(crate) struct ReadError {
    file: PathBuf,
    /// 0 where it is about the whole file.
    line: usize,
    why: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { file, line, why } = self;
        let file = file.display();
        if *line == 0 { write!(f, "{file}: {why}") } else { write!(f, "{file}:{line}: {why}") }
    }
}

/// A scenario as it was recorded: where, what with, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    /// The folder's name.
    pub(crate) name: String,
    /// The cluster it ran in.
    pub(crate) about: About,
    /// The files that the commands name (`myapp.yaml`), by name.
    pub(crate) files: BTreeMap<String, String>,
    /// What was done and seen.
    pub(crate) run: Run,
}

/// What was done in a run and what was seen: recorded, or simulated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// In the order in which they began.
    pub(crate) steps: Vec<Step>,
    /// In the order in which the watcher got them.
    pub(crate) watch: Vec<WatchEvent>,
    /// The answers to requests, as they stand in the file: nothing here looks into them.
    pub(crate) requests: Vec<Value>,
}

/// The cluster of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct About {
    /// Its Kubernetes' version, as `1.37.2`.
    pub(crate) kubernetes: String,
    /// Wall-clock time of t = 0, RFC 3339 with milliseconds.
    pub(crate) start: String,
    /// The current context's namespace, there at the start.
    pub(crate) namespace: String,
    /// In the order of the file.
    pub(crate) nodes: Vec<Machine>,
    /// What cluster IPs come from.
    pub(crate) service_cidr: String,
    /// When the recording stopped, in seconds.
    pub(crate) end: f64,
    /// The namespaces that were watched.
    pub(crate) watched_namespaces: Vec<String>,
    /// Whether nodes, persistent volumes and the Events of `default` were watched too.
    pub(crate) watched_cluster: bool,
    /// The images that exist.
    pub(crate) images: Vec<String>,
    /// Each generated name that a step mentions, with the object it stands for.
    pub(crate) names: Vec<(String, Known)>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Machine {
    /// `node-1`
    pub(crate) name: String,
    /// Its own address.
    pub(crate) address: String,
    /// What the addresses of its Pods come from.
    pub(crate) pod_cidr: String,
    /// Whole processors.
    pub(crate) cpu: i64,
    /// A quantity, as `24Gi`.
    pub(crate) memory: String,
    /// How many Pods it takes.
    pub(crate) pods: i64,
}

/// An object, told by who made it rather than by its random name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// `Pod`
    pub(crate) kind: String,
    /// How it is found.
    pub(crate) which: Which,
    /// The node it was on, where it is a Pod.
    pub(crate) node: Option<String>,
}

/// How a known object is found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Which {
    /// By the name that someone gave it.
    Named(String),
    /// As the nth, counted from 1, that this owner created.
    Created(i64, Box<Known>),
}

/// Something done to the cluster, or a word about it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// When it began, in seconds.
    pub(crate) t: f64,
    /// What it was.
    pub(crate) act: Act,
    /// The line as it stands in the file: what is passed on unchanged is passed on from here.
    pub(crate) line: Value,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// A command of someone at a terminal; in brackets first, one on that node.
    Command(Command),
    /// Something that breaks: its name and the Pod or node that it hits.
    Fault(String, String),
    /// Clients begin to send requests.
    Requests(Traffic),
    /// A remark; nothing is done.
    Note(String),
}

/// A command and what it printed. A recording may lack what it printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Command {
    /// The line as typed.
    pub(crate) line: String,
    /// How long it took, in seconds.
    pub(crate) took: Option<f64>,
    /// Its exit code.
    pub(crate) exit: Option<i64>,
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// What it wrote to standard error.
    pub(crate) stderr: String,
}

/// Requests to a Service, a new connection each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Traffic {
    /// The Service's name.
    pub(crate) service: String,
    /// Its port.
    pub(crate) port: i64,
    /// How many begin in a second.
    pub(crate) per_second: i64,
    /// For how long, in seconds.
    pub(crate) seconds: i64,
    /// After how many seconds a client gives up.
    pub(crate) timeout_seconds: i64,
}

impl Recording {
    /// Reads a folder, or an archive of one (`NAME.tar.gz`). Only `about.jsonl` and `steps.jsonl` must be there.
    pub(crate) fn read(place: &Path) -> Result<Self, ReadError> {
        let mut texts = Texts::read(place)?;
        let about = texts.lines("about.jsonl", true, About::of)?;
        let Some(about) = about.into_iter().next() else {
            return Err(ReadError { file: place.join("about.jsonl"), line: 0, why: "it is empty".into() });
        };
        let run = Run::of(&texts)?;
        texts.files.retain(|name, _| !name.ends_with(".jsonl"));
        Ok(Self { name: name(place), about, files: texts.files, run })
    }
}

impl Run {
    /// Reads what is there of a run. Only `steps.jsonl` must be.
    pub(crate) fn read(folder: &Path) -> Result<Self, ReadError> {
        Self::of(&Texts::read(folder)?)
    }
    fn of(texts: &Texts) -> Result<Self, ReadError> {
        Ok(Self {
            steps: texts.lines("steps.jsonl", true, Step::of)?,
            watch: texts.lines("watch.jsonl", false, watch_event)?,
            requests: texts.lines("requests.jsonl", false, |line| Ok(line.clone()))?,
        })
    }
}

/// The end of an archive's name.
const ARCHIVE: &str = ".tar.gz";

/// The scenarios in a folder, by name: folders that have steps, and archives.
pub(crate) fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let failed = |error: std::io::Error| ReadError { file: folder.into(), line: 0, why: error.to_string() };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join("steps.jsonl").is_file() || is_archive(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A folder's or an archive's own name.
pub(crate) fn name(place: &Path) -> String {
    let name = place
        .file_name()
        .map_or_else(|| place.display().to_string(), |name| name.to_string_lossy().into_owned());
    name.strip_suffix(ARCHIVE).map_or(name.clone(), str::to_owned)
}

fn is_archive(path: &Path) -> bool {
    path.is_file() && path.to_string_lossy().ends_with(ARCHIVE)
}

impl About {
    fn of(line: &Value) -> Result<Self, String> {
        let machine = |(name, node): (&podium::value::Str, &Value)| {
            Ok(Machine {
                name: name.to_string(),
                address: text(node, "address")?,
                pod_cidr: text(node, "podCIDR")?,
                cpu: whole(node, "cpu")?,
                memory: text(node, "memory")?,
                pods: whole(node, "pods")?,
            })
        };
        let known = |(name, known): (&podium::value::Str, &Value)| Ok((name.to_string(), Known::of(known)?));
        let pairs = |key: &str| line.get(key).and_then(Value::as_object);
        Ok(Self {
            kubernetes: text(line, "kubernetes")?,
            start: text(line, "start")?,
            namespace: text(line, "namespace")?,
            nodes: match pairs("nodes") {
                Some(nodes) => nodes.iter().map(machine).collect::<Result<_, String>>()?,
                None => return Err("no nodes".into()),
            },
            service_cidr: text(line, "serviceCIDR")?,
            end: seconds(line, "end")?,
            watched_namespaces: texts(line.at(&["watched", "namespaces"])),
            watched_cluster: line.at(&["watched", "cluster"]).and_then(Value::as_bool).unwrap_or(false),
            images: texts(line.get("images")),
            names: match pairs("names") {
                Some(names) => names.iter().map(known).collect::<Result<_, String>>()?,
                None => Vec::new(),
            },
        })
    }
}

impl Known {
    fn of(value: &Value) -> Result<Self, String> {
        let which = match value.get("owner") {
            Some(owner) => Which::Created(whole(value, "nth")?, Box::new(Self::of(owner)?)),
            None => Which::Named(text(value, "name")?),
        };
        Ok(Self { kind: text(value, "kind")?, which, node: text(value, "node").ok() })
    }
}

impl Step {
    fn of(line: &Value) -> Result<Self, String> {
        let act = if let Some(command) = line.get("cmd") {
            Act::Command(Command {
                line: command.as_str().ok_or("cmd is not text")?.to_owned(),
                took: seconds(line, "took").ok(),
                exit: whole(line, "exit").ok(),
                stdout: text(line, "stdout").unwrap_or_default(),
                stderr: text(line, "stderr").unwrap_or_default(),
            })
        } else if line.get("fault").is_some() {
            Act::Fault(text(line, "fault")?, text(line, "pod").or_else(|_| text(line, "node"))?)
        } else if let Some(traffic) = line.get("requests") {
            Act::Requests(Traffic {
                service: text(traffic, "service")?,
                port: whole(traffic, "port")?,
                per_second: whole(traffic, "per_second")?,
                seconds: whole(traffic, "seconds")?,
                timeout_seconds: whole(traffic, "timeout_seconds")?,
            })
        } else {
            Act::Note(text(line, "note")?)
        };
        Ok(Self { t: seconds(line, "t")?, act, line: line.clone() })
    }
}

fn watch_event(line: &Value) -> Result<WatchEvent, String> {
    Ok(WatchEvent {
        t: seconds(line, "t")?,
        event: text(line, "type")?,
        resource: text(line, "resource")?,
        object: line.get("object").cloned().ok_or("no object")?,
    })
}

fn text(value: &Value, key: &str) -> Result<String, String> {
    let text = value.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("no text under {key:?}"))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn whole(value: &Value, key: &str) -> Result<i64, String> {
    value.get(key).and_then(Value::as_int).ok_or_else(|| format!("no whole number under {key:?}"))
}

fn seconds(value: &Value, key: &str) -> Result<f64, String> {
    match value.get(key) {
        Some(Value::Int(n)) => Ok(*n as f64),
        Some(Value::Float(f)) => Ok(*f),
        _ => Err(format!("no number under {key:?}")),
    }
}

/// The texts of a folder or of an archive, by the names of their files.
struct Texts {
    place: PathBuf,
    files: BTreeMap<String, String>,
}

impl Texts {
    fn read(place: &Path) -> Result<Self, ReadError> {
        let failed =
            |error: std::io::Error| ReadError { file: place.into(), line: 0, why: error.to_string() };
        let files = if is_archive(place) { archived(place) } else { unpacked(place) };
        Ok(Self { place: place.into(), files: files.map_err(failed)? })
    }
    /// Every line of a file through `of`. A file that is not there is empty, unless it `must` be.
    fn lines<T>(
        &self,
        file: &str,
        must: bool,
        of: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Vec<T>, ReadError> {
        let failed = |line: usize, why: String| ReadError { file: self.place.join(file), line, why };
        let Some(text) = self.files.get(file) else {
            return if must { Err(failed(0, "it is not there".into())) } else { Ok(Vec::new()) };
        };
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(at, line)| json::parse(line).and_then(|v| of(&v)).map_err(|why| failed(at + 1, why)))
            .collect()
    }
}

/// The files of a folder.
fn unpacked(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.insert(name(&path), std::fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// The files of an archive under their own names; the folders in it do not count.
fn archived(archive: &Path) -> std::io::Result<BTreeMap<String, String>> {
    Ok(unpack(archive)?.into_iter().map(|(path, text)| (name(&path), text)).collect())
}

/// The files of an archive under their paths in it.
pub(crate) fn unpack(archive: &Path) -> std::io::Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(archive)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let path = entry.path()?.into_owned();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut entry, &mut text)?;
            files.insert(path, text);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/recorded/tiny");
        let recording = Recording::read(&folder).expect("a recording");
        assert_eq!(recording.name, "tiny");
        assert_eq!(recording.files.keys().collect::<Vec<_>>(), ["web.yaml"]);
        let about = &recording.about;
        assert_eq!(
            (about.end, about.nodes.len(), about.nodes[1].pod_cidr.as_str()),
            (11.5, 2, "10.244.2.0/24")
        );
        assert_eq!(
            (about.watched_namespaces.as_slice(), about.watched_cluster),
            (["tiny".to_owned()].as_slice(), false)
        );
        let known = |kind: &str, which| Known { kind: kind.into(), which, node: None };
        let deployment = known("Deployment", Which::Named("web".into()));
        let replica_set = known("ReplicaSet", Which::Created(1, Box::new(deployment)));
        let pod =
            Known { node: Some("node-1".into()), ..known("Pod", Which::Created(1, Box::new(replica_set))) };
        assert_eq!(about.names, [("web-6d5b8f7c9d-x2k8p".to_owned(), pod)]);
        let steps: Vec<String> = recording
            .run
            .steps
            .iter()
            .map(|step| match &step.act {
                Act::Command(command) => format!("{} {:?} {}", step.t, command.exit, command.line),
                Act::Fault(fault, on) => format!("{} {fault} {on}", step.t),
                Act::Requests(traffic) => {
                    format!("{} {} a second to {}", step.t, traffic.per_second, traffic.service)
                }
                Act::Note(note) => format!("{} ({note})", step.t),
            })
            .collect();
        assert_eq!(
            steps[3..],
            [
                "8 (the first Pod goes)",
                "8 Some(0) kubectl delete pod web-6d5b8f7c9d-x2k8p --wait=false",
                "9 kubelet-stops node-2",
                "9 100 a second to web",
            ]
        );
        assert_eq!(recording.run.watch.len(), 16);
    }

    #[test]
    fn what_was_printed_may_be_missing() {
        let line = json::parse(r#"{"t": 1, "cmd": "kubectl get po"}"#).expect("valid");
        let command = Command { line: "kubectl get po".into(), ..Command::default() };
        assert_eq!(Step::of(&line).map(|step| step.act), Ok(Act::Command(command)));
    }

    #[test]
    fn an_error_says_where_it_is() {
        let folder = std::env::temp_dir().join(format!("podium-recording-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("steps.jsonl"), "{\"t\":0,\"note\":\"x\"}\n\n{\"t\":0}\n")
            .expect("written");
        let error = Run::read(&folder).map(|run| run.steps.len()).map_err(|error| error.to_string());
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(error, Err(format!("{}:3: no text under \"note\"", folder.join("steps.jsonl").display())));
    }
}
