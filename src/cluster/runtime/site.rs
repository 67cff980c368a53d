//! What the web servers whose images everybody knows have to give: the files of one folder, and nothing else.

use super::Runtime;
use super::containers::Container;
use super::files::{Files, absolute};
use super::images::ImageName;
use super::process::Program;
use crate::api::objects::Volume;
use crate::cluster::time::{Micros, SimTime};
use crate::value::Str;

/// A web server that gives files.
struct Site {
    /// The folder whose files it gives.
    folder: &'static str,
    /// What its image has in that folder.
    own: &'static [&'static str],
    /// Where its settings lie.
    settings: &'static str,
    /// What it answers for a folder without an index: a list, or that it gives none.
    without_index: u16,
}

const NGINX: Site = Site {
    folder: "/usr/share/nginx/html",
    own: &["/50x.html", "/index.html"],
    settings: "/etc/nginx",
    without_index: 403,
};
const HTTPD: Site = Site {
    folder: "/usr/local/apache2/htdocs",
    own: &["/index.html"],
    settings: "/usr/local/apache2/conf",
    without_index: 200,
};

/// What stands in the place of the pages that an image brings.
const OWN_PAGE: &str = "It works!\n";

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Given {
    /// To a page of the image's own, or to whatever answers there: nobody knows.
    Any,
    /// To a file that somebody has written.
    Text(Str),
    /// To nothing that is given, with this code.
    Code(u16),
}

fn site(name: &ImageName) -> Option<&'static Site> {
    match name.short() {
        "nginx" if &*name.registry == "docker.io" => Some(&NGINX),
        "httpd" if &*name.registry == "docker.io" => Some(&HTTPD),
        _ => None,
    }
}

/// The files that an image has, as far as something asks for them.
pub(super) fn image_files(name: &ImageName) -> Files {
    let mut files = Files::root();
    if let Some(site) = site(name) {
        _ = files.make_folder(site.folder, true);
        for own in site.own {
            _ = files.write(&format!("{}{own}", site.folder), OWN_PAGE, false);
        }
    }
    files
}

/// Whether all that is in a volume is known here: nobody knows what lay in a folder or on a disk before.
fn is_known(volume: &Volume) -> bool {
    volume.empty_dir.is_some()
        || volume.config_map.is_some()
        || volume.secret.is_some()
        || volume.downward_api.is_some()
        || volume.projected.is_some()
}

/// Whether a path lies in a folder, or is it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether somebody has other settings than the image's own, which may say anything.
fn has_own_settings(container: &Container, site: &Site) -> bool {
    let mounts = container.spec().map(|spec| &spec.volume_mounts[..]).unwrap_or_default();
    let is_mounted = mounts.iter().any(|mount| {
        let at = mount.mount_path.trim_end_matches('/');
        is_within(at, site.settings) || is_within(site.settings, at)
    });
    is_mounted || !container.files.list(site.settings).is_empty()
}

impl Runtime {
    /// The code that a server answers a path with, how long that takes, and the text where it is known.
    pub(super) fn answer_of(&self, pid: u32, path: &str, now: SimTime) -> (u16, Micros, Option<Str>) {
        let program = self.processes.get(&pid).map(|process| &process.program);
        let Some(Program::Server(server)) = program else { return (200, 0, None) };
        let (code, takes) = server.answers(path, now);
        match self.given(pid, path) {
            Given::Any => (code, takes, None),
            Given::Text(text) => (200, takes, Some(text)),
            Given::Code(code) => (code, takes, (code >= 400).then(|| reason(code).into())),
        }
    }
    fn given(&self, pid: u32, path: &str) -> Given {
        let Some(container) = self.container_of(pid) else { return Given::Any };
        let Some(site) = site(&container.image.name) else { return Given::Any };
        if has_own_settings(container, site) {
            return Given::Any;
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let file = format!("{}{}", site.folder, absolute("", path));
        let is_folder = self.is_folder(pid, &file);
        let file = if is_folder { format!("{file}/index.html") } else { file };
        match self.read_file(pid, &file) {
            Ok(text) if &*text == OWN_PAGE => Given::Code(200),
            Ok(text) => Given::Text(text),
            Err(_) if !self.is_known_at(pid, &file) => Given::Any,
            Err(_) if is_folder => Given::Code(site.without_index),
            Err(_) => Given::Code(404),
        }
    }
    /// Whether it is known what lies at a path of a process.
    fn is_known_at(&self, pid: u32, path: &str) -> bool {
        let Some(container) = self.container_of(pid) else { return false };
        let mounts = container.spec().map(|spec| &spec.volume_mounts[..]).unwrap_or_default();
        let over = mounts.iter().filter(|mount| is_within(path, mount.mount_path.trim_end_matches('/')));
        over.max_by_key(|mount| mount.mount_path.len()).is_none_or(|mount| {
            container.pod.spec.volumes.iter().any(|volume| volume.name == mount.name && is_known(volume))
        })
    }
}

fn reason(code: u16) -> &'static str {
    match code {
        403 => "403 Forbidden\n",
        _ => "404 Not Found\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_within_itself_and_no_other_that_begins_like_it() {
        for (path, folder, is) in [
            ("/etc/nginx", "/etc/nginx", true),
            ("/etc/nginx/conf.d", "/etc/nginx", true),
            ("/etc/nginxx", "/etc/nginx", false),
        ] {
            assert_eq!(is_within(path, folder), is, "{path} in {folder}");
        }
    }
}
