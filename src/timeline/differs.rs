//! Where a common note about Kubernetes and the cluster differ: at the beat that shows it, what is often written, what happens,
//! and the recording of a real cluster that shows it.

use crate::msg;

/// A difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differs {
    /// The message with what the study note says.
    pub note: &'static str,
    /// The message with what happens.
    pub truth: &'static str,
    /// The recording that shows it.
    pub recording: &'static str,
}

/// The difference that a sentence is about.
pub fn differs(say: &str) -> Option<Differs> {
    let of = |note, truth, recording| Some(Differs { note, truth, recording });
    match say {
        "say.pause-started" | "say.pauses-started" => {
            of(msg!("differs.shared"), msg!("differs.shared-truth"), "14-namespaces")
        }
        "say.init-container-done" => {
            of(msg!("differs.initialized"), msg!("differs.initialized-truth"), "06-init-and-sidecar")
        }
        "say.pod-unschedulable" | "say.pods-unschedulable" => {
            of(msg!("differs.unschedulable"), msg!("differs.unschedulable-truth"), "11-unschedulable")
        }
        "say.endpoint-terminating" | "say.endpoints-terminating" => {
            of(msg!("differs.endpoints"), msg!("differs.endpoints-truth"), "12-deletion")
        }
        "say.signal-sent" | "say.signals-sent" => {
            of(msg!("differs.signal"), msg!("differs.signal-truth"), "12-deletion")
        }
        "say.node-unheard" | "say.pods-unheard" => {
            of(msg!("differs.unknown"), msg!("differs.unknown-truth"), "17-node-goes-silent")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::differs;
    use crate::words::{Language, text};

    #[test]
    fn each_is_of_a_sentence_that_is_said_and_has_its_words() {
        let sentences = [
            "say.pause-started",
            "say.init-container-done",
            "say.pods-unschedulable",
            "say.endpoint-terminating",
            "say.signal-sent",
            "say.node-unheard",
        ];
        for say in sentences {
            let found = differs(say).expect(say);
            for language in Language::ALL {
                for id in [found.note, found.truth] {
                    let text = text(*language, id, &[]);
                    assert!(!text.contains(['{', '[']), "{say}: {text}");
                }
            }
        }
        assert_eq!(differs("say.pod-running"), None);
    }
}
