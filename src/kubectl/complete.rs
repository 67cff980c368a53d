//! What may stand where a command line ends: what Tab offers (upstream: kubectl `pkg/util/completion`, which asks the
//! server; here the objects are given).

use super::{flags::Flag, help};
use crate::api::{Kind, Object};
use crate::value::Str;
use std::collections::BTreeSet;

/// What completion knows of the cluster and of the folder.
pub trait Known {
    /// The objects of a kind: in a Namespace, or all of them.
    fn objects(&self, kind: Kind, namespace: Option<&str>) -> Vec<Object>;
    /// The Namespace that a command without `-n` means.
    fn namespace(&self) -> Str;
    /// The names of the files.
    fn files(&self) -> Vec<Str>;
}

/// What may stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is completed, in bytes.
    pub from: usize,
    /// What it may become, in order.
    pub words: Vec<String>,
}

impl Completion {
    /// What all of them begin with.
    pub fn common(&self) -> &str {
        let Some((first, rest)) = self.words.split_first() else { return "" };
        let same = |other: &String| {
            first
                .char_indices()
                .zip(other.chars())
                .take_while(|((_, a), b)| a == b)
                .map(|((at, c), _)| at + c.len_utf8())
                .last()
        };
        &first[..rest.iter().map(|word| same(word).unwrap_or(0)).min().unwrap_or(first.len())]
    }
}

/// What parts one command of a line from the next.
const BETWEEN: [char; 6] = ['|', ';', '&', '(', '\n', '`'];
/// What `-o` knows.
const FORMATS: [&str; 9] = [
    "custom-columns=",
    "go-template=",
    "json",
    "jsonpath=",
    "jsonpath-as-json=",
    "kyaml",
    "name",
    "wide",
    "yaml",
];

/// What may stand where `line` ends. `kubectl` may be left out, as the command line of the page allows.
pub fn complete(line: &str, known: &dyn Known) -> Completion {
    let command = line.rfind(BETWEEN).map_or(0, |at| at + 1);
    // A space may be longer than a byte, as that of a Korean keyboard is.
    let word = line.rsplit(|c: char| c.is_whitespace() || BETWEEN.contains(&c)).next().unwrap_or("");
    let from = line.len() - word.len();
    let mut before: Vec<&str> = line[command..from].split_whitespace().collect();
    before.retain(|word| *word != "$");
    let is_named = before.first().is_some_and(|first| matches!(*first, "kubectl" | "k"));
    if is_named {
        before.remove(0);
    }
    let mut words = BTreeSet::new();
    if before.is_empty() {
        words
            .extend(help::commands().filter_map(|command| command.name.split(' ').next()).map(str::to_owned));
        if !is_named {
            words.insert("kubectl".to_owned());
        }
    } else if is_named || super::is_command(before[0]) {
        words.extend(Line::read(&before).candidates(word, known));
    }
    words.retain(|candidate| candidate.starts_with(word) && candidate != word);
    Completion { from, words: words.into_iter().collect() }
}

/// The words of a command before the one that is completed.
struct Line<'a> {
    /// The verb, as `rollout status`.
    verb: String,
    /// The words behind it that are no flags.
    words: Vec<&'a str>,
    namespace: Option<&'a str>,
    is_everywhere: bool,
    /// The flag whose value is to come.
    open: Option<Flag>,
}

impl<'a> Line<'a> {
    fn read(before: &[&'a str]) -> Self {
        let (mut verb, mut rest) = (before[0].to_owned(), &before[1..]);
        while let Some((next, more)) = rest.split_first()
            && help::command(&format!("{verb} {next}")).is_some()
        {
            verb = format!("{verb} {next}");
            rest = more;
        }
        let mut line = Self { verb, words: Vec::new(), namespace: None, is_everywhere: false, open: None };
        let flags: Vec<Flag> = line.flags().collect();
        for word in rest {
            if let Some(flag) = line.open.take() {
                if flag.long == "namespace" {
                    line.namespace = Some(word);
                }
            } else if word.starts_with('-') {
                line.open = flags.iter().find(|flag| flag.takes_next(word)).copied();
                line.is_everywhere |= matches!(*word, "-A" | "--all-namespaces");
                if let Some(namespace) = word.strip_prefix("--namespace=").or(word.strip_prefix("-n")) {
                    line.namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
                }
            } else {
                line.words.push(word);
            }
        }
        line
    }
    fn flags(&self) -> impl Iterator<Item = Flag> {
        help::flags(&self.verb).chain(help::global())
    }
    fn candidates(&self, word: &str, known: &dyn Known) -> Vec<String> {
        if let Some(flag) = self.open {
            return self.values(flag.long, known);
        }
        if let Some((flag, _)) = word.strip_prefix("--").and_then(|word| word.split_once('=')) {
            return self.values(flag, known).into_iter().map(|value| format!("--{flag}={value}")).collect();
        }
        if word.starts_with('-') {
            let flags = self.flags().filter(|flag| !flag.is_deprecated);
            return flags
                .map(|flag| format!("--{}{}", flag.long, if flag.takes_value() { "=" } else { "" }))
                .collect();
        }
        let below = help::commands().filter_map(|command| {
            let rest = command.name.strip_prefix(&*self.verb)?.strip_prefix(' ')?;
            Some(rest.split(' ').next()?.to_owned())
        });
        let below: Vec<String> = below.collect();
        if !below.is_empty() && self.words.is_empty() {
            return below;
        }
        self.arguments(word, known)
    }
    /// What a flag may be given.
    fn values(&self, flag: &str, known: &dyn Known) -> Vec<String> {
        match flag {
            "namespace" => self.names(Kind::Namespace, known),
            "filename" => known.files().iter().map(|file| file.to_string()).collect(),
            "output" => FORMATS.map(str::to_owned).to_vec(),
            "container" | "target" => {
                self.words.first().map_or_else(Vec::new, |pod| self.containers(pod, known))
            }
            "dry-run" => ["client", "none", "server"].map(str::to_owned).to_vec(),
            "cascade" => ["background", "foreground", "orphan"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        }
    }
    fn arguments(&self, word: &str, known: &dyn Known) -> Vec<String> {
        let verb = self.verb.as_str();
        if let Some(kind) = kind_of(verb) {
            return match self.words.as_slice() {
                [] => self.names(kind, known),
                [pod] if verb == "logs" => self.containers(pod, known),
                _ => Vec::new(),
            };
        }
        if let Some((kind, _)) = word.split_once('/') {
            let names = Kind::from_resource(kind).map(|kind| self.names(kind, known)).unwrap_or_default();
            return names.into_iter().map(|name| format!("{kind}/{name}")).collect();
        }
        let Some(kinds) = kinds_of(verb) else { return Vec::new() };
        match self.words.as_slice() {
            [] => Kind::all().filter(kinds).map(|kind| kind.info().plural.to_owned()).collect(),
            [kind, given @ ..] => {
                let mut names =
                    Kind::from_resource(kind).map(|kind| self.names(kind, known)).unwrap_or_default();
                names.retain(|name| !given.contains(&name.as_str()));
                names
            }
        }
    }
    fn names(&self, kind: Kind, known: &dyn Known) -> Vec<String> {
        let own = known.namespace();
        let namespace = self.namespace.unwrap_or(&own);
        let namespace = Some(namespace).filter(|_| kind.info().namespaced && !self.is_everywhere);
        let objects = known.objects(kind, namespace);
        objects.iter().map(|object| object.meta().name.to_string()).collect()
    }
    fn containers(&self, pod: &str, known: &dyn Known) -> Vec<String> {
        let own = known.namespace();
        let pods = known.objects(Kind::Pod, Some(self.namespace.unwrap_or(&own)));
        let pod = pod.strip_prefix("pod/").or(pod.strip_prefix("pods/")).unwrap_or(pod);
        let pod = pods.iter().find(|object| *object.meta().name == *pod);
        let Some(Object::Pod(pod)) = pod else { return Vec::new() };
        let others = pod.spec.init_containers.iter().chain(&pod.spec.ephemeral_containers);
        let containers = pod.spec.containers.iter().chain(others);
        containers.map(|container| container.name.to_string()).collect()
    }
}

/// The kind that a verb is about, where there is but one.
fn kind_of(verb: &str) -> Option<Kind> {
    Some(match verb {
        "logs" | "exec" | "attach" | "port-forward" | "debug" | "top pod" => Kind::Pod,
        "cordon" | "uncordon" | "drain" | "top node" => Kind::Node,
        _ => return None,
    })
}

/// The kinds that a verb takes.
fn kinds_of(verb: &str) -> Option<fn(&Kind) -> bool> {
    let rolled = |kind: &Kind| matches!(kind, Kind::Deployment | Kind::DaemonSet | Kind::StatefulSet);
    Some(match verb {
        "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" | "wait" | "explain" => {
            |_| true
        }
        "rollout pause" | "rollout resume" => |kind| *kind == Kind::Deployment,
        verb if verb.starts_with("rollout ") => rolled,
        "scale" | "autoscale" => |kind| {
            matches!(
                kind,
                Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController
            )
        },
        "expose" => |kind| {
            matches!(
                kind,
                Kind::Deployment | Kind::Pod | Kind::ReplicaSet | Kind::ReplicationController | Kind::Service
            )
        },
        "taint" => |kind| *kind == Kind::Node,
        verb if verb.starts_with("set ") => |kind| {
            matches!(
                kind,
                Kind::Deployment
                    | Kind::DaemonSet
                    | Kind::StatefulSet
                    | Kind::ReplicaSet
                    | Kind::Pod
                    | Kind::CronJob
            )
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    struct Small(Vec<Object>);

    impl Known for Small {
        fn objects(&self, kind: Kind, namespace: Option<&str>) -> Vec<Object> {
            let is_it = |object: &&Object| {
                object.kind() == kind
                    && namespace.is_none_or(|namespace| *object.meta().namespace == *namespace)
            };
            self.0.iter().filter(is_it).cloned().collect()
        }
        fn namespace(&self) -> Str {
            "default".into()
        }
        fn files(&self) -> Vec<Str> {
            vec!["web.yaml".into(), "shop.yaml".into()]
        }
    }

    fn small() -> Small {
        let pod = |namespace: &str, name: &str| {
            let text = format!(
                r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}"}},"spec":{{"containers":[{{"name":"app"}},{{"name":"aside"}}]}}}}"#
            );
            let pod = crate::api::objects::Pod::decode(&json::parse(&text).expect("JSON")).expect("a Pod");
            Object::Pod(pod.into())
        };
        Small(vec![pod("default", "web-1"), pod("default", "web-2"), pod("shop", "cart")])
    }

    #[test]
    fn a_line_goes_on_with_what_there_is() {
        for (line, words) in [
            ("kubec", "kubectl"),
            ("kubectl rol", "rollout"),
            ("rollout st", "status"),
            ("k rollout restart dep", "deployments"),
            ("kubectl get po", "poddisruptionbudgets pods podtemplates"),
            ("kubectl get pods ", "web-1 web-2"),
            ("kubectl get pods web-1 ", "web-2"),
            ("kubectl get pods -n shop ", "cart"),
            ("kubectl get -A pods ", "cart web-1 web-2"),
            ("kubectl delete pod/", "pod/web-1 pod/web-2"),
            ("kubectl logs web-1 ", "app aside"),
            ("kubectl logs web-1 -c ap", "app"),
            ("kubectl exec web-1 --container=as", "--container=aside"),
            ("kubectl apply -f ", "shop.yaml web.yaml"),
            ("kubectl get pods -o js", "json jsonpath-as-json= jsonpath="),
            ("kubectl get pods --field", "--field-selector="),
            ("kubectl get pods | grep we", ""),
            ("kubectl get pods; kubectl desc", "describe"),
            ("kubectl\u{3000}rol", "rollout"),
            ("ls ", ""),
            ("", "kubectl"),
        ] {
            let completion = complete(line, &small());
            let mut expected: Vec<&str> = words.split_whitespace().collect();
            expected.sort_unstable();
            if line.is_empty() {
                assert!(completion.words.iter().any(|word| word == "kubectl"), "{completion:?}");
            } else {
                assert_eq!(completion.words, expected, "{line}");
            }
        }
    }

    #[test]
    fn what_all_begin_with_can_be_taken_at_once() {
        let completion = complete("kubectl get pods w", &small());
        assert_eq!((completion.from, completion.common()), (17, "web-"));
        assert_eq!(Completion::default().common(), "");
    }
}
