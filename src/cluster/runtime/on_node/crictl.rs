//! `crictl`: what the container runtime knows, in its own words (cri-tools `ps`, `pods`, `inspectp`).

use super::{Moment, Printed, Runtime};
use crate::cluster::chance::stable_hash;
use crate::cluster::runtime::sandbox::Sandbox;
use crate::cluster::runtime::{ContainerPhase, HOST};
use crate::cluster::time::SimTime;
use crate::value::{Map, Str, Value, json};

/// Columns as Go's tabwriter makes them for crictl: at least 20 wide, three apart.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].chars().count() + 3).max().unwrap_or_default();
        widest.max(20)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut out = String::new();
        for (column, cell) in row.iter().enumerate() {
            if column + 1 == columns {
                out.push_str(cell);
            } else {
                out.push_str(&format!("{cell:width$}", width = widths[column]));
            }
        }
        out + "\n"
    };
    rows.iter().map(line).collect()
}

fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Runtime {
    pub(super) fn crictl(&self, at: Moment, arguments: &[&str]) -> Printed {
        match arguments {
            ["ps", flags @ ..] => self.crictl_ps(at, flags),
            ["pods", ..] => self.crictl_pods(at),
            ["inspectp", id] => self.crictl_inspectp(at, id),
            ["inspectp"] => Printed::failed("ID cannot be empty\n", 1),
            _ => Printed::failed("podium: of crictl there are ps [-a], pods and inspectp POD-ID\n", 1),
        }
    }
    /// The id of a sandbox, as the runtime draws it.
    fn sandbox_id(&self, sandbox: &Sandbox) -> String {
        let part =
            |n: u64| stable_hash(n, &("sandbox", &self.name, &sandbox.row.pod_uid, sandbox.row.attempt));
        (0..4).map(|n| format!("{:016x}", part(n))).collect()
    }
    /// When the runtime made a sandbox: its oldest process, or its first container, tells.
    fn sandbox_since(&self, number: u32, sandbox: &Sandbox) -> SimTime {
        let pause = self.processes.get(&sandbox.row.pause_pid).map(|process| process.row.since);
        let first = self.containers.values().filter(|container| container.row.sandbox.number == number);
        pause.or_else(|| first.map(|container| container.created).min()).unwrap_or_default()
    }
    fn crictl_ps(&self, at: Moment, flags: &[&str]) -> Printed {
        let shows_all = flags.iter().any(|flag| matches!(*flag, "-a" | "--all"));
        let head =
            ["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"];
        let mut rows = Vec::new();
        for container in self.containers.values() {
            let row = &container.row;
            let state = match row.state {
                ContainerPhase::Created => "Created",
                ContainerPhase::Running { .. } => "Running",
                ContainerPhase::Exited { .. } => "Exited",
            };
            if !shows_all && state != "Running" {
                continue;
            }
            let short = |id: &str| id.chars().take(13).collect::<String>();
            let sandbox = self.sandboxes.get(&row.sandbox.number);
            let pod = sandbox.map_or_else(String::new, |sandbox| short(&self.sandbox_id(sandbox)));
            let id = container.container_id.strip_prefix("containerd://").unwrap_or_default();
            rows.push((
                container.created,
                vec![
                    short(id),
                    row.image.to_string(),
                    Self::ago(at, container.created),
                    state.to_owned(),
                    row.name.to_string(),
                    row.attempt.to_string(),
                    pod,
                    row.pod.name.to_string(),
                    row.pod.namespace.to_string(),
                ],
            ));
        }
        rows.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
        let rows = rows.into_iter().map(|(_, row)| row);
        Printed::out(table(&[heads(&head)].into_iter().chain(rows).collect::<Vec<_>>()))
    }
    fn crictl_pods(&self, at: Moment) -> Printed {
        let head = ["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"];
        let mut rows = Vec::new();
        for (number, sandbox) in &self.sandboxes {
            let row = &sandbox.row;
            let since = self.sandbox_since(*number, sandbox);
            rows.push((
                since,
                vec![
                    self.sandbox_id(sandbox).chars().take(13).collect(),
                    Self::ago(at, since),
                    if row.ready { "Ready" } else { "NotReady" }.to_owned(),
                    row.pod.name.to_string(),
                    row.pod.namespace.to_string(),
                    row.attempt.to_string(),
                    "(default)".to_owned(),
                ],
            ));
        }
        rows.sort_by_key(|(since, _)| std::cmp::Reverse(*since));
        let rows = rows.into_iter().map(|(_, row)| row);
        Printed::out(table(&[heads(&head)].into_iter().chain(rows).collect::<Vec<_>>()))
    }
    fn crictl_inspectp(&self, at: Moment, id: &str) -> Printed {
        let found = self.sandboxes.iter().find(|(_, sandbox)| self.sandbox_id(sandbox).starts_with(id));
        let Some((number, sandbox)) = found.filter(|_| !id.is_empty()) else {
            let why = format!(
                "level=fatal msg=\"getting the status of the pod sandbox: rpc error: code = NotFound desc = an error \
                 occurred when try to find sandbox: not found\" podSandboxID={id:?}\n"
            );
            return Printed::failed(why, 1);
        };
        let row = &sandbox.row;
        let mode = |is_node: bool, own: &str| Value::from(if is_node { "NODE" } else { own });
        let pid = if sandbox.shares_pid { "POD" } else { "CONTAINER" };
        let options = object([
            ("ipc", mode(row.namespaces.ipc == HOST.ipc, "POD")),
            ("network", mode(row.namespaces.net == HOST.net, "POD")),
            ("pid", mode(row.namespaces.pid == HOST.pid, pid)),
        ]);
        let metadata = object([
            ("attempt", Value::from(i64::from(row.attempt))),
            ("name", row.pod.name.clone().into()),
            ("namespace", row.pod.namespace.clone().into()),
            ("uid", row.pod_uid.clone().into()),
        ]);
        let paths: Vec<Value> =
            [("ipc", "ipc"), ("network", "net"), ("uts", "uts"), ("pid", "pid"), ("mount", "mnt")]
                .into_iter()
                .map(|(kind, file)| {
                    let path = format!("/proc/{}/ns/{file}", row.pause_pid);
                    object([("type", Value::from(kind)), ("path", path.into())])
                })
                .collect();
        let since = at.wall.rfc3339(self.sandbox_since(*number, sandbox));
        let status = object([
            ("createdAt", Value::from(since)),
            ("id", self.sandbox_id(sandbox).into()),
            ("linux", object([("namespaces", object([("options", options)]))])),
            ("metadata", metadata),
            ("network", object([("additionalIps", Value::from(Vec::new())), ("ip", row.ip.clone().into())])),
            ("state", Value::from(if row.ready { "SANDBOX_READY" } else { "SANDBOX_NOTREADY" })),
        ]);
        let info = object([
            ("pid", Value::from(i64::from(row.pause_pid))),
            ("runtimeSpec", object([("linux", object([("namespaces", Value::from(paths))]))])),
        ]);
        // Two blanks a level, where kubectl has four.
        let told = json::pretty(&object([("info", info), ("status", status)]));
        let narrow = |line: &str| {
            let blanks = line.len() - line.trim_start().len();
            format!("{}\n", &line[blanks / 2..])
        };
        Printed::out(told.lines().map(narrow).collect())
    }
}

fn object<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::from(pairs.into_iter().map(|(key, value)| (Str::from(key), value)).collect::<Map>())
}
