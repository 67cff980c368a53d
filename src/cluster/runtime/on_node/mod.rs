//! Commands that somebody who is logged in on a node gives there: `lsns`, `ps`, `iptables-save`, `crictl`. They see the
//! node's own processes, Linux namespaces, rules and containers, without the API server.

mod crictl;
mod iptables;

use super::{HOST, LinuxNamespace, ProcessRow, Runtime};
use crate::cluster::proxy::KubeProxy;
use crate::cluster::time::{SECOND, SimTime, WallClock};
use crate::value::Str;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a command on a node prints, and its exit code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Printed {
    /// To standard output.
    pub out: String,
    /// To standard error.
    pub errors: String,
    /// 0 where it went well.
    pub code: i32,
}

impl Printed {
    fn out(out: String) -> Self {
        Self { out, ..Self::default() }
    }
    fn failed(errors: impl Into<String>, code: i32) -> Self {
        Self { errors: errors.into(), code, ..Self::default() }
    }
}

/// When a command is given.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The simulated time.
    pub now: SimTime,
    /// What the clocks on the wall show.
    pub wall: WallClock,
}

/// What runs on every node beside its Pods: pid, user and command line.
const SYSTEM: [(u32, &str); 4] = [
    (1, "/sbin/init"),
    (612, "/usr/bin/containerd"),
    (655, "/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml"),
    (711, "/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.conf"),
];
/// The pid of the shell that the commands are given to.
const SHELL: u32 = 1_790;
/// Every command that there is here.
const COMMANDS: &str = "crictl, hostname, iptables-save, lsns, ps";

impl Runtime {
    /// Gives a command on the node.
    pub fn on_node(&self, proxy: &KubeProxy, at: Moment, command: &[Str]) -> Printed {
        let words: Vec<&str> = command.iter().map(|word| &**word).collect();
        let Some((name, arguments)) = words.split_first() else { return Printed::default() };
        match *name {
            "lsns" => self.lsns(arguments),
            "ps" => self.ps(at, arguments),
            "iptables-save" => self.iptables_save(proxy, arguments),
            "crictl" => self.crictl(at, arguments),
            "hostname" => Printed::out(format!("{}\n", self.name)),
            other => Printed::failed(
                format!("bash: {other}: command not found\npodium: on a node there are {COMMANDS}\n"),
                127,
            ),
        }
    }
    /// The Linux namespaces of the node's processes, and the first process in each (util-linux `lsns`).
    fn lsns(&self, arguments: &[&str]) -> Printed {
        const SORTS: [&str; 8] = ["time", "cgroup", "pid", "user", "uts", "ipc", "mnt", "net"];
        let (mut sort, mut only, mut rest) = (None, None, arguments.iter());
        while let Some(word) = rest.next() {
            match *word {
                "-t" | "--type" => sort = rest.next().copied(),
                "-p" | "--task" => only = rest.next().and_then(|pid| pid.parse::<u32>().ok()),
                _ => return Printed::failed(format!("lsns: unrecognized option '{word}'\n"), 1),
            }
        }
        if let Some(unknown) = sort.filter(|sort| !SORTS.contains(sort)) {
            return Printed::failed(format!("lsns: unknown namespace type: {unknown}\n"), 1);
        }
        // By number: what it is of, how many processes are in it, and the first of them.
        let mut found = BTreeMap::new();
        for (pid, command) in SYSTEM.into_iter().chain([(SHELL, "-bash")]) {
            if only.is_none_or(|only| only == pid) {
                count(&mut found, pid, "root", command, of_host());
            }
        }
        for (pid, process) in &self.processes {
            if only.is_none_or(|only| only == *pid) {
                count(&mut found, *pid, user(&process.row), &process.row.command, of(&process.row));
            }
        }
        let mut out = String::from("        NS TYPE   NPROCS   PID USER  COMMAND\n");
        for (number, (kind, processes, pid, user, command)) in found {
            if sort.is_none_or(|sort| sort == kind) {
                _ = writeln!(out, "{number:10} {kind:6} {processes:6} {pid:5} {user:5} {command}");
            }
        }
        Printed::out(out)
    }
    /// The node's processes; without a flag those of one's own terminal (procps `ps`).
    fn ps(&self, at: Moment, arguments: &[&str]) -> Printed {
        let flags: String = arguments.iter().flat_map(|word| word.trim_start_matches('-').chars()).collect();
        if flags.is_empty() {
            let (shell, own) = (SHELL, self.next_pid + 1);
            return Printed::out(format!(
                "    PID TTY          TIME CMD\n{shell:7} pts/0    00:00:00 bash\n{own:7} pts/0    00:00:00 ps\n"
            ));
        }
        let mut out = String::from("UID          PID    PPID  C STIME TTY          TIME CMD\n");
        let mut row = |user: &str, pid: u32, parent: u32, since: SimTime, command: &str| {
            let clock = at.wall.rfc3339(since);
            let clock = clock.get(11..16).unwrap_or("00:00");
            _ = writeln!(out, "{user:8} {pid:7} {parent:7}  0 {clock} ?        00:00:00 {command}");
        };
        for (pid, command) in SYSTEM {
            row("root", pid, u32::from(pid != 1), SimTime::default(), command);
        }
        row("root", SHELL, 1, at.now, "-bash");
        for (pid, process) in &self.processes {
            row(user(&process.row), *pid, process.row.parent, process.row.since, &process.row.command);
        }
        Printed::out(out)
    }
    /// How long ago something was, in the words of crictl.
    fn ago(at: Moment, since: SimTime) -> String {
        match at.now.since(since) / SECOND {
            0 => "Less than a second ago".to_owned(),
            1 => "1 second ago".to_owned(),
            seconds @ ..60 => format!("{seconds} seconds ago"),
            60..120 => "About a minute ago".to_owned(),
            seconds @ ..2_700 => format!("{} minutes ago", seconds / 60),
            2_700..5_400 => "About an hour ago".to_owned(),
            seconds => format!("{} hours ago", (seconds + 1_800) / 3_600),
        }
    }
}

/// Whom a process belongs to: `pause` to nobody in particular.
fn user(row: &ProcessRow) -> &'static str {
    if row.container.is_none() { "65535" } else { "root" }
}

/// The numbers of the Linux namespaces of a process, each with what it is of. Time, control groups and users are the
/// node's for all.
fn of(row: &ProcessRow) -> [(&'static str, LinuxNamespace); 8] {
    let own = row.namespaces;
    let node = of_host();
    [
        node[0],
        node[1],
        ("pid", own.pid),
        node[3],
        ("uts", own.uts),
        ("ipc", own.ipc),
        ("mnt", own.mnt),
        ("net", own.net),
    ]
}

fn of_host() -> [(&'static str, LinuxNamespace); 8] {
    [
        ("time", LinuxNamespace(4_026_531_834)),
        ("cgroup", LinuxNamespace(4_026_531_835)),
        ("pid", HOST.pid),
        ("user", LinuxNamespace(4_026_531_837)),
        ("uts", HOST.uts),
        ("ipc", HOST.ipc),
        ("mnt", HOST.mnt),
        ("net", HOST.net),
    ]
}

/// Counts a process in each of its Linux namespaces. The first that is counted is the lowest.
fn count<'p>(
    found: &mut BTreeMap<u64, (&'static str, usize, u32, &'static str, &'p str)>,
    pid: u32,
    user: &'static str,
    command: &'p str,
    namespaces: [(&'static str, LinuxNamespace); 8],
) {
    for (kind, number) in namespaces {
        found.entry(number.0).or_insert((kind, 0, pid, user, command)).1 += 1;
    }
}
