//! The files of a container, as far as its programs make and read them.

use super::Runtime;
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};

/// The most that one container keeps, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Files and folders, by their paths from the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Files {
    files: BTreeMap<Str, Str>,
    folders: BTreeSet<Str>,
    /// How many zeros follow a file's text, in bytes: what fills a disk is not kept.
    zeros: BTreeMap<Str, u64>,
    bytes: usize,
    /// Whether it is an image's root, with the usual folders; else a volume.
    is_root: bool,
}

/// The folders that every image has.
const FOLDERS: &[&str] = &[
    "/bin",
    "/dev",
    "/dev/shm",
    "/etc",
    "/home",
    "/lib",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/local",
    "/usr/local/bin",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/run",
];

/// Where shared memory lies: all containers of a sandbox have the sandbox's mounted there, and with `hostIPC` the node's. No
/// volume has such a name.
const SHARED_MEMORY: &str = "/dev/shm";

/// Why a file cannot be had, as the kernel words it.
pub(super) type FileError = &'static str;

pub(super) const NO_SUCH: FileError = "No such file or directory";
pub(super) const IS_FOLDER: FileError = "Is a directory";

/// A path without `.`, `..` and doubled slashes, from the root; the root itself is empty.
pub(super) fn absolute(folder: &str, path: &str) -> String {
    let joined = if path.starts_with('/') { path.to_string() } else { format!("{folder}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.iter().map(|part| format!("/{part}")).collect()
}

impl Files {
    /// The files of an image.
    pub(super) fn root() -> Self {
        Self { is_root: true, ..Self::default() }
    }
    /// The text of a file.
    pub(super) fn read(&self, path: &str) -> Result<&Str, FileError> {
        self.files.get(path).ok_or(if self.is_folder(path) { IS_FOLDER } else { NO_SUCH })
    }
    /// Writes a file, or adds to it.
    pub(super) fn write(&mut self, path: &str, text: &str, appends: bool) -> Result<(), FileError> {
        if self.is_folder(path) {
            return Err(IS_FOLDER);
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !self.is_folder(parent) {
            return Err(NO_SUCH);
        }
        if !appends {
            self.zeros.remove(path);
        }
        let old = self.files.get(path).map_or(0, |old| old.len());
        let kept = if appends { old } else { 0 };
        if self.bytes - old + kept + text.len() > MAX_BYTES {
            return Err("No space left on device");
        }
        self.bytes = self.bytes - old + kept + text.len();
        let new = match self.files.get(path).filter(|_| appends) {
            Some(old) => format!("{old}{text}").into(),
            None => Str::from(text),
        };
        self.files.insert(path.into(), new);
        Ok(())
    }
    /// Fills a file with zeros, so many bytes of them.
    pub(super) fn write_zeros(&mut self, path: &str, bytes: u64) -> Result<(), FileError> {
        self.write(path, "", false)?;
        self.zeros.insert(path.into(), bytes);
        Ok(())
    }
    /// How many bytes all files take.
    pub(super) fn usage(&self) -> u64 {
        self.zeros.values().fold(self.bytes as u64, |sum, zeros| sum.saturating_add(*zeros))
    }
    /// How many bytes a file has.
    pub(super) fn size(&self, path: &str) -> u64 {
        let text = self.files.get(path).map_or(0, |text| text.len() as u64);
        text.saturating_add(self.zeros.get(path).copied().unwrap_or(0))
    }
    pub(super) fn is_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
    pub(super) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || (self.is_root && FOLDERS.contains(&path)) || self.folders.contains(path)
    }
    /// Makes a folder, and with `parents` those above it.
    pub(super) fn make_folder(&mut self, path: &str, parents: bool) -> Result<(), FileError> {
        if self.is_file(path) || (self.is_folder(path) && !parents) {
            return Err("File exists");
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !self.is_folder(parent) {
            if !parents {
                return Err(NO_SUCH);
            }
            self.make_folder(parent, true)?;
        }
        self.folders.insert(path.into());
        Ok(())
    }
    /// Removes a file, and with `all` a folder with what is in it.
    pub(super) fn remove(&mut self, path: &str, all: bool) -> Result<(), FileError> {
        if let Some(text) = self.files.remove(path) {
            self.bytes -= text.len();
            self.zeros.remove(path);
            return Ok(());
        }
        if !self.is_folder(path) {
            return Err(NO_SUCH);
        }
        if !all {
            return Err(IS_FOLDER);
        }
        let inside = format!("{path}/");
        let gone: Vec<Str> = self.files.keys().filter(|file| file.starts_with(&inside)).cloned().collect();
        for file in gone {
            self.zeros.remove(&file);
            self.bytes -= self.files.remove(&file).map_or(0, |text| text.len());
        }
        self.folders.retain(|folder| &**folder != path && !folder.starts_with(&inside));
        Ok(())
    }
    /// The names in a folder, in order.
    pub(super) fn list(&self, path: &str) -> BTreeSet<String> {
        let inside = format!("{path}/");
        let usual = FOLDERS.iter().copied().filter(|_| self.is_root);
        let all = self.files.keys().chain(&self.folders).map(|name| &**name).chain(usual);
        all.filter_map(|name| name.strip_prefix(&inside))
            .filter_map(|rest| rest.split('/').next())
            .filter(|name| !name.is_empty())
            .map(str::to_string)
            .collect()
    }
}

impl Runtime {
    /// Where a path of a process lies: in its container's own files, or in a volume of the Pod, with the path there.
    fn place(&self, pid: u32, path: &str) -> Option<(u32, Option<Str>, String)> {
        let id = self.processes.get(&pid)?.row.container?;
        let container = self.containers.get(&id.number)?;
        let mounts = container.spec().map(|spec| &spec.volume_mounts[..]).unwrap_or_default();
        let found = mounts
            .iter()
            .filter_map(|mount| {
                let at = mount.mount_path.trim_end_matches('/');
                let rest = path.strip_prefix(at).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
                Some((at.len(), mount, rest))
            })
            .max_by_key(|(length, ..)| *length);
        let memory = path.strip_prefix(SHARED_MEMORY).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        Some(match (found, memory) {
            (None, Some(rest)) => (id.number, Some(SHARED_MEMORY.into()), rest.into()),
            (None, None) => (id.number, None, path.into()),
            (Some((_, mount, rest)), _) => {
                let sub = mount.sub_path.trim_matches('/');
                let inside = if sub.is_empty() { rest.into() } else { format!("/{sub}{rest}") };
                (id.number, Some(mount.name.clone()), inside)
            }
        })
    }
    fn files_of(&self, number: u32, volume: Option<&Str>) -> Option<&Files> {
        let container = self.containers.get(&number)?;
        match volume {
            None => Some(&container.files),
            Some(volume) => {
                let entry = self.pods.get(&container.row.pod_uid)?;
                match entry.folders.get(volume) {
                    Some(path) => self.folders.get(path),
                    None => entry.volumes.get(volume),
                }
            }
        }
    }
    /// Gives a new sandbox of a Pod its shared memory: an empty one, or the node's.
    pub(super) fn mount_memory(&mut self, pod_uid: &Str, is_host: bool) {
        if is_host {
            let memory = Str::from(SHARED_MEMORY);
            self.mount_folder(pod_uid, &memory, memory.clone());
        } else if let Some(entry) = self.pods.get_mut(pod_uid) {
            entry.volumes.remove(SHARED_MEMORY);
        }
    }
    fn with_files<T>(
        &mut self,
        pid: u32,
        path: &str,
        change: impl FnOnce(&mut Files, &str) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        let Some((number, volume, inside)) = self.place(pid, path) else { return Err(NO_SUCH) };
        let Some(container) = self.containers.get_mut(&number) else { return Err(NO_SUCH) };
        match volume {
            None => {
                self.written.insert(container.row.pod_uid.clone());
                change(&mut container.files, &inside)
            }
            Some(volume) => {
                let uid = container.row.pod_uid.clone();
                self.written.insert(uid.clone());
                let Some(entry) = self.pods.get_mut(&uid) else { return Err(NO_SUCH) };
                match entry.folders.get(&volume) {
                    Some(path) => change(self.folders.entry(path.clone()).or_default(), &inside),
                    None => change(entry.volumes.entry(volume).or_default(), &inside),
                }
            }
        }
    }
    /// How many bytes the files of a Pod's volume take.
    pub fn volume_usage(&self, pod_uid: &str, volume: &str) -> u64 {
        self.pods.get(pod_uid).and_then(|entry| entry.volumes.get(volume)).map_or(0, Files::usage)
    }
    /// How many bytes a container has written to its own root.
    pub fn root_usage(&self, pod_uid: &str, container: &str) -> u64 {
        let numbers = self.pods.get(pod_uid).map(|entry| &entry.containers[..]).unwrap_or_default();
        let mut all = numbers.iter().rev().filter_map(|number| self.containers.get(number));
        all.find(|found| &*found.row.name == container).map_or(0, |found| found.files.usage())
    }
    /// Whether a process has written files since this was last asked.
    pub fn has_written(&self) -> bool {
        !self.written.is_empty()
    }
    /// The Pods whose processes have written files since this was last asked.
    pub fn take_written(&mut self) -> BTreeSet<Str> {
        std::mem::take(&mut self.written)
    }
    /// Whether the node has a folder: one that every machine has, or one that a volume has made.
    pub fn has_folder(&self, path: &str) -> bool {
        let path = absolute("", path);
        path.is_empty() || FOLDERS.contains(&&*path) || self.folders.contains_key(&*path)
    }
    /// Lets a volume of a Pod be a folder of the node.
    pub fn mount_folder(&mut self, pod_uid: &Str, volume: &Str, path: Str) {
        let path: Str = absolute("", &path).into();
        self.folders.entry(path.clone()).or_default();
        self.pods.entry(pod_uid.clone()).or_default().folders.insert(volume.clone(), path);
    }
    /// Puts files into a volume of a Pod, by their paths in it.
    pub fn fill_volume(&mut self, pod_uid: &Str, volume: &Str, files: &[(Str, Str)]) {
        let entry = self.pods.entry(pod_uid.clone()).or_default();
        let to = entry.volumes.entry(volume.clone()).or_default();
        for (path, text) in files {
            let path = absolute("", path);
            if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
                _ = to.make_folder(folder, true);
            }
            _ = to.write(&path, text, false);
        }
    }
    /// The text of a file as a process sees it.
    pub(super) fn read_file(&self, pid: u32, path: &str) -> Result<Str, FileError> {
        if path == "/etc/hostname" {
            return Ok(format!("{}\n", self.hostname_of(pid)).into());
        }
        let written = match path {
            "/etc/hosts" => self.etc_hosts(pid),
            "/etc/resolv.conf" => self.resolv_conf(pid),
            _ => None,
        };
        if let Some(text) = written {
            return Ok(text);
        }
        let (number, volume, inside) = self.place(pid, path).ok_or(NO_SUCH)?;
        self.files_of(number, volume.as_ref()).ok_or(NO_SUCH)?.read(&inside).cloned()
    }
    pub(super) fn write_file(
        &mut self,
        pid: u32,
        path: &str,
        text: &str,
        appends: bool,
    ) -> Result<(), FileError> {
        self.with_files(pid, path, |files, inside| files.write(inside, text, appends))
    }
    pub(super) fn write_zeros(&mut self, pid: u32, path: &str, bytes: u64) -> Result<(), FileError> {
        self.with_files(pid, path, |files, inside| files.write_zeros(inside, bytes))
    }
    /// How many bytes a file has, as a process sees it.
    pub(super) fn file_size(&self, pid: u32, path: &str) -> Result<u64, FileError> {
        let (number, volume, inside) = self.place(pid, path).ok_or(NO_SUCH)?;
        let files = self.files_of(number, volume.as_ref()).ok_or(NO_SUCH)?;
        files.read(&inside).map(|_| files.size(&inside))
    }
    pub(super) fn make_folder(&mut self, pid: u32, path: &str, parents: bool) -> Result<(), FileError> {
        self.with_files(pid, path, |files, inside| files.make_folder(inside, parents))
    }
    pub(super) fn remove_file(&mut self, pid: u32, path: &str, all: bool) -> Result<(), FileError> {
        self.with_files(pid, path, |files, inside| files.remove(inside, all))
    }
    pub(super) fn is_folder(&self, pid: u32, path: &str) -> bool {
        let Some((number, volume, inside)) = self.place(pid, path) else { return false };
        match self.files_of(number, volume.as_ref()) {
            Some(files) => files.is_folder(&inside),
            None => inside.is_empty(),
        }
    }
    pub(super) fn list_folder(&self, pid: u32, path: &str) -> Vec<String> {
        let Some((number, volume, inside)) = self.place(pid, path) else { return Vec::new() };
        self.files_of(number, volume.as_ref())
            .map(|files| files.list(&inside).into_iter().collect())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_and_removed() {
        let mut files = Files::root();
        assert_eq!(files.write("/data/a", "x", false), Err(NO_SUCH));
        files.make_folder("/data/deep", true).expect("made");
        files.write("/data/deep/a", "x\n", false).expect("written");
        files.write("/data/deep/a", "y\n", true).expect("added");
        assert_eq!(files.read("/data/deep/a").map(|text| &**text), Ok("x\ny\n"));
        assert_eq!(files.list("/data").into_iter().collect::<Vec<_>>(), ["deep"]);
        assert_eq!(files.remove("/data", false), Err(IS_FOLDER));
        files.remove("/data", true).expect("removed");
        assert_eq!(files.read("/data/deep/a"), Err(NO_SUCH));
        assert_eq!(absolute("/var/log", "../lib/./x"), "/var/lib/x");
    }
}
