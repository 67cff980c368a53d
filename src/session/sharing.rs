//! What of a session may be given away: everything but the data of Secrets.

use super::Session;
use super::json::Mask;
use crate::manifest::{Edit, Node, NodeKind, apply_edits, parse};

/// What stands in place of a text that nobody else should read.
const MASK: &str = "\"***\"";
/// The same in base64.
const MASK_BASE64: &str = "\"Kioq\"";

/// The flags of `kubectl create secret` whose values are secret, each with whether a name stands before the value.
const FLAGS: &[(&str, bool)] = &[("--from-literal", true), ("--docker-password", false)];

/// A session to be given away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The log.
    pub log: String,
    /// Whether data of Secrets was masked in it.
    pub is_masked: bool,
}

impl Session {
    /// Writes the log as it may be given away: without the data of Secrets, in files and in commands alike.
    pub fn to_shared(&self) -> Shared {
        let log = self.to_log(&Mask { text: |text| masked(text, false), command: masked_command });
        let is_masked = log != self.to_json();
        Shared { log, is_masked }
    }
}

/// A text of manifests without the data of its Secrets. `is_secret`: it is one even if it does not say so.
fn masked(text: &str, is_secret: bool) -> String {
    if !is_secret && !text.contains("Secret") {
        return text.to_owned();
    }
    let parsed = parse(text);
    // What was read of a broken text is not all that it says; a note is no YAML.
    if parsed.documents.iter().any(|document| document.broken) || text.contains("```") {
        return masked_by_lines(text);
    }
    let mut edits = Vec::new();
    parsed.documents.iter().for_each(|document| mask(text, &document.root, is_secret, &mut edits));
    edits.sort_by_key(|edit: &Edit| edit.span.start);
    // Two aliases lead to one anchor.
    edits.dedup_by_key(|edit| edit.span.start);
    apply_edits(text, &edits)
}

fn mask(text: &str, node: &Node, is_secret: bool, edits: &mut Vec<Edit>) {
    node.get("items").into_iter().flat_map(Node::items).for_each(|item| mask(text, item, false, edits));
    if !is_secret && node.get("kind").and_then(Node::as_str) != Some("Secret") {
        return;
    }
    for (field, masked) in [("data", MASK_BASE64), ("stringData", MASK)] {
        if let Some(value) = node.get(field).filter(|value| !value.is_null()) {
            edits.push(Edit::replace(value.span, replaced(text, value, masked)));
        }
    }
    // What kubectl has noted of it says it once more.
    let annotations = node.get("metadata").and_then(|meta| meta.get("annotations"));
    for entry in annotations.into_iter().flat_map(Node::entries) {
        if entry.key.ends_with("last-applied-configuration") {
            edits.push(Edit::replace(entry.value.span, MASK));
        }
    }
}

/// The same keys with other values, in the style in which they are written.
fn replaced(text: &str, value: &Node, masked: &str) -> String {
    let NodeKind::Mapping(entries) = &value.kind else { return masked.to_owned() };
    let keys = entries.iter().map(|entry| entry.key_span.slice(text));
    if value.span.slice(text).starts_with('{') {
        let list: Vec<String> = keys.map(|key| format!("{key}: {}", masked)).collect();
        return format!("{{{}}}", list.join(", "));
    }
    let line = text[..value.span.range().start].rfind('\n').map_or(0, |at| at + 1);
    let indent = " ".repeat(value.span.range().start - line);
    let list: Vec<String> = keys.map(|key| format!("{key}: {}", masked)).collect();
    list.join(&format!("\n{indent}"))
}

/// The same where the text cannot be read whole: what stands below a line `data:` or `stringData:` keeps its keys.
fn masked_by_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // How far the line is indented that the data stand below, and how far their keys are.
    let mut below: Option<(usize, Option<usize>)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some((field, keys)) = below
            && (indent > field || trimmed.is_empty())
        {
            let first = keys.unwrap_or(indent);
            if let Some((key, _)) = trimmed.split_once(':').filter(|_| indent == first) {
                out.push_str(&format!("{}{key}: {MASK}\n", &line[..indent]));
            }
            if !trimmed.is_empty() {
                below = Some((field, Some(first)));
            }
            continue;
        }
        below = None;
        let field = ["data:", "stringData:", "\"data\":", "\"stringData\":"]
            .iter()
            .find(|field| trimmed.starts_with(**field));
        match field {
            Some(field) => {
                out.push_str(&format!("{}{field}", &line[..indent]));
                out.push('\n');
                below = Some((indent, None));
            }
            None => out.push_str(line),
        }
    }
    out
}

/// A command without what it says of the data of Secrets.
fn masked_command(line: &str) -> String {
    if !line.to_ascii_lowercase().contains("secret") {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        if let Some((flag, is_named)) = FLAGS.iter().find(|(flag, _)| rest.starts_with(flag)) {
            let value = &rest[flag.len()..];
            let value = value.strip_prefix(['=', ' ']).unwrap_or(value);
            let (word, after) = value.split_at(word_end(value));
            out.push_str(&rest[..rest.len() - value.len()]);
            let name = word
                .split_once('=')
                .filter(|_| *is_named)
                .map_or("", |(name, _)| name.trim_start_matches(['\'', '"']));
            out.push_str(name);
            if *is_named {
                out.push('=');
            }
            out.push_str(MASK.trim_matches('"'));
            rest = after;
        } else if rest.starts_with(['\'', '"']) {
            let (word, after) = rest.split_at(quoted_end(rest));
            out.push_str(&masked_word(word));
            rest = after;
        } else if let Some((head, body, after)) = here_document(rest) {
            out.push_str(head);
            out.push_str(&masked(body, false));
            rest = after;
        } else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..first]);
            rest = &rest[first..];
        }
    }
    out
}

/// Where what is quoted at the beginning of a text ends.
fn quoted_end(text: &str) -> usize {
    let mut chars = text.char_indices();
    let quote = chars.next().map(|(_, quote)| quote);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == Some('"') => _ = chars.next(),
            c if Some(c) == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A quoted word: a patch, or a whole manifest that is echoed, without what it says of the data.
fn masked_word(word: &str) -> String {
    let is_double = word.starts_with('"');
    let said = word.trim_matches(['\'', '"']);
    let said = if is_double { said.replace("\\\"", "\"") } else { said.to_owned() };
    if !said.trim_start().starts_with('{') {
        return word.to_owned();
    }
    let masked = masked(&said, true);
    if is_double { format!("\"{}\"", masked.replace('"', "\\\"")) } else { format!("'{masked}'") }
}

/// Where a word of the shell ends: at the first blank outside of quotes.
fn word_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_whitespace() || ";|&".contains(c) => return at,
            None => {}
        }
    }
    text.len()
}

/// Where a text begins with `<<EOF`: up to the end of that line, what stands in it, and what follows from the last `EOF` on.
fn here_document(text: &str) -> Option<(&str, &str, &str)> {
    let word = text.strip_prefix("<<")?.trim_start_matches('-');
    let line = text.find('\n')? + 1;
    let word: &str = &word[..word_end(word)];
    let word = word.trim_matches(['\'', '"']);
    let end = text[line..].split_inclusive('\n').scan(line, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    });
    let end = end.into_iter().find(|(_, line)| line.trim() == word)?.0;
    Some((&text[..line], &text[line..end], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(masked(text, false), expected);
    }

    #[test]
    fn the_data_of_secrets_are_masked_wherever_they_stand() {
        let plain = "kind: ConfigMap\ndata:\n  a: b\n";
        check(plain, plain);
        check(
            "kind: Secret # one\ndata:\n  a: aGVsbG8=\n  b: |\n    eA==\nstringData: {c: d, \"e\": f}\ntype: Opaque\n",
            "kind: Secret # one\ndata:\n  a: \"Kioq\"\n  b: \"Kioq\"\nstringData: {c: \"***\", \"e\": \"***\"}\ntype: Opaque\n",
        );
        check(
            "kind: List\nitems:\n- kind: Secret\n  stringData:\n    a: b\n- kind: ConfigMap\n  data:\n    a: b\n",
            "kind: List\nitems:\n- kind: Secret\n  stringData:\n    a: \"***\"\n- kind: ConfigMap\n  data:\n    a: b\n",
        );
        check(
            "{\"kind\": \"Secret\", \"data\": {\"a\": \"eA==\"}}",
            "{\"kind\": \"Secret\", \"data\": {\"a\": \"Kioq\"}}",
        );
        check("x: &x\n  a: eA==\nkind: Secret\ndata: *x\n", "x: &x\n  a: \"Kioq\"\nkind: Secret\ndata: *x\n");
        check("kind: Secret\ndata: eA==\n", "kind: Secret\ndata: \"Kioq\"\n");
    }

    #[test]
    fn a_text_that_cannot_be_read_whole_keeps_no_line_of_the_data() {
        check(
            "kind: Secret\ndata:\n  a: eA==\n  b: |\n    eA==\n  c: \"eA==\ntype: Opaque\n",
            "kind: Secret\ndata:\n  a: \"***\"\n  b: \"***\"\n  c: \"***\"\ntype: Opaque\n",
        );
        check(
            "# A note\n\n```\nkind: Secret\nstringData: {a: b}\n```\n",
            "# A note\n\n```\nkind: Secret\nstringData:\n```\n",
        );
    }

    #[test]
    fn commands_are_masked_too() {
        for (line, expected) in [
            ("kubectl get secret web -o yaml", "kubectl get secret web -o yaml"),
            (
                "kubectl create secret generic web --from-literal=user=me --from-literal 'pass=a b' -n x",
                "kubectl create secret generic web --from-literal=user=*** --from-literal pass=*** -n x",
            ),
            (
                "kubectl create configmap web --from-literal=user=me",
                "kubectl create configmap web --from-literal=user=me",
            ),
            (
                "kubectl patch secret web -p '{\"stringData\":{\"a\":\"b\"}}'",
                "kubectl patch secret web -p '{\"stringData\":{\"a\": \"***\"}}'",
            ),
            (
                "kubectl patch secret web -p \"{\\\"data\\\":{\\\"a\\\":\\\"eA==\\\"}}\"",
                "kubectl patch secret web -p \"{\\\"data\\\":{\\\"a\\\": \\\"Kioq\\\"}}\"",
            ),
            (
                "kubectl apply -f - <<EOF\nkind: Secret\nstringData:\n  a: b\nEOF\nkubectl get pods",
                "kubectl apply -f - <<EOF\nkind: Secret\nstringData:\n  a: \"***\"\nEOF\nkubectl get pods",
            ),
        ] {
            assert_eq!(masked_command(line), expected);
        }
    }
}
