//! `app:web` where a mapping is wanted: without a space it is one text.

use super::{Check, Rule};
use crate::api::subject::{Findings, Mended, Misfit};
use crate::manifest::{Edit, Node, NodeKind, Span, apply_edits, missing_space_after_colon, parse};
use crate::schema::Type;
use std::rc::Rc;

pub(super) const RULE: Rule = Rule { check: Check::Misfit(check) };

fn check(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    if !matches!(misfit.ty, Type::Object(_) | Type::Map(_))
        || !matches!(misfit.node.kind, NodeKind::String(_))
    {
        return None;
    }
    let mut diagnostic = missing_space_after_colon(misfit.text, misfit.node.span)?;
    let edits: Vec<Edit> = diagnostic.fixes.first().map(|fix| fix.edits.clone()).unwrap_or_default();
    let mended = mended(misfit.text, misfit.node.span, &edits);
    // The reader tells of it where the text stands on a line of its own.
    if !misfit.told {
        if let Some(edit) = own_line(misfit) {
            diagnostic.fixes.iter_mut().for_each(|fix| fix.edits.push(edit.clone()));
        }
        misfit.refused(diagnostic, "string", &misfit.expected(), findings);
    }
    Some(mended.map_or(Mended::Doubtful, Mended::As))
}

/// Beside its key a mapping cannot begin: it goes to a line of its own.
fn own_line(misfit: &Misfit) -> Option<Edit> {
    let key = misfit.entry?.key_span;
    let colon = key.end as usize + misfit.text.get(key.end as usize..)?.find(':')? + 1;
    let between = misfit.text.get(colon..misfit.node.span.start as usize)?;
    let indent = " ".repeat(crate::api::layout::column(misfit.text, key.start as usize) + 2);
    let place = Span::new(colon, misfit.node.span.start as usize);
    (!between.contains('\n')).then(|| Edit::replace(place, format!("\n{indent}")))
}

/// What the text would be with the spaces.
fn mended(text: &str, span: Span, edits: &[Edit]) -> Option<Node> {
    let start = span.start as usize;
    let spaces: Vec<usize> =
        edits.iter().map(|edit| (edit.span.start as usize).checked_sub(start)).collect::<Option<_>>()?;
    let inner: Vec<Edit> = spaces.iter().map(|at| Edit::insert(*at, " ")).collect();
    // Lines after the first keep their indentation, which the first has lost.
    let indent = " ".repeat(crate::api::layout::column(text, start));
    let alone = format!("{indent}{}", apply_edits(span.slice(text), &inner));
    let mut root = Rc::unwrap_or_clone(parse(&alone).documents.into_iter().next()?.root);
    let origin = |at: u32| {
        let at = (at as usize).saturating_sub(indent.len());
        let before = spaces.iter().enumerate().filter(|(i, space)| **space + i < at).count();
        start + at - before
    };
    place(&mut root, &|span| Span::new(origin(span.start), origin(span.end)));
    matches!(root.kind, NodeKind::Mapping(_)).then_some(root)
}

/// Puts everything in a tree that was read from a piece where it stands in the text.
fn place(node: &mut Node, origin: &dyn Fn(Span) -> Span) {
    node.span = origin(node.span);
    match &mut node.kind {
        NodeKind::Sequence(items) => items.iter_mut().for_each(|item| place(item, origin)),
        NodeKind::Mapping(entries) => {
            for entry in entries {
                entry.key_span = origin(entry.key_span);
                place(&mut entry.value, origin);
            }
        }
        _ => {}
    }
}
