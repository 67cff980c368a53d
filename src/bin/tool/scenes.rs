//! Every view of every recorded scenario, step by step: whether each is fit to be seen.

use crate::play;
use crate::recording::Recording;
use crate::truth;
use podium::scene::fit::faults;
use podium::scene::views::{self, Stage};
use podium::words::Language;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The stages: beside the editor of a page of 1600 x 900, and a phone's.
const SIZES: [[f32; 2]; 2] = [[1170.0, 690.0], [390.0, 560.0]];

/// How many examples of a fault are told.
const SHOWN: usize = 3;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Chance.
    pub(crate) seed: u64,
    /// Each so-and-so-many-th step.
    pub(crate) each: usize,
}

/// Looks at the scenarios in a folder: how many scenes there were, and what is wrong with some.
pub(crate) fn table(folder: &Path, look: Look) -> Result<(usize, String), String> {
    let (mut count, mut out) = (0, String::new());
    for scenario in truth::scenarios(folder)? {
        let recording = Recording::read(&scenario).map_err(|error| error.to_string())?;
        let (scenes, wrong) = look_at(&recording, look);
        count += scenes;
        for ((view, fault), examples) in wrong {
            _ = writeln!(out, "{} {view}: {fault}, {} times: {}", recording.name, examples.len(), {
                examples.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ")
            });
        }
    }
    Ok((count, out))
}

/// What is wrong, by the view and the kind of fault.
type Wrong = BTreeMap<(&'static str, &'static str), Vec<String>>;

fn look_at(recording: &Recording, look: Look) -> (usize, Wrong) {
    let timeline = play::timeline(recording, look.seed);
    let story = timeline.story();
    let (mut count, mut wrong) = (0, Wrong::new());
    for beat in story.beats.iter().step_by(look.each.max(1)) {
        for entry in views::all() {
            for size in SIZES {
                for language in Language::ALL {
                    let scene = (entry.draw)(&Stage {
                        view: timeline.at(beat.to),
                        story,
                        at: story.tempo.stage(beat.to),
                        size,
                        selection: None,
                        language: *language,
                        compare: None,
                    });
                    count += 1;
                    for fault in faults(&scene) {
                        let what = format!("beat {} {} {}: {fault}", beat.index, size[0], language.code());
                        wrong.entry((entry.id, kind(&fault))).or_default().push(what);
                    }
                }
            }
        }
    }
    (count, wrong)
}

/// The kind of a fault: alike ones are told together.
fn kind(fault: &str) -> &'static str {
    let kinds = [
        ("lies over", "a text over another"),
        ("leaves the scene", "a text outside"),
        ("are called", "a key twice"),
        ("has no name", "something without a name"),
        (" shapes", "too many shapes"),
    ];
    kinds.iter().find(|(sign, _)| fault.contains(sign)).map_or("another", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_scenarios_are_fit_to_be_seen() {
        // Some steps of some of them here; `cargo xtask scenes tests/truth` looks at all.
        let (mut count, mut all) = (0, Wrong::new());
        for scenario in truth::scenarios(Path::new(truth::OWN)).expect("they are there").iter().step_by(6) {
            let recording = Recording::read(scenario).expect("it can be read");
            let (scenes, wrong) = look_at(&recording, Look { seed: 1, each: 20 });
            count += scenes;
            all.extend(wrong);
        }
        assert!(count > 300, "only {count} scenes");
        assert!(all.is_empty(), "{all:#?}");
    }
}
