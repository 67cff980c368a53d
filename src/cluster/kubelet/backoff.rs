//! The back-off between the restarts of a container (upstream: k8s.io/client-go/util/flowcontrol).

use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::BTreeMap;

/// The first wait.
const INITIAL: Micros = 10 * SECOND;
/// The longest.
const MAX: Micros = 300 * SECOND;

/// How long a container or an image waits, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    wait: Micros,
    updated: SimTime,
}

impl Entry {
    /// The wait in force since `since`, where it is not over (upstream: IsInBackOffSince).
    pub(super) fn in_force(&self, since: SimTime, now: SimTime) -> Option<Micros> {
        (!is_expired(self, since) && now.since(since) < self.wait).then_some(self.wait)
    }
}

/// The waits, by a Pod's uid and a container or an image.
#[derive(Clone, Debug, Default)]
pub(super) struct Backoff {
    entries: BTreeMap<(Str, Str), Entry>,
    images: BTreeMap<(Str, Str), (Entry, Str)>,
}

impl Backoff {
    /// How long a container waits, where it has been started again before.
    pub(super) fn entry(&self, key: &(Str, Str)) -> Option<Entry> {
        self.entries.get(key).copied()
    }
    /// A new attempt after an event at `since`: the next wait is twice as long.
    pub(super) fn next(&mut self, key: (Str, Str), since: SimTime, now: SimTime) {
        let wait = match self.entries.get(&key) {
            Some(entry) if !is_expired(entry, since) => (entry.wait * 2).min(MAX),
            _ => INITIAL,
        };
        self.entries.insert(key, Entry { wait, updated: now });
    }
    /// What the last pull of an image for a Pod came to, where the next has to wait.
    pub(super) fn image_in_force(&self, uid: &Str, image: &Str, now: SimTime) -> Option<Str> {
        let (entry, last) = self.images.get(&(uid.clone(), image.clone()))?;
        (now.since(entry.updated) < entry.wait).then(|| last.clone())
    }
    /// A pull of an image for a Pod has failed.
    pub(super) fn image_failed(&mut self, uid: &Str, image: &Str, last: Str, now: SimTime) {
        let key = (uid.clone(), image.clone());
        let wait = self.images.get(&key).map_or(INITIAL, |(entry, _)| (entry.wait * 2).min(MAX));
        self.images.insert(key, (Entry { wait, updated: now }, last));
    }
    /// A Pod is gone.
    pub(super) fn forget(&mut self, uid: &Str) {
        self.entries.retain(|(other, _), _| other != uid);
        self.images.retain(|(other, _), _| other != uid);
    }
}

/// What ran twice the longest wait without an end begins anew.
fn is_expired(entry: &Entry, since: SimTime) -> bool {
    since.since(entry.updated) > 2 * MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_begin_anew() {
        let (mut backoff, key) = (Backoff::default(), (Str::from("uid"), Str::from("web")));
        let at = |seconds: u64| SimTime(seconds * SECOND);
        let in_force =
            |backoff: &Backoff, since, now| backoff.entry(&key).and_then(|entry| entry.in_force(since, now));
        assert_eq!(in_force(&backoff, at(1), at(2)), None);
        let mut waits = Vec::new();
        let mut now = 1;
        for _ in 0..7 {
            backoff.next(key.clone(), at(now), at(now));
            let wait = in_force(&backoff, at(now), at(now)).expect("in force");
            waits.push(wait / SECOND);
            now += wait / SECOND;
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(in_force(&backoff, at(now + 1_000), at(now + 1_001)), None);
    }
}
