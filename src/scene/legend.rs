//! The legend of a scene: what is on it and nothing else, each with its look and its word.

use super::paths::{arrow_head, glyph, ring};
use super::role::Role;
use super::shape::{Scene, Segment, Shape};
use super::tokens::{Hue, State};
use crate::msg;
use crate::words::{Language, text};

/// The size of a sample in pixels.
pub const SAMPLE: [f32; 2] = [34.0, 18.0];

/// One look, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What tells it from others.
    pub key: &'static str,
    /// How it looks, in a box of `SAMPLE`.
    pub sample: Vec<Shape>,
    /// What it means.
    pub word: String,
}

/// What is on a scene, states first.
pub fn legend(scene: &Scene, language: Language) -> Vec<Entry> {
    let mut roles: Vec<(Role, Option<Relation>)> = Vec::new();
    scene.for_each(&mut |shape| {
        let found = (shape.role, relation(shape));
        if shape.opacity > 0.05 && !roles.contains(&found) {
            roles.push(found);
        }
    });
    let is_there = |state: &State| roles.iter().any(|(role, _)| *role == Role::StateMark(state.hue()));
    let states = State::ALL.into_iter().filter(is_there).map(state);
    let looks = LOOKS.iter().filter_map(|look| {
        let is_it = |(role, relation): &&(Role, _)| *relation == look.relation && (look.is)(*role);
        let (role, _) = *roles.iter().find(is_it)?;
        let sample = (look.sample)(role);
        Some(Entry { key: look.key, sample, word: text(language, look.word, &[]) })
    });
    states.chain(looks).collect()
}

/// What a line says that looks as others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// An EndpointSlice lists a Pod.
    Lists,
    /// Somebody uses something.
    Uses,
}

/// What a dotted line says, by its key: `endpointslices/default/web-x/to/web-y/line`.
fn relation(shape: &Shape) -> Option<Relation> {
    if !matches!(shape.role, Role::EdgeSelects(_)) {
        return None;
    }
    match shape.key.as_ref() {
        key if key.starts_with("endpointslices/") => Some(Relation::Lists),
        key if key.contains("/used-by/") || key.contains("/to-volume/") => Some(Relation::Uses),
        _ => None,
    }
}

fn state(state: State) -> Entry {
    let middle = [SAMPLE[0] / 2.0, SAMPLE[1] / 2.0];
    let word = match state {
        State::Pending => "Pending",
        State::Running => "Running",
        State::Succeeded => "Succeeded",
        State::Failed => "Failed",
        State::Unknown => "Unknown",
        State::Terminating => "Terminating",
    };
    Entry {
        key: word,
        sample: vec![
            Shape::circle("mark", Role::StateMark(state.hue()), middle[0], middle[1], 7.0),
            Shape::path("glyph", Role::GlyphOnHue, glyph(state, middle, 7.0)),
        ],
        word: word.to_owned(),
    }
}

/// A look that is no state.
struct Look {
    key: &'static str,
    word: &'static str,
    relation: Option<Relation>,
    is: fn(Role) -> bool,
    sample: fn(Role) -> Vec<Shape>,
}

fn stroke(role: Role) -> Vec<Shape> {
    vec![Shape::line("line", role, [2.0, 9.0], [SAMPLE[0] - 2.0, 9.0])]
}

fn arrow(role: Role) -> Vec<Shape> {
    let mut path = vec![Segment::Move([2.0, 9.0]), Segment::Line([SAMPLE[0] - 2.0, 9.0])];
    let head = arrow_head(&mut path);
    let hue = role.hue().unwrap_or(Hue::Plain);
    let head = head.map(|head| Shape::path("head", Role::ArrowHead(hue), head));
    std::iter::once(Shape::path("line", role, path)).chain(head).collect()
}

fn area(role: Role) -> Vec<Shape> {
    vec![Shape::rect("area", role, [3.0, 2.0, SAMPLE[0] - 6.0, SAMPLE[1] - 4.0], 4.0)]
}

fn dot(role: Role) -> Vec<Shape> {
    vec![Shape::circle("dot", role, SAMPLE[0] / 2.0, SAMPLE[1] / 2.0, 4.5)]
}

fn cross(role: Role) -> Vec<Shape> {
    let [x, y] = [SAMPLE[0] / 2.0, SAMPLE[1] / 2.0];
    let path = vec![
        Segment::Move([x - 4.0, y - 4.0]),
        Segment::Line([x + 4.0, y + 4.0]),
        Segment::Move([x + 4.0, y - 4.0]),
        Segment::Line([x - 4.0, y + 4.0]),
    ];
    vec![Shape::path("cross", role, path)]
}

fn quarter(role: Role) -> Vec<Shape> {
    vec![Shape::path("ring", role, ring([SAMPLE[0] / 2.0, SAMPLE[1] / 2.0], 7.0, 0.7))]
}

fn wave(role: Role) -> Vec<Shape> {
    let points = [[5.0, 11.0], [11.0, 5.0], [17.0, 13.0], [23.0, 5.0], [29.0, 11.0]];
    let path = points.into_iter().enumerate();
    let path =
        path.map(|(place, point)| if place == 0 { Segment::Move(point) } else { Segment::Line(point) });
    vec![Shape::path("wave", role, path.collect())]
}

const LOOKS: &[Look] = &[
    Look {
        key: "ring",
        word: msg!("legend.grace"),
        relation: None,
        is: |role| matches!(role, Role::Ring(_)),
        sample: quarter,
    },
    Look {
        key: "unsettled",
        word: msg!("legend.unsettled"),
        relation: None,
        is: |role| matches!(role, Role::CardFrameDashed(_)),
        sample: area,
    },
    Look {
        key: "ghost",
        word: msg!("legend.ghost"),
        relation: None,
        is: |role| matches!(role, Role::Ghost(_)),
        sample: area,
    },
    Look {
        key: "owner",
        word: msg!("legend.owner"),
        relation: None,
        is: |role| matches!(role, Role::EdgeOwner(_) | Role::EdgeOwnerQuiet(_)),
        sample: arrow,
    },
    Look {
        key: "selects",
        word: msg!("legend.selects"),
        relation: None,
        // Dotted lines of other hues are ways that are not gone.
        is: |role| matches!(role, Role::EdgeSelects(Hue::Service)),
        sample: arrow,
    },
    Look {
        key: "lists",
        word: msg!("legend.lists"),
        relation: Some(Relation::Lists),
        is: |_| true,
        sample: arrow,
    },
    Look {
        key: "uses",
        word: msg!("legend.uses"),
        relation: Some(Relation::Uses),
        is: |_| true,
        sample: arrow,
    },
    Look {
        key: "message",
        word: msg!("legend.message"),
        relation: None,
        is: |role| matches!(role, Role::Message(_)),
        sample: arrow,
    },
    Look {
        key: "answered",
        word: msg!("legend.answered"),
        relation: None,
        is: |role| matches!(role, Role::RequestOk(_)),
        sample: dot,
    },
    Look {
        key: "refused",
        word: msg!("legend.refused"),
        relation: None,
        is: |role| matches!(role, Role::RequestFailed(_)),
        sample: cross,
    },
    Look {
        key: "shared",
        word: msg!("legend.shared"),
        relation: None,
        is: |role| matches!(role, Role::Band(_)),
        sample: area,
    },
    Look {
        key: "apart",
        word: msg!("legend.apart"),
        relation: None,
        is: |role| matches!(role, Role::BandApart(_)),
        sample: area,
    },
    Look {
        key: "span",
        word: msg!("legend.span"),
        relation: None,
        is: |role| matches!(role, Role::Span(_)),
        sample: area,
    },
    Look {
        key: "befell",
        word: msg!("legend.befell"),
        relation: None,
        // A quiet one is the frame of a Namespace, which has its name in it.
        is: |role| matches!(role, Role::Region(hue) if hue != Hue::Quiet),
        sample: area,
    },
    Look {
        key: "fold",
        word: msg!("legend.fold"),
        relation: None,
        is: |role| matches!(role, Role::Fold),
        sample: wave,
    },
    Look {
        key: "playhead",
        word: msg!("legend.playhead"),
        relation: None,
        is: |role| matches!(role, Role::Playhead),
        sample: stroke,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::SimTime;
    use crate::scene::views::testing::{play, scene};

    const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: 'nginx:1.25'}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

    fn words(view: &str, at: u64) -> Vec<String> {
        let timeline = play(
            &[("app.yaml", POD)],
            &[(0, "kubectl apply -f app.yaml"), (20_000, "kubectl delete pod web")],
        );
        let at = SimTime::millis(at);
        let scene =
            scene(view, timeline.history(), timeline.story(), at, [1170.0, 690.0], Language::En, None);
        let entries = legend(&scene, Language::En);
        for entry in &entries {
            assert!(!entry.sample.is_empty() && !entry.word.contains('['), "{entry:?}");
        }
        entries.into_iter().map(|entry| entry.word).collect()
    }

    #[test]
    fn only_what_is_on_stage_is_in_the_legend() {
        let running = words("hierarchy", 15_000);
        assert!(
            running.contains(&"Running".to_owned()) && !running.contains(&"Terminating".to_owned()),
            "{running:?}"
        );
        assert!(running.iter().any(|word| word.contains("selects")), "{running:?}");
        assert!(!running.iter().any(|word| word.contains("befell")), "{running:?}");
        assert!(!running.iter().any(|word| word.contains("ConfigMap")), "{running:?}");
        let ending = words("hierarchy", 20_050);
        assert!(
            ending.contains(&"Terminating".to_owned()) && !ending.contains(&"Running".to_owned()),
            "{ending:?}"
        );
        let inside = words("pod", 15_000);
        assert!(inside.iter().any(|word| word.contains("share")), "{inside:?}");
        assert_eq!(legend(&Scene::default(), Language::En), []);
    }
}
