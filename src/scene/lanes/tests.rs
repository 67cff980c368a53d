//! What the lanes show of recorded runs.

use super::{ALL, Lanes, MOST, Of, Wait, apart, lanes, ticks, waits};
use crate::api::{Kind, ObjectKey};
use crate::cluster::time::{SECOND, SimTime};
use crate::scene::views::testing::play;
use crate::timeline::Timeline;
use crate::words::Language;
use expect_test::expect;

const APP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.25'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: lost}
spec: {containers: [{name: web, image: 'nginx:1.25', resources: {requests: {cpu: '900'}}}]}
";

fn app() -> Timeline {
    play(&[("app.yaml", APP)], &[(0, "kubectl apply -f app.yaml"), (30_000, "kubectl delete pod lost")])
}

fn laid(timeline: &Timeline, chosen: Option<&ObjectKey>, most: usize, wide: f32) -> Lanes {
    lanes(Of { history: timeline.history(), story: timeline.story(), chosen, most, wide })
}

/// The waits over them.
fn waiting(timeline: &Timeline, lanes: &Lanes) -> Vec<Wait> {
    waits(&timeline.story().tempo, lanes, Language::En, SimTime::ZERO)
}

/// Each lane with its bands and its marks, by where they begin.
fn told(timeline: &Timeline, lanes: &Lanes) -> String {
    let mut out = String::new();
    for lane in &lanes.lanes {
        out.push_str(&format!("{} {}\n", lane.key.kind.info().name, lane.name));
        for band in &lane.bands {
            let word = if band.fits { format!("[{}]", band.word) } else { band.word.to_string() };
            out.push_str(&format!("  {:.0}+{:.0} {word}\n", band.x, band.wide));
        }
        for mark in &lane.marks {
            let sign = if mark.is_warning { '!' } else { '.' };
            out.push_str(&format!("  {sign} {:.0} {} x{}\n", mark.x, mark.reason, mark.count));
        }
    }
    let waits = waiting(timeline, lanes);
    let waits = waits.iter().map(|wait| format!("{:.0} {} s", wait.x, wait.long / 1_000_000));
    out + &format!("{} more, waits {:?}\n", lanes.rest, waits.collect::<Vec<_>>())
}

#[test]
fn an_object_has_a_lane_with_its_states_and_its_events() {
    let timeline = app();
    let lanes = laid(&timeline, None, MOST, 1200.0);
    expect![[r#"
        Deployment web
          384+522 [0/2]
          907+135 [1/2]
          1043+146 [2/2]
          . 521 ScalingReplicaSet x1
        ReplicaSet web-599978bdb5
          457+448 [0/2]
          906+107 [1/2]
          1014+175 [2/2]
          . 613 SuccessfulCreate x1
          . 677 SuccessfulCreate x1
        Pod lost
          496+675 [Pending]
          1172+2 Terminating
          ! 561 FailedScheduling x1
        Pod web-599978bdb5-hztc5
          548+189 [Pending]
          739+166 [ContainerCreating]
          906+283 [Running]
          . 679 Scheduled x1
          . 796 Pulling x1
          . 836 Pulled x2
          . 903 Started x1
        Pod web-599978bdb5-sgprg
          621+123 [Pending]
          745+239 [ContainerCreating]
          985+204 [Running]
          . 738 Scheduled x1
          . 813 Pulling x1
          . 863 Pulled x1
          . 887 Created x1
          . 946 Started x1
        0 more, waits ["1054 28 s"]
    "#]]
    .assert_eq(&told(&timeline, &lanes));
    for lane in &lanes.lanes {
        for pair in lane.bands.windows(2) {
            assert!(pair[0].x <= pair[1].x && pair[0].at < pair[1].at, "{:?}", lane.key);
        }
        let ends = lane.bands.iter().map(|band| band.x + band.wide);
        assert!(ends.into_iter().all(|end| end <= lanes.left + lanes.wide + 2.0), "{:?}", lane.key);
    }
}

#[test]
fn only_what_matters_has_a_lane_and_the_rest_is_counted() {
    let timeline = app();
    let few = laid(&timeline, None, 1, 1200.0);
    assert_eq!((few.lanes.len(), &*few.lanes[0].key.name), (1, "lost"), "what is in trouble");
    assert_eq!(few.rest + 1, laid(&timeline, None, ALL, 1200.0).lanes.len());
    let chosen = ObjectKey::new(Kind::Deployment, "default", "web");
    let family = laid(&timeline, Some(&chosen), 4, 390.0);
    let kinds: Vec<Kind> = family.lanes.iter().map(|lane| lane.key.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::Pod],
        "the family of what is chosen"
    );
}

#[test]
fn a_wait_that_is_opened_is_marked_as_such() {
    let mut timeline = app();
    let lanes = laid(&timeline, None, MOST, 1200.0);
    let first = |timeline: &Timeline| waiting(timeline, &lanes)[0].clone();
    let wait = first(&timeline);
    assert!(!wait.is_open && wait.from[0] > SimTime::ZERO);
    timeline.unfold(wait.from[0]);
    let opened = first(&timeline);
    assert_eq!((opened.is_open, &opened.from), (true, &wait.from));
    timeline.unfold(wait.from[0]);
    assert_eq!(first(&timeline), wait);
}

#[test]
fn before_a_question_nothing_is_told_of_what_comes_after_it() {
    let timeline = app();
    let (until, story) = (SimTime::millis(1_000), timeline.story());
    let history = timeline.history().known_until(until);
    let lanes = lanes(Of { history: &history, story, chosen: None, most: MOST, wide: 1200.0 });
    let whole = laid(&timeline, None, MOST, 1200.0);
    assert_eq!((lanes.left, lanes.wide), (whole.left, whole.wide), "time stays where it is");
    let share = story.tempo.stage(until).0 as f32 / story.tempo.duration().0 as f32;
    let end = lanes.left + share * lanes.wide;
    assert!(!lanes.lanes.is_empty());
    for lane in &lanes.lanes {
        assert!(
            lane.bands.iter().all(|band| band.at <= until && band.x + band.wide <= end + 2.0),
            "{lane:?}"
        );
        assert!(lane.marks.iter().all(|mark| mark.at <= until), "{lane:?}");
    }
    assert!(!waiting(&timeline, &whole).is_empty() && waiting(&timeline, &lanes).is_empty());
}

#[test]
fn lanes_stay_quick_to_lay_out_in_a_crowd() {
    let crowd = APP.replace("replicas: 2", "replicas: 80");
    let timeline = play(&[("app.yaml", &crowd)], &[(0, "kubectl apply -f app.yaml")]);
    let lanes = laid(&timeline, None, MOST, 1200.0);
    assert_eq!(lanes.lanes.len(), MOST);
    assert!(lanes.rest > 60, "{}", lanes.rest);
}

#[test]
fn waits_that_lie_too_near_are_told_in_one() {
    let wait = |second: u64, x: f32, long: u64, is_open: bool| Wait {
        from: vec![SimTime::millis(second * 1_000)],
        long: long * SECOND,
        word: format!("{long} s").into(),
        x,
        signs: vec![x],
        is_open,
    };
    let all = vec![
        wait(1, 100.0, 3, false),
        wait(2, 120.0, 290, false),
        wait(3, 130.0, 4, true),
        wait(4, 150.0, 2, false),
        wait(5, 300.0, 8, false),
    ];
    let told = apart(all.clone(), [100.0, 306.0], Language::En, SimTime::ZERO);
    let words: Vec<&str> = told.iter().map(|wait| &*wait.word).collect();
    assert_eq!(words, ["4 min 53 s", "4 s", "2 s", "8 s"], "together as long as all of them");
    let ends: Vec<[f32; 2]> =
        told.iter().map(|wait| [-1.0, 1.0].map(|side| wait.x + side * wait.half())).collect();
    assert!(ends.is_sorted_by(|a, b| a[1] <= b[0] + 0.01), "no two lie over each other: {ends:?}");
    assert!(ends[0][0] >= 93.9 && ends[3][1] <= 312.1, "within the lanes: {ends:?}");
    assert_eq!((told[0].from.len(), &told[0].signs[..]), (2, &[100.0][..]), "its signs do not touch");
    // What is past is not told in one with what is to come.
    let told = apart(all, [100.0, 306.0], Language::En, SimTime::millis(1_500));
    let words: Vec<&str> = told.iter().map(|wait| &*wait.word).collect();
    assert_eq!(words[..2], ["3 s", "290 s"]);
}

#[test]
fn what_is_told_in_one_is_so_in_every_language() {
    let timeline = app();
    let tempo = &timeline.story().tempo;
    for wide in [390.0, 758.0, 1200.0] {
        let lanes = laid(&timeline, None, MOST, wide);
        let told = |language| waits(tempo, &lanes, language, SimTime::ZERO).into_iter().map(|wait| wait.from);
        assert!(told(Language::En).eq(told(Language::Ko)), "{wide}");
    }
    // Between signs beside each other is nothing, though their words have room.
    let wait = |second: u64, x: f32| Wait {
        from: vec![SimTime::millis(second * 1_000)],
        long: SECOND,
        word: "1 s".into(),
        x,
        signs: vec![x],
        is_open: false,
    };
    let all = vec![wait(1, 100.0), wait(2, 129.0), wait(3, 190.0)];
    let told = apart(all, [0.0, 400.0], Language::En, SimTime::ZERO);
    assert_eq!(told.iter().map(|wait| &*wait.word).collect::<Vec<_>>(), ["2 s", "1 s"]);
}

#[test]
fn the_clock_is_told_between_the_waits() {
    let timeline = app();
    let (tempo, lanes) = (&timeline.story().tempo, laid(&timeline, None, MOST, 1200.0));
    let waits = waiting(&timeline, &lanes);
    let all = ticks(tempo, &lanes, &waits);
    assert!(all.len() > 2 && all.is_sorted_by(|a, b| a.at < b.at && a.x < b.x), "{all:?}");
    for tick in &all {
        assert_eq!(*tick.word, *tick.at.clock());
        assert!(waits.iter().all(|wait| tick.x < wait.across()[0] || tick.x > wait.across()[1]), "{tick:?}");
    }
    let mut before = lanes;
    before.until = Some(all[1].at);
    assert_eq!(ticks(tempo, &before, &waits), all[..2], "nothing is told of what comes after a question");
}
