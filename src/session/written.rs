//! Where in the files somebody has written what is in the cluster.

use super::File;
use crate::api::read::Read;
use crate::api::{ObjectKey, node_to_value};
use crate::manifest::{LineIndex, Node, Span};
use crate::value::Str;

/// A line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The name of its file.
    pub file: Str,
    /// The line, from 1.
    pub line: usize,
    /// Its text.
    pub span: Span,
}

/// Where an object stands in the files, or a container of it: first in a file of those that are `named`, else in any. `reads` is
/// what was read in each of them, in the order of the files; nothing is found where that is of another text.
pub fn written<'a>(
    files: &[File],
    reads: impl Iterator<Item = &'a Read>,
    key: &ObjectKey,
    container: Option<&str>,
    named: &[Str],
) -> Option<Written> {
    let found = files.iter().zip(reads).filter_map(|(file, read)| {
        let document = read.documents.iter().find(|document| document.key.as_ref() == Some(key))?;
        Some((file, &*document.node))
    });
    let (file, node) = found.min_by_key(|(file, _)| !is_named(&file.name, named))?;
    let of_container = container.and_then(|name| of_container(node, name));
    let start = of_container.unwrap_or(node.span).start as usize;
    let rest = file.text.get(start..)?;
    let end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
    let line = LineIndex::new(&file.text).position(&file.text, start).0;
    Some(Written { file: file.name.clone(), line, span: Span::new(start, end) })
}

/// Whether a command that names these reads the file: by its name, whatever stands before it.
fn is_named(file: &Str, named: &[Str]) -> bool {
    named.iter().any(|name| {
        let name = name.strip_prefix("./").unwrap_or(name);
        *name == **file || file.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
    })
}

/// Where the Pods' specs are in what makes Pods, and in a Pod.
const SPECS: &[&[&str]] =
    &[&["spec"], &["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"]];

/// The name of a container, where it stands.
fn of_container(node: &Node, name: &str) -> Option<Span> {
    SPECS.iter().find_map(|path| {
        let spec = path.iter().try_fold(node, |node, key| node.get(key))?;
        let lists = ["containers", "initContainers"].into_iter().filter_map(|list| spec.get(list));
        lists.flat_map(Node::items).find_map(|item| {
            let found = item.get("name")?;
            (node_to_value(found).as_str() == Some(name)).then_some(found.span)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;
    use crate::api::read::read;

    const WEB: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec: {ports: [{port: 80}]}\n---\n# the Pods\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      initContainers:\n      - name: first\n        image: busybox:1.36\n      containers:\n      - name: web\n        image: nginx:1.25\n";

    fn place(key: &ObjectKey, container: Option<&str>, named: &[Str]) -> Option<String> {
        let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";
        let files = [("web.yaml", WEB), ("other.yaml", service), ("shop/web.yaml", service)];
        let files = files.map(|(name, text)| File { name: name.into(), text: text.into() });
        let reads: Vec<Read> = files.iter().map(|file| read(&file.text)).collect();
        let found = written(&files, reads.iter(), key, container, named)?;
        let text =
            files.iter().find(|file| file.name == found.file).map(|file| found.span.slice(&file.text))?;
        Some(format!("{}:{} {text}", found.file, found.line))
    }

    #[test]
    fn what_is_in_the_cluster_leads_to_its_line() {
        let key = |kind, namespace: &str| ObjectKey::new(kind, namespace, "web");
        let (service, deployment) = (key(Kind::Service, "default"), key(Kind::Deployment, "default"));
        for (key, container, named, expected) in [
            (&service, None, "web.yaml", Some("web.yaml:1 apiVersion: v1")),
            (&service, None, "./other.yaml", Some("other.yaml:1 apiVersion: v1")),
            (&service, None, "shop", Some("shop/web.yaml:1 apiVersion: v1")),
            (&service, None, "gone.yaml", Some("web.yaml:1 apiVersion: v1")),
            (&deployment, None, "web.yaml", Some("web.yaml:8 apiVersion: apps/v1")),
            (&deployment, Some("web"), "web.yaml", Some("web.yaml:23 web")),
            (&deployment, Some("first"), "web.yaml", Some("web.yaml:20 first")),
            (&deployment, Some("other"), "web.yaml", Some("web.yaml:8 apiVersion: apps/v1")),
            (&key(Kind::Pod, "default"), None, "web.yaml", None),
            (&key(Kind::Service, "shop"), None, "web.yaml", None),
        ] {
            let found = place(key, container, &[named.into()]);
            assert_eq!(found.as_deref(), expected, "{key:?} {container:?} in {named}");
        }
    }
}
