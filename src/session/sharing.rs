//! What of a session may be given away: everything but the data of Secrets.

use super::Session;
use super::json::Mask;
use crate::manifest::{Edit, Node, NodeKind, Span, apply_edits, parse};
use crate::timeline::Act;
use std::collections::BTreeSet;

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
        let secret = self.secret_files();
        let text = |name: &str, text: &str| {
            if secret.contains(name) { format!("{MASK}\n") } else { masked(text, false) }
        };
        let command = |line: &str| {
            // What is written into such a file is as secret as the file.
            let writes = line.contains('>') && secret.iter().any(|name| line.contains(&**name));
            if writes { "echo '***'".to_owned() } else { masked_command(line) }
        };
        let log = self.to_log(&Mask { text: &text, command: &command });
        let is_masked = log != self.to_json();
        Shared { log, is_masked }
    }
}

impl Session {
    /// The names of the files that Secrets are made of: by a command, or by a kustomization.
    fn secret_files(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let (timeline, ..) = self.own();
        let acts = (0..timeline.branches()).flat_map(|branch| timeline.acts_of(branch));
        for acted in acts {
            if let Act::Command(line) = &acted.act
                && line.contains("secret")
            {
                names.extend(FILE_FLAGS.iter().flat_map(|flag| after(line, flag)));
            }
        }
        for file in &self.files {
            for document in parse(&file.text).documents {
                for generator in document.root.get("secretGenerator").into_iter().flat_map(Node::items) {
                    let lists = ["files", "envs"].into_iter().filter_map(|list| generator.get(list));
                    let listed =
                        lists.flat_map(Node::items).chain(generator.get("env")).filter_map(Node::as_str);
                    names.extend(listed.map(file_of));
                }
            }
        }
        names
    }
}

/// The flags of `kubectl create secret` that name files.
const FILE_FLAGS: [&str; 4] = ["--from-file", "--from-env-file", "--cert", "--key"];

/// The file of `KEY=FILE`, or of `FILE`.
fn file_of(word: &str) -> String {
    let file = word.split_once('=').map_or(word, |(_, file)| file);
    file.trim_matches(['\'', '"']).trim_start_matches("./").to_owned()
}

/// The files that a flag names in a command.
fn after(line: &str, flag: &str) -> Vec<String> {
    let named = line.split(flag).skip(1).filter_map(|rest| rest.strip_prefix(['=', ' ']));
    named.map(|rest| file_of(&rest[..word_end(rest)])).filter(|name| !name.is_empty()).collect()
}

/// A text of manifests without the data of its Secrets. `is_secret`: it is one even if it does not say so.
fn masked(text: &str, is_secret: bool) -> String {
    if !is_secret && !text.contains("Secret") && !text.contains("secretGenerator") {
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
    let kind = node.get("kind").and_then(Node::as_str);
    let are_secrets = kind == Some("SecretList");
    node.get("items").into_iter().flat_map(Node::items).for_each(|item| mask(text, item, are_secrets, edits));
    let generators = node.get("secretGenerator").into_iter().flat_map(Node::items);
    for literal in generators.filter_map(|generator| generator.get("literals")).flat_map(Node::items) {
        let name = literal.as_str().and_then(|said| said.split_once('=')).map_or("", |(name, _)| name);
        edits.push(Edit::replace(literal.span, format!("\"{name}=***\"")));
    }
    if !is_secret && kind != Some("Secret") {
        return;
    }
    for (field, masked) in [("data", MASK_BASE64), ("stringData", MASK)] {
        if let Some(value) = node.get(field).filter(|value| !value.is_null()) {
            edits.push(Edit::replace(value.span, replaced(text, value, masked)));
            // What comes through an alias stands elsewhere.
            let elsewhere = |span: Span| span.start < value.span.start || span.end > value.span.end;
            let spans = value.entries().iter().map(|entry| entry.value.span).filter(|span| elsewhere(*span));
            edits.extend(spans.map(|span| Edit::replace(span, masked)));
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
    // Whether the data stand in a line in a way that is not understood: then nothing more is given of the document.
    let mut is_lost = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with("---") || trimmed.starts_with("```") {
            is_lost = false;
        }
        if is_lost {
            continue;
        }
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
            None => match hidden_data(line) {
                Some(at) => {
                    out.push_str(&line[..at]);
                    out.push_str("***\n");
                    (is_lost, below) = (true, None);
                }
                None => out.push_str(line),
            },
        }
    }
    out
}

/// Where in a line something begins that may be the data of a Secret, or what makes one.
fn hidden_data(line: &str) -> Option<usize> {
    let words = ["data", "Data", "last-applied-configuration", "secretGenerator"];
    words.iter().filter_map(|word| line.find(word)).min()
}

/// A command without what it says of the data of Secrets.
pub fn masked_command(line: &str) -> String {
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
        } else if let Some(end) = quoted_end(rest) {
            let (word, after) = rest.split_at(end);
            let is_read = ["path=", "template=", "columns="].iter().any(|flag| out.ends_with(flag));
            out.push_str(&if is_read { word.to_owned() } else { masked_word(word) });
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

/// Where what is quoted at the beginning of a text ends; none where nothing is, or where it does not end.
fn quoted_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let quote = chars.next().map(|(_, quote)| quote).filter(|quote| "'\"".contains(*quote));
    quote?;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == Some('"') => _ = chars.next(),
            c if Some(c) == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A quoted word: a patch, or a whole manifest that is echoed, without what it says of the data.
fn masked_word(word: &str) -> String {
    let is_double = word.starts_with('"');
    let said = word.trim_matches(['\'', '"']);
    let said = if is_double { said.replace("\\\"", "\"") } else { said.to_owned() };
    let masked = match said.trim_start().chars().next() {
        Some('{') => masked(&said, true),
        // A list of changes, or YAML: whatever it is, it may say all.
        Some('[') => "***".to_owned(),
        _ if said.contains(':') => "***".to_owned(),
        _ => return word.to_owned(),
    };
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
    use crate::cluster::setup::Setup;
    use crate::session::{Action, File};
    use crate::timeline::compare::{Against, Difference};

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
    fn data_that_hide_are_found() {
        check(
            "kind: SecretList\nitems:\n- data: {a: eA==}\n",
            "kind: SecretList\nitems:\n- data: {a: \"Kioq\"}\n",
        );
        check(
            "base: &b\n  p: eA==\nkind: Secret\ndata:\n  <<: *b\n",
            "base: &b\n  p: \"Kioq\"\nkind: Secret\ndata:\n  p: \"Kioq\"\n",
        );
        check(
            "secretGenerator:\n- name: a\n  literals: [p=x]\n",
            "secretGenerator:\n- name: a\n  literals: [\"p=***\"]\n",
        );
        for text in [
            "{\"kind\":\"Secret\",\"stringData\":{\"p\":\"swordfish\"",
            "kind: Secret\nitems:\n- data:\n    p: swordfish\n  x: \"\n",
            "kind: Secret\ndata :\n  p: swordfish\n  x: \"\n",
        ] {
            let given = masked(text, false);
            assert!(!given.contains("swordfish"), "{given}");
        }
    }

    #[test]
    fn files_that_secrets_are_made_of_are_masked_whole() {
        let file = |name: &str, text: &str| File { name: name.into(), text: text.into() };
        let files = vec![
            file("pw.txt", "swordfish"),
            file("key.txt", "swordfish"),
            file("kustomization.yaml", "secretGenerator:\n- name: a\n  files: [key=./key.txt]\n"),
        ];
        let mut session = Session::new(Setup::with_seed(1), "default", files);
        for line in ["echo swordfish > pw.txt", "kubectl create secret generic web --from-file=p=pw.txt"] {
            session.apply(Action::Command(line.into()));
        }
        let shared = session.to_shared();
        assert!(shared.is_masked && !shared.log.contains("swordfish"), "{}", shared.log);
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
                "kubectl patch secret web --type=json -p '[{\"op\":\"add\",\"path\":\"/data/a\",\"value\":\"eA==\"}]'",
                "kubectl patch secret web --type=json -p '***'",
            ),
            ("kubectl patch secret web -p 'stringData: {a: b}'", "kubectl patch secret web -p '***'"),
            (
                "kubectl get secret web -o jsonpath='{.data.a}'",
                "kubectl get secret web -o jsonpath='{.data.a}'",
            ),
            (
                "# don't\nkubectl create secret generic web --from-literal=a=b",
                "# don't\nkubectl create secret generic web --from-literal=a=***",
            ),
            (
                "kubectl apply -f - <<EOF\nkind: Secret\nstringData:\n  a: b\nEOF\nkubectl get pods",
                "kubectl apply -f - <<EOF\nkind: Secret\nstringData:\n  a: \"***\"\nEOF\nkubectl get pods",
            ),
        ] {
            assert_eq!(masked_command(line), expected);
        }
    }

    #[test]
    fn what_a_run_is_compared_with_is_kept_until_its_branches_are_left() {
        let mut session = Session::default();
        session.apply(Action::LoadExample("deployment"));
        assert_eq!(session.against(), None);
        let again = |session: &Session| Session::from_json(&session.to_json()).expect("it was just written");
        let all = Difference::ALL.iter().copied().map(Against::Difference).chain([Against::Branch(1)]);
        for against in all {
            session.apply(Action::CompareWith(against));
            assert_eq!(again(&session).against(), Some(against));
        }
        session.apply(Action::StartOver);
        assert_eq!(session.against(), None, "that run and its branches are gone");
        session.apply(Action::CompareWith(Difference::Seed.into()));
        session.apply(Action::UndoStartOver);
        assert_eq!(session.against(), Some(Against::Branch(1)), "they are there again");
        session.apply(Action::StartOver);
        session.apply(Action::CompareWith(Difference::Seed.into()));
        session.apply(Action::StartOver);
        assert_eq!(session.against(), Some(Difference::Seed.into()));
        let log = session.to_json();
        for (other, read) in [
            ("\"seed\"", Some(Difference::Seed.into())),
            ("\"of tomorrow\"", None),
            ("-1", None),
            ("{}", None),
        ] {
            let log = log.replace("\"against\":\"seed\"", &format!("\"against\":{other}"));
            assert_eq!(Session::from_json(&log).expect("it is read").against(), read, "{other}");
        }
    }
}
