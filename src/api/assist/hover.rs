//! What is known of the field at a place.

use super::place::place;
use crate::api::read::Read;
use crate::manifest::Span;
use crate::schema::{Definition, Field, FieldDefault};

/// What is known of a field. What it is for is not part of the structure: `words::fields` finds that by `owner` and
/// `field`.
#[derive(Clone, Debug)]
pub struct Hover {
    /// The key or the value that was asked about.
    pub span: Span,
    /// The way to it: `spec.containers[].image`.
    pub path: String,
    /// The definition that has the field.
    pub owner: &'static Definition,
    /// The field.
    pub field: &'static Field,
    /// What it is when it is absent, one for each condition.
    pub defaults: &'static [FieldDefault],
}

/// What is known of the field at a byte of a text that was read; none where no field of a known structure stands.
pub fn hover(read: &Read, at: usize) -> Option<Hover> {
    let document = read.documents.get(read.document_at(at)?)?;
    let found = place(&document.node, at)?;
    let (owner, field) = found.field?;
    let entry = found.entry?;
    let span = if found.on_key { entry.key_span } else { entry.value.span };
    Some(Hover { span, path: found.path, owner, field, defaults: owner.defaults(field.name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::read::read;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let at = text.find('|').expect("a cursor");
        let text = text.replacen('|', "", 1);
        let told = hover(&read(&text), at).map(|found| {
            let written = found.span.slice(&text);
            format!("{written}: {} {} {}", found.path, found.field.ty, found.defaults.len())
        });
        assert_eq!(told.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_field_is_told_with_its_way_and_type() {
        let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: nginx\n    imagePullPolicy: Always\n";
        let with = |place: &str| pod.replacen(place, &place.replacen('x', "|x", 1), 1);
        assert!(with("nginx").contains('|'));
        check(&pod.replacen("nginx", "ngi|nx", 1), Some("nginx: spec.containers[].image string 0"));
        check(
            &pod.replacen("imagePull", "image|Pull", 1),
            Some("imagePullPolicy: spec.containers[].imagePullPolicy string 2"),
        );
        check(
            &pod.replacen("containers", "|containers", 1),
            Some("containers: spec.containers []Container 0"),
        );
        check(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    a|pp: b\n",
            Some("app: metadata.labels.app map[string]string 0"),
        );
        check("apiVersion: v1\nkind: Pod\nspce:\n  |a: 1\n", None);
        check(
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec:\n    ty|pe: NodePort\n",
            Some("type: spec.type string 1"),
        );
    }
}
