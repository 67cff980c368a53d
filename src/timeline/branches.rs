//! The timeline: the run and its branches. A branch begins where somebody acts before the furthest point that
//! was shown; what was recorded ahead and never shown is simply recorded anew.

use super::beats::Story;
use super::history::History;
use super::line::{Acted, Line, Start};
use super::made::StandsFor;
use super::run::{Act, Run};
use super::view::View;
use crate::cluster::record::{ClientId, Record};
use crate::cluster::time::SimTime;
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How many letters the name of a branch has at most.
const NAME_MOST: usize = 60;

/// A branch of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The branch that it began in.
    pub branch: usize,
    /// When.
    pub at: SimTime,
}

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The command's number, where it is one.
    pub client: Option<ClientId>,
    /// The branch that it began, where it did.
    pub branch: Option<usize>,
}

/// The recorded run with its branches. One of them is looked at.
#[derive(Clone, Debug)]
pub struct Timeline {
    start: Rc<Start>,
    lines: Vec<(Line, Option<Origin>)>,
    current: usize,
    /// What somebody has called branches.
    names: BTreeMap<usize, Str>,
}

impl Timeline {
    /// A run in which nothing was done and nothing is recorded yet.
    pub fn new(start: Start) -> Self {
        let start = Rc::new(start);
        let line = Line::new(start.clone(), Vec::new());
        Self { start, lines: vec![(line, None)], current: 0, names: BTreeMap::new() }
    }
    /// What a real cluster did, as it was recorded. It is whole, and nothing can be done in it. `opening` is the message that is
    /// said at its beginning.
    pub fn recorded(
        start: Start,
        opening: &'static str,
        nodes: Vec<Str>,
        records: Vec<Record>,
        end: SimTime,
    ) -> Self {
        let start = Rc::new(start);
        let line = Line::recorded(start.clone(), opening, nodes, records, end);
        Self { start, lines: vec![(line, None)], current: 0, names: BTreeMap::new() }
    }
    /// Grows by what a real cluster did since, until `end`. Nothing happens in a run that is simulated.
    pub fn grow(&mut self, records: Vec<Record>, end: SimTime) {
        if self.is_recorded() {
            self.line_mut().grow(records, end);
        }
    }
    /// Whether it is what a real cluster did.
    pub fn is_recorded(&self) -> bool {
        self.line().is_recorded()
    }
    /// A run as it was kept: of each branch where it began and what was done in it, from the beginning of the
    /// run on. Nothing is recorded yet.
    pub fn restore(start: Start, branches: Vec<(Vec<Acted>, Option<Origin>)>, current: usize) -> Self {
        let start = Rc::new(start);
        let mut lines: Vec<_> =
            branches.into_iter().map(|(acts, origin)| (Line::new(start.clone(), acts), origin)).collect();
        if lines.is_empty() {
            lines.push((Line::new(start.clone(), Vec::new()), None));
        }
        let current = current.min(lines.len() - 1);
        Self { start, lines, current, names: BTreeMap::new() }
    }
    /// A run in which is done again what was done in another, with what the names of chance stood for there. Nothing is recorded yet.
    pub(super) fn again(start: Start, acts: Vec<Acted>, stands_for: StandsFor) -> Self {
        let start = Rc::new(start);
        let line = Line::again(start.clone(), acts, stands_for);
        Self { start, lines: vec![(line, None)], current: 0, names: BTreeMap::new() }
    }
    /// Which of the acts of a run that is done again name what is not there in it, as far as it is recorded.
    pub(super) fn missed(&self) -> &BTreeSet<usize> {
        self.line().missed()
    }
    fn line(&self) -> &Line {
        &self.lines[self.current].0
    }
    fn line_mut(&mut self) -> &mut Line {
        &mut self.lines[self.current].0
    }
    /// What the run begins with.
    pub fn start(&self) -> &Start {
        &self.start
    }
    /// What is recorded of the branch that is looked at.
    pub fn history(&self) -> &History {
        self.line().history()
    }
    /// What is told of it.
    pub fn story(&self) -> &Story {
        self.line().story()
    }
    /// Its state at a time.
    pub fn at(&self, at: SimTime) -> View<'_> {
        self.history().at(at)
    }
    /// What was done in it, from the beginning of the run on.
    pub fn acts(&self) -> &[Acted] {
        self.line().acts()
    }
    /// The run at the end of what is recorded of it; none where it has not begun.
    pub fn run(&self) -> Option<&Run> {
        self.line().run()
    }
    /// The Namespace of kubectl's context there.
    pub fn namespace(&self) -> &Str {
        self.run().map_or(&self.start.namespace, Run::namespace)
    }
    /// What is recorded of the branch that is looked at, to be stored; none where that is not the whole run, or not all that it
    /// leaves.
    pub fn store(&self) -> Option<Vec<u8>> {
        self.line().store()
    }
    /// Takes what was stored of this very run for what is recorded, as long as nothing is: it is simulated only when it has to go
    /// on. False where the bytes are not of such a run.
    pub fn recall(&mut self, bytes: &'static [u8]) -> bool {
        self.line_mut().recall(bytes)
    }
    /// Simulates what was recalled, for a playhead at `playhead` and at most `budget` events of the cluster, so that what is done
    /// there need not wait for it. True where more is to be done now.
    pub fn prepare(&mut self, playhead: SimTime, budget: usize) -> bool {
        self.line_mut().prepare(playhead, budget)
    }
    /// A copy of the run at a moment not after `at`, and what is done in it from then until `at`: to ask the cluster
    /// something there that is no part of the run.
    pub fn run_before(&self, at: SimTime) -> (Run, &[Acted]) {
        self.line().run_before(at)
    }
    /// The furthest point of it that was shown.
    pub fn shown(&self) -> SimTime {
        self.line().shown()
    }
    /// The playhead stands there: an act before this point begins a branch from now on.
    pub fn show(&mut self, at: SimTime) {
        self.line_mut().show(at);
    }
    /// Goes on recording for a playhead at `playhead`: until nothing is to happen any more, or ten minutes ahead
    /// of it, and at most `budget` events of the cluster. True where more is to be done now.
    pub fn record(&mut self, playhead: SimTime, budget: usize) -> bool {
        self.line_mut().record(playhead, budget)
    }
    /// Does something at a moment. Where that moment lies before the furthest point that was shown, it begins a
    /// branch, which is looked at from now on.
    pub fn act(&mut self, at: SimTime, act: Act) -> Done {
        if self.is_recorded() {
            return Done { client: None, branch: None };
        }
        let branch = self.go_back(at);
        Done { client: self.line_mut().act(at, act), branch }
    }
    /// Goes back to a moment, so that something can be done there: where it lies before the furthest point that
    /// was shown, a branch begins and is looked at; else what was recorded after it is discarded, and what was
    /// to be done after it, too.
    pub fn go_back(&mut self, at: SimTime) -> Option<usize> {
        if self.is_recorded() {
            return None;
        }
        if at < self.shown() {
            return Some(self.fork(at));
        }
        let line = self.line_mut();
        line.rewind(at);
        line.show(at);
        None
    }
    /// Begins a branch at a moment, which is looked at from now on. Gives its place.
    pub fn fork(&mut self, at: SimTime) -> usize {
        let mut line = self.line().clone();
        line.rewind(at);
        line.show(at);
        self.lines.push((line, Some(Origin { branch: self.current, at })));
        self.current = self.lines.len() - 1;
        self.current
    }
    /// How many branches there are; the first is the run itself.
    pub fn branches(&self) -> usize {
        self.lines.len()
    }
    /// The branch that is looked at.
    pub fn current(&self) -> usize {
        self.current
    }
    /// Where a branch began; none for the run itself.
    pub fn origin(&self, branch: usize) -> Option<Origin> {
        self.lines.get(branch)?.1
    }
    /// What somebody has called a branch.
    pub fn name(&self, branch: usize) -> Option<&Str> {
        self.names.get(&branch)
    }
    /// Calls a branch so; an empty name takes away the one that it has.
    pub fn rename(&mut self, branch: usize, name: &str) {
        let name = name.trim();
        if name.is_empty() || branch >= self.lines.len() {
            self.names.remove(&branch);
        } else {
            self.names.insert(branch, name.chars().take(NAME_MOST).collect::<String>().into());
        }
    }
    /// Opens the wait that begins at a moment of the branch that is looked at, or folds it again.
    pub fn unfold(&mut self, from: SimTime) {
        self.line_mut().unfold(from);
    }
    /// Looks at another branch. False where there is none.
    pub fn look_at(&mut self, branch: usize) -> bool {
        let is_there = branch < self.lines.len();
        if is_there {
            self.current = branch;
        }
        is_there
    }
    /// What is recorded of a branch, to be compared with another.
    pub fn history_of(&self, branch: usize) -> Option<&History> {
        Some(self.lines.get(branch)?.0.history())
    }
    /// The furthest point of a branch that was shown.
    pub fn shown_of(&self, branch: usize) -> SimTime {
        self.lines.get(branch).map_or(SimTime::ZERO, |(line, _)| line.shown())
    }
    /// Says of each branch how far it was shown.
    pub fn show_all(&mut self, shown: &[SimTime]) {
        for ((line, _), shown) in self.lines.iter_mut().zip(shown) {
            line.show(*shown);
        }
    }
    /// What was done in a branch.
    pub fn acts_of(&self, branch: usize) -> &[Acted] {
        self.lines.get(branch).map_or(&[], |(line, _)| line.acts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Kind, Object, ObjectKey};
    use crate::cluster::chance::stable_hash;
    use crate::cluster::record::Record;
    use crate::cluster::setup::Setup;
    use crate::cluster::time::SECOND;
    use crate::kubectl::LAST_APPLIED;
    use crate::timeline::AHEAD;

    const APP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: nginx:1.25}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";
    const COMMANDS: [&str; 5] = [
        "kubectl apply -f app.yaml",
        "kubectl delete pod --all --wait=false",
        "kubectl scale deployment web --replicas=5",
        "kubectl set image deployment/web web=nginx:1.27",
        "kubectl rollout undo deployment/web",
    ];

    fn start(seed: u64) -> Start {
        let files = [("app.yaml".into(), APP.into())].into();
        Start { setup: Setup::with_seed(seed), namespace: "default".into(), files }
    }

    /// Commands at times of chance within 20 seconds; the first applies the file.
    fn acts(seed: u64) -> Vec<Acted> {
        let draw = |what: &str, n: u64| stable_hash(seed, &(what, n));
        let mut acts = vec![Acted { at: SimTime::millis(3), act: Act::Command(COMMANDS[0].into()) }];
        for n in 0..3 {
            let at = SimTime(draw("at", n) % (20 * SECOND));
            let command = COMMANDS[(draw("command", n) % COMMANDS.len() as u64) as usize];
            acts.push(Acted { at: at.max(SimTime::millis(3)), act: Act::Command(command.into()) });
        }
        acts.sort_by_key(|acted| acted.at);
        acts
    }

    /// The records of a run that is simply run to a time, without a timeline.
    fn run_to(seed: u64, acts: &[Acted], at: SimTime) -> Vec<Record> {
        let Start { setup, namespace, files } = start(seed);
        let mut run = Run::new(&setup, namespace, files);
        for acted in acts.iter().filter(|acted| acted.at <= at) {
            run.advance(acted.at, usize::MAX);
            run.act(acted.act.clone());
        }
        run.advance(at, usize::MAX);
        run.take_records()
    }

    /// Records as for a playhead that is far behind everything that is done here.
    fn record_all(timeline: &mut Timeline, budget: usize) {
        while timeline.record(SimTime::millis(120_000), budget) {}
    }

    /// What is told, with its times.
    fn told(timeline: &Timeline) -> Vec<(SimTime, &str, usize)> {
        timeline.story().beats.iter().map(|beat| (beat.to, beat.say.id, beat.chapter)).collect()
    }

    #[test]
    fn what_was_done_before_a_branch_is_told_as_in_a_fresh_run_however_much_was_done_after() {
        let command = |n: u64| {
            let line = format!("kubectl scale deployment web --replicas={}", 1 + n % 5);
            Acted { at: SimTime::millis(2_000 * n + 3), act: Act::Command(line.into()) }
        };
        let mut acts = vec![Acted { at: SimTime::millis(3), act: Act::Command(COMMANDS[0].into()) }];
        // So many that most of the moments to go on from are given up.
        acts.extend((1..50).map(command));
        let mut timeline = Timeline::restore(start(1), vec![(acts.clone(), None)], 0);
        record_all(&mut timeline, 1_000);
        for n in [37, 21, 20, 3] {
            let at = SimTime::millis(2_000 * n + 1_003);
            let mut branched = timeline.clone();
            branched.show(SimTime::millis(120_000));
            assert!(branched.act(at, command(1).act).branch.is_some());
            let done = acts.iter().filter(|acted| acted.at <= at).cloned();
            let done = done.chain([Acted { at, act: command(1).act }]).collect();
            let mut fresh = Timeline::restore(start(1), vec![(done, None)], 0);
            record_all(&mut branched, 1_000);
            record_all(&mut fresh, 1_000);
            let differs = told(&branched).into_iter().zip(told(&fresh)).find(|(one, other)| one != other);
            assert_eq!(differs, None, "a branch at {at:?}");
            assert_eq!(branched.story(), fresh.story(), "a branch at {at:?}");
        }
    }

    #[test]
    fn the_state_at_any_time_is_what_running_to_it_gives() {
        for seed in 0..4 {
            let acts = acts(seed);
            let mut timeline = Timeline::restore(start(seed), vec![(acts.clone(), None)], 0);
            record_all(&mut timeline, 1 + seed as usize * 97);
            assert!(timeline.story().is_whole);
            let end = timeline.history().end();
            assert!(end > SimTime::millis(3_000));
            for n in 0..6 {
                let at = SimTime(stable_hash(seed, &("look", n)) % end.0);
                let recorded = timeline.history().records_within(SimTime::ZERO, at);
                let run = run_to(seed, &acts, at);
                let from = run.partition_point(|record| record.time == SimTime::ZERO);
                assert!(recorded == &run[from..], "seed {seed} at {at:?}");
            }
        }
    }

    /// The page asks for it at every frame, of a cluster of any size: only what was applied once is looked at.
    #[test]
    fn what_was_applied_is_what_bears_the_note_at_that_time() {
        let mut timeline = Timeline::new(start(1));
        timeline.act(SimTime::millis(3), Act::Command("kubectl apply -f app.yaml".into()));
        record_all(&mut timeline, 500);
        timeline.act(SimTime::millis(9_000), Act::Command("kubectl delete service web".into()));
        record_all(&mut timeline, 500);
        let (history, end) = (timeline.history(), timeline.history().end());
        let mut most = 0;
        for n in 0..=20 {
            let view = history.at(SimTime(end.0 * n / 20));
            let bears = |object: &&Object| object.meta().annotations.contains_key(LAST_APPLIED);
            let noted = Kind::all().flat_map(|kind| view.objects(kind, None)).filter(bears);
            let found: Vec<ObjectKey> = view.applied().map(Object::key).collect();
            assert_eq!(found, noted.map(Object::key).collect::<Vec<_>>(), "at {:?}", view.at());
            most = most.max(found.len());
        }
        assert_eq!((most, history.at(end).applied().count()), (2, 1));
        assert_eq!(history.applied().len(), 2, "nothing else is looked at");
    }

    /// At every frame the page has the run go on. To tell all of it again would take longer than a frame, and its subjects are
    /// thousands: both are kept as they are.
    #[test]
    fn what_is_recorded_far_enough_is_not_told_again() {
        let mut timeline = Timeline::restore(start(1), vec![(acts(1), None)], 0);
        record_all(&mut timeline, 500);
        let told = timeline.story().beats.as_ptr();
        record_all(&mut timeline, 500);
        assert_eq!(timeline.story().beats.as_ptr(), told);
        let subjects = timeline.story().beats[0].subjects.clone();
        timeline.unfold(SimTime::ZERO);
        assert!(timeline.story().beats.as_ptr() != told, "a wait that is opened is told");
        assert!(Rc::ptr_eq(&timeline.story().beats[0].subjects, &subjects));
    }

    #[test]
    fn a_fork_is_what_a_fresh_run_with_the_same_acts_is() {
        for seed in 10..14 {
            let mut timeline = Timeline::new(start(seed));
            for Acted { at, act } in acts(seed) {
                // Every act is done at the front: no branch begins, whatever was recorded ahead.
                record_all(&mut timeline, 500);
                assert_eq!(timeline.act(at, act).branch, None);
                timeline.show(at);
            }
            record_all(&mut timeline, 500);
            timeline.show(timeline.history().end());
            let whole = timeline.history().digest();
            let at = SimTime(stable_hash(seed, &"fork") % timeline.history().end().0).max(SimTime::millis(4));
            let act = Act::Command("kubectl scale deployment web --replicas=2".into());
            let done = timeline.act(at, act.clone());
            assert_eq!(done.branch, Some(1));
            assert_eq!(timeline.origin(1), Some(Origin { branch: 0, at }));
            record_all(&mut timeline, 500);

            let mut same: Vec<Acted> = acts(seed).into_iter().filter(|acted| acted.at <= at).collect();
            same.push(Acted { at, act });
            assert_eq!(timeline.acts(), same, "seed {seed}");
            let mut fresh = Timeline::restore(start(seed), vec![(same, None)], 0);
            record_all(&mut fresh, 10_000);
            assert_eq!(timeline.history().digest(), fresh.history().digest(), "seed {seed} forked at {at:?}");
            assert!(timeline.story() == fresh.story(), "seed {seed} forked at {at:?}");
            // The run itself is as it was.
            assert!(timeline.look_at(0));
            assert_eq!(timeline.history().digest(), whole);
        }
    }

    #[test]
    fn what_was_recorded_and_never_shown_leaves_no_branch() {
        let mut timeline = Timeline::new(start(1));
        timeline.act(SimTime::ZERO, Act::Command(COMMANDS[0].into()));
        record_all(&mut timeline, 500);
        timeline.show(SimTime::millis(500));
        let done = timeline.act(SimTime::millis(500), Act::Command("kubectl delete deployment web".into()));
        assert_eq!((done.branch, timeline.branches()), (None, 1));
        assert!(timeline.history().end() < SimTime::millis(600));
        record_all(&mut timeline, 500);
        assert!(timeline.story().is_whole);
    }

    #[test]
    fn a_run_that_never_ends_is_recorded_ten_minutes_ahead() {
        let crashes = "
apiVersion: v1
kind: Pod
metadata: {name: crashes}
spec: {containers: [{name: sh, image: busybox:1.36, command: [sh, -c, sleep 1; exit 1]}]}
";
        let mut timeline =
            Timeline::new(Start { files: [("app.yaml".into(), crashes.into())].into(), ..start(1) });
        timeline.act(SimTime::ZERO, Act::Command(COMMANDS[0].into()));
        while timeline.record(SimTime::ZERO, 500) {}
        let end = timeline.history().end();
        assert!(!timeline.story().is_whole);
        assert!((SimTime::millis(250_000)..=SimTime(AHEAD)).contains(&end), "{end:?}");
        while timeline.record(SimTime::millis(300_000), 500) {}
        assert!(timeline.history().end() > end);
    }

    #[test]
    fn a_run_comes_to_rest_where_nothing_is_left_but_what_is_tried_again_and_again() {
        const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: IMAGE}]\n";
        let planned = format!(
            "{SCALED}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: later}}\nspec:\n  containers: [{{name: c, image: 'busybox:1.36', command: [sleep, '7200']}}]\n"
        );
        let cases = [
            ("nobody scales it", SCALED, true),
            ("nobody scales it, and another Pod ends after two hours", &planned, false),
            (
                "it prints again and again",
                "    command: [sh, -c, 'while true; do date; sleep 5; done']\n",
                false,
            ),
            ("it fits nowhere", "  nodeSelector: {disk: ssd}\n", false),
            ("it runs", "", false),
            ("it crashes", "    command: [sh, -c, exit 1]\n", false),
            ("it ends after an hour", "    command: [sleep, '3600']\n", false),
            ("a Job an hour", HOURLY, false),
        ];
        let found = cases.map(|(name, text, rests)| {
            let image = if text.contains("command") { "busybox:1.36" } else { "nginx:1.27" };
            let text = match text.strip_prefix("    command") {
                Some(rest) => POD.replace("IMAGE}]", &format!("{image}, command{}}}]", rest.trim_end())),
                None if text.contains("kind") => text.to_owned(),
                None => format!("{}{text}", POD.replace("IMAGE", image)),
            };
            let mut timeline =
                Timeline::new(Start { files: [("app.yaml".into(), text.into())].into(), ..start(1) });
            timeline.act(SimTime::ZERO, Act::Command(COMMANDS[0].into()));
            for minute in 0..30 {
                while timeline.record(SimTime::millis(minute * 60_000), 5_000) {}
            }
            let story = timeline.story();
            let last = story.beats.last().expect("a beat").to;
            assert!(story.rests.is_none_or(|rests| rests.since(last) == 600 * SECOND), "{name}");
            (name, rests, story.rests.is_some())
        });
        assert_eq!(found, cases.map(|(name, _, rests)| (name, rests, rests)));
    }

    const SCALED: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.27', resources: {requests: {cpu: 100m}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
";

    const HOURLY: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: hourly}
spec:
  schedule: '0 * * * *'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: c, image: 'busybox:1.36', command: [date]}]}
";

    #[test]
    fn a_run_that_is_full_ends_in_the_same_place_however_it_is_recorded_and_goes_on_from_an_earlier_one() {
        let full = |budget| {
            let mut timeline = Timeline::restore(start(1), vec![(acts(1), None)], 0);
            timeline.line_mut().hold(600);
            record_all(&mut timeline, budget);
            timeline
        };
        let mut timeline = full(1);
        let story = timeline.story();
        assert!(story.is_full && story.is_over() && !story.is_whole);
        assert!((600..700).contains(&timeline.history().records().len()));
        assert_eq!(timeline.history().digest(), full(97).history().digest());
        let end = timeline.history().end();
        assert!(!timeline.record(end, 500), "it goes no further");
        timeline.line_mut().hold(100_000);
        timeline.show(end);
        timeline.act(end, Act::Command(COMMANDS[2].into()));
        record_all(&mut timeline, 500);
        assert!(timeline.story().is_whole && !timeline.story().is_full);
    }
}
