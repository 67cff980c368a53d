//! A recording that is played in the place of the run: the session's own run is put aside whole, and comes back as it was.
//!
//! While a recording is played nothing can be done in it: it has happened. Files are edited as ever, for they are the session's.
//! What is kept and given away is the session's own run, never the recording.

use super::{Action, Session, ViewName};
use crate::api::ObjectKey;
use crate::cluster::record::ClientId;
use crate::cluster::time::SimTime;
use crate::recording::Recording;
use crate::recording::live::Grown;
use crate::timeline::Timeline;
use std::rc::Rc;

/// The recording, and what was there before it.
#[derive(Clone, Debug)]
pub(super) struct Playing {
    recording: Rc<Recording>,
    pub(super) own: Own,
}

/// What of a session belongs to its own run.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) timeline: Timeline,
    pub(super) at: SimTime,
    pub(super) view: ViewName,
    pub(super) selected: Option<ObjectKey>,
    last_command: Option<ClientId>,
}

/// Whether a view shows what a recording holds: objects, and nothing of what happens between them.
pub fn shows_recordings(view: ViewName) -> bool {
    matches!(view, ViewName::Hierarchy | ViewName::Life)
}

impl Session {
    /// The recording that is played in the place of the run.
    pub fn recording(&self) -> Option<&Rc<Recording>> {
        self.playing.as_ref().map(|playing| &playing.recording)
    }
    /// The session's own run, and where it stands.
    pub(super) fn own(&self) -> (&Timeline, SimTime, ViewName, Option<&ObjectKey>) {
        match &self.playing {
            Some(playing) => {
                let own = &playing.own;
                (&own.timeline, own.at, own.view, own.selected.as_ref())
            }
            None => (&self.timeline, self.at, self.view, self.selected.as_ref()),
        }
    }
    /// Plays a recording from its beginning.
    pub(super) fn play_recording(&mut self, recording: Rc<Recording>) {
        let timeline = recording.timeline();
        let view = if shows_recordings(self.view) { self.view } else { ViewName::Hierarchy };
        let own = Own {
            timeline: std::mem::replace(&mut self.timeline, timeline),
            at: std::mem::take(&mut self.at),
            view: std::mem::replace(&mut self.view, view),
            selected: self.selected.take(),
            last_command: self.last_command.take(),
        };
        // What was put aside for another recording is still what to go back to.
        let own = self.playing.take().map_or(own, |playing| playing.own);
        self.playing = Some(Box::new(Playing { recording: recording.clone(), own }));
        if recording.is_live {
            self.grow(Grown { records: Vec::new(), end: recording.end });
        }
    }
    /// Lets the recording of a cluster that is watched grow by what has happened there. Nothing else grows.
    pub fn grow(&mut self, grown: Grown) {
        if self.recording().is_some_and(|recording| recording.is_live) {
            self.timeline.grow(grown.records, grown.end);
        }
    }
    /// Leaves the recording: the session's own run is there again as it was.
    pub(super) fn leave_recording(&mut self) {
        if let Some(Playing { own, .. }) = self.playing.take().map(|playing| *playing) {
            (self.timeline, self.at, self.view) = (own.timeline, own.at, own.view);
            (self.selected, self.last_command) = (own.selected, own.last_command);
        }
    }
    /// Whether an action makes no sense now, because a recording is played.
    pub(super) fn is_past(&self, action: &Action) -> bool {
        if self.playing.is_none() {
            return false;
        }
        match action {
            Action::Command(_)
            | Action::Apply
            | Action::Interrupt(_)
            | Action::Fault(_)
            | Action::Requests(_)
            | Action::StartOver
            | Action::UndoStartOver
            | Action::SetUp(_)
            | Action::LookAt(_)
            | Action::Ask(_)
            | Action::NameBranch(..) => true,
            Action::View(view) => !shows_recordings(*view),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Reader;
    use crate::session::File;

    const WATCH: &str = r#"
        {"t": 0.5, "type": "ADDED", "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata":
            {"name": "theirs", "namespace": "shop", "creationTimestamp": "2026-11-23T18:33:23Z"}}}
        {"t": 4.0, "type": "DELETED", "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata":
            {"name": "theirs", "namespace": "shop", "creationTimestamp": "2026-11-23T18:33:23Z"}}}"#;

    fn recording() -> Rc<Recording> {
        let mut reader = Reader::new(vec![("watch.jsonl".into(), WATCH.into())]).expect("it is text");
        while reader.step().expect("it can be read") {}
        Rc::new(reader.finish().expect("it is read"))
    }

    fn config_maps(session: &Session, at: SimTime) -> Vec<String> {
        let view = session.timeline().at(at);
        view.objects(crate::api::Kind::ConfigMap, Some("shop"))
            .map(|object| object.meta().name.to_string())
            .collect()
    }

    #[test]
    fn a_recording_passes_by_and_leaves_the_session_as_it_was() {
        let mut session = Session::default();
        session.apply(Action::AddFile("a.yaml".into(), "kind: Pod\n".into()));
        session.apply(Action::Command("kubectl create namespace shop".into()));
        while session.run(session.at(), 10_000).0 {}
        session.show(SimTime::millis(700));
        session.apply(Action::View(ViewName::Cluster));
        let (log, digest) = (session.to_json(), session.timeline().history().digest());

        session.apply(Action::PlayRecording(recording()));
        assert_eq!((session.at(), session.view()), (SimTime::ZERO, ViewName::Hierarchy));
        assert_eq!(config_maps(&session, SimTime::millis(500)), ["theirs"]);
        assert_eq!(config_maps(&session, SimTime::millis(4_000)), [""; 0]);
        // What has happened cannot be changed, and what is kept is the session's own.
        for action in [
            Action::Command("kubectl delete namespace shop".into()),
            Action::Apply,
            Action::StartOver,
            Action::View(ViewName::Pod),
        ] {
            session.apply(action);
            assert_eq!(session.view(), ViewName::Hierarchy);
            assert_eq!(config_maps(&session, SimTime::millis(500)), ["theirs"]);
        }
        session.show(SimTime::millis(3_000));
        session.apply(Action::View(ViewName::Life));
        assert_eq!(session.to_json(), log);
        // Another one in its place leads back to the same session.
        session.apply(Action::PlayRecording(recording()));
        session.apply(Action::EditFile("a.yaml".into(), "kind: Service\n".into()));

        session.apply(Action::LeaveRecording);
        assert!(session.recording().is_none());
        let edited = File { name: "a.yaml".into(), text: "kind: Service\n".into() };
        assert!(session.files().contains(&edited), "what was typed meanwhile stays");
        session.apply(Action::EditFile("a.yaml".into(), "kind: Pod\n".into()));
        assert_eq!((session.to_json(), session.timeline().history().digest()), (log, digest));
        session.apply(Action::LeaveRecording);
        assert_eq!(session.timeline().history().digest(), digest);
    }
}
