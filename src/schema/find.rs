//! Where else in an object a field of some name exists.

use super::{Definition, Field, Reference, Type};
use std::collections::VecDeque;
use std::fmt;

/// The way from an object's root to a field.
#[derive(Debug, Clone)]
pub struct FieldPath {
    /// The steps, the last of them to the field itself.
    pub steps: Vec<Step>,
    /// The definition that has the field.
    pub owner: &'static Definition,
    /// The field.
    pub field: &'static Field,
}

/// One step of a way into an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To a field.
    Field(&'static str),
    /// To any item of a list.
    Item,
    /// To any value of a map.
    Value,
}

/// `spec.template.spec.containers[].ports`; a map's value is `*`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            match step {
                Step::Field(name) => write!(f, "{dot}{name}")?,
                Step::Item => f.write_str("[]")?,
                Step::Value => write!(f, "{dot}*")?,
            }
        }
        Ok(())
    }
}

/// Where under `root` a field of this name does exist, at most `limit` places: those with the fewest fields
/// on the way first, then by their paths. A definition is not looked for inside itself, and lists that count
/// no item or several are the same place.
pub fn find_field_elsewhere(root: &'static Definition, name: &str, limit: usize) -> Vec<FieldPath> {
    let mut found = Vec::new();
    let mut next = VecDeque::from([Place { definition: root, steps: Vec::new(), inside: Vec::new() }]);
    // Breadth first, and fields are sorted: the places come in the order that is promised.
    while let Some(place) = next.pop_front() {
        if let Some(field) = place.definition.field(name) {
            let mut steps = place.steps.clone();
            steps.push(Step::Field(field.name));
            found.push(FieldPath { steps, owner: place.definition, field });
        }
        if found.len() >= limit {
            break;
        }
        next.extend(place.definition.fields.iter().filter_map(|field| place.under(field)));
    }
    found.truncate(limit);
    found
}

/// A definition on some way from the root.
struct Place {
    definition: &'static Definition,
    steps: Vec<Step>,
    /// The definitions on the way, which are not entered again.
    inside: Vec<Reference>,
}

impl Place {
    /// The place that a field leads to, if it leads to fields.
    fn under(&self, field: &'static Field) -> Option<Place> {
        let mut steps = self.steps.clone();
        steps.push(Step::Field(field.name));
        let mut ty = &field.ty;
        let reference = loop {
            match ty {
                Type::Array(inner) => (ty, _) = (inner, steps.push(Step::Item)),
                Type::Map(inner) => (ty, _) = (inner, steps.push(Step::Value)),
                Type::Object(reference) => break *reference,
                _ => return None,
            }
        };
        if self.inside.contains(&reference) {
            return None;
        }
        let mut inside = self.inside.clone();
        inside.push(reference);
        Some(Place { definition: reference.get(), steps, inside })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Schema;
    use super::*;

    #[track_caller]
    fn places(kind: (&str, &str), name: &str, limit: usize) -> Vec<String> {
        let root = Schema::lookup(kind.0, kind.1).expect("a built-in kind");
        find_field_elsewhere(root, name, limit).iter().map(FieldPath::to_string).collect()
    }

    #[test]
    fn a_field_is_found_where_it_exists_the_nearest_place_first() {
        let deployment = ("apps/v1", "Deployment");
        assert_eq!(places(deployment, "labels", 2), ["metadata.labels", "spec.template.metadata.labels"]);
        assert_eq!(places(deployment, "containers", 9), ["spec.template.spec.containers"]);
        assert_eq!(
            places(deployment, "containerPort", 2),
            [
                "spec.template.spec.containers[].ports[].containerPort",
                "spec.template.spec.ephemeralContainers[].ports[].containerPort"
            ]
        );
        assert_eq!(places(("v1", "Pod"), "nonsense", 9), [] as [&str; 0]);
    }

    #[test]
    fn a_definition_inside_itself_is_not_followed_forever() {
        let crd = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        assert_eq!(places(crd, "maxLength", 9), ["spec.versions[].schema.openAPIV3Schema.maxLength"]);
    }
}
