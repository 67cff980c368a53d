//! What fills memory and disks: `dd`, `tail /dev/zero`, `truncate`. A process that takes more than its container
//! may is ended by the kernel.

use super::super::files::absolute;
use super::super::process::{Process, Program};
use super::{Engine, Outcome, Runtime, Shell, Sink, Wait};
use crate::api::quantity::Quantity;
use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::value::Str;

/// How fast bytes are copied, in bytes a second.
const SPEED: u64 = 2_000_000_000;
/// What a file grows to where nothing bounds it: a disk's size, in bytes.
const DISK: u64 = 100 << 30;

/// A count of bytes as busybox reads it: `20M`, `1k`, `2kD`.
pub(in super::super) fn bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "" | "c" | "B" => 1,
        "w" => 2,
        "b" => 512,
        "kD" | "KD" | "kB" | "KB" => 1_000,
        "k" | "K" | "KiB" => 1 << 10,
        "MD" | "MB" => 1_000_000,
        "M" | "m" | "MiB" => 1 << 20,
        "GD" | "GB" => 1_000_000_000,
        "G" | "g" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// A size as busybox tells it to people: `200.0MB`.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
    let (mut tenths, mut place) = (bytes.saturating_mul(10), 0);
    while tenths >= 10_240 && place + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1_024;
        place += 1;
    }
    if place == 0 {
        format!("{bytes}bytes")
    } else {
        format!("{}.{}{}", tenths / 10, tenths % 10, UNITS[place])
    }
}

impl Runtime {
    /// How many bytes the processes of a container may take together; none where nothing bounds them.
    fn memory_limit(&self, pid: u32) -> Option<u64> {
        let limit = self.container_of(pid)?.resources.limits.get("memory")?;
        u64::try_from(Quantity::parse(limit).ok()?.value()).ok()
    }
    /// How many bytes a process may still take: of what bounds its container, and of what its node has.
    pub(in super::super) fn memory_left(&self, pid: u32) -> u64 {
        let of_container = self.container_of(pid).map_or(0, |container| container.memory);
        let of_node: u64 = self.containers.values().map(|container| container.memory).sum();
        let bound = self.memory_limit(pid).map_or(u64::MAX, |limit| limit.saturating_sub(of_container));
        bound.min(self.memory.saturating_sub(of_node))
    }
    /// A process has taken memory.
    pub(in super::super) fn takes_memory(&mut self, pid: u32, bytes: u64) {
        let container = self.processes.get(&pid).and_then(|process| process.row.container);
        if let Some(container) = container.and_then(|id| self.containers.get_mut(&id.number)) {
            container.memory += bytes;
        }
    }
    /// A process has ended.
    pub(in super::super) fn gives_memory_back(&mut self, process: &Process) {
        let Program::Stress(stress) = &process.program else { return };
        let held = stress.holds(self.memory);
        if let Some(container) = process.row.container.and_then(|id| self.containers.get_mut(&id.number)) {
            container.memory = container.memory.saturating_sub(held);
        }
    }
    /// How much memory the programs of a container have taken, as far as that is known, in bytes.
    pub fn memory_taken(&self, pod_uid: &str, name: &str) -> u64 {
        let numbers = self.pods.get(pod_uid).map(|entry| &entry.containers[..]).unwrap_or_default();
        let found = numbers.iter().filter_map(|number| self.containers.get(number));
        found.filter(|container| &*container.row.name == name).map(|container| container.memory).sum()
    }
    /// Whether its container has so much memory left for a process.
    fn has_memory(&self, pid: u32, wanted: u64) -> bool {
        wanted <= self.memory_left(pid)
    }
    /// A command takes more than its container has: the kernel kills all of that, the shell too, which does nothing more.
    fn kills_all(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell) -> Outcome {
        self.out_of_memory(engine, pid);
        shell.wait = Wait::Ever;
        Outcome::Waits
    }
    /// Waits as long as so many bytes take.
    fn copies(engine: &Engine, shell: &mut Shell, bytes: u64) -> Outcome {
        let takes: Micros = (u128::from(bytes) * u128::from(SECOND) / u128::from(SPEED)) as u64;
        if takes < MILLI {
            return Outcome::Status(0);
        }
        shell.others += 1;
        shell.wait = Wait::Until(engine.now + takes);
        Outcome::Waits
    }
    /// `dd`: blocks from one file into another, each through a buffer of its size.
    pub(super) fn dd(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, words: &[Str]) -> Outcome {
        let operand = |name: &str| {
            words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_string)
        };
        let size = |name: &str| operand(name).map(|text| bytes(&text).ok_or(text));
        let (block, count) = match (size("bs").unwrap_or(Ok(512)), size("count").transpose()) {
            (Ok(block), Ok(count)) => (block, count),
            (Err(text), _) | (_, Err(text)) => {
                self.complain(engine, pid, shell, format!("dd: invalid number '{text}'"));
                return Outcome::Status(1);
            }
        };
        if !self.has_memory(pid, block) {
            return self.kills_all(engine, pid, shell);
        }
        let from = operand("if").unwrap_or_default();
        let there = match &*from {
            "" | "/dev/null" => Some(0),
            "/dev/zero" | "/dev/urandom" | "/dev/random" => None,
            path => match self.file_size(pid, &absolute(&shell.folder, path)) {
                Ok(size) => Some(size),
                Err(why) => {
                    self.complain(engine, pid, shell, format!("dd: can't open '{from}': {why}"));
                    return Outcome::Status(1);
                }
            },
        };
        let to = operand("of").unwrap_or_default();
        let (there, asked) =
            (there.unwrap_or(u64::MAX), count.map_or(u64::MAX, |count| count.saturating_mul(block)));
        let copied = there.min(asked);
        if copied == u64::MAX && matches!(&*to, "" | "/dev/null") {
            shell.wait = Wait::Ever;
            return Outcome::Waits;
        }
        let copied = copied.min(DISK);
        shell.has_acted = true;
        if !matches!(&*to, "" | "/dev/null")
            && let Err(why) = self.write_zeros(pid, &absolute(&shell.folder, &to), copied)
        {
            self.complain(engine, pid, shell, format!("dd: can't open '{to}': {why}"));
            return Outcome::Status(1);
        }
        let (full, rest) = (copied / block.max(1), u8::from(copied % block.max(1) > 0));
        let seconds = copied as f64 / SPEED as f64;
        let said = format!(
            "{full}+{rest} records in\n{full}+{rest} records out\n{copied} bytes ({}) copied, {seconds:.6} seconds, 1.9GB/s\n",
            human(copied)
        );
        self.say(engine, pid, shell, true, &said);
        Self::copies(engine, shell, copied)
    }
    /// `/dev/zero` has no end: what keeps all that it reads takes ever more memory, `head` takes its share.
    pub(super) fn read_zeros(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        tool: &str,
        count: Option<i64>,
    ) -> Outcome {
        if tool != "head" {
            return if tool == "cat" {
                shell.wait = Wait::Ever;
                Outcome::Waits
            } else {
                self.kills_all(engine, pid, shell)
            };
        }
        let size = u64::try_from(count.unwrap_or(0)).unwrap_or(0).min(DISK);
        shell.has_acted = true;
        if let Sink::File(path) = shell.streams.out.clone()
            && self.write_zeros(pid, &path, size).is_err()
        {
            return Outcome::Status(1);
        }
        Self::copies(engine, shell, size)
    }
    /// `truncate -s` and `fallocate -l`: files of a size.
    pub(super) fn resize_files(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        tool: &str,
        words: &[Str],
    ) -> i32 {
        let (mut size, mut files, mut rest) = (None, Vec::new(), words.iter());
        while let Some(word) = rest.next() {
            match &**word {
                "-s" | "-l" => size = rest.next().and_then(|text| bytes(text)),
                word if word.starts_with("-s") || word.starts_with("-l") => size = bytes(&word[2..]),
                word if word.starts_with('-') => {}
                word => files.push(word),
            }
        }
        shell.has_acted = true;
        let Some(size) = size else {
            self.complain(engine, pid, shell, format!("{tool}: invalid number"));
            return 1;
        };
        let (mut status, size) = (0, size.min(DISK));
        for name in files {
            if let Err(why) = self.write_zeros(pid, &absolute(&shell.folder, name), size) {
                self.complain(engine, pid, shell, format!("{tool}: {name}: open: {why}"));
                status = 1;
            }
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_told_as_busybox_does() {
        for (text, expected) in
            [("512", Some(512)), ("20M", Some(20 << 20)), ("1kD", Some(1_000)), ("x", None), ("1X", None)]
        {
            assert_eq!(bytes(text), expected, "{text}");
        }
        assert_eq!([512, 209_715_200].map(human), ["512bytes", "200.0MB"]);
    }
}
