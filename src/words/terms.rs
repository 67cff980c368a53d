//! Which words of a sentence can be asked: where the terms of `terms.txt` stand in a text.

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What is no term, or one that stood before.
    Text(&'a str),
    /// A term: the message that says what it is, and the word as it stands.
    Term(&'static str, &'a str),
}

/// The messages of the terms, each with the words by which the languages call it; the longer word wins.
const WORDS: &[(&str, &[&str])] = &[
    ("term.linux-namespace", &["Linux namespace", "Linux namespaces"]),
    ("term.pod", &["Pod", "Pods"]),
    ("term.container", &["container", "containers", "컨테이너"]),
    ("term.pause", &["pause"]),
    ("term.sandbox", &["sandbox"]),
    ("term.namespace", &["Namespace", "Namespaces"]),
    ("term.net", &["net"]),
    ("term.ipc", &["ipc"]),
    ("term.uts", &["uts"]),
    ("term.pid", &["PID 1"]),
    ("term.deployment", &["Deployment", "Deployments"]),
    ("term.replica-set", &["ReplicaSet", "ReplicaSets"]),
    ("term.stateful-set", &["StatefulSet"]),
    ("term.daemon-set", &["DaemonSet"]),
    ("term.job", &["Job", "Jobs"]),
    ("term.cron-job", &["CronJob"]),
    ("term.service", &["Service", "Services"]),
    ("term.endpoint-slice", &["EndpointSlice", "EndpointSlices"]),
    ("term.endpoint", &["endpoint", "endpoints", "엔드포인트"]),
    ("term.pod-disruption-budget", &["PodDisruptionBudget"]),
    ("term.persistent-volume-claim", &["claim", "클레임"]),
    ("term.persistent-volume", &["volume", "볼륨"]),
    ("term.node", &["node", "nodes", "노드"]),
    ("term.control-plane", &["control plane", "컨트롤 플레인"]),
    ("term.api-server", &["API server", "API 서버"]),
    ("term.etcd", &["etcd"]),
    ("term.controller", &["controller", "controllers", "컨트롤러"]),
    ("term.garbage-collector", &["garbage collector", "가비지 컬렉터"]),
    ("term.scheduler", &["scheduler", "스케줄러"]),
    ("term.kubelet", &["kubelet", "kubelets"]),
    ("term.container-runtime", &["container runtime", "container runtimes", "컨테이너 런타임"]),
    ("term.kube-proxy", &["kube-proxy"]),
    ("term.iptables", &["rules", "규칙"]),
    ("term.watch", &["watch", "watches", "watchers"]),
    ("term.object", &["object", "objects", "오브젝트"]),
    ("term.phase", &["phase"]),
    ("term.condition", &["condition"]),
    ("term.selector", &["selects"]),
    ("term.revision", &["revision", "리비전"]),
    ("term.signal", &["signal", "신호"]),
    ("term.sigterm", &["SIGTERM"]),
    ("term.sigquit", &["SIGQUIT"]),
    ("term.sigkill", &["SIGKILL"]),
    ("term.grace-period", &["grace period", "유예 시간", "유예 기간"]),
    ("term.pre-stop", &["preStop"]),
    ("term.deletion-timestamp", &["deletionTimestamp"]),
    ("term.finalizer", &["finalizer", "finalizers"]),
    ("term.init-container", &["init container", "init 컨테이너"]),
    ("term.readiness-probe", &["readiness probe", "readiness probes"]),
    ("term.crash-loop-back-off", &["CrashLoopBackOff"]),
    ("term.image", &["image", "이미지"]),
    ("term.registry", &["registry", "레지스트리"]),
    ("term.taint", &["taint"]),
    ("term.exit-code", &["exit code", "종료 코드"]),
    ("term.eviction", &["evicts", "evict", "축출"]),
    ("term.config-map", &["ConfigMap", "ConfigMaps"]),
    ("term.secret", &["Secret", "Secrets"]),
    ("term.sidecar", &["sidecar", "sidecars", "사이드카"]),
    ("term.mnt", &["mnt"]),
    ("term.status-column", &["STATUS"]),
    ("term.pending", &["Pending"]),
    ("term.running", &["Running"]),
    ("term.succeeded", &["Succeeded"]),
    ("term.failed", &["Failed"]),
    ("term.unknown", &["Unknown"]),
    ("term.terminating", &["Terminating"]),
    ("term.container-creating", &["ContainerCreating"]),
    ("term.err-image-pull", &["ErrImagePull"]),
    ("term.image-pull-back-off", &["ImagePullBackOff"]),
    ("term.oom-killed", &["OOMKilled"]),
    ("term.pod-scheduled", &["PodScheduled"]),
    ("term.pod-ready-to-start-containers", &["PodReadyToStartContainers"]),
    ("term.initialized", &["Initialized"]),
    ("term.containers-ready", &["ContainersReady"]),
    ("term.ready", &["Ready"]),
    ("term.max-surge", &["maxSurge"]),
    ("term.max-unavailable", &["maxUnavailable"]),
    ("term.chain-services", &["KUBE-SERVICES"]),
    ("term.chain-svc", &["KUBE-SVC"]),
    ("term.chain-sep", &["KUBE-SEP"]),
    ("term.node-resources-fit", &["NodeResourcesFit"]),
    ("term.taint-toleration", &["TaintToleration"]),
    ("term.node-affinity", &["NodeAffinity"]),
    ("term.node-unschedulable", &["NodeUnschedulable"]),
    ("term.node-ports", &["NodePorts"]),
    ("term.inter-pod-affinity", &["InterPodAffinity"]),
    ("term.pod-topology-spread", &["PodTopologySpread"]),
    ("term.volume-binding", &["VolumeBinding"]),
];

/// The pieces of a text, in order. Each term is asked once in it, and none within what is quoted, such as a command; that is empty
/// where nothing is.
///
/// ```
/// use podium::words::terms::{Piece, pieces};
///
/// let found = pieces("The kubelet watches", "");
/// assert_eq!(found[1], Piece::Term("term.kubelet", "kubelet"));
/// ```
pub fn pieces<'a>(text: &'a str, quoted: &str) -> Vec<Piece<'a>> {
    let quoted = text.find(quoted).map_or(0..0, |from| from..from + quoted.len());
    let mut pieces = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while at < text.len() {
        if quoted.contains(&at) {
            at = quoted.end;
            continue;
        }
        match term_at(text, at).filter(|(id, _)| !asked.contains(id)) {
            Some((id, word)) => {
                if plain < at {
                    pieces.push(Piece::Text(&text[plain..at]));
                }
                pieces.push(Piece::Term(id, &text[at..at + word]));
                asked.push(id);
                at += word;
                plain = at;
            }
            // Past the word, or a term within a name such as `web-node` would be found.
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if plain < text.len() {
        pieces.push(Piece::Text(&text[plain..]));
    }
    pieces
}

/// What is held together has at most so many characters: what is longer may not fit into a line.
const HELD: usize = 24;

/// The pieces in stretches, each with whether a line may not end in it: a short name with hyphens, and a term with the particle
/// or the full stop behind it. A browser would end a line in both.
pub fn stretches<'a>(pieces: &[Piece<'a>]) -> Vec<(bool, Vec<Piece<'a>>)> {
    let atoms: Vec<Piece<'a>> = pieces.iter().flat_map(|piece| atoms(*piece)).collect();
    let is_space = |piece: &Piece| matches!(piece, Piece::Text(" "));
    let mut stretches: Vec<(bool, Vec<Piece<'a>>)> = Vec::new();
    for word in atoms.chunk_by(|before, after| !is_space(before) && !is_space(after)) {
        match stretches.last_mut() {
            Some((false, plain)) if !is_held(word) => plain.extend(word),
            _ => stretches.push((is_held(word), word.to_vec())),
        }
    }
    stretches
}

/// The words and the spaces of a text; a term as it is.
fn atoms(piece: Piece<'_>) -> Vec<Piece<'_>> {
    let Piece::Text(text) = piece else { return vec![piece] };
    let parted = text.split_inclusive(' ').flat_map(|word| match word.strip_suffix(' ') {
        Some(word) => [word, " "],
        None => [word, ""],
    });
    parted.filter(|atom| !atom.is_empty()).map(Piece::Text).collect()
}

fn is_held(word: &[Piece<'_>]) -> bool {
    let texts = word.iter().map(|piece| match *piece {
        Piece::Text(text) | Piece::Term(_, text) => text,
    });
    let has_term = word.iter().any(|piece| matches!(piece, Piece::Term(..)));
    let has_hyphen = word.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains('-')));
    (has_hyphen || has_term && word.len() > 1)
        && texts.map(|text| text.chars().count()).sum::<usize>() <= HELD
}

/// The longest term that begins at a byte, with its length.
fn term_at(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let rest = &text[at..];
    let is_inside = |before: char| before.is_alphanumeric() || "-_./".contains(before);
    if text[..at].chars().next_back().is_some_and(is_inside) {
        return None;
    }
    // A Korean particle follows a word at once.
    let ends = |word: &str| {
        let after = rest[word.len()..].chars().next();
        let is_hangul = |sign: char| ('가'..='힣').contains(&sign);
        word.chars().all(|sign| is_hangul(sign) || sign == ' ')
            || after
                .is_none_or(|after| is_hangul(after) || !(after.is_alphanumeric() || "-_/".contains(after)))
    };
    let fits = |word: &&&str| rest.starts_with(**word) && ends(word);
    let found = WORDS
        .iter()
        .filter_map(|(id, words)| Some((*id, words.iter().filter(fits).map(|word| word.len()).max()?)));
    found.max_by_key(|(_, length)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, ids, text};

    fn terms(text: &str) -> Vec<(&str, &str)> {
        let terms = pieces(text, "").into_iter().filter_map(|piece| match piece {
            Piece::Term(id, word) => Some((id, word)),
            Piece::Text(_) => None,
        });
        terms.collect()
    }

    #[test]
    fn short_names_and_terms_with_their_particles_are_held_together() {
        let held = |text: &str| {
            let stretches = stretches(&pieces(text, ""));
            let texts = |pieces: &[Piece<'_>]| -> String {
                let text = |piece: &Piece<'_>| match *piece {
                    Piece::Text(text) | Piece::Term(_, text) => text.to_owned(),
                };
                pieces.iter().map(text).collect()
            };
            let whole: String = stretches.iter().map(|(_, pieces)| texts(pieces)).collect();
            assert_eq!(whole, text);
            let held = stretches.iter().filter(|(is_held, _)| *is_held);
            held.map(|(_, pieces)| texts(pieces)).collect::<Vec<_>>()
        };
        assert_eq!(held("On node-1 the kubelet starts nginx."), ["node-1"]);
        assert_eq!(held("스케줄러가 Pod를 node-2에 둡니다."), ["스케줄러가", "Pod를", "node-2에"]);
        assert_eq!(held("The API server sends no SIGTERM."), ["SIGTERM."]);
        assert_eq!(held("It ends web-6d7f8f9c5-abcde-of-a-long-name  now"), [""; 0]);
    }

    #[test]
    fn no_term_is_asked_within_a_command() {
        let command = "kubectl delete pod kubelet";
        let said = format!("{command} goes to the API server, and the kubelet waits.");
        let terms = |quoted| {
            let pieces = pieces(&said, quoted).into_iter();
            pieces.filter_map(|piece| match piece {
                Piece::Term(_, word) => Some(word.to_owned()),
                Piece::Text(_) => None,
            })
        };
        assert_eq!(terms(command).collect::<Vec<_>>(), ["API server", "kubelet"]);
        assert_eq!(terms("").next().as_deref(), Some("kubelet"));
    }

    #[test]
    fn terms_are_found_whole_and_once() {
        assert_eq!(
            terms("The ReplicaSet web-node wants 3 Pods and a Pod; Linux namespaces, not a Namespace."),
            [
                ("term.replica-set", "ReplicaSet"),
                ("term.pod", "Pods"),
                ("term.linux-namespace", "Linux namespaces"),
                ("term.namespace", "Namespace"),
            ]
        );
        assert_eq!(
            terms("kubelet은 컨테이너 런타임에 PID 1로 SIGTERM을 보내게 합니다."),
            [
                ("term.kubelet", "kubelet"),
                ("term.container-runtime", "컨테이너 런타임"),
                ("term.pid", "PID 1"),
                ("term.sigterm", "SIGTERM"),
            ]
        );
    }

    #[test]
    fn a_word_that_means_more_than_one_thing_says_each() {
        for (word, en, ko) in [
            ("Pending", &["Pod", "claim"][..], &["Pod", "클레임"][..]),
            ("Failed", &["Pod", "Job", "volume"], &["Pod", "Job", "볼륨"]),
            ("Unknown", &["condition", "Pod"], &["condition", "Pod"]),
            ("Ready", &["Pod", "node", "endpoint"], &["Pod", "노드", "엔드포인트"]),
            ("ErrImagePull", &["ImagePullBackOff"], &["ImagePullBackOff"]),
        ] {
            let found = terms(word);
            let [(id, _)] = found[..] else { panic!("{word} is {found:?}") };
            for (language, said) in [(Language::En, en), (Language::Ko, ko)] {
                let sentence = text(language, id, &[]);
                let missing: Vec<&&str> = said.iter().filter(|one| !sentence.contains(**one)).collect();
                assert!(missing.is_empty(), "{word} in {language} says nothing of {missing:?}: {sentence}");
            }
        }
    }

    #[test]
    fn the_pieces_are_the_text() {
        for language in Language::ALL {
            for id in ids("say.").chain(ids("differs.")) {
                let said = text(*language, id, &[]);
                let joined: String = pieces(&said, "")
                    .into_iter()
                    .map(|piece| match piece {
                        Piece::Text(text) | Piece::Term(_, text) => text,
                    })
                    .collect();
                assert_eq!(joined, said);
            }
        }
    }

    #[test]
    fn every_term_has_a_message_and_many_are_asked_in_each_language() {
        let known: Vec<&str> = ids("term.").collect();
        for (id, _) in WORDS {
            assert!(known.contains(id), "{id} has no message");
        }
        for language in Language::ALL {
            let said: String = ids("say.").map(|id| text(*language, id, &[]) + "\n").collect();
            assert!(terms(&said).len() >= 40, "{language}: {}", terms(&said).len());
        }
    }
}
