//! The examples of the picker: files, and what is done with them. They are data: the texts lie beside this file.

use super::{Action, File, Session, ViewName, apply_line};
use crate::api::read::read;
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::{SECOND, SimTime};
use crate::cluster::traffic::{Client, Sender};
use crate::msg;
use crate::timeline::{Act, Acted, Start, Timeline};
use crate::value::Str;

/// An example.
#[derive(Debug)]
pub struct Example {
    /// Its name in addresses and in `Action::LoadExample`.
    pub id: &'static str,
    /// The message that is its title.
    pub title: &'static str,
    /// The message that says what it shows.
    pub about: &'static str,
    /// The view that shows it best.
    pub view: ViewName,
    files: &'static [(&'static str, &'static str)],
    /// What is done, at milliseconds.
    steps: &'static [(u64, Step)],
    /// The object that is looked at.
    selected: Option<(Kind, &'static str, &'static str)>,
}

/// Something that an example does.
#[derive(Debug)]
enum Step {
    /// Applies a file.
    Apply(&'static str),
    /// Gives a command.
    Command(&'static str),
    /// Sends so many requests a second for so many seconds to port 80 of the Service `web`, from the first node.
    Requests(u32, u64),
    /// The second node loses its power.
    NodeDies,
}

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("examples/", $name)))
    };
}

/// A deletion behind a Service with two endpoints.
macro_rules! deletion {
    ($id:literal, $file:literal, $title:expr, $about:expr) => {
        Example {
            id: $id,
            title: $title,
            about: $about,
            view: ViewName::Deletion,
            files: &[file!($file)],
            steps: &[
                (0, Step::Apply($file)),
                (6_000, Step::Requests(20, 14)),
                (9_000, Step::Command("kubectl delete pod web-a")),
            ],
            selected: Some((Kind::Pod, "default", "web-a")),
        }
    };
}

/// A rollout behind a Service.
macro_rules! rollout {
    ($id:literal, $file:literal, $title:expr, $about:expr) => {
        Example {
            id: $id,
            title: $title,
            about: $about,
            view: ViewName::Compare,
            files: &[file!($file)],
            steps: &[
                (0, Step::Apply($file)),
                (6_000, Step::Requests(20, 16)),
                (8_000, Step::Command("kubectl set image deployment/web web=podium/web:2.0")),
            ],
            selected: None,
        }
    };
}

/// Every example, in the order of the picker. The first one is what a first visit shows.
pub const ALL: &[Example] = &[
    Example {
        id: "deployment",
        title: msg!("page.example-deployment"),
        about: msg!("page.example-deployment-hint"),
        view: ViewName::Hierarchy,
        files: &[file!("web.yaml")],
        steps: &[(0, Step::Apply("web.yaml"))],
        selected: None,
    },
    Example {
        id: "myapp",
        title: msg!("page.example-myapp"),
        about: msg!("page.example-myapp-hint"),
        view: ViewName::Hierarchy,
        files: &[file!("myapp.yaml")],
        steps: &[],
        selected: None,
    },
    Example {
        id: "myweb1",
        title: msg!("page.example-myweb1"),
        about: msg!("page.example-myweb1-hint"),
        view: ViewName::Hierarchy,
        files: &[file!("myweb1-pod.yaml"), file!("myweb1-svc.yaml")],
        steps: &[(0, Step::Apply("myweb1-pod.yaml")), (300, Step::Apply("myweb1-svc.yaml"))],
        selected: Some((Kind::Pod, "default", "myweb1")),
    },
    Example {
        id: "phases",
        title: msg!("page.example-phases"),
        about: msg!("page.example-phases-hint"),
        view: ViewName::Life,
        files: &[file!("phases.yaml")],
        steps: &[(0, Step::Apply("phases.yaml"))],
        selected: Some((Kind::Pod, "default", "ends-well")),
    },
    Example {
        id: "lost-node",
        title: msg!("page.example-lost-node"),
        about: msg!("page.example-lost-node-hint"),
        view: ViewName::Life,
        files: &[file!("lost-node.yaml")],
        steps: &[(0, Step::Apply("lost-node.yaml")), (8_000, Step::NodeDies)],
        selected: None,
    },
    rollout!(
        "rollout-loses",
        "rollout-loses.yaml",
        msg!("page.example-rollout-loses"),
        msg!("page.example-rollout-loses-hint")
    ),
    rollout!(
        "rollout-keeps",
        "rollout-keeps.yaml",
        msg!("page.example-rollout-keeps"),
        msg!("page.example-rollout-keeps-hint")
    ),
    deletion!(
        "ends-at-once",
        "ends-at-once.yaml",
        msg!("page.example-ends-at-once"),
        msg!("page.example-ends-at-once-hint")
    ),
    deletion!("drains", "drains.yaml", msg!("page.example-drains"), msg!("page.example-drains-hint")),
    deletion!("ignores", "ignores.yaml", msg!("page.example-ignores"), msg!("page.example-ignores-hint")),
    deletion!("pre-stop", "pre-stop.yaml", msg!("page.example-pre-stop"), msg!("page.example-pre-stop-hint")),
];

/// What is recorded of the first one as a first visit shows it (`podium-tool first-visit` writes it).
pub(super) const FIRST_VISIT: &[u8] = include_bytes!("examples/first-visit.run");

/// What `FIRST_VISIT` has to be.
///
/// # Errors
/// Where the run cannot be stored.
pub fn first_visit() -> Result<Vec<u8>, &'static str> {
    let mut session = Session::default();
    session.apply(Action::LoadExample(ALL[0].id));
    while session.run(SimTime::ZERO, usize::MAX).0 {}
    session.timeline().store().ok_or("the run of the first example is not quiet, or leaves more than records")
}

/// A file of an example by its name, with its text.
///
/// ```
/// assert!(podium::session::examples::file("myweb1-pod.yaml").is_some_and(|(_, text)| text.contains("kind: Pod")));
/// ```
pub fn file(name: &str) -> Option<(&'static str, &'static str)> {
    ALL.iter().flat_map(|example| example.files).find(|(other, _)| *other == name).copied()
}

/// The example of this name.
pub fn named(id: &str) -> Option<&'static Example> {
    ALL.iter().find(|example| example.id == id)
}

/// The example that a text is of, word for word.
pub fn of_text(text: &str) -> Option<&'static str> {
    let is_of = |example: &&Example| example.files.iter().any(|(_, own)| *own == text);
    ALL.iter().find(is_of).map(|example| example.id)
}

/// The examples that have a document for an object.
pub fn makers(key: &ObjectKey) -> impl Iterator<Item = &'static str> {
    ALL.iter().filter(move |example| example.makes(key)).map(|example| example.id)
}

impl Session {
    /// Whether the run is an example's as it came, and none of the objects that the files say is one of the example's: who
    /// applies a manifest of their own in its place means a cluster of their own.
    pub fn leaves_example(&self, written: &[ObjectKey]) -> bool {
        let is_other = |example: &Example| !written.iter().any(|key| example.makes(key));
        !written.is_empty() && self.example().is_some_and(is_other)
    }
    /// The objects that the files say.
    pub fn written(&self) -> Vec<ObjectKey> {
        let of = |file: &File| read(&file.text).documents.into_iter().filter_map(|document| document.key);
        self.files.iter().flat_map(of).collect()
    }
    /// The example whose run this is, as long as nobody has done anything else in it.
    fn example(&self) -> Option<&'static Example> {
        let is_whole = self.playing.is_none() && self.timeline.branches() == 1;
        ALL.iter().filter(|_| is_whole).find(|example| example.is_run_of(self.timeline.acts()))
    }
}

impl Example {
    /// Whether it only brings its text, for a person to go on with.
    pub fn waits(&self) -> bool {
        self.steps.is_empty()
    }
    /// Whether it has a document for an object.
    fn makes(&self, key: &ObjectKey) -> bool {
        let makes = |text: &str| {
            // Most texts do not even have its name.
            text.contains(&*key.name)
                && read(text).documents.iter().any(|document| document.key.as_ref() == Some(key))
        };
        self.files.iter().any(|(_, text)| makes(text))
    }
    /// Whether these are its acts, with its files as they are, and no others.
    fn is_run_of(&self, acts: &[Acted]) -> bool {
        let is_own = |text: &str| self.files.iter().any(|(_, own)| *own == text);
        let mut steps = self.steps.iter();
        let mut has_own = false;
        let are_own = acts.iter().all(|acted| match &acted.act {
            // The files that lay beside its own when it was opened are no acts in it.
            Act::File(_, text) => {
                has_own |= text.as_ref().is_some_and(|text| is_own(text));
                acted.at == SimTime::ZERO
            }
            done => steps.next().is_some_and(|(millis, step)| {
                acted.at == SimTime::millis(*millis) && *done == act(step, &|name| name.into())
            }),
        });
        are_own && has_own && steps.next().is_none()
    }
    /// Opens its files and begins a run with its acts. The run before can be brought back.
    pub(super) fn load(&self, session: &mut Session) {
        let mut names: Vec<(&str, Str)> = Vec::new();
        for (name, text) in self.files {
            session.add((*name).into(), (*text).into());
            names.push((name, session.open_file().name.clone()));
        }
        // The example's first file is the one to read.
        session.open = names.first().and_then(|(_, name)| session.position(name)).unwrap_or(session.open);
        let now = |name: &str| {
            names.iter().find(|(file, _)| *file == name).map_or_else(|| name.into(), |(_, name)| name.clone())
        };
        let mut acts: Vec<Acted> = Vec::new();
        if !self.steps.is_empty() {
            let file = |file: &File| Acted {
                at: SimTime::ZERO,
                act: Act::File(file.name.clone(), Some(file.text.clone())),
            };
            acts.extend(session.files.iter().map(file));
        }
        acts.extend(
            self.steps
                .iter()
                .map(|(millis, step)| Acted { at: SimTime::millis(*millis), act: act(step, &now) }),
        );
        let start = Start { ..session.timeline.start().clone() };
        session.leave_run(Timeline::restore(start, vec![(acts, None)], 0));
        session.selected = self.selected.map(|(kind, namespace, name)| ObjectKey::new(kind, namespace, name));
    }
}

fn act(step: &Step, now: &impl Fn(&str) -> Str) -> Act {
    match step {
        Step::Apply(file) => Act::Command(apply_line(&now(file))),
        Step::Command(line) => Act::Command((*line).into()),
        Step::NodeDies => Act::Fault(Fault::NodeDies(NodeId(1))),
        Step::Requests(per_second, seconds) => Act::Requests(Client {
            service: ObjectKey::new(Kind::Service, "default", "web"),
            port: 80,
            from: Sender::Node(NodeId(0)),
            per_second: *per_second,
            lasts: seconds * SECOND,
            timeout: 3 * SECOND,
            connections: 0,
        }),
    }
}

#[test]
fn an_example_is_left_by_a_text_that_has_nothing_of_it() {
    let own =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\nspec: {containers: [{name: a, image: nginx}]}\n";
    let leaves = |session: &Session| session.leaves_example(&session.written());
    for example in ALL {
        let mut session = Session::default();
        session.apply(Action::LoadExample(example.id));
        let names: Vec<Str> = session.files().iter().map(|file| file.name.clone()).collect();
        assert!(!leaves(&session), "{}: its own text", example.id);
        session.apply(Action::AddFile("own.yaml".into(), own.into()));
        assert!(!leaves(&session), "{}: a text beside its own", example.id);
        names.iter().for_each(|name| session.apply(Action::EditFile(name.clone(), "# gone\n".into())));
        assert_eq!(leaves(&session), !example.waits(), "{}: nothing of its own", example.id);
        session.apply(Action::Command("kubectl get pods".into()));
        assert!(!leaves(&session), "{}: somebody has done something in it", example.id);
    }
}
