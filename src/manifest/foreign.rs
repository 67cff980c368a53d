//! Texts that are no manifests and are pasted all the same: templates of Helm, kustomizations, Compose files, commands,
//! Terraform, Dockerfiles, recordings, prose. Each is told once what it is and what to do.

use super::prose::{is_dockerfile, is_prose};
use super::template;
use super::{Diagnostic, Node, NodeKind, Parsed, Severity, Span};
use crate::msg;

/// How many marked lines of a template are told of.
const MOST_MARKS: usize = 200;
/// Programs that lines of a terminal begin with.
const PROGRAMS: &[&str] = &[
    "apt",
    "apt-get",
    "brew",
    "cat",
    "cd",
    "curl",
    "docker",
    "echo",
    "eksctl",
    "export",
    "gcloud",
    "git",
    "helm",
    "k9s",
    "kubeadm",
    "kubectl",
    "kustomize",
    "minikube",
    "podman",
    "sudo",
    "wget",
];
/// What a block of Terraform begins with.
const BLOCKS: &[&str] =
    &["data", "locals", "module", "output", "provider", "resource", "terraform", "variable"];
/// What only a kustomization has, as lists.
const LISTS: &[&str] = &[
    "bases",
    "configMapGenerator",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "resources",
    "secretGenerator",
];
/// What only a kustomization has, as texts.
const TEXTS: &[&str] = &["namePrefix", "nameSuffix"];

/// Says what a text is, where it is none of Kubernetes' own.
pub(super) fn recognise(text: &str, parsed: &mut Parsed) {
    if parsed.diagnostics.iter().any(|found| found.code == template::CODE) {
        return marks(text, parsed);
    }
    if let Some(span) = of_watch(parsed) {
        parsed.is_foreign = true;
        parsed.diagnostics.clear();
        let told = Diagnostic::new(msg!("pasted-recording"), Severity::Hint, span);
        parsed.diagnostics.push(told.consequence(msg!("recording-is-played")));
        return;
    }
    if let Some((code, consequence, span)) = of_text(text) {
        parsed.is_foreign = true;
        // Where the whole is one text to YAML, that is the place that others would complain of.
        let whole =
            parsed.documents.first().filter(|document| !document.broken).map(|document| document.root.span);
        parsed.diagnostics.clear();
        let span = whole.filter(|whole| whole.start <= span.start).unwrap_or(span);
        parsed.diagnostics.push(Diagnostic::new(code, Severity::Error, span).consequence(consequence));
        return;
    }
    for document in &parsed.documents {
        let root = &document.root;
        let kind = root.entry("kind");
        let is_text = |name: &str| root.get(name).is_some_and(|node| !node.is_null());
        let first = root.entries().first().map(|entry| entry.key_span);
        let found = match kind {
            Some(entry) if entry.value.as_str() == Some("Kustomization") => {
                Some((msg!("pasted-kustomization"), msg!("kustomization-is-built-first"), entry.value.span))
            }
            None if root.get("services").is_some_and(|it| matches!(it.kind, NodeKind::Mapping(_))) => {
                first.map(|span| (msg!("pasted-compose"), msg!("compose-is-converted-first"), span))
            }
            None if !is_text("apiVersion") && is_kustomization(root) => {
                first.map(|span| (msg!("pasted-kustomization"), msg!("kustomization-is-built-first"), span))
            }
            _ => None,
        };
        if let Some((code, consequence, span)) = found {
            parsed.diagnostics.push(Diagnostic::new(code, Severity::Error, span).consequence(consequence));
        }
    }
}

/// Whether a mapping without apiVersion and kind has what only a kustomization has, as a kustomization has it.
fn is_kustomization(root: &Node) -> bool {
    let is_list = |name: &&str| root.get(name).is_some_and(|node| matches!(node.kind, NodeKind::Sequence(_)));
    LISTS.iter().any(is_list)
        || TEXTS.iter().any(|name| root.get(name).is_some_and(|node| node.as_str().is_some()))
}

/// Every line of a template that Helm has to fill in.
fn marks(text: &str, parsed: &mut Parsed) {
    parsed.diagnostics.retain(|found| found.code != template::CODE);
    let mut at = 0;
    let mut count = 0;
    for line in text.split_inclusive('\n') {
        if line.contains("{{") && count < MOST_MARKS {
            parsed.diagnostics.push(template::diagnostic(text, at));
            count += 1;
        }
        at += line.len();
    }
}

/// The first event, where a text is what a watch has told, one event after the other.
fn of_watch(parsed: &Parsed) -> Option<Span> {
    let is_event = |root: &Node| {
        let kind = root.get("type").and_then(Node::as_str).unwrap_or_default();
        matches!(kind, "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK")
            && root.get("object").is_some_and(|object| object.get("kind").is_some())
            && root.get("apiVersion").is_none()
    };
    let first = parsed.documents.first().filter(|first| is_event(&first.root))?;
    let key = first.root.entries().first()?;
    Some(key.key_span)
}

/// What the lines say: commands, Terraform, a Dockerfile, or nothing but sentences.
fn of_text(text: &str) -> Option<(&'static str, &'static str, Span)> {
    of_lines(text).or_else(|| {
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
        let start = first.as_ptr() as usize - text.as_ptr() as usize;
        let span = Span::new(start, start + first.trim_end().len());
        if is_dockerfile(text) {
            return Some((msg!("pasted-dockerfile"), msg!("dockerfile-is-built"), span));
        }
        is_prose(text).then_some((msg!("pasted-prose"), msg!("kubectl-refuses-file"), span))
    })
}

/// What the first line says: a command, or a block of Terraform.
fn of_lines(text: &str) -> Option<(&'static str, &'static str, Span)> {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(100) {
        let start = at;
        at += line.len();
        let said = line.trim_end();
        if said.is_empty() || (said.starts_with('#') && !said.starts_with("#!")) || said.starts_with("//") {
            continue;
        }
        let span = Span::new(start, start + said.len());
        let command = said.strip_prefix("$ ").unwrap_or(said);
        let first = command.split_whitespace().next().unwrap_or("");
        let is_command = said.starts_with("#!")
            || (said.starts_with("$ ") && !first.is_empty())
            || (PROGRAMS.contains(&first) && command.len() > first.len() && !command.contains(": "));
        if is_command {
            return Some((msg!("pasted-command"), msg!("command-is-typed"), span));
        }
        let is_block = BLOCKS.contains(&first) && said.ends_with('{') && !said.contains(": ");
        return is_block.then_some((msg!("pasted-terraform"), msg!("terraform-is-applied"), span));
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::manifest::parse;

    fn codes(text: &str) -> Vec<&'static str> {
        parse(text).diagnostics.iter().map(|found| found.code).collect()
    }

    #[test]
    fn texts_that_are_no_manifests_are_recognised() {
        let cases = [
            ("$ kubectl get pods\nNAME READY\n", vec!["pasted-command"]),
            ("# first\nkubectl apply -f web.yaml\n", vec!["pasted-command"]),
            ("#!/bin/sh\nset -e\n", vec!["pasted-command"]),
            ("resource \"aws_instance\" \"web\" {\n  ami = \"x\"\n}\n", vec!["pasted-terraform"]),
            ("services:\n  web:\n    image: nginx\n", vec!["pasted-compose"]),
            ("resources:\n- web.yaml\n", vec!["pasted-kustomization"]),
            ("FROM nginx\nCOPY . /srv\n", vec!["pasted-dockerfile"]),
            ("오늘은 Pod를 배웠습니다.\n\t다음에는 Service입니다.\n", vec!["pasted-prose"]),
            ("Dear all,\nthe cluster is down, and nobody knows why.\n", vec!["pasted-prose"]),
            (
                "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\"}}\n{\"type\":\"DELETED\",\"object\":{\"kind\":\"Pod\"}}\n",
                vec!["pasted-recording"],
            ),
            ("apiVersion: v1\nkind: Pod\ndata: {x: kubectl}\n", vec![]),
            ("kind: Pod\napiVersion: v1\n", vec![]),
        ];
        for (text, expected) in cases {
            assert_eq!(codes(text), expected, "{text}");
        }
    }

    #[test]
    fn every_line_of_a_template_is_marked() {
        let text = "a: {{ .Values.a }}\nb: 1\nc: \"x{{ .Values.c }}\"\n{{- end }}\n";
        let lines: Vec<usize> = parse(text)
            .diagnostics
            .iter()
            .map(|found| text[..found.span.start as usize].matches('\n').count() + 1)
            .collect();
        assert_eq!(lines, [1, 3, 4]);
    }
}
