//! Laws of sameness: a session has one course, however it is played or looked at.

use crate::case::Case;
use crate::draw::Draw;
use podium::api::{Kind, Object};
use podium::cluster::time::{MILLI, SECOND, SimTime};
use podium::timeline::{Act, Acted, History, Timeline};

/// Until when these laws are checked; what comes later goes on in the same way.
const UNTIL: SimTime = SimTime(60 * SECOND);

fn objects(history: &History, at: SimTime) -> Vec<&Object> {
    let view = history.at(at);
    Kind::all().flat_map(|kind| view.objects(kind, None).collect::<Vec<_>>()).collect()
}

/// The records of a timeline up to a time.
fn recorded(timeline: &mut Timeline, budget: usize, until: SimTime) {
    while timeline.history().end() <= until && timeline.record(SimTime::ZERO, budget) {}
}

/// The acts up to a time.
fn acts(case: &Case, until: SimTime) -> Vec<Acted> {
    case.all().into_iter().filter(|acted| acted.at <= until).collect()
}

/// What is not the same and should be.
pub(crate) fn findings(case: &Case) -> Vec<String> {
    let draw = Draw::new(case.seed).of("same", 0);
    let acts = acts(case, UNTIL);
    let mut found = Vec::new();
    let whole = case.run_to(&acts, UNTIL).1;
    if whole.digest() != case.run_to(&acts, UNTIL).1.digest() {
        found.push("a second run has other records".into());
    }
    let mut timeline = Timeline::restore(case.start.clone(), vec![(acts.clone(), None)], 0);
    recorded(&mut timeline, draw.below("budget", 3_000) as usize + 1, UNTIL);
    // A run that is quiet is not recorded further.
    let end = timeline.history().end().min(UNTIL);
    for n in 0..3 {
        let at = SimTime(draw.of("look", n).below("at", end.0));
        let fresh = case.run_to(&acts, at).1;
        if objects(timeline.history(), at) != objects(&fresh, at) {
            found.push(format!("the state that is looked up at {at:?} is not that which running gives"));
        }
        if timeline.history().records_within(SimTime(1), at) != fresh.records_within(SimTime(1), at) {
            found.push(format!("the records up to {at:?} are not those which running gives"));
        }
    }
    let at = SimTime(draw.below("fork", UNTIL.0 - SECOND) + MILLI);
    let act = Act::Command("kubectl delete pod --all --wait=false".into());
    timeline.show(UNTIL);
    if timeline.act(at, act.clone()).branch.is_none() {
        found.push(format!("an act at {at:?} begins no branch"));
    }
    recorded(&mut timeline, 1_000, UNTIL);
    let mut same: Vec<Acted> = acts.into_iter().filter(|acted| acted.at <= at).collect();
    same.push(Acted { at, act });
    let fresh = case.run_to(&same, UNTIL).1;
    let end = timeline.history().end().min(UNTIL);
    let (forked, fresh) =
        (timeline.history().records_within(SimTime(1), end), fresh.records_within(SimTime(1), end));
    if forked != fresh {
        found.push(format!("a fork at {at:?} is not what a fresh run is"));
    }
    found
}
