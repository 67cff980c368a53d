//! Images: their names, the registry, what a node has.

use super::{Runtime, RuntimeError, RuntimeReply, RuntimeResult, Timer};
use crate::api::objects::ContainerImage;
use crate::api::tags;
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::fault::RegistryState;
use crate::cluster::latency::Hop;
use crate::cluster::record::{Fact, RecordId};
use crate::cluster::setup::Registry;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The parts of an image's name (upstream: github.com/distribution/reference).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    /// `docker.io`
    pub registry: Str,
    /// `library/nginx`
    pub repository: Str,
    /// `1.25`; empty where a digest is named.
    pub tag: Str,
    /// `sha256:...`; empty where none is named.
    pub digest: Str,
}

impl ImageName {
    /// The name without `docker.io/library/`, as people write it.
    pub fn short(&self) -> &str {
        self.repository.strip_prefix(LIBRARY).unwrap_or(&self.repository)
    }
    /// `docker.io/library/nginx:1.25`
    pub fn reference(&self) -> String {
        if self.digest.is_empty() {
            format!("{}/{}:{}", self.registry, self.repository, self.tag)
        } else {
            format!("{}/{}@{}", self.registry, self.repository, self.digest)
        }
    }
    /// The registry's host, as it is connected to.
    fn host(&self) -> &str {
        if &*self.registry == "docker.io" { "registry-1.docker.io" } else { &self.registry }
    }
    /// Whether two names mean the same image, as `nginx` and `docker.io/library/nginx:latest`.
    pub fn is(&self, other: &str) -> bool {
        image_name(other).is_ok_and(|other| other == *self)
    }
}

/// The parts of a name where it stands.
struct Parts<'a> {
    registry: &'a str,
    /// Whether `library/` comes before the path.
    is_library: bool,
    path: &'a str,
    tag: &'a str,
    digest: &'a str,
}

impl Parts<'_> {
    fn repository(&self) -> String {
        format!("{}{}", if self.is_library { LIBRARY } else { "" }, self.path)
    }
    /// Whether it refers to what `name` refers to.
    fn refers_to(&self, name: &ImageName) -> bool {
        let path =
            if self.is_library { name.repository.strip_prefix(LIBRARY) } else { Some(&*name.repository) };
        path == Some(self.path)
            && *name.registry == *self.registry
            && *name.digest == *self.digest
            && (!self.digest.is_empty() || *name.tag == *self.tag)
    }
}

const LIBRARY: &str = "library/";

/// Reads an image's name; the error is upstream's sentence.
pub fn image_name(text: &str) -> Result<ImageName, String> {
    parts(text).map(|parts| ImageName {
        registry: parts.registry.into(),
        repository: parts.repository().into(),
        tag: parts.tag.into(),
        digest: parts.digest.into(),
    })
}

/// Says why something is no image's name.
pub fn check_image_name(text: &str) -> Result<(), String> {
    parts(text).map(|_| ())
}

fn parts(text: &str) -> Result<Parts<'_>, String> {
    let wrong = |why: &str| Err(format!("invalid reference format{why}"));
    let (rest, digest) = text.split_once('@').unwrap_or((text, ""));
    if text.contains('@') && !is_digest(digest) {
        return wrong("");
    }
    let (rest, tag) = match rest.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => (rest, tag),
        _ => (rest, ""),
    };
    let is_tag = |tag: &str| {
        tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
    };
    if (rest.len() < text.len() && digest.is_empty() && tag.is_empty()) || !is_tag(tag) {
        return wrong("");
    }
    let (registry, path) = match rest.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("docker.io", rest),
    };
    let tag = if tag.is_empty() && digest.is_empty() { "latest" } else { tag };
    let is_library = registry == "docker.io" && !path.contains('/');
    let parts = Parts { registry, is_library, path, tag, digest };
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return wrong(&format!(": repository name ({}) must be lowercase", parts.repository()));
    }
    let is_part = |part: &str| {
        let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        ends(part.bytes().next())
            && ends(part.bytes().last())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
    };
    if path.split('/').all(is_part) { Ok(parts) } else { wrong("") }
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// An image on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) name: ImageName,
    /// `docker.io/library/nginx:1.25`
    pub(super) reference: Str,
    /// `docker.io/library/nginx@sha256:...`
    pub(super) id: Str,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// The images of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Images {
    /// By their reference.
    there: BTreeMap<Str, Rc<Image>>,
    /// Taken out of the registry by a fault.
    gone: BTreeSet<Str>,
    /// Put into it, whatever is known of its images.
    put: BTreeSet<Str>,
    /// When the pull under way began.
    began: SimTime,
    /// Counts the images that have come or gone.
    revision: u64,
    /// How the registry answers.
    registry: Option<RegistryState>,
}

/// How many times longer a pull takes where the registry is slow, and how long one takes where nobody answers.
const SLOWNESS: Micros = 40;
const UNANSWERED: Micros = 30 * SECOND;

/// So many images a kubelet tells of (upstream: nodeStatusMaxImages).
const MAX_LISTED: usize = 50;

impl Runtime {
    /// An image that the node has.
    pub(super) fn image(&self, name: &str) -> Option<Rc<Image>> {
        let parts = parts(name).ok()?;
        self.images.there.values().find(|image| parts.refers_to(&image.name)).cloned()
    }
    /// Whether the node has an image (upstream: ImageService.GetImageRef).
    pub fn has_image(&self, name: &str) -> bool {
        self.image(name).is_some()
    }
    /// Counts the images that have come or gone.
    pub fn images_revision(&self) -> u64 {
        self.images.revision
    }
    /// The images as a Node's status lists them, the largest first.
    pub fn image_list(&self) -> Rc<Vec<ContainerImage>> {
        let mut all: Vec<&Rc<Image>> = self.images.there.values().collect();
        all.sort_by_key(|image| (std::cmp::Reverse(image.size), image.reference.clone()));
        let listed = all.into_iter().take(MAX_LISTED).map(|image| ContainerImage {
            names: vec![image.id.clone(), image.reference.clone()],
            size_bytes: i64::try_from(image.size).unwrap_or(i64::MAX),
            ..ContainerImage::default()
        });
        Rc::new(listed.collect())
    }
    /// The node has an image from the beginning, where there is such an image.
    pub fn seed_image(&mut self, engine: &Engine, name: &str) {
        if let Some(name) = image_name(name).ok().filter(|name| self.exists(name)) {
            self.keep(engine, name);
        }
    }
    /// Takes an image out of the registry.
    pub fn lose_image(&mut self, name: &str) {
        if let Ok(name) = image_name(name) {
            let reference: Str = name.reference().into();
            self.images.put.remove(&reference);
            self.images.gone.insert(reference);
        }
    }
    /// Puts an image into the registry, where it is not there.
    pub fn find_image(&mut self, name: &str) {
        if let Ok(name) = image_name(name) {
            let reference: Str = name.reference().into();
            self.images.gone.remove(&reference);
            self.images.put.insert(reference);
        }
    }
    /// The registry changes its ways.
    pub fn registry_is(&mut self, state: RegistryState) {
        self.images.registry = (state != RegistryState::Up).then_some(state);
    }
    /// A machine that joins asks the registry that the others ask, as it is now.
    pub fn asks_the_registry_of(&mut self, other: &Self) {
        self.images.put.clone_from(&other.images.put);
        self.images.gone.clone_from(&other.images.gone);
        self.images.registry = other.images.registry;
    }
    fn exists(&self, name: &ImageName) -> bool {
        let reference = name.reference();
        self.images.put.contains(reference.as_str())
            || !self.images.gone.contains(reference.as_str())
                && match &*self.registry {
                    Registry::Open => !tags::is_missing(&reference),
                    Registry::Closed(images) => images.iter().any(|image| name.is(image)),
                }
    }
    /// The next pull in line begins.
    pub(super) fn begin_pull(&mut self, engine: &mut Engine, number: u32) {
        let Some(super::Pending { call: super::RuntimeCall::PullImage(name), cause, .. }) =
            self.calls.get(&number)
        else {
            return;
        };
        let (name, cause) = (name.clone(), *cause);
        self.images.began = engine.now;
        let is_there = image_name(&name).is_ok_and(|name| self.exists(&name)) && !self.has_image(&name);
        let takes = if is_there {
            engine.latency(Hop::PullImage, (self.node, &name))
        } else {
            engine.latency(Hop::CreateContainer, (self.node, &name))
        };
        let takes = match self.images.registry {
            Some(RegistryState::Down) => UNANSWERED,
            Some(RegistryState::Slow) => takes * SLOWNESS,
            Some(RegistryState::Up) | None => takes,
        };
        engine.record(self.actor(), cause, Fact::Pull(self.node, name, true));
        engine.schedule(engine.now + takes, Event::Runtime(self.node, Timer::Call(number)));
    }
    /// A pull has ended.
    pub(super) fn end_pull(
        &mut self,
        engine: &mut Engine,
        text: &Str,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        self.pulls.pop_front();
        let took = engine.now.since(self.images.began);
        let record = engine.record(self.actor(), cause, Fact::Pull(self.node, text.clone(), false));
        let result = match image_name(text) {
            Err(message) => Err(Rc::new(RuntimeError { code: "InvalidArgument", message })),
            Ok(name) if self.images.registry == Some(RegistryState::Down) => {
                let (reference, host) = (name.reference(), name.host());
                let (repository, version) =
                    (&name.repository, if name.digest.is_empty() { &name.tag } else { &name.digest });
                let message = format!(
                    "failed to pull and unpack image \"{reference}\": failed to resolve image: failed to do request: Head \"https://{host}/v2/{repository}/manifests/{version}\": dial tcp: lookup {host}: i/o timeout"
                );
                Err(Rc::new(RuntimeError { code: "Unknown", message }))
            }
            Ok(name) if !self.exists(&name) => {
                let reference = name.reference();
                let message = format!(
                    "failed to pull and unpack image \"{reference}\": failed to resolve image: {reference}: not found"
                );
                Err(Rc::new(RuntimeError { code: "NotFound", message }))
            }
            Ok(name) => Ok(RuntimeReply::Pulled(self.keep(engine, name), took)),
        };
        // The next one finds what this one has brought.
        if let Some(next) = self.pulls.front().copied() {
            self.begin_pull(engine, next);
        }
        (result, Some(record))
    }
    /// Keeps an image on the node and gives its size.
    fn keep(&mut self, engine: &Engine, name: ImageName) -> u64 {
        let reference = name.reference();
        let digest: String = if name.digest.is_empty() {
            let part = |n: u32| format!("{:016x}", engine.chance.fixed(("image", &reference, n)));
            format!("sha256:{}", (0..4u32).map(part).collect::<String>())
        } else {
            name.digest.to_string()
        };
        let size =
            5_900_000 + crate::cluster::chance::scale(engine.chance.fixed(("size", &reference)), 60_000);
        let image = Image {
            id: format!("{}/{}@{digest}", name.registry, name.repository).into(),
            reference: reference.as_str().into(),
            name,
            size,
        };
        self.images.there.insert(reference.into(), Rc::new(image));
        self.images.revision += 1;
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_upstream_reads_them() {
        for (text, expected) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.25", "docker.io/library/nginx:1.25"),
            ("podium/web:1.0", "docker.io/podium/web:1.0"),
            ("registry.k8s.io/pause:3.10.1", "registry.k8s.io/pause:3.10.1"),
            ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
            ("Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"),
            ("nginx:", "invalid reference format"),
            ("nginx:la test", "invalid reference format"),
            ("a//b", "invalid reference format"),
        ] {
            let read = image_name(text).map_or_else(|error| error, |name| name.reference());
            assert_eq!(read, expected, "{text}");
        }
    }
}
