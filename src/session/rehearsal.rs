//! A lesson played by itself, in a cluster of its own: what came of each command, whether a question has its answer, and where
//! each goal is reached. It goes on in slices, and keeps of an earlier rehearsal what plays the same.
//!
//! The law of a lesson: what a step tells to do and its solution reach its goals, and its start does not.

use super::Session;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::lesson::{Asking, Block, Deed, Lesson, Look, Step, Wanted, holds};
use std::collections::VecDeque;
use std::rc::Rc;

/// How long somebody watches what comes of a command, where it does not become quiet before.
const WATCHED: Micros = 40 * SECOND;
/// How long somebody watches requests before the next deed.
const GLIMPSED: Micros = 2 * SECOND;
/// So many events of clusters a rehearsal takes at most: past them it ends where it is.
const MOST_EVENTS: usize = 4_000_000;

/// What came of something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Went,
    /// The command has ended with this code, and has said this of it.
    Failed(i32, String),
    /// The command runs on.
    RunsOn,
    /// There is no node of this name.
    NoNode,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What was seen.
    pub seen: String,
    /// The choice that fits.
    pub right: Option<usize>,
}

/// Where a goal is reached. What was not looked at yet is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Before anything of its step is done.
    pub at_start: Option<bool>,
    /// By what its step tells to do, where there is a solution besides.
    pub by_commands: Option<bool>,
    /// By all that its step tells to do, and its solution.
    pub at_end: Option<bool>,
    /// What was seen then, look by look.
    pub seen: Vec<String>,
}

/// What breaks the law of a lesson, by the places of goals, questions, and deeds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A goal is reached before anything is done.
    ReachedBefore(usize),
    /// The goals of a step need no solution.
    NeedsNoSolution(usize),
    /// A goal is not reached.
    NotReached(usize),
    /// No choice of a question fits what is seen.
    NoChoice(usize),
    /// A deed of a step is about a node that is not there.
    NoNode(usize, usize),
}

/// What is to be done next.
#[derive(Clone, Debug)]
enum Move {
    /// A step begins.
    Begin,
    /// A goal of a step is looked at.
    Goal(usize, usize, When),
    /// A deed of a step, by its place in the step's way.
    Deed(usize, usize),
    /// It is watched until then; of a deed it is told what came of it.
    Watch(SimTime, Option<(usize, usize)>),
    Question(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Start,
    Commands,
    End,
}

/// What an answer is for.
#[derive(Clone, Copy, Debug)]
enum About {
    Goal(usize, usize, When),
    Question(usize, usize),
}

/// A lesson that plays by itself.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    lesson: Rc<Lesson>,
    session: Session,
    moves: VecDeque<Move>,
    asking: Option<(About, Asking)>,
    /// The sessions that the steps have begun with.
    begun: Vec<Session>,
    /// How many events may still come.
    left: usize,
    steps: Vec<Rehearsed>,
}

/// What came of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// Its goals, in their order.
    pub goals: Vec<Tried>,
    /// Its questions, in their order.
    pub questions: Vec<Option<Answered>>,
    /// What it tells to do and what its solution does, as `Step::way` has them.
    pub deeds: Vec<Option<Outcome>>,
}

impl Rehearsed {
    fn of(step: &Step) -> Self {
        Self {
            goals: vec![Tried::default(); step.goals().count()],
            questions: vec![None; step.questions().count()],
            deeds: vec![None; step.way().len()],
        }
    }
}

/// What of a step is played.
#[derive(PartialEq)]
enum Played<'a> {
    Deed(&'a Deed),
    Question(&'a [Deed], Micros, &'a Look, Vec<&'a str>),
    Goal(&'a [(Look, Wanted)]),
}

fn played(step: &Step) -> Vec<Played<'_>> {
    fn of(block: &Block) -> Option<Played<'_>> {
        match block {
            Block::Deed(deed) => Some(Played::Deed(deed)),
            Block::Question(_, question) => {
                let values = question.choices.iter().map(|(value, _)| value.as_str()).collect();
                Some(Played::Question(&question.deeds, question.after, &question.look, values))
            }
            Block::Goal(_, goal) => Some(Played::Goal(&goal.checks)),
            Block::Text(_) | Block::Aside(_) | Block::List(_) | Block::File(..) => None,
        }
    }
    step.blocks.iter().filter_map(of).chain(step.solution.iter().map(Played::Deed)).collect()
}

impl Rehearsal {
    /// A rehearsal of a lesson, from its beginning.
    pub fn new(lesson: Rc<Lesson>) -> Self {
        Self::from(lesson, None)
    }
    /// A rehearsal of a lesson that was another a moment ago: steps that play the same are not played again.
    pub fn again(&self, lesson: Rc<Lesson>) -> Self {
        Self::from(lesson, Some(self))
    }
    fn from(lesson: Rc<Lesson>, before: Option<&Rehearsal>) -> Self {
        let before = before.filter(|before| before.lesson.files() == lesson.files());
        // A step that was played to its end: the next one has begun, or all is over.
        let is_over =
            |old: &Rehearsal, place: usize| old.begun.len() > place + 1 || old.is_done() && !old.is_cut();
        let same = before.map_or(0, |old| {
            let pairs = old.lesson.steps.iter().zip(&lesson.steps).enumerate();
            pairs
                .take_while(|(place, (old_step, step))| {
                    is_over(old, *place) && played(old_step) == played(step)
                })
                .count()
        });
        let mut session = Session::of_lesson(&lesson);
        let (mut begun, mut steps) = (Vec::new(), Vec::new());
        if let (Some(old), 1..) = (before, same) {
            session = old.begun.get(same).unwrap_or(&old.session).clone();
            begun.extend_from_slice(&old.begun[..same]);
            steps.extend_from_slice(&old.steps[..same]);
        }
        let mut moves = VecDeque::new();
        for (place, step) in lesson.steps.iter().enumerate().skip(same) {
            steps.push(Rehearsed::of(step));
            moves.extend(moves_of(place, step));
        }
        Self { lesson, session, moves, asking: None, begun, left: MOST_EVENTS, steps }
    }
    /// The lesson that is played.
    pub fn lesson(&self) -> &Rc<Lesson> {
        &self.lesson
    }
    /// Whether all was played.
    pub fn is_done(&self) -> bool {
        self.moves.is_empty() && self.asking.is_none()
    }
    /// Whether it has ended early, because too much would happen.
    pub fn is_cut(&self) -> bool {
        self.left == 0
    }
    /// What came of the steps so far.
    pub fn steps(&self) -> &[Rehearsed] {
        &self.steps
    }
    /// The session as a step has left it, once it has.
    pub fn after(&self, step: usize) -> Option<&Session> {
        self.begun
            .get(step + 1)
            .or_else(|| (self.is_done() && step + 1 == self.steps.len()).then_some(&self.session))
    }
    /// The session that a step begins with, once it does.
    pub fn before(&self, step: usize) -> Option<&Session> {
        self.begun.get(step)
    }
    /// Goes on by one thing: something is done, or at most `budget` events of a cluster go by. True where there is more.
    pub fn go_on(&mut self, budget: usize) -> bool {
        if self.is_done() {
            return false;
        }
        if self.left == 0 {
            self.moves.clear();
            self.asking = None;
            return false;
        }
        if let Some((about, mut asking)) = self.asking.take() {
            self.left = self.left.saturating_sub(budget);
            match asking.go_on(budget) {
                Some(seen) => {
                    let seen = seen.to_vec();
                    self.answer(about, seen);
                }
                None => self.asking = Some((about, asking)),
            }
            return !self.is_done();
        }
        let Some(next) = self.moves.pop_front() else { return false };
        let lesson = self.lesson.clone();
        match next {
            Move::Begin => self.begun.push(self.session.clone()),
            Move::Goal(step, place, when) => {
                if let Some((_, goal)) = lesson.steps[step].goals().nth(place) {
                    let asking = self.session.ask_goal(&lesson, goal);
                    self.asking = Some((About::Goal(step, place, when), asking));
                }
            }
            Move::Question(step, place) => {
                if let Some((_, question)) = lesson.steps[step].questions().nth(place) {
                    let asking = self.session.ask_question(&lesson, question);
                    self.asking = Some((About::Question(step, place), asking));
                }
            }
            Move::Deed(step, place) => {
                if let Some(deed) = lesson.steps[step].way().get(place) {
                    self.act(step, place, deed);
                }
            }
            Move::Watch(until, deed) => {
                self.left = self.left.saturating_sub(budget);
                let at = self.session.at();
                if self.session.timeline().history().end() < until && self.session.run(at, budget).0 {
                    self.moves.push_front(next);
                    return true;
                }
                let end = self.session.timeline().history().end();
                let is_quiet = self.session.timeline().story().is_whole && end < until;
                self.session.show(if is_quiet { end.max(at) } else { until });
                if let Some((step, place)) = deed {
                    self.steps[step].deeds[place] = Some(self.outcome());
                }
            }
        }
        !self.is_done()
    }
    fn act(&mut self, step: usize, place: usize, deed: &Deed) {
        let is_nowhere = matches!(deed, Deed::Power { .. })
            && deed.act(self.session.timeline().at(self.session.at())).is_none();
        for action in self.session.actions_of(deed) {
            self.session.apply(action);
        }
        let (micros, is_command) = match deed {
            Deed::Command(_) => (WATCHED, true),
            Deed::Power { .. } => (WATCHED, false),
            Deed::Requests { .. } => (GLIMPSED, false),
            Deed::Wait(micros) => (*micros, false),
            Deed::File(..) => (0, false),
        };
        if !is_command {
            self.steps[step].deeds[place] = Some(if is_nowhere { Outcome::NoNode } else { Outcome::Went });
        }
        if micros > 0 {
            let until = self.session.at() + micros;
            self.moves.push_front(Move::Watch(until, is_command.then_some((step, place))));
        }
    }
    /// What came of the last command.
    fn outcome(&self) -> Outcome {
        let history = self.session.timeline().history();
        let client = self.session.last_command();
        let command = client.and_then(|client| history.at(self.session.at()).command(client));
        match command.as_ref().and_then(|command| command.ended) {
            None => Outcome::RunsOn,
            Some((_, 0)) => Outcome::Went,
            Some((_, exit)) => {
                let printed = command.iter().flat_map(|command| command.printed());
                let said: String =
                    printed.filter(|(is_error, _)| *is_error).map(|(_, text)| &**text).collect();
                Outcome::Failed(exit, said.trim().to_owned())
            }
        }
    }
    fn answer(&mut self, about: About, seen: Vec<String>) {
        match about {
            About::Question(step, place) => {
                let question = self.lesson.steps[step].questions().nth(place);
                let seen = seen.concat();
                let right = question.and_then(|(_, question)| question.right_choice(&seen));
                self.steps[step].questions[place] = Some(Answered { seen, right });
            }
            About::Goal(step, place, when) => {
                let Some((_, goal)) = self.lesson.steps[step].goals().nth(place) else { return };
                let is_reached = goal.checks.iter().zip(&seen).all(|((_, wanted), seen)| holds(wanted, seen));
                let tried = &mut self.steps[step].goals[place];
                match when {
                    When::Start => tried.at_start = Some(is_reached),
                    When::Commands => tried.by_commands = Some(is_reached),
                    When::End => {
                        tried.at_end = Some(is_reached);
                        tried.seen = seen;
                    }
                }
            }
        }
    }
    /// What breaks the law, as far as that is known by now.
    pub fn troubles(&self) -> Vec<Trouble> {
        let (mut troubles, mut goals, mut questions) = (Vec::new(), 0, 0);
        for (place, step) in self.steps.iter().enumerate() {
            for (nth, tried) in step.goals.iter().enumerate() {
                if tried.at_start == Some(true) {
                    troubles.push(Trouble::ReachedBefore(goals + nth));
                }
                if tried.at_end == Some(false) {
                    troubles.push(Trouble::NotReached(goals + nth));
                }
            }
            if !step.goals.is_empty() && step.goals.iter().all(|tried| tried.by_commands == Some(true)) {
                troubles.push(Trouble::NeedsNoSolution(place));
            }
            for (nth, answered) in step.questions.iter().enumerate() {
                if answered.as_ref().is_some_and(|answered| answered.right.is_none()) {
                    troubles.push(Trouble::NoChoice(questions + nth));
                }
            }
            for (nth, outcome) in step.deeds.iter().enumerate() {
                if *outcome == Some(Outcome::NoNode) {
                    troubles.push(Trouble::NoNode(place, nth));
                }
            }
            goals += step.goals.len();
            questions += step.questions.len();
        }
        troubles
    }
}

/// What a step is played by.
fn moves_of(place: usize, step: &Step) -> Vec<Move> {
    let goals = step.goals().count();
    let look = |when| (0..goals).map(move |goal| Move::Goal(place, goal, when));
    let mut moves = vec![Move::Begin];
    moves.extend(look(When::Start));
    let (mut deeds, mut questions) = (0, 0);
    for block in &step.blocks {
        match block {
            Block::Deed(_) => {
                moves.push(Move::Deed(place, deeds));
                deeds += 1;
            }
            Block::Question(..) => {
                moves.push(Move::Question(place, questions));
                questions += 1;
            }
            Block::Text(_) | Block::Aside(_) | Block::List(_) | Block::File(..) | Block::Goal(..) => {}
        }
    }
    if !step.solution.is_empty() {
        moves.extend(look(When::Commands));
        moves.extend((0..step.solution.len()).map(|nth| Move::Deed(place, deeds + nth)));
    }
    moves.extend(look(When::End));
    moves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::read;

    const TWO: &str = "---\nid: a\ntitle: A\nminutes: 5\nview: life\n---\n## One\n```command\nkubectl create namespace shop\n```\n```goal\ntext: It is there.\nlook: kubectl get namespace shop -o name\nwant: namespace/shop\n```\n## Two\n```command\nkubectl get pods -n shop\n```\n```question\nask: How many?\nlook: kubectl get namespaces -o name | wc -l\nchoice: 1\nchoice: 5\nright: Yes.\nwrong: No.\n```\n```goal\ntext: A Pod runs.\nlook: kubectl get pod web -n shop -o jsonpath={.status.phase}\nwant: Running\n```\n```solution\nkubectl run web --image=nginx -n shop\n```\n";

    fn whole(text: &str) -> Rc<Lesson> {
        Rc::new(read(text).whole().expect("it has no mistake"))
    }

    #[track_caller]
    fn play(mut rehearsal: Rehearsal, budget: usize) -> Rehearsal {
        while rehearsal.go_on(budget) {}
        assert!(rehearsal.is_done() && !rehearsal.is_cut());
        rehearsal
    }

    fn troubles(text: &str) -> Vec<Trouble> {
        play(Rehearsal::new(whole(text)), 500).troubles()
    }

    #[test]
    fn a_lesson_plays_by_itself_in_slices_of_any_size() {
        let large = play(Rehearsal::new(whole(TWO)), 2_000);
        let small = play(Rehearsal::new(whole(TWO)), 3);
        assert_eq!(large.steps(), small.steps());
        assert_eq!(large.troubles(), []);
        let [one, two] = large.steps() else { panic!("two steps") };
        assert_eq!(one.deeds, [Some(Outcome::Went)]);
        assert_eq!(
            (one.goals[0].at_start, one.goals[0].by_commands, one.goals[0].at_end),
            (Some(false), None, Some(true))
        );
        assert_eq!(two.questions, [Some(Answered { seen: "5\n".to_owned(), right: Some(1) })]);
        assert_eq!((two.goals[0].by_commands, two.goals[0].at_end), (Some(false), Some(true)));
        assert_eq!(two.goals[0].seen, ["Running"]);
    }

    #[test]
    fn what_breaks_the_law_is_found() {
        assert_eq!(
            troubles(&TWO.replace(
                "namespace shop -o name\nwant: namespace/shop",
                "namespace default -o name\nwant: namespace/default"
            )),
            [Trouble::ReachedBefore(0)]
        );
        assert_eq!(
            troubles(&TWO.replace("kubectl get pods -n shop", "kubectl run web --image=nginx -n shop")),
            [Trouble::NeedsNoSolution(1)]
        );
        assert_eq!(troubles(&TWO.replace("want: Running", "want: Walking")), [Trouble::NotReached(1)]);
        assert_eq!(troubles(&TWO.replace("choice: 5", "choice: 6")), [Trouble::NoChoice(0)]);
        assert_eq!(
            troubles(&TWO.replace("kubectl get pods -n shop", "power off node-9")),
            [Trouble::NoNode(1, 0)]
        );
    }

    #[test]
    fn a_command_that_fails_says_why_and_breaks_no_law() {
        let played =
            play(Rehearsal::new(whole(&TWO.replace("get pods -n shop", "get pod none -n shop"))), 500);
        let said = "Error from server (NotFound): pods \"none\" not found".to_owned();
        assert_eq!(played.steps()[1].deeds[0], Some(Outcome::Failed(1, said)));
        assert_eq!(played.troubles(), []);
    }

    #[test]
    fn what_plays_the_same_is_not_played_again() {
        let first = play(Rehearsal::new(whole(TWO)), 500);
        // Only what is read is another.
        let prose = first.again(whole(&TWO.replace("It is there.", "Look, it is there.")));
        assert!(prose.is_done());
        assert_eq!(prose.steps(), first.steps());
        // The second step is another: the first is not begun again.
        let mut second = first.again(whole(&TWO.replace("want: Running", "want: Walking")));
        assert_eq!((second.steps()[0] == first.steps()[0], second.is_done()), (true, false));
        assert!(second.go_on(500));
        assert!(second.before(1).is_some());
        assert_eq!(play(second, 500).steps()[1].goals[0].at_end, Some(false));
        // A file is there from the beginning on.
        let file =
            first.again(whole(&TWO.replace("## Two\n", "## Two\n```yaml file=a.yaml\nkind: Pod\n```\n")));
        assert_eq!(file.steps()[0], Rehearsed::of(&first.lesson().steps[0]));
        assert_eq!(play(file, 500).steps(), first.steps());
    }
}
