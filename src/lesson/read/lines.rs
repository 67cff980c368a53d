//! The lines of a lesson, and what is made of some of them: pairs, commands, texts. Each knows where it stands.

use super::super::Block;
use super::super::prose::prose;
use crate::manifest::Span;

/// A line, and the byte that it begins at.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) at: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// The lines of a text.
    pub(super) fn all(text: &'a str) -> Vec<Line<'a>> {
        let mut at = 0;
        let line = |whole: &'a str| {
            let line = Line { at, text: whole.trim_end_matches(['\n', '\r']) };
            at += whole.len();
            line
        };
        text.split_inclusive('\n').map(line).collect()
    }
    /// Where its words stand.
    pub(super) fn span(&self) -> Span {
        self.part(self.text.trim())
    }
    /// Where a piece of it stands.
    pub(super) fn part(&self, piece: &str) -> Span {
        let before = (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let start = self.at + before.min(self.text.len());
        Span::new(start, start + piece.len())
    }
    /// Whether it is one of three hyphens.
    pub(super) fn is_rule(&self) -> bool {
        self.text.trim_end() == "---"
    }
}

/// A line of `name: text`.
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) named: Span,
    pub(super) text: String,
    /// Where its text begins.
    pub(super) said: Span,
}

/// Lines of `name: text`, and where there are lines that are none. An indented one goes on with the one before it.
pub(super) fn pairs<'a>(lines: &[Line<'a>]) -> (Vec<Pair<'a>>, Vec<Span>) {
    let (mut pairs, mut others) = (Vec::<Pair>::new(), Vec::new());
    for line in lines.iter().filter(|line| !line.text.trim().is_empty()) {
        let is_indented = line.text.starts_with([' ', '\t']);
        if let (true, Some(last)) = (is_indented, pairs.last_mut()) {
            last.text.push(' ');
            last.text.push_str(line.text.trim());
            continue;
        }
        match line.text.split_once(':') {
            Some((name, text)) if !is_indented => {
                let (name, text) = (name.trim(), text.trim());
                let (named, said) = (line.part(name), line.part(text));
                pairs.push(Pair { name, named, text: text.to_owned(), said });
            }
            _ => others.push(line.span()),
        }
    }
    (pairs, others)
}

/// The commands of a block, each with its place. One goes on behind a backslash.
pub(super) fn spoken(lines: &[Line]) -> Vec<(Span, String)> {
    let mut out: Vec<(Span, String)> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let words = line.text.trim();
        let (said, more) = match words.strip_suffix('\\') {
            Some(said) => (said.trim_end(), true),
            None => (words, false),
        };
        match out.last_mut().filter(|_| goes_on) {
            Some((_, before)) => {
                before.push(' ');
                before.push_str(said);
            }
            None if said.is_empty() => {}
            None => out.push((line.span(), said.to_owned())),
        }
        goes_on = more;
    }
    out
}

/// Lines that stand together: a list, an aside, or a paragraph.
pub(super) fn text_block(lines: &[Line]) -> Option<Block> {
    let first = lines.first()?.text;
    let joined = |lines: &[&str]| prose(&lines.join(" "));
    if first.starts_with("- ") {
        let mut items: Vec<Vec<&str>> = Vec::new();
        for Line { text: line, .. } in lines {
            match (line.strip_prefix("- "), items.last_mut()) {
                (None, Some(item)) => item.push(line.trim()),
                (said, _) => items.push(vec![said.unwrap_or(line).trim()]),
            }
        }
        return Some(Block::List(items.iter().map(|item| joined(item)).collect()));
    }
    let is_aside = first.starts_with('>');
    let words: Vec<&str> = lines
        .iter()
        .map(|line| line.text.strip_prefix('>').filter(|_| is_aside).unwrap_or(line.text).trim())
        .collect();
    Some(if is_aside { Block::Aside(joined(&words)) } else { Block::Text(joined(&words)) })
}
