//! The playhead: a machine of commands. It moves in stage time and stops at the end.

use super::beats::{Grain, Story};
use super::history::History;
use super::tempo::StageTime;
use crate::cluster::time::{MILLI, Micros, SimTime};

/// How fast it plays, in hundredths: 100 is as the tempo has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Speed(u32);

impl Speed {
    /// As the tempo has it.
    pub const ONE: Speed = Speed(100);
    /// So many hundredths, at least 1 and at most 10,000.
    pub fn hundredths(hundredths: u32) -> Self {
        Self(hundredths.clamp(1, 10_000))
    }
    /// In hundredths.
    pub fn as_hundredths(self) -> u32 {
        self.0
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self::ONE
    }
}

/// What the playhead is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Plays on.
    Play,
    /// Plays along with what goes on: past the end of what is there it waits for more, and the further it is behind, the
    /// faster it plays.
    Follow,
    /// Stands still.
    Pause,
    /// Plays where it stands, stands where it plays. At the end it begins anew.
    Toggle,
    /// Plays to the end of the beat and stops; where it stands at one, to the end of the next. Told again on the way,
    /// it is at that end at once and goes on to the next: each time is one beat.
    BeatOn,
    /// Stands at another place: forward where true.
    Step(Grain, bool),
    /// Goes to a moment, and goes on playing if it did.
    Seek(SimTime),
    /// Goes to a place on the stage, and goes on playing if it did.
    SeekStage(StageTime),
    /// Stands at the beginning.
    ToStart,
    /// Stands at the end of what there is to be told; past it, it stays.
    ToEnd,
    /// Plays at this speed from now on.
    Speed(Speed),
}

/// One that follows is there within about so long, however far it is behind, in microseconds.
const CATCHES_UP: Micros = 900 * MILLI;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Stands,
    /// Plays, from that moment on.
    Plays(SimTime),
    /// Plays along with what goes on.
    Follows,
    /// Plays until a moment.
    PlaysTo(SimTime),
}

/// The playhead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Playhead {
    stage: StageTime,
    sim: SimTime,
    mode: Mode,
    speed: Speed,
    /// What the last steps were short of a microsecond, in hundredths.
    rest: u64,
}

impl Playhead {
    /// Where it is in simulated time.
    pub fn sim(&self) -> SimTime {
        self.sim
    }
    /// Where it is on the stage.
    pub fn stage(&self) -> StageTime {
        self.stage
    }
    /// Whether it moves by itself.
    pub fn is_playing(&self) -> bool {
        self.mode != Mode::Stands
    }
    /// Whether it plays along with what goes on.
    pub fn is_following(&self) -> bool {
        self.mode == Mode::Follows
    }
    /// Whether it goes anywhere in this story as it is: past its end one that follows only waits.
    pub fn moves(&self, story: &Story) -> bool {
        self.is_playing() && !(self.is_following() && self.stage >= story.tempo.duration())
    }
    /// How fast it plays.
    pub fn speed(&self) -> Speed {
        self.speed
    }
    /// Stands at a moment, and keeps its speed.
    pub fn stand(&mut self, at: SimTime, story: &Story) {
        self.mode = Mode::Stands;
        self.go(at, story);
    }
    fn go(&mut self, at: SimTime, story: &Story) {
        self.sim = at.min(story.end());
        self.stage = story.tempo.stage(self.sim);
        self.rest = 0;
    }
    fn plays_from_here(&mut self) {
        if let Mode::Plays(from) = &mut self.mode {
            *from = self.sim;
        }
    }
    /// Does what it is told.
    pub fn apply(&mut self, command: Command, story: &Story, history: &History) {
        match command {
            Command::Play => self.mode = Mode::Plays(self.sim),
            Command::Follow => self.mode = Mode::Follows,
            Command::Pause => self.mode = Mode::Stands,
            Command::Toggle if self.is_playing() => self.mode = Mode::Stands,
            Command::Toggle => {
                if self.sim >= story.end() && story.is_over() {
                    self.go(SimTime::ZERO, story);
                }
                self.mode = Mode::Plays(self.sim);
            }
            Command::BeatOn => {
                if let Mode::PlaysTo(at) = self.mode {
                    self.go(at, story);
                }
                let target = story.step(history, self.sim, Grain::Beat, true);
                self.mode = target.map_or(Mode::Stands, Mode::PlaysTo);
            }
            Command::Step(grain, is_forward) => {
                // Back from a beat that plays on is back from its end, however little of it was played.
                let from = match self.mode {
                    Mode::PlaysTo(end) if grain == Grain::Beat && !is_forward => end,
                    _ => self.sim,
                };
                self.mode = Mode::Stands;
                if let Some(at) = story.step(history, from, grain, is_forward) {
                    self.go(at, story);
                }
            }
            Command::Seek(at) => {
                self.go(at, story);
                self.plays_from_here();
            }
            Command::SeekStage(at) => {
                self.stage = at.min(story.tempo.duration());
                self.sim = story.tempo.sim(self.stage);
                self.rest = 0;
                self.plays_from_here();
            }
            Command::ToStart => {
                self.mode = Mode::Stands;
                self.go(SimTime::ZERO, story);
            }
            Command::ToEnd => {
                self.mode = Mode::Stands;
                self.go(story.end_of_telling().max(self.sim), story);
            }
            Command::Speed(speed) => self.speed = speed,
        }
    }
    /// Lets so many milliseconds of watching pass. True where it moved. At the end it stops, and where a run that never ends has come
    /// to rest; where more is still to be recorded it only waits.
    pub fn advance(&mut self, millis: u32, story: &Story) -> bool {
        let target = match self.mode {
            Mode::Stands => return false,
            // Where only what is tried again and again is left, it stops. From there it is played on by who wants to see that.
            Mode::Plays(from) => {
                story.rests.filter(|rests| *rests > from && *rests >= self.sim).unwrap_or_else(|| story.end())
            }
            Mode::Follows => story.end(),
            Mode::PlaysTo(at) => at.min(story.end()),
        };
        let until = story.tempo.stage(target);
        let behind = until.since(self.stage) / CATCHES_UP;
        let speed = match self.mode {
            Mode::Follows => u64::from(self.speed.0).max(behind.saturating_mul(100)),
            _ => u64::from(self.speed.0),
        };
        let hundredths = (u64::from(millis) * 1_000).saturating_mul(speed) + self.rest;
        let stage = StageTime(self.stage.0 + hundredths / 100);
        let before = *self;
        if stage < until {
            (self.stage, self.rest) = (stage, hundredths % 100);
            self.sim = story.tempo.sim(stage).min(target);
        } else {
            self.go(target, story);
            let is_there = match self.mode {
                Mode::PlaysTo(at) => at <= target,
                Mode::Plays(_) => story.rests == Some(target),
                Mode::Stands | Mode::Follows => false,
            };
            if is_there || story.is_over() {
                self.mode = Mode::Stands;
            }
        }
        (self.stage, self.sim) != (before.stage, before.sim)
    }
    /// Takes its place again in a story that has changed: it stays at its moment.
    pub fn settle(&mut self, story: &Story) {
        if story.tempo.sim(self.stage) != self.sim {
            self.go(self.sim, story);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::cluster::time::{MILLI, SECOND};
    use crate::timeline::beats::{Beat, Sentence};
    use crate::timeline::{Act, Start, Timeline};
    use std::rc::Rc;

    /// Two beats of a second each: 10 ms and 5 s long, the second of them a fold.
    fn story() -> Story {
        let mut story = Story { is_whole: true, ..Story::default() };
        for (index, (from, to)) in [(0, 10), (10, 5_010)].into_iter().enumerate() {
            story.beats.push(Beat {
                index,
                chapter: 0,
                from: SimTime::millis(from),
                begins: SimTime::millis(from),
                to: SimTime::millis(to),
                number: None,
                branch: None,
                records: Vec::new(),
                subjects: Rc::default(),
                say: Sentence::new("", []),
            });
        }
        story.tempo.play(SimTime::millis(10), &[], SECOND);
        story.tempo.play(SimTime::millis(5_010), &[], SECOND);
        story
    }

    fn told(playhead: &mut Playhead, commands: &[Command], story: &Story) {
        for command in commands {
            playhead.apply(*command, story, &History::default());
        }
    }

    #[test]
    fn it_plays_at_its_speed_and_stops_at_the_end() {
        let story = story();
        let mut playhead = Playhead::default();
        assert!(!playhead.advance(16, &story), "it stands until it is told to play");
        told(&mut playhead, &[Command::Play, Command::Speed(Speed::hundredths(50))], &story);
        assert!(playhead.advance(1_000, &story));
        assert_eq!((playhead.stage(), playhead.sim()), (StageTime::millis(500), SimTime::millis(5)));
        told(&mut playhead, &[Command::Speed(Speed::hundredths(1))], &story);
        // A hundredth of a frame is not lost.
        for _ in 0..100 {
            playhead.advance(1, &story);
        }
        assert_eq!(playhead.stage(), StageTime(501 * MILLI));
        told(&mut playhead, &[Command::Speed(Speed::hundredths(10_000))], &story);
        playhead.advance(100, &story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (SimTime::millis(5_010), false));
        told(&mut playhead, &[Command::Toggle], &story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (SimTime::ZERO, true));
    }

    #[test]
    fn it_waits_where_more_is_to_come() {
        let mut story = story();
        story.is_whole = false;
        let mut playhead = Playhead::default();
        told(&mut playhead, &[Command::Play], &story);
        playhead.advance(60_000, &story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (story.end(), true));
        story.tempo.play(SimTime::millis(5_020), &[], SECOND);
        playhead.settle(&story);
        assert!(playhead.advance(500, &story));
        assert_eq!(playhead.sim(), SimTime::millis(5_015));
    }

    #[test]
    fn it_stops_where_a_run_that_never_ends_has_come_to_rest_and_goes_on_from_there() {
        let mut story = story();
        story.is_whole = false;
        let rests = SimTime::millis(605_010);
        story.tempo.play(rests, &[], SECOND);
        story.tempo.play(SimTime::millis(900_000), &[], SECOND);
        story.rests = Some(rests);
        let mut playhead = Playhead::default();
        told(&mut playhead, &[Command::Play], &story);
        playhead.advance(60_000, &story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (rests, false));
        assert_eq!(story.say(rests).id, "say.rests");
        told(&mut playhead, &[Command::Toggle], &story);
        playhead.advance(60_000, &story);
        assert_eq!(
            (playhead.sim(), playhead.is_playing()),
            (story.end(), true),
            "who plays on from there sees it"
        );
        told(&mut playhead, &[Command::Seek(SimTime::millis(5_000))], &story);
        playhead.advance(60_000, &story);
        assert_eq!(
            (playhead.sim(), playhead.is_playing()),
            (rests, false),
            "from before it stops there again"
        );
    }

    #[test]
    fn the_end_of_a_run_that_never_rests_is_its_last_beat() {
        let mut story = story();
        let last = story.end();
        story.tempo.play(SimTime::millis(4_500_000), &[], SECOND);
        let mut playhead = Playhead::default();
        told(&mut playhead, &[Command::ToEnd], &story);
        assert_eq!(playhead.sim(), story.end(), "a run that rests is shown until it does");
        story.is_whole = false;
        told(&mut playhead, &[Command::ToStart, Command::ToEnd, Command::ToEnd], &story);
        assert_eq!(playhead.sim(), last);
        let past = SimTime::millis(60_000);
        told(&mut playhead, &[Command::Seek(past), Command::ToEnd], &story);
        assert_eq!(playhead.sim(), past);
    }

    #[test]
    fn a_step_of_a_second_stands_at_full_seconds() {
        let story = story();
        let mut playhead = Playhead::default();
        let step = |is_forward| Command::Step(Grain::Second, is_forward);
        let mut stops = Vec::new();
        for is_forward in [true, true, false, false, false] {
            told(&mut playhead, &[step(is_forward)], &story);
            stops.push(playhead.sim().0 / MILLI);
        }
        assert_eq!(stops, [1_000, 2_000, 1_000, 0, 0]);
        told(&mut playhead, &[Command::Seek(story.end()), step(true)], &story);
        assert_eq!(playhead.sim(), story.end());
        told(&mut playhead, &[step(false)], &story);
        assert_eq!(playhead.sim(), SimTime::millis(5_000));
    }

    #[test]
    fn space_goes_a_beat_on() {
        let story = story();
        let mut playhead = Playhead::default();
        for end in [10, 5_010] {
            told(&mut playhead, &[Command::BeatOn], &story);
            assert!(playhead.is_playing());
            playhead.advance(700, &story);
            assert!(playhead.sim() < SimTime::millis(end));
            playhead.advance(700, &story);
            assert_eq!((playhead.sim(), playhead.is_playing()), (SimTime::millis(end), false));
        }
        told(&mut playhead, &[Command::BeatOn], &story);
        assert!(!playhead.is_playing());
    }

    #[test]
    fn each_press_of_space_goes_a_beat_on_however_quickly_they_follow() {
        let story = story();
        let mut playhead = Playhead::default();
        told(&mut playhead, &[Command::BeatOn], &story);
        playhead.advance(100, &story);
        told(&mut playhead, &[Command::BeatOn], &story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (SimTime::millis(10), true));
        told(&mut playhead, &[Command::BeatOn], &story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (SimTime::millis(5_010), false));
    }

    #[test]
    fn back_after_quick_presses_of_space_is_one_beat_back() {
        let story = story();
        for advanced in [0, 100] {
            let mut playhead = Playhead::default();
            told(&mut playhead, &[Command::BeatOn, Command::BeatOn], &story);
            playhead.advance(advanced, &story);
            told(&mut playhead, &[Command::Step(Grain::Beat, false)], &story);
            assert_eq!((playhead.sim(), playhead.is_playing()), (SimTime::millis(10), false), "{advanced}");
        }
    }

    #[test]
    fn steps_stand_at_the_ends_of_beats_both_ways() {
        let story = story();
        let mut playhead = Playhead::default();
        let mut stops = Vec::new();
        for is_forward in [true, true, true, false, false, false] {
            told(&mut playhead, &[Command::Step(Grain::Beat, is_forward)], &story);
            stops.push(playhead.sim().0 / MILLI);
        }
        assert_eq!(stops, [10, 5_010, 5_010, 10, 0, 0]);
        told(&mut playhead, &[Command::Seek(SimTime::millis(99_999))], &story);
        assert_eq!(playhead.sim(), story.end());
        told(&mut playhead, &[Command::SeekStage(StageTime::millis(500))], &story);
        assert_eq!(playhead.sim(), SimTime::millis(5));
    }

    /// A drain asks every five seconds and is refused as before: that is no news, however long it goes on.
    #[test]
    fn a_run_comes_to_rest_where_a_command_is_refused_again_and_again() {
        let text = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'nginx:1.27'}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
";
        let (setup, files) = (Setup::with_seed(1), [("app.yaml".into(), text.into())].into());
        let mut timeline = Timeline::new(Start { setup, namespace: "default".into(), files });
        timeline.act(SimTime::ZERO, Act::Command("kubectl apply -f app.yaml".into()));
        while timeline.record(SimTime::millis(20_000), 5_000) {}
        timeline.act(SimTime::millis(20_000), Act::Command("kubectl drain node-1".into()));
        for minute in 0..20 {
            while timeline.record(SimTime::millis(minute * 60_000), 5_000) {}
        }
        let story = timeline.story();
        let last = story.beats.last().expect("a beat");
        assert_eq!(last.say.id, "say.eviction-refused");
        assert!(last.records.len() > 100 && last.to < SimTime::millis(22_000), "{:?}", last.to);
        let rests = last.to + 600 * SECOND;
        assert_eq!(story.rests, Some(rests));
        let mut playhead = Playhead::default();
        playhead.stand(SimTime::millis(20_000), story);
        playhead.apply(Command::Play, story, timeline.history());
        playhead.advance(60_000, story);
        assert_eq!((playhead.sim(), playhead.is_playing()), (rests, false));
        playhead.apply(Command::Play, story, timeline.history());
        playhead.advance(60_000, story);
        assert!(playhead.sim() > rests && playhead.is_playing(), "it goes on when it is asked to");
    }
}
