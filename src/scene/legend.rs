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
    let mut roles: Vec<Role> = Vec::new();
    scene.for_each(&mut |shape| {
        if shape.opacity > 0.05 && !roles.contains(&shape.role) {
            roles.push(shape.role);
        }
    });
    let states =
        State::ALL.into_iter().filter(|state| roles.contains(&Role::StateMark(state.hue()))).map(state);
    let looks = LOOKS.iter().filter_map(|look| {
        let role = *roles.iter().find(|role| (look.is)(**role))?;
        let sample = (look.sample)(role);
        Some(Entry { key: look.key, sample, word: text(language, look.word, &[]) })
    });
    states.chain(looks).collect()
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
        is: |role| matches!(role, Role::Ring(_)),
        sample: quarter,
    },
    Look {
        key: "unsettled",
        word: msg!("legend.unsettled"),
        is: |role| matches!(role, Role::CardFrameDashed(_)),
        sample: area,
    },
    Look {
        key: "ghost",
        word: msg!("legend.ghost"),
        is: |role| matches!(role, Role::Ghost(_)),
        sample: area,
    },
    Look {
        key: "owner",
        word: msg!("legend.owner"),
        is: |role| matches!(role, Role::EdgeOwner(_) | Role::EdgeOwnerQuiet(_)),
        sample: arrow,
    },
    Look {
        key: "selects",
        word: msg!("legend.selects"),
        is: |role| matches!(role, Role::EdgeSelects(_)),
        sample: arrow,
    },
    Look {
        key: "message",
        word: msg!("legend.message"),
        is: |role| matches!(role, Role::Message(_)),
        sample: arrow,
    },
    Look {
        key: "answered",
        word: msg!("legend.answered"),
        is: |role| matches!(role, Role::RequestOk(_)),
        sample: dot,
    },
    Look {
        key: "refused",
        word: msg!("legend.refused"),
        is: |role| matches!(role, Role::RequestFailed(_)),
        sample: cross,
    },
    Look {
        key: "shared",
        word: msg!("legend.shared"),
        is: |role| matches!(role, Role::Band(_)),
        sample: area,
    },
    Look {
        key: "apart",
        word: msg!("legend.apart"),
        is: |role| matches!(role, Role::BandApart(_)),
        sample: area,
    },
    Look { key: "span", word: msg!("legend.span"), is: |role| matches!(role, Role::Span(_)), sample: area },
    Look {
        key: "befell",
        word: msg!("legend.befell"),
        is: |role| matches!(role, Role::Region(_)),
        sample: area,
    },
    Look { key: "fold", word: msg!("legend.fold"), is: |role| matches!(role, Role::Fold), sample: wave },
    Look {
        key: "playhead",
        word: msg!("legend.playhead"),
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
