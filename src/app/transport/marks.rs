//! What is marked on the track: where beats end, where waits fold, where somebody acted, where branches begin.

use podium::cluster::time::SimTime;
use podium::scene::Hue;
use podium::timeline::{Beat, Branch, RowKey, StageTime, Story};

/// The marks of a track, at places from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Marks {
    /// Where beats end, each in the colour of its branch or of its kind.
    pub(super) ticks: Vec<(f32, Hue)>,
    /// Where somebody acted.
    pub(super) acts: Vec<f32>,
    /// Where waits fold: from and to.
    pub(super) folds: Vec<(f32, f32)>,
    /// Where branches begin.
    pub(super) forks: Vec<f32>,
    /// Where a recording first differs from its simulation.
    pub(super) differs: Option<f32>,
}

impl Marks {
    /// The marks of a story until a moment. `forks` are the moments at which branches begin.
    pub(super) fn of(story: &Story, until: SimTime, forks: &[StageTime]) -> Marks {
        let place = |at: StageTime| share(at, story.tempo.duration());
        let tick = |beat: &Beat| (place(story.tempo.stage(beat.to)), hue(beat));
        let folds = story.tempo.folds().iter().filter(|fold| fold.to <= until);
        Marks {
            ticks: story.beats.iter().filter(|beat| beat.to <= until).map(tick).collect(),
            acts: story
                .chapters
                .iter()
                .skip(1)
                .filter(|chapter| chapter.from <= until)
                .map(|chapter| place(story.tempo.stage(chapter.from)))
                .collect(),
            folds: folds.map(|fold| (place(fold.at), place(fold.until))).collect(),
            forks: forks.iter().map(|fork| place(*fork)).collect(),
            differs: None,
        }
    }
}

/// How far along the track a moment is, from 0 to 1.
pub(super) fn share(at: StageTime, whole: StageTime) -> f32 {
    if whole.0 == 0 { 0.0 } else { (at.0 as f64 / whole.0 as f64) as f32 }
}

/// The colour of a beat: its branch's, else that of what it happens to.
pub(in crate::app) fn hue(beat: &Beat) -> Hue {
    match beat.branch {
        Some(Branch::Kubelet) => Hue::BranchA,
        Some(Branch::Endpoints) => Hue::BranchB,
        None => beat.subjects.first().map_or(Hue::Plain, of_row),
    }
}

fn of_row(row: &RowKey) -> Hue {
    match row {
        RowKey::Object(key) => Hue::of_kind(key.kind),
        RowKey::Sandbox(_)
        | RowKey::Container(_)
        | RowKey::Process(..)
        | RowKey::Pull(..)
        | RowKey::Hook(..)
        | RowKey::Signals(_) => Hue::Pod,
        RowKey::Rules(..) | RowKey::Request(_) => Hue::Service,
        RowKey::Command(_) => Hue::Plain,
    }
}
