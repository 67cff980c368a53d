//! What the page's gallery plays: the recordings that its list names, each as the log of a session.

use crate::play;
use crate::recording::Recording;
use crate::truth;
use podium::session::gallery::{Played, Shown, read};
use std::collections::BTreeSet;
use std::path::Path;

/// The list, as it lies beside the page.
const LIST: &str = include_str!("../../../static/gallery/list.txt");

/// Writes a log for each recording of the list into a folder, and gives how many there are.
pub(crate) fn write(folder: &Path) -> Result<usize, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let list = read(LIST);
    let names = recordings(&list);
    for name in &names {
        let file = folder.join(format!("{name}.json"));
        std::fs::write(&file, log(name)?).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(names.len())
}

fn recordings(list: &[Shown]) -> BTreeSet<&str> {
    list.iter()
        .filter_map(|shown| match &shown.run {
            Played::Recording(name) => Some(&**name),
            Played::Nothing | Played::Example(_) => None,
        })
        .collect()
}

/// The log of a recording's session.
fn log(name: &str) -> Result<String, String> {
    let all = truth::scenarios(Path::new(truth::OWN))?;
    let is_it = |path: &&std::path::PathBuf| {
        path.file_name().is_some_and(|file| file.to_string_lossy().split('.').next() == Some(name))
    };
    let path = all.iter().find(is_it).ok_or_else(|| format!("there is no recording {name}"))?;
    let recording = Recording::read(path).map_err(|error| error.to_string())?;
    Ok(play::session(&recording).to_json())
}

#[cfg(test)]
mod tests {
    use super::*;
    use podium::scene::fit::{SIZES, faults};
    use podium::scene::views::{self, Stage};
    use podium::scene::{Scene, Target};
    use podium::session::Session;
    use podium::timeline::compare::{Against, Comparison};
    use podium::words::Language;

    /// A session with all that is recorded of it for a playhead at its end.
    fn recorded(shown: &Shown) -> Session {
        let log = match &shown.run {
            Played::Recording(name) => Some(log(name).expect("it is recorded")),
            Played::Nothing | Played::Example(_) => None,
        };
        let mut session = shown.session(log.as_deref()).expect("it can be read");
        while session.run(session.at(), usize::MAX).0 {}
        session
    }

    fn draw(shown: &Shown, session: &Session, size: [f32; 2], language: Language) -> Option<Scene> {
        let (timeline, at) = (session.timeline(), session.at());
        let entry =
            views::all().iter().find(|entry| Some(entry.id) == shown.view.map(|view| view.as_str()))?;
        let selection = session.selected().cloned().map(Target::Object);
        let mut compare = None;
        if entry.id == "compare" {
            compare = Comparison::new(timeline, shown.difference.map(Against::from));
            while compare
                .as_mut()
                .is_some_and(|compare| !compare.is_recorded() && compare.run(at, 10_000).is_more)
            {
            }
        }
        Some((entry.draw)(&Stage {
            view: timeline.at(at),
            story: timeline.story(),
            at: timeline.story().tempo.stage(at),
            size,
            selection: selection.as_ref(),
            language,
            compare: compare.as_ref(),
        }))
    }

    #[test]
    fn every_line_of_the_gallery_is_there_and_fit_to_be_seen() {
        let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let list = read(LIST);
        assert_eq!(list.len(), lines.count(), "every line is understood");
        let mut wrong = Vec::new();
        let mut runs: Vec<(&Shown, Session)> = Vec::new();
        for shown in &list {
            let what = shown.caption(Language::En);
            if !runs.iter().any(|(known, _)| known.is_of_run(shown)) {
                runs.push((shown, recorded(shown)));
            }
            let known = runs.iter().find(|(known, _)| known.is_of_run(shown));
            let mut session = known.map(|(_, session)| session.clone()).expect("it is there by now");
            if !shown.settle(&mut session) {
                wrong.push(format!("{what} has no such moment or object"));
            }
            for size in SIZES {
                for language in Language::ALL {
                    // The timeline's lanes are no view; the browser test looks at them.
                    let Some(scene) = draw(shown, &session, size, *language) else { continue };
                    let texts = faults(&scene).into_iter().map(|fault| fault.text);
                    wrong.extend(texts.map(|text| format!("{what} {} {}: {text}", size[0], language.code())));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_recording_is_played_as_it_is_replayed() {
        // By the log of its session as by the acts themselves: nothing is lost on the way through the page's gallery.
        let name = "12-deletion";
        let mut session = Session::from_json(&log(name).expect("it is recorded")).expect("it can be read");
        let path = Path::new(truth::OWN).join(format!("{name}.tar.gz"));
        let replayed = play::timeline(&Recording::read(&path).expect("it is there"), 1);
        let end = session.at();
        while session.run(end, usize::MAX).0 {}
        let texts = |records: &[podium::cluster::record::Record]| {
            let until = records.iter().take_while(|record| record.time <= end);
            until.map(|record| format!("{} {:?}", record.time.0, record.fact)).collect::<Vec<_>>()
        };
        let (here, there) =
            (texts(session.timeline().history().records()), texts(replayed.history().records()));
        assert_eq!(here.len(), there.len());
        assert_eq!(here, there);
    }
}
