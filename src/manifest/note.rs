//! Notes in Markdown: what of them is a manifest, and what is a command.

use super::{Node, Span, parse};

/// What is in a note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The manifests, each with the name of a file, which no other has.
    pub manifests: Vec<NoteManifest>,
    /// The commands of kubectl, as they are typed.
    pub commands: Vec<String>,
}

/// A manifest in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteManifest {
    /// As its first comment says it, else made of its kind and name.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// What is in a text that is a note: it has blocks between lines of three backquotes, and is no manifest itself.
///
/// ```
/// use podium::manifest::note;
///
/// let text = "# Pods\n\n```\n# web.yaml\nkind: Pod\n```\n\n```\n$ kubectl apply -f web.yaml\n```\n";
/// let found = note(text).expect("it is a note");
/// assert_eq!(found.manifests[0].name, "web.yaml");
/// assert_eq!(found.commands, ["kubectl apply -f web.yaml"]);
/// ```
pub fn note(text: &str) -> Option<Note> {
    if !text.contains("```") {
        return None;
    }
    let mut note = Note::default();
    let mut fence: Option<(usize, usize)> = None;
    let mut at = 0;
    let mut command: Option<String> = None;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            match fence.take() {
                Some((from, indent)) => note.block(Span::new(from, begin).slice(text), indent),
                None => fence = Some((at, line.len() - line.trim_start().len())),
            }
            command = None;
            continue;
        }
        let is_manifest = line.starts_with("apiVersion:") || line.starts_with("kind:");
        if fence.is_none() && is_manifest {
            return None;
        }
        // A command goes on behind a backslash.
        let begun = command.take();
        let words = match &begun {
            Some(before) => Some(format!("{before} {trimmed}")),
            None => trimmed
                .strip_prefix("$ ")
                .map(str::trim)
                .filter(|line| line.starts_with("kubectl "))
                .map(str::to_owned),
        };
        match words {
            Some(words) if words.ends_with('\\') => {
                command = Some(words.trim_end_matches('\\').trim_end().to_owned())
            }
            Some(words) => note.commands.push(words),
            None => {}
        }
    }
    let is_empty = note.manifests.is_empty() && note.commands.is_empty();
    (!is_empty).then_some(note)
}

impl Note {
    /// Takes a block in, if it is a manifest.
    fn block(&mut self, text: &str, indent: usize) {
        let text: String = text
            .split_inclusive('\n')
            .map(|line| {
                line.get(..indent).filter(|lead| lead.trim().is_empty()).map_or(line, |_| &line[indent..])
            })
            .collect();
        let parsed = parse(&text);
        let Some(root) = parsed.documents.first().map(|document| &document.root) else { return };
        let word = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or("").to_owned();
        let kind = word(root.get("kind"));
        // A block that explains the fields of a manifest is none.
        if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return;
        }
        let first = text.lines().next().unwrap_or("").trim();
        let said = first.strip_prefix('#').map(str::trim).filter(|name| {
            (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.contains(char::is_whitespace)
        });
        let name = said.map_or_else(
            || {
                let name = word(root.get("metadata").and_then(|metadata| metadata.get("name")));
                let kind = kind.to_ascii_lowercase();
                if name.is_empty() { format!("{kind}.yaml") } else { format!("{name}-{kind}.yaml") }
            },
            str::to_owned,
        );
        let is_free = |name: &str| self.manifests.iter().all(|other| other.name != name);
        let stem = name.trim_end_matches(".yaml").to_owned();
        let name = (2..)
            .map(|count| format!("{stem}-{count}.yaml"))
            .find(|other| is_free(other))
            .filter(|_| !is_free(&name))
            .unwrap_or(name);
        self.manifests.push(NoteManifest { name, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_and_commands_are_found_and_explanations_are_not() {
        let text = "# Pods\n\n```\napiVersion: which version\nkind: which kind of object\n```\n\n```yaml\n# my.yaml\n\napiVersion: v1\nkind: Pdo\n```\n\n1. One\n\n   ```\n   kind: Service\n   metadata:\n     name: web\n   ```\n\n```\n$ kubectl get po,svc -o wide | grep web\n$ kubectl run a \\\n    --image=b\n$ ls\n```\n\n```\nkind: Service\nmetadata:\n  name: web\n```\n";
        let found = note(text).expect("a note");
        let names: Vec<&str> = found.manifests.iter().map(|manifest| manifest.name.as_str()).collect();
        assert_eq!(names, ["my.yaml", "web-service.yaml", "web-service-2.yaml"]);
        assert_eq!(found.manifests[1].text, "kind: Service\nmetadata:\n  name: web\n");
        assert_eq!(found.commands, ["kubectl get po,svc -o wide | grep web", "kubectl run a --image=b"]);
    }

    #[test]
    fn a_manifest_with_backquotes_in_it_is_no_note() {
        let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    ```\n    $ kubectl get po\n    ```\n";
        assert_eq!(note(text), None);
        assert_eq!(note("# Only words\n\n```\nls\n```\n"), None);
        assert_eq!(note("a: b\n"), None);
    }
}
