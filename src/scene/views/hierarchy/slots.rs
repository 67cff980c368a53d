//! Which Pods of an owner have a place, and which one.
//!
//! A Pod takes the lowest free slot of its owner when it is made, and keeps it until it is gone. In a crowd that is its
//! place; few Pods stand together in the order in which they came. Room is made just before somebody comes and closed just
//! after somebody has gone ([`Reach::Now`]); how large all are drawn is decided for the whole chapter ([`Reach::Chapter`]).

use super::super::Stage;
use super::super::objects::Life;
use super::cast::{MOST_IMAGES, Maker, REVISION, images};
use crate::api::Object;
use crate::api::objects::Pod;
use crate::cluster::time::{MILLI, Micros, SimTime};
use crate::timeline::StageTime;
use std::collections::BTreeSet;
use std::rc::Rc;

/// For whom there is a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// For all that the chapter brings.
    Chapter,
    /// For those that are there, and a moment before and after. What is made from nothing in this chapter has its places from
    /// the beginning: it grows where it will stand.
    Now,
}

/// How long before somebody comes there is a place, and how long after somebody has gone, on the stage.
const MOMENT: Micros = 450 * MILLI;
/// Up to so many Pods of an owner stand together; in a larger crowd each keeps its place.
const TOGETHER: usize = 24;

/// The Pods of one who makes them, or of nobody.
#[derive(Debug)]
pub(super) struct Branch<'a> {
    pub(super) set: Option<Maker<'a>>,
    /// The Pods that are there, each with its slot.
    pub(super) pods: Vec<(usize, &'a Rc<Pod>)>,
    /// How many slots there are.
    pub(super) slots: usize,
    /// How many images a Pod's card shows at most.
    pub(super) images: usize,
}

impl Branch<'_> {
    /// The number of the ReplicaSet's rollout.
    pub(super) fn revision(&self) -> Option<&str> {
        let set = self.set.as_ref()?;
        set.now.unwrap_or(set.first).meta().annotations.get(REVISION).map(|revision| &**revision)
    }
}

/// The times that decide who has a place.
pub(super) struct Times {
    pub(super) chapter: [SimTime; 2],
    /// Who is there within this has a place.
    pub(super) reach: [SimTime; 2],
}

impl Times {
    pub(super) fn new(stage: &Stage, reach: Reach) -> Self {
        let chapter = stage.chapter();
        let (at, tempo) = (stage.view.at(), &stage.story.tempo);
        let moment = |stage: u64| tempo.sim(StageTime(stage));
        let reach = match reach {
            Reach::Chapter => chapter,
            Reach::Now => [
                moment(stage.at.0.saturating_sub(MOMENT)).clamp(chapter[0], at.max(chapter[0])),
                moment(stage.at.0 + MOMENT).clamp(at, chapter[1].max(at)),
            ],
        };
        Self { chapter, reach }
    }
}

/// The Pods of one who was made at `made`, or of nobody.
pub(super) fn branch<'a>(
    set: Option<Maker<'a>>,
    lives: Vec<Life<'a>>,
    times: &Times,
    made: SimTime,
) -> Branch<'a> {
    let mut free: BTreeSet<usize> = BTreeSet::new();
    let mut taken: BTreeSet<(SimTime, usize)> = BTreeSet::new();
    let mut branch = Branch { set, pods: Vec::new(), slots: 0, images: 1 };
    let mut next = 0;
    // Those that have a place, and for how many of them there is one at once in the chapter.
    let mut placed: Vec<(usize, Life<'a>)> = Vec::new();
    let mut most = 0;
    for life in lives {
        while let Some((until, slot)) = taken.first().copied().filter(|(until, _)| *until <= life.from) {
            taken.remove(&(until, slot));
            free.insert(slot);
        }
        let slot = free.pop_first().unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        if life.until < SimTime::NEVER {
            taken.insert((life.until, slot));
        }
        if !life.touches(times.chapter) {
            continue;
        }
        most = most.max(slot + 1);
        if let Some(pod) = life.first.get::<Pod>() {
            branch.images = branch.images.max(images(&pod.spec).count().min(MOST_IMAGES));
        }
        if life.touches(times.reach) {
            placed.push((slot, life));
        }
    }
    let is_crowd = most > TOGETHER;
    // Of an owner that is new in this chapter, the first Pods find their places.
    let is_new = made >= times.chapter[0] && branch.set.is_some();
    branch.slots = match placed.len() {
        _ if is_crowd || times.reach == times.chapter => most,
        0 if is_new => most,
        there => there,
    };
    for (rank, (slot, life)) in placed.into_iter().enumerate() {
        if let Some(pod) = life.now.and_then(Object::get::<Pod>) {
            let place = if is_crowd || times.reach == times.chapter { slot } else { rank };
            branch.pods.push((place, pod));
        }
    }
    branch.pods.sort_by_key(|(slot, _)| *slot);
    branch
}
