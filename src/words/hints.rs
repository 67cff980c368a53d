//! What Podium itself says in the terminal, in the language of the page. The terminal's text is the same in every language, so that
//! a run is; a line of Podium's own is told in another one only where it is shown.

use super::{Language, text};
use crate::manifest::Arg;
use crate::msg;
use std::borrow::Cow;

/// What such a line begins with.
const MARK: &str = "podium: ";

/// The messages whose English texts are those of the terminal. The first that fits counts.
const HINTS: &[&str] = &[
    msg!("hint.editor"),
    msg!("hint.docker"),
    msg!("hint.node"),
    msg!("hint.network"),
    msg!("hint.cluster"),
    msg!("hint.helm"),
    msg!("hint.kustomize"),
    msg!("hint.jq"),
    msg!("hint.folder"),
    msg!("hint.near"),
    msg!("hint.on-node"),
    msg!("hint.crictl"),
    msg!("hint.no-node"),
    msg!("hint.shell"),
    msg!("hint.debug-shell"),
    msg!("hint.edit-open"),
    msg!("hint.background"),
    msg!("hint.loop"),
    msg!("hint.deep"),
    msg!("hint.awk"),
    msg!("hint.sed"),
    msg!("hint.kustomization"),
    msg!("hint.too-large"),
    msg!("hint.not-simulated"),
];

/// A text of the terminal as it is shown in a language.
///
/// ```
/// use podium::words::{Language, hints::said};
///
/// assert_eq!(said(Language::Ko, "podium: perhaps kubectl\n"), "podium: 혹시 kubectl인가요?\n");
/// assert_eq!(said(Language::En, "podium: perhaps kubectl\n"), "podium: perhaps kubectl\n");
/// ```
pub fn said(language: Language, printed: &str) -> Cow<'_, str> {
    if language == Language::En || !printed.contains(MARK) {
        return Cow::Borrowed(printed);
    }
    let line =
        |line: &str| match line.strip_prefix(MARK).and_then(|hint| in_language(language, hint.trim_end())) {
            Some(hint) => format!("{MARK}{hint}{}", if line.ends_with('\n') { "\n" } else { "" }),
            None => line.to_owned(),
        };
    Cow::Owned(printed.split_inclusive('\n').map(line).collect())
}

fn in_language(language: Language, hint: &str) -> Option<String> {
    HINTS.iter().find_map(|id| {
        let values = Language::En.message(id)?.values_in(hint)?;
        let args: Vec<(&str, Arg)> =
            values.into_iter().map(|(name, value)| (name, Arg::from(value))).collect();
        Some(text(language, id, &args))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hint_of_the_terminal_is_told_in_korean() {
        for hint in [
            "files are changed in the editor of the page",
            "the stage shows the containers of a Pod, and node node-1 -- crictl ps those of a node",
            "that is a command for a node: node node-1 -- iptables-save, lsns, ps -ef, crictl pods",
            "there is no network here, but in a Pod: kubectl exec POD -- wget -qO- URL",
            "a cluster runs here already: kubectl get nodes",
            "a file takes what helm template prints",
            "kubectl builds it: kubectl kustomize FOLDER",
            "kubectl has -o jsonpath and custom-columns",
            "all files lie in one folder",
            "perhaps kubectl",
            "on a node there are crictl, hostname, iptables-save, lsns and ps",
            "of crictl there are ps [-a], pods and inspectp POD-ID",
            "there is no node node-9",
            "no one types into bash here: give it a command, as in -- sh -c 'ls /'",
            "no one types into debugger here: give it commands, as in kubectl exec web -c debugger -- ls /",
            "pod/p lies open in the editor of the page as kubectl-edit-pod-p.yaml. Change it there, then save it with:",
            "sleep 1 &: jobs in the background are not here",
            "a loop went round 50000 times and never waited. A sleep in it lets the time go on.",
            "too deep",
            "awk '{x}' is not here: it knows conditions and print",
            "sed 'y/a/b/' is not here: it knows s, d and p",
            "helmCharts of a kustomization is not built here",
            "big.yaml is larger than the 5 MiB that are read here",
            "kubectl proxy is not simulated",
        ] {
            let told = in_language(Language::Ko, hint).unwrap_or_default();
            assert!(told.chars().any(|sign| ('가'..='힣').contains(&sign)), "{hint}: {told}");
            // The English message is the hint itself.
            assert_eq!(in_language(Language::En, hint).as_deref(), Some(hint));
        }
        assert_eq!(
            said(
                Language::Ko,
                "bash: vi: command not found\npodium: files are changed in the editor of the page\n"
            ),
            "bash: vi: command not found\npodium: 파일은 이 페이지의 편집기에서 고칩니다.\n"
        );
    }
}
