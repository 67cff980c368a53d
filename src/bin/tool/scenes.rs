//! Every view of every recorded scenario, step by step: whether each is fit to be seen.

use crate::play;
use crate::recording::Recording;
use crate::truth;
use podium::scene::fit::{PRESENTED, SIZES, Wrong, faults};
use podium::scene::views::{self, Stage};
use podium::words::Language;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

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
            _ = writeln!(out, "{} {view}: {fault:?}, {} times: {}", recording.name, examples.len(), {
                examples.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ")
            });
        }
    }
    Ok((count, out))
}

/// What is wrong, by the view and the kind of fault.
type Found = BTreeMap<(&'static str, Wrong), Vec<String>>;

fn look_at(recording: &Recording, look: Look) -> (usize, Found) {
    let timeline = play::timeline(recording, look.seed);
    let story = timeline.story();
    let (mut count, mut wrong) = (0, Found::new());
    for beat in story.beats.iter().step_by(look.each.max(1)) {
        for entry in views::all() {
            for size in SIZES.into_iter().chain([PRESENTED]) {
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
                        let what =
                            format!("beat {} {} {}: {}", beat.index, size[0], language.code(), fault.text);
                        wrong.entry((entry.id, fault.wrong)).or_default().push(what);
                    }
                }
            }
        }
    }
    (count, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_scenarios_are_fit_to_be_seen() {
        // Some steps of some of them here; `cargo xtask scenes tests/truth` looks at all.
        let (mut count, mut all) = (0, Found::new());
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
