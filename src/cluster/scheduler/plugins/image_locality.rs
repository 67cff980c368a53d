//! Images that a node already has (upstream: plugins/imagelocality).

use super::super::cache::Cache;
use super::super::node_info::NodeInfo;
use super::super::pod_info::PodInfo;
use super::MOST;

const MB: i64 = 1024 * 1024;
/// Images below this do not count.
const LEAST: i64 = 23 * MB;
/// Above this a container's image counts no more.
const MOST_OF_A_CONTAINER: i64 = 1000 * MB;

/// The image's name as nodes list it, with its tag.
fn normalized(image: &str) -> std::borrow::Cow<'_, str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    if name.contains(':') { image.into() } else { format!("{image}:latest").into() }
}

/// The more bytes are there, the better; an image counts by the share of nodes that have it, so that not all Pods go
/// to the one node that does. None where no node lists an image of the Pod.
pub(super) fn score(pod: &PodInfo, nodes: &[&NodeInfo], cache: &Cache) -> Option<Vec<i64>> {
    let spec = &pod.pod.spec;
    let containers = spec.init_containers.iter().chain(&spec.containers);
    let all = cache.order().len() as i64;
    // Each with the share of nodes that have it.
    let images: Vec<_> = containers
        .map(|container| {
            let name = normalized(&container.image);
            let share = cache.image_nodes(&name) as f64 / all as f64;
            (name, share)
        })
        .collect();
    if images.iter().all(|(_, share)| *share == 0.0) {
        return None;
    }
    let most = MOST_OF_A_CONTAINER * images.len() as i64;
    let score = |node: &&NodeInfo| {
        let bytes = |(image, share): &(std::borrow::Cow<str>, f64)| {
            (node.images.get(&**image).copied().unwrap_or(0) as f64 * share) as i64
        };
        let sum: i64 = images.iter().map(bytes).sum();
        MOST * (sum.clamp(LEAST, most) - LEAST) / (most - LEAST)
    };
    Some(nodes.iter().map(score).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, node, pod_info};
    use super::*;

    #[test]
    fn the_node_with_the_image_is_better() {
        let with = |name: &str, images: &str| node(name, &format!("{{}}\nstatus: {{images: [{images}]}}"));
        let cache = cache_of(
            &[],
            &[
                with(
                    "big",
                    "{names: ['big:1'], sizeBytes: 1048576000}, {names: ['web:latest'], sizeBytes: 524288000}",
                ),
                with("web", "{names: ['web:latest'], sizeBytes: 524288000}"),
                node("none", "{}"),
                node("neither", "{}"),
            ],
        );
        let nodes: Vec<_> = cache.nodes().collect();
        let of = |images: &str| score(&pod_info("a", &format!("containers: [{images}]")), &nodes, &cache);
        // 1000 MB on one of four nodes count as 250.
        assert_eq!(of("{image: 'big:1'}"), Some(vec![23, 0, 0, 0]));
        // 500 MB on two of four nodes count as 250 too; a name without a tag is the latest.
        assert_eq!(of("{image: web}"), Some(vec![23, 23, 0, 0]));
        assert_eq!(of("{image: web}, {image: 'big:1'}"), Some(vec![24, 11, 0, 0]));
        assert_eq!(of("{image: other}"), None);
        assert_eq!(normalized("registry:5000/web"), "registry:5000/web:latest");
    }
}
