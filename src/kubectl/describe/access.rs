//! ServiceAccounts, Roles, their bindings and PriorityClasses.

use super::Text;
use crate::kubectl::fields::{is, list, name, number, plain, text};
use crate::kubectl::print::columns;
use crate::value::Value;

/// A ServiceAccount.
pub(super) fn service_account(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    let secrets: Vec<String> =
        list(value, &["imagePullSecrets"]).iter().map(|secret| text(secret, &["name"]).to_owned()).collect();
    match secrets.split_first() {
        None => out.line(0, "Image pull secrets:\t<none>"),
        Some((first, others)) => {
            out.line(0, format!("Image pull secrets:\t{first}"));
            others.iter().for_each(|secret| out.line(0, format!("                   \t{secret}")));
        }
    }
}

/// A PriorityClass.
pub(super) fn priority_class(out: &mut Text, value: &Value) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.line(0, format!("Value:\t{}", number(value, &["value"])));
    out.line(0, format!("GlobalDefault:\t{}", is(value, &["globalDefault"])));
    out.line(0, format!("PreemptionPolicy:\t{}", text(value, &["preemptionPolicy"])));
    out.line(0, format!("Description:\t{}", text(value, &["description"])));
    out.line(0, format!("Annotations:\t{}", columns::labels(value, &["metadata", "annotations"])));
}

/// A rule of a Role that is about one resource, one name or one URL.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    group: String,
    resource: String,
    name: Option<String>,
    url: Option<String>,
    verbs: Vec<String>,
}

impl Rule {
    /// As Go prints it, by which rules are sorted.
    fn printed(&self) -> String {
        let [name, url] = [&self.name, &self.url].map(|part| part.clone().unwrap_or_default());
        format!("[{}],[{}],[{}],[{name}],[{url}]", self.verbs.join(" "), self.group, self.resource)
    }
    /// `deployments.apps/scale`
    fn place(&self) -> String {
        let (resource, below) = match self.resource.split_once('/') {
            Some((resource, below)) => (resource, format!("/{below}")),
            None => (&*self.resource, String::new()),
        };
        let dot = if self.group.is_empty() { "" } else { "." };
        format!("{resource}{dot}{}{below}", self.group)
    }
}

/// The rules of a Role, one for each thing that they are about (upstream: `rbac.BreakdownRule`, `rbac.CompactRules`).
fn rules(role: &Value) -> Vec<Rule> {
    let texts = |rule: &Value, field: &str| list(rule, &[field]).iter().map(plain).collect::<Vec<String>>();
    let mut all: Vec<Rule> = Vec::new();
    for rule in list(role, &["rules"]) {
        let verbs = texts(rule, "verbs");
        let names: Vec<Option<String>> = match &*texts(rule, "resourceNames") {
            [] => vec![None],
            names => names.iter().cloned().map(Some).collect(),
        };
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                for name in &names {
                    let is_it = |known: &&mut Rule| {
                        (&known.group, &known.resource, &known.name) == (&group, &resource, name)
                            && known.url.is_none()
                    };
                    if let Some(known) = all.iter_mut().find(is_it) {
                        for verb in &verbs {
                            if !known.verbs.contains(verb) {
                                known.verbs.push(verb.clone());
                            }
                        }
                        continue;
                    }
                    let (group, resource) = (group.clone(), resource.clone());
                    all.push(Rule { group, resource, name: name.clone(), url: None, verbs: verbs.clone() });
                }
            }
        }
        for url in texts(rule, "nonResourceURLs") {
            for verb in &verbs {
                let [group, resource] = [String::new(), String::new()];
                let verbs = vec![verb.clone()];
                all.push(Rule { group, resource, name: None, url: Some(url.clone()), verbs });
            }
        }
    }
    all.sort_by_key(Rule::printed);
    all
}

/// A Role or a ClusterRole.
pub(super) fn role(out: &mut Text, value: &Value) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.labels_and_annotations(value);
    out.line(0, "PolicyRule:");
    out.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    out.line(1, "---------\t-----------------\t--------------\t-----");
    for rule in rules(value) {
        let place = rule.place();
        let [url, name] = [&rule.url, &rule.name].map(|part| part.clone().unwrap_or_default());
        out.line(1, format!("{place}\t[{url}]\t[{name}]\t[{}]", rule.verbs.join(" ")));
    }
}

/// A RoleBinding or a ClusterRoleBinding.
pub(super) fn role_binding(out: &mut Text, value: &Value) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.labels_and_annotations(value);
    out.line(0, "Role:");
    out.line(1, format!("Kind:\t{}", text(value, &["roleRef", "kind"])));
    out.line(1, format!("Name:\t{}", text(value, &["roleRef", "name"])));
    out.line(0, "Subjects:");
    out.line(1, "Kind\tName\tNamespace");
    out.line(1, "----\t----\t---------");
    for subject in list(value, &["subjects"]) {
        let [kind, name, namespace] = ["kind", "name", "namespace"].map(|field| text(subject, &[field]));
        out.line(1, format!("{kind}\t{name}\t{namespace}"));
    }
}
