//! Every view of every recorded scenario, step by step: whether each is fit to be seen.

use crate::play;
use crate::recording::Recording;
use crate::truth;
use podium::api::{Kind, Object, ObjectKey};
use podium::scene::fit::{Fault, PRESENTED, SIZES, Wrong, faults, moved, places};
use podium::scene::views::{self, Entry, Stage};
use podium::scene::{Scene, Target};
use podium::timeline::{Beat, Chapter, Story, View};
use podium::value::Str;
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
    let draw =
        |entry: &Entry, beat: &Beat, size: [f32; 2], language: Language, selection: Option<&Target>| {
            (entry.draw)(&Stage {
                view: timeline.at(beat.to),
                story,
                at: story.tempo.stage(beat.to),
                size,
                selection,
                language,
                compare: None,
            })
        };
    for (place, beat) in story.beats.iter().enumerate().step_by(look.each.max(1)) {
        let chosen = chosen(timeline.at(beat.to), place / look.each.max(1));
        let around = undisturbed(story, place);
        let is_given = match around {
            [_, was, is, _] => owners(timeline.at(was.to)) != owners(timeline.at(is.to)),
            _ => false,
        };
        for entry in views::all() {
            let mut add = |fault: Fault, size: [f32; 2], language: Language| {
                let what = format!("beat {} {} {}: {}", beat.index, size[0], language.code(), fault.text);
                wrong.entry((entry.id, fault.wrong)).or_default().push(what);
            };
            for size in SIZES.into_iter().chain([PRESENTED]) {
                for language in Language::ALL {
                    for selection in
                        [None, chosen.as_ref()].into_iter().take(1 + usize::from(chosen.is_some()))
                    {
                        let scene = draw(entry, beat, size, *language, selection);
                        count += 1;
                        faults(&scene).into_iter().for_each(|fault| add(fault, size, *language));
                    }
                }
                let steps: Vec<Scene> =
                    around.iter().map(|beat| draw(entry, beat, size, Language::En, None)).collect();
                // Room is made a moment before something comes, and kept a moment after it has gone.
                if steps.windows(2).all(|pair| places(&pair[0]).keys().eq(places(&pair[1]).keys()))
                    && let [_, was, is, _] = &steps[..]
                {
                    let moved = moved(was, is);
                    // A Pod that gets its node goes there, and one that gets another owner to that; on a phone a container that has
                    // done its work gives way to what runs.
                    let is_meant = |fault: &Fault| {
                        let gives_way = entry.id == "cluster"
                            || entry.id == "hierarchy" && is_given
                            || entry.id == "pod" && size == SIZES[1];
                        gives_way && fault.text.starts_with("pods/")
                    };
                    if !moved.iter().any(is_meant) {
                        moved.into_iter().for_each(|fault| add(fault, size, Language::En));
                    }
                }
            }
        }
    }
    (count, wrong)
}

/// A step of a chapter with the one before it, another before that, and the one after it; nothing where the chapter has not so many.
fn undisturbed(story: &Story, place: usize) -> &[Beat] {
    let chapter = story.chapters.iter().find(|chapter| chapter.beats.contains(&place));
    // The last step of a chapter is where the next one begins.
    let is_whole = |chapter: &&Chapter| chapter.beats.start + 2 <= place && place + 2 < chapter.beats.end;
    chapter.filter(is_whole).and_then(|_| story.beats.get(place - 2..=place + 1)).unwrap_or_default()
}

/// Whose the Pods are.
fn owners(view: View) -> Vec<(ObjectKey, Option<Str>)> {
    let owner = |pod: &Object| pod.meta().controller().map(|owner| owner.uid.clone());
    view.objects(Kind::Pod, None).map(|pod| (pod.key(), owner(pod))).collect()
}

/// One of the objects that are there, another one at each step.
fn chosen(view: View, turn: usize) -> Option<Target> {
    let kinds = [Kind::Pod, Kind::Service, Kind::Deployment, Kind::ReplicaSet, Kind::Node, Kind::Job];
    let objects = || kinds.into_iter().flat_map(|kind| view.objects(kind, None));
    let count = objects().count().max(1);
    objects().nth(turn % count).map(|object| Target::Object(object.key()))
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
            let (scenes, wrong) = look_at(&recording, Look { seed: 1, each: 40 });
            count += scenes;
            all.extend(wrong);
        }
        assert!(count > 300, "only {count} scenes");
        assert!(all.is_empty(), "{all:#?}");
    }
}
