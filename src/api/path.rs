//! Where in an object something stands, as the API server and its decoder write it.

use super::go;
use crate::manifest::Node;
use crate::schema::Definition;
use crate::value::Str;
use std::fmt;

/// The way from an object's root to a value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

/// One step of the way.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// To a field of this definition; unknown to it where the field is misspelt.
    Field(&'static Definition, Str),
    /// To a value of a map.
    Key(Str),
    /// To an item of a list.
    Item(usize),
}

impl Path {
    /// One step further.
    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// One step back.
    pub(crate) fn pop(&mut self) {
        self.steps.pop();
    }

    /// The way to a field of what stands here.
    pub(crate) fn field(&self, name: &str) -> String {
        match self.steps.is_empty() {
            true => name.to_owned(),
            false => format!("{self}.{name}"),
        }
    }

    /// The first step.
    pub(crate) fn first(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// The name of the last field, index or key.
    pub(crate) fn last(&self) -> Option<&Step> {
        self.steps.last()
    }

    /// What in the object `root` holds the last step.
    pub(crate) fn outside<'a>(&self, root: &'a Node) -> Option<&'a Node> {
        let (_, outside) = self.steps.split_last()?;
        outside.iter().try_fold(root, |node, step| match step {
            Step::Field(_, name) | Step::Key(name) => node.get(name),
            Step::Item(index) => node.items().get(*index),
        })
    }

    /// Whether it is the object itself.
    pub(crate) fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// What Go's decoder says of a value here that is of another kind than expected.
    pub(crate) fn unmarshal_error(&self, found: &str, expected: &str) -> String {
        let mut names: Vec<&str> = Vec::new();
        let mut owner = "";
        for step in &self.steps {
            if let Step::Field(definition, name) = step {
                names.extend(go::embedded(definition, name));
                names.push(name);
                owner = definition.name;
            }
        }
        super::check::unmarshal_error(found, owner, &names.join("."), expected)
    }
}

/// `spec.containers[0].image`
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Field(_, name) | Step::Key(name) => {
                    write!(f, "{}{name}", if at == 0 { "" } else { "." })?;
                }
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Whether one of two written ways leads through the other, or they are the same.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|rest| {
        short.is_empty() || rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_overlap_where_one_leads_through_the_other() {
        for (a, b, expected) in [
            ("spec", "spec.selector", true),
            ("spec.selector.matchLabels", "spec.selector", true),
            ("spec.containers", "spec.containers[0].name", true),
            ("spec.select", "spec.selector", false),
            ("spec.template", "spec.selector", false),
            ("", "spec", true),
        ] {
            assert_eq!(overlap(a, b), expected, "{a} {b}");
        }
    }
}
