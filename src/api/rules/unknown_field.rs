//! Fields that their place does not know: misspelt, or in the wrong place.

use super::{Check, Rule};
use crate::api::layout::{begins_line, column, entry_lines, is_flow, line_end, line_start, reindent};
use crate::api::subject::{Findings, Strangers};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::schema::{FieldPath, Step, Type, find_field_elsewhere, nearest};
use crate::value::Str;

pub(super) const RULE: Rule = Rule { check: Check::Strangers(check) };

/// How many places are looked at where a field exists.
const PLACES: usize = 12;

fn check(strangers: &mut Strangers, findings: &mut Findings) {
    let mut at = 0;
    while at < strangers.entries.len() {
        let entry = strangers.entries[at].clone();
        let told = strangers.path.is_root()
            && findings.diagnostics.iter().any(|(place, told)| {
                *place == strangers.place && told.span == entry.key_span && told.span != Span::default()
            });
        if !strangers.is_strange(&entry) || told {
            at += 1;
            continue;
        }
        if let Some(told) = told_of_key(strangers, &entry) {
            // A doubt for the reader of YAML, here it is a mistake. Where the entry belongs nobody knows before
            // it is mended.
            let answer = strangers.answer([&*entry.key]);
            findings.refused(
                strangers.place,
                Diagnostic { severity: Severity::Error, ..told.clone() },
                answer,
            );
            strangers.doubts.push(String::new());
            strangers.entries.remove(at);
            continue;
        }
        match misspelt(strangers, &entry, findings) {
            Some(name) => {
                let before = strangers.entries[..at].iter().filter(|other| &*other.key == name).count();
                strangers.entries[at].key = Str::from(name);
                strangers.entries.retain(|other| &*other.key != name || other.key_span == entry.key_span);
                at = at + 1 - before;
            }
            None => _ = strangers.entries.remove(at),
        }
    }
}

/// What the reader of YAML says of the key, so that it is not the one that was meant.
fn told_of_key<'a>(strangers: &Strangers<'a>, entry: &Entry) -> Option<&'a Diagnostic> {
    let key = entry.key_span;
    let at_key = |span: Span| span.start < key.end && key.start < span.end;
    strangers.told.iter().find(|told| told.code != msg!("duplicate-key") && at_key(told.span))
}

/// Tells of one field; the name that was meant, where that is certain.
fn misspelt(strangers: &mut Strangers, entry: &Entry, findings: &mut Findings) -> Option<&'static str> {
    let answer = strangers.answer([&*entry.key]);
    let parent = strangers.path.to_string();
    let unknown = Diagnostic::new(msg!("unknown-field"), Severity::Error, entry.key_span)
        .arg("field", &entry.key)
        .arg("parent", parent_name(&parent));
    let free =
        strangers.definition.field_names().filter(|name| strangers.mapping.get(name).is_none_or(is_empty));
    let near = nearest(&entry.key, free);
    if let Some(near) = near
        && let Some(field) = strangers.definition.field(near.name)
    {
        let certain = near.unique && looks_like(&field.ty, &entry.value);
        let mut diagnostic = unknown.clone();
        diagnostic.code = msg!("misspelt-field");
        diagnostic = diagnostic.arg("right", near.name);
        // What is written under the right name, and is empty, goes.
        let written = strangers.entries.iter().position(|other| &*other.key == near.name);
        let gone = written.map(|at| entry_lines(strangers.text, &strangers.entries[at]));
        if certain && gone != Some(None) {
            let mut edits = vec![Edit::replace(entry.key_span, near.name)];
            edits.extend(gone.flatten().map(|lines| Edit::replace(lines, "")));
            diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
            findings.refused(strangers.place, diagnostic, answer);
            return Some(near.name);
        }
        strangers.doubts.push(strangers.path.field(near.name));
        findings.refused(strangers.place, diagnostic, answer);
        return None;
    }
    match elsewhere(strangers, entry) {
        Some((right, edits)) => {
            let mut diagnostic = unknown;
            diagnostic.code = msg!("misplaced-field");
            let (under, _) = right.rsplit_once('.').unwrap_or(("", &right));
            diagnostic = diagnostic.arg("right", parent_name(under));
            if let Some(edits) = edits {
                diagnostic =
                    diagnostic.fix(Fix::new(msg!("fix-move-under"), edits).arg("parent", parent_name(under)));
            }
            findings.refused(strangers.place, diagnostic, answer);
            strangers.doubts.push(right);
        }
        None => findings.refused(strangers.place, unknown, answer),
    }
    None
}

/// Whether a value is as good as none.
fn is_empty(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null => true,
        NodeKind::Sequence(items) => items.is_empty(),
        NodeKind::Mapping(entries) => entries.is_empty(),
        _ => false,
    }
}

/// How a message names what a field stands in: the object itself has no name.
pub(crate) fn parent_name(path: &str) -> crate::manifest::Arg {
    match path {
        "" => crate::manifest::Arg::Message(msg!("top-level")),
        path => path.into(),
    }
}

/// Whether a value could be meant for this type, from outside.
fn looks_like(ty: &Type, node: &Node) -> bool {
    match (&node.kind, ty) {
        (NodeKind::Null, _) | (_, Type::Any | Type::RawExtension) => true,
        (NodeKind::Mapping(entries), Type::Object(definition)) => {
            entries.is_empty() || entries.iter().any(|entry| definition.field(&entry.key).is_some())
        }
        (NodeKind::Mapping(_), ty) => matches!(ty, Type::Map(_)),
        (NodeKind::Sequence(_), ty) => matches!(ty, Type::Array(_)),
        (_, ty) => !matches!(ty, Type::Object(_) | Type::Map(_) | Type::Array(_)),
    }
}

/// Where in the object the field does exist, and the edits that move it there where that is certain.
fn elsewhere(strangers: &Strangers, entry: &Entry) -> Option<(String, Option<Vec<Edit>>)> {
    let (root, definition) = strangers.root;
    let mut places = find_field_elsewhere(definition, &entry.key, PLACES);
    places.retain(|place| {
        !matches!(place.steps.first(), Some(Step::Field("status")))
            && place.steps.iter().all(|step| *step != Step::Value)
            && looks_like(&place.field.ty, &entry.value)
    });
    // Where what leads there is written, the field was more likely meant.
    let reached = |place: &FieldPath| reach(root, place, entry).map_or(0, |reached| reached.depth);
    let best = places.iter().map(reached).max()?;
    let mut likely = places.iter().filter(|place| reached(place) == best);
    let place = likely.next()?;
    let reached = reach(root, place, entry);
    let complete = |place: &FieldPath| best + 1 == place.steps.len();
    let certain = likely.next().is_none() || (complete(place) && likely.all(|other| !complete(other)));
    let edits = match reached {
        Some(reached) if certain && !entry.value.is_null() => {
            move_edits(strangers.text, entry, place, &reached)
        }
        _ => None,
    };
    Some((place.to_string().replace("[]", "[0]"), edits))
}

/// How far a way leads into what is written.
struct Reached<'a> {
    mapping: &'a Node,
    depth: usize,
}

/// None where the place is taken, or a list on the way has not exactly one item.
fn reach<'a>(root: &'a Node, place: &FieldPath, entry: &Entry) -> Option<Reached<'a>> {
    let mut reached = Reached { mapping: root, depth: 0 };
    let mut node = root;
    for (depth, step) in place.steps.iter().enumerate() {
        let next = match step {
            Step::Field(name) => node.get(name),
            Step::Item => match node.items() {
                [only] => Some(only),
                _ => return None,
            },
            Step::Value => return None,
        };
        let Some(next) = next.filter(|next| next.span != entry.value.span) else {
            // Something there may have been meant to be this field, only misspelt.
            let is_near =
                |other: &Entry| other.key != entry.key && nearest(&other.key, [place.field.name]).is_some();
            if depth + 1 == place.steps.len() && node.entries().iter().any(is_near) {
                return None;
            }
            break;
        };
        if depth + 1 == place.steps.len() {
            return None;
        }
        node = next;
        if matches!(node.kind, NodeKind::Mapping(_)) {
            reached = Reached { mapping: node, depth: depth + 1 };
        }
    }
    Some(reached)
}

/// Takes the entry's lines out, and puts them under the mapping that the way reaches, with what is missing of
/// the way.
fn move_edits(text: &str, entry: &Entry, place: &FieldPath, reached: &Reached) -> Option<Vec<Edit>> {
    let start = entry.key_span.start as usize;
    let lines = entry_lines(text, entry)?;
    let first = reached.mapping.entries().first()?;
    let target = first.key_span.start as usize;
    let inside = lines.contains(target) && lines.start as usize <= target;
    if is_flow(text, reached.mapping) || inside {
        return None;
    }
    let mut indent = column(text, target);
    let mut added = String::new();
    let missing = &place.steps[reached.depth..place.steps.len() - 1];
    for step in missing {
        let Step::Field(name) = step else { return None };
        added.push_str(&" ".repeat(indent));
        added.push_str(name);
        added.push_str(":\n");
        indent += 2;
    }
    let mut moved = reindent(lines.slice(text), column(text, start), indent);
    if !moved.ends_with('\n') {
        moved.push('\n');
    }
    added.push_str(&moved);
    // Before the mapping's first entry where that begins its line, else after its last.
    let at = if begins_line(text, target) && !missing.is_empty() {
        last_line_end(text, reached.mapping, lines)?
    } else if begins_line(text, target) {
        line_start(text, target)
    } else {
        last_line_end(text, reached.mapping, lines)?
    };
    let at_end = text.get(..at).is_some_and(|before| !before.is_empty() && !before.ends_with('\n'));
    let added = if at_end { format!("\n{added}") } else { added };
    Some(vec![Edit::replace(lines, ""), Edit::insert(at, added)])
}

/// The end of the last line of a mapping; none where that is inside of what is moved.
fn last_line_end(text: &str, mapping: &Node, moved: Span) -> Option<usize> {
    let last = mapping.entries().iter().map(|entry| entry.span().end as usize).max()?;
    let end = line_end(text, last.max(1) - 1);
    match end > moved.start as usize && end <= moved.end as usize {
        // What is moved was the last: what comes in takes its place.
        true => Some(moved.end as usize),
        false => Some(end),
    }
}
