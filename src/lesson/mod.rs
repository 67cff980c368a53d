//! Lessons as text files. A lesson is a file in Markdown, one for each language: what to read, files, commands, questions
//! whose right answer the run gives, and goals that are checked on the simulated state.
//!
//! # The file
//!
//! A front matter between two lines of `---` has `id`, `title`, `minutes` and `view`, one a line. Then come the steps, each
//! under a heading of `##`. In a step stand paragraphs, lists of `-`, and paragraphs behind `>`, which say where a simpler
//! picture than the stage's is common. A word is set in `` `code` `` or in `**bold**`. Between lines of three backquotes stand:
//!
//! | first line | what is in it |
//! | --- | --- |
//! | `yaml file=web.yaml` | a file of the editor |
//! | `command` | what the learner does, a line each |
//! | `question` | `ask:`, any number of `do:`, `after: 20s`, `look:`, two or more of `choice: VALUE` or `choice: VALUE = TEXT`, `right:`, `wrong:` |
//! | `goal` | `text:`, and one or more of `look:` with `want: TEXT`, `at least: N` or `at most: N`, which have to hold at once |
//! | `hint` | a text |
//! | `solution` | what reaches the step's goals after its commands, a line each; without one the commands alone do |
//! | `solution file=web.yaml` | the file as it is in the solution |
//!
//! What is done is a command of a terminal, `requests web 20/s for 14s`, `power off node-2`, `power on node-2`, and, in a
//! solution or a question, `wait 5s`. What is looked at is what a command prints, `requests lost` and `requests served` of
//! those that were sent last, or `lines changed` in the editor.

mod asking;
pub mod draft;
mod learner;
mod prose;
mod read;
pub mod solved;

#[cfg(test)]
mod tests;

use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::{Micros, SECOND};
use crate::cluster::traffic::{Client, Sender};
use crate::timeline::{Act, View};
use crate::value::Str;
pub use asking::{Asking, holds};
pub use learner::{Answer, Learner, Progress};
pub use prose::{Inline, Prose};
pub use read::{MOST_BYTES, Mistake, Places, Read, is_lesson, read};

/// A lesson. It has a goal, and every step with a goal has a way to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// Its name in addresses and in what is kept of a learner.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    /// The view that it is looked at in, one of `scene::views`.
    pub view: &'static str,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it is called.
    pub title: String,
    /// What is in it, in order.
    pub blocks: Vec<Block>,
    /// What helps, one after the other.
    pub hints: Vec<Prose>,
    /// What reaches its goals.
    pub solution: Vec<Deed>,
}

/// A part of a step that is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(Prose),
    /// What the stage has right and a simpler picture has not.
    Aside(Prose),
    /// A list.
    List(Vec<Prose>),
    /// A file of the editor.
    File(Str, Str),
    /// Something to do.
    Deed(Deed),
    /// Something to answer, by its place in the lesson.
    Question(usize, Question),
    /// Something to reach, by its place in the lesson.
    Goal(usize, Goal),
}

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A command is given.
    Command(Str),
    /// Requests are sent to port 80 of a Service in `default`: so many a second, for so long.
    Requests {
        /// The Service.
        service: Str,
        /// How many a second.
        per_second: u32,
        /// For how long.
        lasts: Micros,
    },
    /// A node gets power, or loses it.
    Power {
        /// The node.
        node: Str,
        /// Whether it gets power.
        is_on: bool,
    },
    /// Time goes by.
    Wait(Micros),
    /// A file of the editor gets a text.
    File(Str, Str),
}

/// How long a request waits for its answer.
const TIMEOUT: Micros = 3 * SECOND;

impl Deed {
    /// What it is in the run; none where time only goes by. `view` knows the nodes.
    pub fn act(&self, view: View) -> Option<Act> {
        Some(match self {
            Self::Command(line) => Act::Command(line.clone()),
            Self::File(name, text) => Act::File(name.clone(), Some(text.clone())),
            Self::Requests { service, per_second, lasts } => Act::Requests(Client {
                service: ObjectKey::new(Kind::Service, "default", service.clone()),
                port: 80,
                from: Sender::Node(NodeId(0)),
                per_second: *per_second,
                lasts: *lasts,
                timeout: TIMEOUT,
                connections: 0,
            }),
            Self::Power { node, is_on } => {
                let node = view.node(node)?;
                Act::Fault(if *is_on { Fault::NodeReturns(node) } else { Fault::NodeDies(node) })
            }
            Self::Wait(_) => return None,
        })
    }
}

/// Something that the state is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// What a command prints.
    Command(Str),
    /// How many requests were answered of those that the last client sends.
    Served,
    /// How many of them were not.
    Lost,
    /// How many lines of the lesson's files are others now.
    LinesChanged,
}

/// What a look has to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This text; how its words are parted does not count.
    Is(String),
    /// So much, or more.
    AtLeast(u64),
    /// So much, or less.
    AtMost(u64),
}

/// Something to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What a learner is told.
    pub text: Prose,
    /// What has to hold, all at once.
    pub checks: Vec<(Look, Wanted)>,
}

/// Something to answer. Which choice is right is not written: it is looked for in a copy of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub ask: Prose,
    /// What is done first.
    pub deeds: Vec<Deed>,
    /// How long it is waited then.
    pub after: Micros,
    /// What is looked at then.
    pub look: Look,
    /// The choices: what is seen where it is right, and how it is said.
    pub choices: Vec<(String, Prose)>,
    /// Why, for those who were right.
    pub right: Prose,
    /// Why, for the others.
    pub wrong: Prose,
}

impl Question {
    /// The choice that fits what was seen.
    pub fn right_choice(&self, seen: &str) -> Option<usize> {
        self.choices.iter().position(|(value, _)| is_same(value, seen))
    }
}

/// Whether two texts have the same words.
fn is_same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

impl Step {
    /// Its goals, by their places in the lesson.
    pub fn goals(&self) -> impl Iterator<Item = (usize, &Goal)> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Goal(place, goal) => Some((*place, goal)),
            _ => None,
        })
    }
    /// Its questions, by their places in the lesson.
    pub fn questions(&self) -> impl Iterator<Item = (usize, &Question)> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Question(place, question) => Some((*place, question)),
            _ => None,
        })
    }
    /// What reaches its goals: what it tells to do, and then its solution.
    pub fn way(&self) -> Vec<&Deed> {
        let told = self.blocks.iter().filter_map(|block| match block {
            Block::Deed(deed) => Some(deed),
            _ => None,
        });
        told.chain(&self.solution).collect()
    }
}

impl Lesson {
    /// The files that it begins with: of each name the first.
    pub fn files(&self) -> Vec<(&Str, &Str)> {
        let mut files: Vec<(&Str, &Str)> = Vec::new();
        for block in self.steps.iter().flat_map(|step| &step.blocks) {
            if let Block::File(name, text) = block
                && files.iter().all(|(other, _)| *other != name)
            {
                files.push((name, text));
            }
        }
        files
    }
    /// How many goals it has.
    pub fn goal_count(&self) -> usize {
        self.steps.iter().map(|step| step.goals().count()).sum()
    }
}
