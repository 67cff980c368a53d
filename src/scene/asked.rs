//! The words on a scene that can be asked.

use super::shape::{Geometry, Scene};
use crate::words::terms::{Piece, pieces};

/// So many words are offered at most.
const MOST: usize = 24;

/// The terms that stand on a scene, each once, in the order in which they are drawn: the message that says what it is, and the
/// word as it stands.
pub fn asked(scene: &Scene) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    scene.for_each(&mut |shape| {
        let text = match &shape.geometry {
            Geometry::Text { text, .. } => Some(&**text),
            _ => None,
        };
        // A card says its kind in capitals; its name has it as it is written.
        for piece in shape.name.as_deref().into_iter().chain(text).flat_map(|text| pieces(text, "")) {
            let Piece::Term(id, word) = piece else { continue };
            if found.len() < MOST && found.iter().all(|(known, _)| *known != id) {
                found.push((id, word.to_owned()));
            }
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::SimTime;
    use crate::scene::views::testing::{play, scene};
    use crate::words::Language;

    const PODS: &str = "apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: 'nginx:1.25'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: large}
spec: {containers: [{name: web, image: 'nginx:1.25', resources: {requests: {cpu: 99}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

    #[test]
    fn the_words_of_each_view_can_be_asked() {
        let timeline = play(&[("app.yaml", PODS)], &[(0, "kubectl apply -f app.yaml")]);
        let at = SimTime::millis(15_000);
        for (view, some) in [
            ("hierarchy", &["term.service", "term.running"][..]),
            ("pod", &["term.pause", "term.net", "term.ipc", "term.mnt"]),
            ("life", &["term.pending", "term.succeeded", "term.pod-scheduled", "term.ready"]),
            ("cluster", &["term.api-server", "term.etcd", "term.kubelet", "term.node-resources-fit"]),
        ] {
            for language in Language::ALL {
                let scene =
                    scene(view, timeline.history(), timeline.story(), at, [1170.0, 690.0], *language, None);
                let found: Vec<&str> = asked(&scene).into_iter().map(|(id, _)| id).collect();
                for id in some {
                    assert!(found.contains(id), "{view} {language}: {id} is not in {found:?}");
                }
            }
        }
        assert_eq!(asked(&Scene::default()), []);
    }
}
