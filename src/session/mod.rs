//! The whole state of the app as data: files, the run with its branches, what is looked at.
//!
//! What a person does is an `Action`; `Session::apply` is pure. The page and the replay of a recorded scenario
//! play by it alike. What is kept, reloaded and shared is a versioned log (`json`): the files, the setup, and of
//! each branch what was done in it and when.

pub mod breaking;
pub mod drift;
pub mod examples;
pub mod exchange;
pub mod fitting;
pub mod gallery;
pub mod joining;
mod json;
mod lessons;
pub mod playing;
pub mod reading;
pub mod rehearsal;
pub mod script;
pub mod sending;
mod sharing;
pub mod written;

use crate::api::ObjectKey;
use crate::cluster::fault::Fault;
use crate::cluster::record::{Actor, ClientId, Fact, Message, MessageKind, Record};
use crate::cluster::setup::Setup;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::cluster::traffic::Client;
use crate::kubectl::{Files, SAVED_BY};
use crate::recording::Recording;
use crate::timeline::compare::Against;
use crate::timeline::predictions::Placed;
use crate::timeline::{Act, CommandView, Run, Start, Timeline};
use crate::value::Str;
pub use json::{LoadError, VERSION};
pub use sharing::{Shared, masked_command};
use std::rc::Rc;

/// A file of the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name; no two files have the same.
    pub name: Str,
    /// Its text.
    pub text: Str,
}

crate::words_enum! {
    /// What the stage shows.
    pub enum ViewName {
        /// Who owns whom.
        Hierarchy = "hierarchy",
        /// A Pod from inside.
        Pod = "pod",
        /// The phases of a Pod and what it says of itself.
        Life = "life",
        /// A deletion over time.
        Deletion = "deletion",
        /// Nodes, the control plane, and the messages between them.
        Cluster = "cluster",
        /// Two runs with one difference.
        Compare = "compare",
    }
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Gives a file another text. That only diagnoses: nothing is applied by it.
    EditFile(Str, Str),
    /// Adds a file, under another name where there is one of its name, and opens it.
    AddFile(Str, Str),
    /// Opens a file.
    OpenFile(Str),
    /// Gives a file another name, where no file has it.
    RenameFile(Str, Str),
    /// Takes a file away. It deletes nothing in the cluster.
    RemoveFile(Str),
    /// Begins anew with an example: its files, its acts.
    LoadExample(&'static str),
    /// Gives a command at the playhead.
    Command(Str),
    /// Gives `kubectl apply -f` for the open file.
    Apply,
    /// Ends a command that runs.
    Interrupt(ClientId),
    /// Breaks or mends something.
    Fault(Fault),
    /// Lets a client send requests.
    Requests(Client),
    /// Begins anew with the files as they are. `UndoStartOver` brings the old run back.
    StartOver,
    /// Brings back the run that was before it was begun anew.
    UndoStartOver,
    /// Begins anew with another setup.
    SetUp(Setup),
    /// Looks at another branch.
    LookAt(usize),
    /// Calls a branch so; with an empty text it has its number again.
    NameBranch(usize, Str),
    /// Opens the wait that begins at a moment, or folds it again.
    Unfold(SimTime),
    /// Has a question asked before a step, or none there.
    Ask(Placed),
    /// Compares the run with this.
    CompareWith(Against),
    /// Looks at an object, or at none.
    Select(Option<ObjectKey>),
    /// Shows another view.
    View(ViewName),
    /// Plays what a real cluster did in the place of the run, which is put aside.
    PlayRecording(Rc<Recording>),
    /// Leaves the recording: the run is there again as it was.
    LeaveRecording,
}

/// The session.
#[derive(Clone, Debug)]
pub struct Session {
    files: Vec<File>,
    open: usize,
    /// Counts changes of the files, so that what was read of them can be kept.
    files_revision: u64,
    timeline: Timeline,
    /// Where the playhead stands.
    at: SimTime,
    view: ViewName,
    selected: Option<ObjectKey>,
    /// What the run is compared with, where somebody has chosen it.
    against: Option<Against>,
    /// Where somebody has questions asked, or none, in the order of the steps.
    placed: Vec<Placed>,
    /// The run before it was begun anew, with where its playhead stood, what was asked in it and what it was compared with.
    before: Option<Box<(Timeline, SimTime, Vec<Placed>, Option<Against>)>>,
    /// The command that was given last.
    last_command: Option<ClientId>,
    /// What commands have written that was taken over into the files.
    written: Files,
    /// A recording that is played in the place of the run.
    playing: Option<Box<playing::Playing>>,
}

/// An answer that takes no longer than this, and changes nothing, is there at once.
const AT_ONCE: Micros = 2 * SECOND;

/// So many questions are placed at most.
const MOST_PLACED: usize = 200;

/// The Namespace of kubectl's context where none is said.
const NAMESPACE: &str = "default";

impl Default for Session {
    fn default() -> Self {
        Self::new(Setup::with_seed(1), NAMESPACE, Vec::new())
    }
}

impl Session {
    /// A session in which nothing was done yet. There is always a file.
    pub fn new(setup: Setup, namespace: &str, mut files: Vec<File>) -> Self {
        if files.is_empty() {
            files.push(File { name: "new.yaml".into(), text: Str::default() });
        }
        let start = Start { setup, namespace: namespace.into(), files: Files::new() };
        Self {
            files,
            open: 0,
            files_revision: 0,
            timeline: Timeline::new(start),
            at: SimTime::ZERO,
            view: ViewName::Hierarchy,
            selected: None,
            against: None,
            placed: Vec::new(),
            before: None,
            last_command: None,
            written: Files::new(),
            playing: None,
        }
    }
    /// Becomes another session.
    pub fn replace(&mut self, other: Session) {
        let revision = self.files_revision + 1;
        *self = Session { files_revision: revision, ..other };
    }
    /// The files, in the order of their tabs.
    pub fn files(&self) -> &[File] {
        &self.files
    }
    /// The file that is open.
    pub fn open_file(&self) -> &File {
        &self.files[self.open]
    }
    /// The place of the file that is open.
    pub fn open_place(&self) -> usize {
        self.open
    }
    /// Counts changes of the files.
    pub fn files_revision(&self) -> u64 {
        self.files_revision
    }
    /// The run with its branches.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }
    /// Where the playhead stands.
    pub fn at(&self) -> SimTime {
        self.at
    }
    /// What the stage shows.
    pub fn view(&self) -> ViewName {
        self.view
    }
    /// Where somebody has questions asked, or none.
    pub fn placed(&self) -> &[Placed] {
        &self.placed
    }
    /// The object that is looked at.
    pub fn selected(&self) -> Option<&ObjectKey> {
        self.selected.as_ref()
    }
    /// What the run is compared with, where somebody has chosen it.
    pub fn against(&self) -> Option<Against> {
        self.against
    }
    /// Whether `UndoStartOver` has something to bring back.
    pub fn can_undo_start_over(&self) -> bool {
        self.before.is_some()
    }
    /// The command that was given last in this visit.
    pub fn last_command(&self) -> Option<ClientId> {
        self.last_command
    }
    /// When the command that was given last at the playhead has answered, where it has changed nothing and nobody has to
    /// wait for it: there is nothing to be watched then but its answer.
    pub fn answered(&self) -> Option<SimTime> {
        let client = self.last_command?;
        let history = self.timeline.history();
        let command = history.at(history.end()).command(client)?;
        let (ended, _) = command.ended?;
        let is_write = |record: &Record| match &record.fact {
            Fact::Message(Message { kind: MessageKind::Request(request), .. }) => {
                record.actor == Actor::Kubectl(client) && request.is_write()
            }
            _ => false,
        };
        let is_quick = ended.since(self.at) <= AT_ONCE;
        (is_quick && !history.records_within(self.at, ended).iter().any(is_write)).then_some(ended)
    }
    /// The command that was given last, once it is recorded whole and nobody has to wait for it: what it prints is there at
    /// once, also where the stage takes its time to show what comes of it.
    pub fn answer(&self) -> Option<CommandView<'_>> {
        let history = self.timeline.history();
        let command = history.at(history.end()).command(self.last_command?)?;
        command.ended.is_some_and(|(ended, _)| ended.since(command.began) <= AT_ONCE).then_some(command)
    }
    /// The playhead stands there now: what is acted is acted there.
    pub fn show(&mut self, at: SimTime) {
        self.at = at;
        self.timeline.show(at);
    }
    /// Lets the run be recorded further for a playhead at `at`, by at most `budget` events of the cluster. Gives
    /// whether more is to be done now, and whether anything was recorded.
    pub fn run(&mut self, at: SimTime, budget: usize) -> (bool, bool) {
        let told = |timeline: &Timeline| {
            let story = timeline.story();
            (timeline.history().records().len(), story.is_whole, story.end(), story.rests)
        };
        let before = told(&self.timeline);
        let is_more = self.timeline.record(at, budget);
        let has_changed = before != told(&self.timeline);
        if !is_more && self.playing.is_none() {
            self.take_written_files();
        }
        (is_more, has_changed)
    }
    /// Where the run is that of a first visit, and nothing is recorded of it yet, takes what was stored of it: it is simulated only
    /// when it has to go on. False where it is another.
    pub fn recall(&mut self) -> bool {
        self.timeline.recall(examples::FIRST_VISIT)
    }
    /// Simulates what was recalled as far as the playhead, by at most `budget` events of the cluster. True where more is to be done
    /// now.
    pub fn prepare(&mut self, budget: usize) -> bool {
        self.timeline.prepare(self.at, budget)
    }
    /// Does what a person does.
    pub fn apply(&mut self, action: Action) {
        if self.is_past(&action) {
            return;
        }
        match action {
            Action::EditFile(name, text) => self.edit(&name, text),
            Action::AddFile(name, text) => self.add(name, text),
            Action::OpenFile(name) => self.open = self.position(&name).unwrap_or(self.open),
            Action::RenameFile(name, to) => {
                if let (Some(at), None, false) =
                    (self.position(&name), self.position(&to), to.trim().is_empty())
                {
                    self.files[at].name = to;
                    self.files_revision += 1;
                }
            }
            Action::RemoveFile(name) => self.remove(&name),
            Action::LoadExample(id) => {
                if let Some(example) = examples::named(id) {
                    self.leave_recording();
                    example.load(self);
                }
            }
            Action::Command(line) => self.command(line),
            Action::Apply => self.command(self.open_file().apply_line()),
            Action::Interrupt(client) => self.act(Act::Interrupt(client)),
            Action::Fault(fault) => self.act(Act::Fault(fault)),
            Action::Requests(client) => self.act(Act::Requests(client)),
            Action::StartOver => self.start_over(self.timeline.start().setup.clone()),
            Action::SetUp(setup) => self.start_over(setup),
            Action::UndoStartOver => {
                if let Some(before) = self.before.take() {
                    (self.timeline, self.at, self.placed, self.against) = *before;
                }
            }
            Action::LookAt(branch) => {
                if self.timeline.look_at(branch) {
                    self.at = self.at.min(self.timeline.shown());
                }
            }
            Action::NameBranch(branch, name) => self.timeline.rename(branch, &name),
            Action::Unfold(from) => self.timeline.unfold(from),
            Action::Ask(placed) => self.place(placed),
            Action::CompareWith(against) => self.against = Some(against),
            Action::Select(object) => self.selected = object,
            Action::View(view) => self.view = view,
            Action::PlayRecording(recording) => self.play_recording(recording),
            Action::LeaveRecording => self.leave_recording(),
        }
    }
    fn position(&self, name: &str) -> Option<usize> {
        self.files.iter().position(|file| *file.name == *name)
    }
    fn edit(&mut self, name: &str, text: Str) {
        if let Some(at) = self.position(name)
            && self.files[at].text != text
        {
            self.files[at].text = text;
            self.files_revision += 1;
        }
    }
    fn add(&mut self, name: Str, text: Str) {
        self.files_revision += 1;
        if let Some(same) = self.files.iter().position(|file| file.name == name && file.text == text) {
            self.open = same;
            return;
        }
        // An empty file that was only there because there is always one makes room.
        if self.files.len() == 1 && self.files[0].text.trim().is_empty() {
            self.files.clear();
        }
        self.files.push(File { name: self.free_name(&name), text });
        self.open = self.files.len() - 1;
    }
    /// A name that no file has: `app.yaml`, else `app-2.yaml`.
    fn free_name(&self, name: &str) -> Str {
        let (stem, end) = name.rfind('.').map_or((name, ""), |dot| name.split_at(dot));
        let mut names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{stem}-{n}{end}")));
        names.find(|name| self.position(name).is_none()).unwrap_or_default().into()
    }
    fn remove(&mut self, name: &str) {
        let Some(at) = self.position(name) else { return };
        self.files.remove(at);
        self.files_revision += 1;
        if self.files.is_empty() {
            self.files.push(File { name: "new.yaml".into(), text: Str::default() });
        }
        self.open = self.open.saturating_sub(usize::from(at < self.open)).min(self.files.len() - 1);
    }
    /// Does something in the run at the playhead.
    fn act(&mut self, act: Act) {
        let done = self.timeline.act(self.at, act);
        self.last_command = done.client.or(self.last_command);
    }
    /// Gives a command; it finds the files as the editor has them.
    fn command(&mut self, line: Str) {
        // What the run knows of the files then may be older than what it knows at its end.
        self.timeline.go_back(self.at);
        let known = self.timeline.run().map(Run::files).cloned().unwrap_or_default();
        let changed: Vec<Act> = self
            .files
            .iter()
            .filter(|file| known.get(&file.name) != Some(&file.text))
            .map(|file| Act::File(file.name.clone(), Some(file.text.clone())))
            .chain(
                known
                    .keys()
                    .filter(|name| self.position(name).is_none())
                    .map(|name| Act::File(name.clone(), None)),
            )
            .collect();
        changed.into_iter().for_each(|act| self.act(act));
        self.act(Act::Command(line));
    }
    /// What commands have written is taken over into the files, once.
    fn take_written_files(&mut self) {
        let is_written = |(name, text): &(&Str, &Str)| {
            self.given(name) != Some(*text) && self.written.get(*name) != Some(*text)
        };
        let Some(run) = self.timeline.run() else { return };
        let written: Vec<(Str, Str)> =
            run.files().iter().filter(is_written).map(|(name, text)| (name.clone(), text.clone())).collect();
        for (name, text) in written {
            self.written.insert(name.clone(), text.clone());
            match self.position(&name) {
                Some(place) => self.files[place].text = text,
                None => {
                    self.files.push(File { name, text });
                    // What somebody wanted to edit lies open.
                    if self.files.last().is_some_and(|file| file.saved_by().is_some()) {
                        self.open = self.files.len() - 1;
                    }
                }
            }
            self.files_revision += 1;
        }
    }
    /// The text that the run was given last for a file.
    fn given(&self, name: &str) -> Option<&Str> {
        self.timeline.acts().iter().rev().find_map(|acted| match &acted.act {
            Act::File(given, text) if **given == *name => text.as_ref(),
            _ => None,
        })
    }
    fn start_over(&mut self, setup: Setup) {
        let start = Start { setup, ..self.timeline.start().clone() };
        self.leave_run(Timeline::new(start));
    }
    /// Puts the run aside for another that begins.
    fn leave_run(&mut self, next: Timeline) {
        let old = std::mem::replace(&mut self.timeline, next);
        self.before = Some(Box::new((old, self.at, std::mem::take(&mut self.placed), self.against)));
        // A branch that was chosen to be compared with is one of the run that is left.
        self.against = self.against.filter(|against| matches!(against, Against::Difference(_)));
        self.at = SimTime::ZERO;
        self.last_command = None;
    }
    /// Decides what is asked before a step, in the place of what was decided about it before.
    fn place(&mut self, placed: Placed) {
        let beats = &self.timeline.story().beats;
        let beat = beats.iter().find(|beat| placed.is_at(beat));
        self.placed.retain(|other| other.at != placed.at && !beat.is_some_and(|beat| other.is_at(beat)));
        let place = self.placed.partition_point(|other| other.at < placed.at);
        if self.placed.len() < MOST_PLACED {
            self.placed.insert(place, placed);
        }
    }
}

impl File {
    /// The command that sends the file: the one that it names itself where `kubectl edit` has written it, else `apply`.
    pub fn apply_line(&self) -> Str {
        self.saved_by().map_or_else(|| apply_line(&self.name), Str::from)
    }
    fn saved_by(&self) -> Option<&str> {
        self.text.lines().take(8).find_map(|line| line.strip_prefix(SAVED_BY))
    }
}

/// The command that applies a file.
fn apply_line(name: &str) -> Str {
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c));
    if is_plain {
        format!("kubectl apply -f {name}").into()
    } else {
        format!("kubectl apply -f '{}'", name.replace('\'', "'\\''")).into()
    }
}

#[cfg(test)]
mod tests;
