//! What the objects of all files are called, which labels and ports they have, and what refers to what.

use super::names::{named_kind, names_key, names_own_port, names_volume, selects_pods};
use super::place::{Shape, definition_of, shape_of};
use crate::api::kinds::{Kind, ObjectKey};
use crate::api::labels::Selector;
use crate::api::objects::Labels;
use crate::api::read::Read;
use crate::api::subject::labels;
use crate::manifest::{Node, NodeKind, Span};
use crate::schema::{Definition, Type};
use crate::value::Str;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The file among those that were read.
    pub file: usize,
    /// Where in it.
    pub span: Span,
}

/// Something that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Thing {
    /// An object.
    Object(ObjectKey),
    /// A key of a ConfigMap or a Secret.
    Key(ObjectKey, Str),
    /// A port of a container of the Pod in this document.
    Port(usize, Str),
    /// A volume of the Pod in this document.
    Volume(usize, Str),
    /// A port of a Service.
    ServicePort(ObjectKey, Str),
}

/// A selector, or the target port of a Service, and the Pods it is about.
#[derive(Clone, Debug)]
struct Choice {
    site: Site,
    namespace: Str,
    labels: Labels,
    /// Of a target port its name or number.
    port: Option<Str>,
}

/// Pods that are written somewhere: an object that is one, or the template of some.
#[derive(Clone, Debug)]
struct Pods {
    namespace: Str,
    labels: Labels,
    /// Their labels in the text.
    site: Site,
    /// Each port by its name, where it has one, and its number.
    ports: Vec<(Option<Str>, Option<Str>, Site)>,
}

/// The names in some texts, and in the cluster.
#[derive(Clone, Debug, Default)]
pub struct Index {
    named: Vec<(Thing, Option<Site>)>,
    uses: Vec<(Thing, Site)>,
    choices: Vec<Choice>,
    pods: Vec<Pods>,
}

impl Index {
    /// The names in these texts, and of the objects that exist.
    pub fn new<'a>(reads: impl IntoIterator<Item = &'a Read>, existing: &[ObjectKey]) -> Index {
        let mut index = Index::default();
        let mut number = 0;
        for (file, read) in reads.into_iter().enumerate() {
            for document in &read.documents {
                let Some(definition) = definition_of(&document.node) else { continue };
                let namespace = namespace_of(&document.node);
                let mut walk = Walk { index: &mut index, file, number, namespace };
                walk.object(definition, &document.node);
                number += 1;
            }
        }
        index.named.extend(existing.iter().map(|key| (Thing::Object(key.clone()), None)));
        index
    }

    /// Where what stands at a byte of a file leads: from a reference to what it names, from a name to all that refer to
    /// it, from a selector to the labels of the Pods it selects and back.
    pub fn leads(&self, file: usize, at: usize) -> Vec<Site> {
        let here =
            |site: &Site| site.file == file && site.span.start as usize <= at && at <= site.span.end as usize;
        let mut found = Vec::new();
        for (thing, _) in self.uses.iter().filter(|(_, site)| here(site)) {
            found.extend(self.named.iter().filter(|(named, _)| named == thing).filter_map(|(_, site)| *site));
        }
        for (thing, _) in self.named.iter().filter(|(_, site)| site.as_ref().is_some_and(here)) {
            found.extend(self.uses.iter().filter(|(used, _)| used == thing).map(|(_, site)| *site));
        }
        for choice in self.choices.iter().filter(|choice| here(&choice.site)) {
            let pods = self.chosen(&choice.namespace, &choice.labels);
            match &choice.port {
                Some(port) => found.extend(pods.flat_map(|pods| pods.ports_called(port))),
                None => found.extend(pods.map(|pods| pods.site)),
            }
        }
        for pods in &self.pods {
            let selecting = self.choices.iter().filter(|choice| choice.selects(pods));
            if here(&pods.site) {
                found.extend(
                    selecting.clone().filter(|choice| choice.port.is_none()).map(|choice| choice.site),
                );
            }
            for (name, number, _) in pods.ports.iter().filter(|(.., site)| here(site)) {
                let wanted = selecting.clone().filter(|choice| {
                    choice.port.is_some() && (choice.port == *name || choice.port == *number)
                });
                found.extend(wanted.map(|choice| choice.site));
            }
        }
        found.retain(|site| !here(site));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The names of the objects of a kind in a Namespace, sorted.
    pub(super) fn names(&self, kind: Kind, namespace: &str) -> Vec<Str> {
        let wanted = ObjectKey::new(kind, namespace, "").namespace;
        sorted(self.named.iter().filter_map(|(thing, _)| match thing {
            Thing::Object(key) if key.kind == kind && key.namespace == wanted => Some(key.name.clone()),
            _ => None,
        }))
    }

    /// The keys of a ConfigMap or a Secret, sorted.
    pub(super) fn keys(&self, owner: &ObjectKey) -> Vec<Str> {
        sorted(self.named.iter().filter_map(|(thing, _)| match thing {
            Thing::Key(other, key) if other == owner => Some(key.clone()),
            _ => None,
        }))
    }

    /// The names of the ports of a Service, sorted.
    pub(super) fn service_ports(&self, service: &ObjectKey) -> Vec<Str> {
        sorted(self.named.iter().filter_map(|(thing, _)| match thing {
            Thing::ServicePort(other, name) if other == service => Some(name.clone()),
            _ => None,
        }))
    }

    /// The keys of the labels that Pods of a Namespace have, sorted.
    pub(super) fn label_keys(&self, namespace: &str) -> Vec<Str> {
        sorted(self.in_namespace(namespace).flat_map(|pods| pods.labels.keys().cloned()))
    }

    /// The values that a label has on Pods of a Namespace, sorted.
    pub(super) fn label_values(&self, namespace: &str, key: &str) -> Vec<Str> {
        sorted(self.in_namespace(namespace).filter_map(|pods| pods.labels.get(key).cloned()))
    }

    /// The names of the ports of the Pods that are selected, sorted.
    pub(super) fn target_ports(&self, namespace: &str, wanted: &Labels) -> Vec<Str> {
        let ports = self.chosen(namespace, wanted).flat_map(|pods| &pods.ports);
        sorted(ports.filter_map(|(name, number, _)| name.clone().or_else(|| number.clone())))
    }

    fn in_namespace<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Pods> {
        self.pods.iter().filter(move |pods| &*pods.namespace == namespace)
    }

    fn chosen<'a>(&'a self, namespace: &'a str, wanted: &'a Labels) -> impl Iterator<Item = &'a Pods> {
        let selector = Selector::from_labels(wanted);
        self.in_namespace(namespace).filter(move |pods| !wanted.is_empty() && selector.matches(&pods.labels))
    }
}

impl Choice {
    fn selects(&self, pods: &Pods) -> bool {
        self.namespace == pods.namespace
            && !self.labels.is_empty()
            && Selector::from_labels(&self.labels).matches(&pods.labels)
    }
}

impl Pods {
    fn ports_called<'a>(&'a self, port: &'a Str) -> impl Iterator<Item = Site> + 'a {
        let called = |(name, number, site): &(Option<Str>, Option<Str>, Site)| {
            (name.as_ref() == Some(port) || number.as_ref() == Some(port)).then_some(*site)
        };
        self.ports.iter().filter_map(called)
    }
}

/// The Namespace that an object is in.
pub(super) fn namespace_of(root: &Node) -> Str {
    let written = root.get("metadata").and_then(|metadata| metadata.get("namespace")).and_then(Node::as_str);
    written.filter(|namespace| !namespace.is_empty()).unwrap_or("default").into()
}

fn sorted(names: impl Iterator<Item = Str>) -> Vec<Str> {
    let mut names: Vec<Str> = names.filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A port's name or number, as a text.
fn port_text(node: &Node) -> Option<Str> {
    match &node.kind {
        NodeKind::String(name) => Some(name.clone()),
        NodeKind::Int(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// The walk through one object.
struct Walk<'a> {
    index: &'a mut Index,
    file: usize,
    number: usize,
    namespace: Str,
}

impl Walk<'_> {
    fn site(&self, node: &Node) -> Site {
        Site { file: self.file, span: node.span }
    }

    fn object(&mut self, definition: &'static Definition, root: &Node) {
        let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or("");
        let kind = Kind::of(text("apiVersion"), text("kind")).or_else(|| Kind::named(text("kind")));
        let name = root.get("metadata").and_then(|metadata| metadata.get("name"));
        if let (Some(kind), Some(node)) = (kind, name)
            && let Some(name) = node.as_str()
        {
            let key = ObjectKey::new(kind, self.namespace.clone(), name);
            self.index.named.push((Thing::Object(key.clone()), Some(self.site(node))));
            for entry in ["data", "binaryData", "stringData"].iter().flat_map(|field| match kind {
                Kind::ConfigMap | Kind::Secret => root.get(field).map(Node::entries).unwrap_or_default(),
                _ => &[],
            }) {
                let site = Site { file: self.file, span: entry.key_span };
                self.index.named.push((Thing::Key(key.clone(), entry.key.clone()), Some(site)));
            }
            if kind == Kind::Service {
                self.service(&key, root);
            }
        }
        self.inside(shape_of(root), root);
        if definition.name == "Pod" {
            self.pods(root);
        }
    }

    /// The ports of a Service.
    fn service(&mut self, key: &ObjectKey, root: &Node) {
        let Some(spec) = root.get("spec") else { return };
        let wanted = labels(spec.get("selector"));
        for port in spec.get("ports").map(Node::items).unwrap_or_default() {
            if let Some(node) = port.get("name")
                && let Some(name) = node.as_str()
            {
                let thing = Thing::ServicePort(key.clone(), name.into());
                self.index.named.push((thing, Some(self.site(node))));
            }
            if let Some(node) = port.get("targetPort") {
                let choice = Choice {
                    site: self.site(node),
                    namespace: self.namespace.clone(),
                    labels: wanted.clone(),
                    port: port_text(node),
                };
                self.index.choices.push(choice);
            }
        }
    }

    /// Pods: what holds `metadata` and `spec`.
    fn pods(&mut self, node: &Node) {
        let labels_node = node.get("metadata").and_then(|metadata| metadata.get("labels"));
        let mut ports = Vec::new();
        let spec = node.get("spec");
        let lists = ["initContainers", "containers"];
        for container in lists
            .iter()
            .flat_map(|list| spec.and_then(|spec| spec.get(list)).map(Node::items).unwrap_or_default())
        {
            for port in container.get("ports").map(Node::items).unwrap_or_default() {
                let (name, number) = (port.get("name"), port.get("containerPort"));
                let Some(node) = name.or(number) else { continue };
                let name = name.and_then(port_text);
                if let Some(name) = &name {
                    let thing = Thing::Port(self.number, name.clone());
                    self.index.named.push((thing, Some(self.site(node))));
                }
                ports.push((name, number.and_then(port_text), self.site(node)));
            }
        }
        let volumes = spec.and_then(|spec| spec.get("volumes")).map(Node::items).unwrap_or_default();
        for node in volumes.iter().filter_map(|volume| volume.get("name")) {
            if let Some(name) = node.as_str() {
                let thing = Thing::Volume(self.number, name.into());
                self.index.named.push((thing, Some(self.site(node))));
            }
        }
        self.index.pods.push(Pods {
            namespace: self.namespace.clone(),
            labels: labels(labels_node),
            site: labels_node.map_or(Site { file: self.file, span: Span::default() }, |node| self.site(node)),
            ports,
        });
    }

    fn inside(&mut self, shape: Shape, node: &Node) {
        if let Some(definition) = shape.definition() {
            if definition.name == "PodTemplateSpec" {
                self.pods(node);
            }
            for entry in node.entries() {
                self.field(definition, node, &entry.key, &entry.value);
                self.inside(shape.under(&entry.key).0, &entry.value);
            }
            return;
        }
        match shape {
            Shape::Type(Type::Array(_)) => {
                for item in node.items() {
                    self.inside(shape.item(), item);
                }
            }
            Shape::Type(Type::Map(inner)) if inner.definition().is_some() => {
                for entry in node.entries() {
                    self.inside(Shape::Type(inner), &entry.value);
                }
            }
            _ => {}
        }
    }

    /// Notes what a field refers to.
    fn field(&mut self, owner: &'static Definition, holder: &Node, field: &str, value: &Node) {
        if selects_pods(owner, field) && !value.entries().is_empty() {
            self.index.choices.push(Choice {
                site: self.site(value),
                namespace: self.namespace.clone(),
                labels: labels(Some(value)),
                port: None,
            });
        }
        let Some(name) = port_text(value) else { return };
        let beside = |key: &str| holder.get(key).and_then(Node::as_str);
        let namespace = beside("namespace").filter(|_| owner.name != "ObjectMeta");
        let namespace = namespace.map_or_else(|| self.namespace.clone(), Str::from);
        let thing = if let Some(kind) = named_kind(owner, field, holder) {
            Thing::Object(ObjectKey::new(kind, namespace, name))
        } else if names_key(owner, field) {
            let Some(kind) = named_kind(owner, "name", holder) else { return };
            Thing::Key(ObjectKey::new(kind, namespace, beside("name").unwrap_or("")), name)
        } else if names_own_port(owner, field) {
            Thing::Port(self.number, name)
        } else if names_volume(owner, field) {
            Thing::Volume(self.number, name)
        } else {
            return;
        };
        self.index.uses.push((thing, self.site(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::read::read_all;

    const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
        tier: front
    spec:
      serviceAccountName: robot
      containers:
      - name: a
        image: nginx
        ports:
        - name: http
          containerPort: 80
        readinessProbe:
          httpGet:
            port: http
        env:
        - name: MODE
          valueFrom:
            configMapKeyRef:
              name: settings
              key: mode
        volumeMounts:
        - name: data
          mountPath: /data
      volumes:
      - name: data
        persistentVolumeClaim:
          claimName: disk
";
    const REST: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - name: main
    port: 80
    targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  mode: fast
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: disk
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: scaler
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
";

    /// Where a place leads, as lines: `1:5` is the fifth line of the second file. The place is the first `what` after
    /// the first `after`.
    #[track_caller]
    fn check(file: usize, after: &str, what: &str, expected: &[&str]) {
        let texts = [WEB, REST];
        let begins = texts[file].find(after).expect("what it stands after");
        let at = begins + texts[file][begins..].find(what).expect("the place") + 1;
        let reads = read_all(&texts, &[]);
        let line = |site: Site| texts[site.file][..site.span.start as usize].matches('\n').count() + 1;
        let led: Vec<String> = Index::new(&reads, &[])
            .leads(file, at)
            .into_iter()
            .map(|site| {
                format!(
                    "{}:{} {}",
                    site.file,
                    line(site),
                    site.span.slice(texts[site.file]).lines().next().unwrap_or("")
                )
            })
            .collect();
        assert_eq!(led, expected, "{after} {what}");
    }

    #[test]
    fn a_reference_leads_to_what_it_names_and_back() {
        check(1, "selector", "app: web", &["0:12 app: web"]);
        check(0, "template", "app: web", &["0:8 app: web", "1:7 app: web"]);
        check(0, "configMapKeyRef", "settings", &["1:16 settings"]);
        check(0, "configMapKeyRef", "mode", &["1:18 mode"]);
        check(1, "ConfigMap", "settings", &["0:29 settings"]);
        check(1, "scaleTargetRef", "web", &["0:4 web"]);
        check(0, "metadata", "web", &["1:33 web"]);
        check(0, "claimName", "disk", &["1:23 disk"]);
        check(0, "volumeMounts", "data", &["0:35 data"]);
        check(0, "readinessProbe", "http\n", &["0:20 http"]);
        check(1, "targetPort", "http", &["0:20 http"]);
        check(0, "ports", "http", &["0:24 http", "1:11 http"]);
        check(0, "image", "nginx", &[]);
    }
}
