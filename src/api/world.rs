//! All objects together: what is written in the files and what the cluster holds, found by name, by kind, and as Pods by
//! their labels.

use super::kinds::Kind;
use super::labels::{Operator, Selector};
use super::objects::{Container, LabelSelector, Labels, Node, Object, PodSpec};
use super::subject::{ContainerAt, Findings, Subject};
use crate::manifest::{Diagnostic, Node as Tree, NodeKind, Severity, Span};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The objects of all files, and those of the cluster.
pub(crate) struct World<'a> {
    /// In the order of the files.
    pub(crate) subjects: &'a [Subject<'a>],
    /// What exists already.
    pub(crate) existing: &'a [Object],
    /// The object of each subject, where the API server would take it.
    objects: &'a [Option<Object>],
    index: OnceCell<Index<'a>>,
}

/// An object of a file that the API server would take.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    /// Where and how it is written.
    pub(crate) subject: &'a Subject<'a>,
    /// What it is.
    pub(crate) object: &'a Object,
}

/// What makes Pods, or a Pod.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    /// The Pod, or the workload.
    pub(crate) object: &'a Object,
    /// Where its Pods are.
    pub(crate) namespace: &'a str,
    /// Their labels.
    pub(crate) labels: &'a Labels,
    /// What they are.
    pub(crate) spec: &'a PodSpec,
}

#[derive(Default)]
struct Index<'a> {
    /// None where a mistake hides what it is.
    by_name: BTreeMap<(Kind, &'a str, &'a str), Option<&'a Object>>,
    makers: Vec<Maker<'a>>,
    by_label: BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    by_namespace: BTreeMap<&'a str, Vec<usize>>,
    /// Where there is something that may make Pods, and that cannot be read.
    hidden: Vec<&'a str>,
    nodes: Vec<&'a Node>,
    /// The autoscalers of a workload: by its Namespace, kind and name.
    scalers: BTreeMap<(&'a str, &'a str, &'a str), Vec<&'a str>>,
}

impl<'a> World<'a> {
    /// What is written, with the object of each where there is one, and what exists.
    pub(crate) fn new(
        subjects: &'a [Subject<'a>],
        objects: &'a [Option<Object>],
        existing: &'a [Object],
    ) -> World<'a> {
        World { subjects, existing, objects, index: OnceCell::new() }
    }

    /// The objects of these kinds that are written and that the API server would take.
    pub(crate) fn written(&self, kinds: &'a [Kind]) -> impl Iterator<Item = Written<'a>> {
        let (subjects, objects) = (self.subjects, self.objects);
        subjects.iter().zip(objects).filter_map(move |(subject, object)| {
            let object =
                object.as_ref().filter(|_| subject.kind.is_some_and(|kind| kinds.contains(&kind)))?;
            Some(Written { subject, object })
        })
    }

    /// Whether there is, or may be, an object of this name.
    pub(crate) fn has(&self, kind: Kind, namespace: &str, name: &str) -> bool {
        self.index().by_name.contains_key(&(kind, namespace, name))
    }

    /// The object of this name.
    pub(crate) fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<&'a Object> {
        self.index().by_name.get(&(kind, namespace, name)).copied().flatten()
    }

    /// All objects of a kind by Namespace and name, and none where one cannot be read.
    pub(crate) fn all(
        &self,
        kind: Kind,
    ) -> impl Iterator<Item = (&'a str, &'a str, Option<&'a Object>)> + use<'_, 'a> {
        let from = self.index().by_name.range((kind, "", "")..);
        from.take_while(move |((of, ..), _)| *of == kind)
            .map(|((_, namespace, name), object)| (*namespace, *name, *object))
    }

    /// The objects of a kind in a Namespace by name, and none where one cannot be read.
    pub(crate) fn all_in<'s>(
        &'s self,
        kind: Kind,
        namespace: &'s str,
    ) -> impl Iterator<Item = (&'a str, Option<&'a Object>)> + use<'s, 'a> {
        let from = self.index().by_name.range((kind, namespace, "")..);
        from.take_while(move |((of, place, _), _)| (*of, *place) == (kind, namespace))
            .map(|((.., name), object)| (*name, *object))
    }

    /// How bad it is that an object of this kind is missing: where there is none of the kind, it may well come from
    /// elsewhere.
    pub(crate) fn missing(&self, kind: Kind, namespace: &str) -> Severity {
        if self.all_in(kind, namespace).next().is_some() { Severity::Warning } else { Severity::Hint }
    }

    /// The nodes, where it is known which there are.
    pub(crate) fn nodes(&self) -> &[&'a Node] {
        &self.index().nodes
    }

    /// The autoscalers of a workload, by name.
    pub(crate) fn scalers<'s>(&'s self, namespace: &'s str, kind: Kind, name: &'s str) -> &'s [&'s str] {
        self.index().scalers.get(&(namespace, kind.info().name, name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many Pods a workload has at the same time once its autoscaler has seen to it; none where that hangs on the nodes.
    pub(crate) fn settled(&self, namespace: &str, object: &Object) -> Option<i64> {
        let least = |name: &&str| match self.find(Kind::HorizontalPodAutoscaler, namespace, name)? {
            Object::HorizontalPodAutoscaler(scaler) => Some(scaler.spec.min_replicas.unwrap_or(1)),
            _ => None,
        };
        let scalers = self.scalers(namespace, object.kind(), &object.meta().name);
        let least = scalers.iter().filter_map(least).max().unwrap_or(0);
        Some(i64::from(replicas(object)?.max(least)))
    }

    /// What makes Pods that a selector matches.
    pub(crate) fn selected(&self, namespace: &str, selector: &Selector) -> Vec<Maker<'a>> {
        let index = self.index();
        let exact = selector.requirements().iter().find_map(|requirement| match &requirement.operator {
            Operator::In(values) => Some((&*requirement.key, values)),
            _ => None,
        });
        let places: Vec<usize> = match exact {
            Some((key, values)) => {
                let by_value =
                    values.iter().filter_map(|value| index.by_label.get(&(namespace, key, &**value)));
                by_value.flatten().copied().collect()
            }
            None => index.by_namespace.get(namespace).cloned().unwrap_or_default(),
        };
        let makers = places.into_iter().filter_map(|place| index.makers.get(place)).copied();
        makers.filter(|maker| selector.matches(maker.labels)).collect()
    }

    /// Whether there is anything that makes Pods in a Namespace.
    pub(crate) fn has_pods(&self, namespace: &str) -> bool {
        self.index().by_namespace.contains_key(namespace)
    }

    /// Whether nothing that makes Pods in a Namespace is hidden by a mistake.
    pub(crate) fn knows_pods(&self, namespace: &str) -> bool {
        !self.index().hidden.contains(&namespace)
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for object in self.existing {
                let meta = object.meta();
                index.by_name.insert((object.kind(), &meta.namespace, &meta.name), Some(object));
            }
            for (subject, object) in self.subjects.iter().zip(self.objects) {
                let Some(kind) = subject.kind else { continue };
                index.by_name.insert((kind, subject.namespace(), subject.name()), object.as_ref());
                if object.is_none() && subject.template().is_some() {
                    index.hidden.push(subject.namespace());
                }
            }
            for ((_, namespace, name), object) in &index.by_name {
                let Some(object) = object.filter(|object| object.meta().controller().is_none()) else {
                    continue;
                };
                match object {
                    Object::Node(node) => index.nodes.push(node),
                    Object::HorizontalPodAutoscaler(scaler) => {
                        let target = &scaler.spec.scale_target_ref;
                        index.scalers.entry((namespace, &target.kind, &target.name)).or_default().push(name);
                    }
                    _ => {}
                }
                let Some((labels, spec)) = template(object) else { continue };
                let place = index.makers.len();
                index.makers.push(Maker { object, namespace, labels, spec });
                index.by_namespace.entry(namespace).or_default().push(place);
                for (key, value) in labels.iter() {
                    index.by_label.entry((namespace, key, value)).or_default().push(place);
                }
            }
            index
        })
    }
}

impl<'a> Written<'a> {
    /// The Namespace that it would be in.
    pub(crate) fn namespace(&self) -> &'a str {
        self.subject.namespace()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'a str {
        self.subject.name()
    }

    /// The spec of the Pods that it makes.
    pub(crate) fn pod_spec(&self) -> Option<&'a PodSpec> {
        template(self.object).map(|(_, spec)| spec)
    }

    /// A place in the spec of the Pods that it makes.
    pub(crate) fn in_pod_spec(&self, way: &[&str]) -> Option<&'a Tree> {
        let spec = self.subject.template()?.spec()?;
        way.iter().try_fold(spec, |node, key| node.get(key))
    }

    /// The containers of its Pods, the init containers first, each as it is written and as it is.
    pub(crate) fn containers(&self) -> Vec<(ContainerAt<'a>, &'a Container)> {
        let (Some(template), Some(spec)) = (self.subject.template(), self.pod_spec()) else {
            return Vec::new();
        };
        let typed = spec.init_containers.iter().chain(&spec.containers);
        template.containers().into_iter().zip(typed).collect()
    }

    /// The key of a field of it, else the value that it was looked for in, else its kind.
    pub(crate) fn span(&self, way: &[&str]) -> Span {
        let mut node: &Tree = &self.subject.root;
        let mut span = node.get("kind").map_or(node.span, |kind| kind.span);
        for key in way {
            let Some(entry) = node.entry(key) else { break };
            (node, span) = (&entry.value, entry.key_span);
        }
        span
    }

    /// Tells of something in it.
    pub(crate) fn tell(&self, diagnostic: Diagnostic, findings: &mut Findings) {
        findings.report(self.subject.place, diagnostic);
    }
}

impl Maker<'_> {
    /// As people write it: `Deployment web`.
    pub(crate) fn named(&self) -> String {
        format!("{} {}", self.object.kind().info().name, self.object.meta().name)
    }
}

/// What the Pods of a workload are like; of a Pod, the Pod itself.
pub(crate) fn template(object: &Object) -> Option<(&Labels, &PodSpec)> {
    let template = match object {
        Object::Pod(pod) => return Some((&pod.metadata.labels, &pod.spec)),
        Object::Deployment(deployment) => &deployment.spec.template,
        Object::ReplicaSet(set) => &set.spec.template,
        Object::ReplicationController(inner) => &inner.spec.template,
        Object::StatefulSet(set) => &set.spec.template,
        Object::DaemonSet(set) => &set.spec.template,
        Object::Job(job) => &job.spec.template,
        Object::CronJob(cron_job) => &cron_job.spec.job_template.spec.template,
        _ => return None,
    };
    Some((&template.metadata.labels, &template.spec))
}

/// How many Pods a workload has at the same time; none where that hangs on the nodes.
pub(crate) fn replicas(object: &Object) -> Option<i32> {
    match object {
        Object::Pod(_) => Some(1),
        Object::Deployment(deployment) => Some(deployment.spec.replicas.unwrap_or(1)),
        Object::ReplicaSet(set) => Some(set.spec.replicas.unwrap_or(1)),
        Object::ReplicationController(inner) => Some(inner.spec.replicas.unwrap_or(1)),
        Object::StatefulSet(set) => Some(set.spec.replicas.unwrap_or(1)),
        Object::Job(job) => {
            Some(job.spec.parallelism.unwrap_or(1).min(job.spec.completions.unwrap_or(i32::MAX)))
        }
        _ => None,
    }
}

/// What a workload takes for its own.
pub(crate) fn own_selector(object: &Object) -> Option<Selector> {
    let selector = match object {
        Object::Deployment(deployment) => &deployment.spec.selector,
        Object::ReplicaSet(set) => &set.spec.selector,
        Object::StatefulSet(set) => &set.spec.selector,
        Object::DaemonSet(set) => &set.spec.selector,
        Object::ReplicationController(inner) => {
            return Some(Selector::from_labels(&inner.spec.selector))
                .filter(|selector| !selector.is_everything());
        }
        _ => return None,
    };
    selects(selector)
}

/// A selector that selects something, and not everything.
pub(crate) fn selects(selector: &LabelSelector) -> Option<Selector> {
    Selector::from_label_selector(selector).ok().filter(|selector| !selector.is_everything())
}

/// The first of these fields that a mapping has: a scalar itself, of anything else its key. Where it has none, the key of
/// its first entry.
pub(crate) fn place_of(node: &Tree, fields: &[&str]) -> Span {
    let entry = fields.iter().find_map(|field| node.entry(field)).or(node.entries().first());
    entry.map_or(node.span, |entry| match entry.value.kind {
        NodeKind::Mapping(_) | NodeKind::Sequence(_) | NodeKind::Null => entry.key_span,
        _ => entry.value.span,
    })
}
