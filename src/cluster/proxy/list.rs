//! Endpoints in their order, of which copies share what is the same in them: behind a Service with thousands of Pods each node
//! writes down its rules about once a second, and a few endpoints are others then.

use super::RuleEndpoint;
use crate::api::ObjectKey;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// At most so many stand in a part.
const MOST_IN_PART: usize = 128;

/// An endpoint, and how many slices say it.
type Said = (Rc<RuleEndpoint>, u32);

/// Endpoints in their order, each once. A copy takes no time, and a change copies the parts that it touches.
#[derive(Clone, Default)]
pub struct RuleEndpoints {
    /// None is empty.
    parts: Rc<Vec<Rc<Vec<Said>>>>,
    len: usize,
    /// How many Pods they lead to.
    pods: usize,
}

crate::stored! {
    struct RuleEndpoints { parts, len, pods };
}

impl RuleEndpoints {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// How many Pods they lead to.
    pub fn pods(&self) -> usize {
        self.pods
    }
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &RuleEndpoint> {
        self.parts.iter().flat_map(|part| part.iter()).map(|(endpoint, _)| &**endpoint)
    }
    /// The one at a place.
    pub fn get(&self, mut place: usize) -> Option<&RuleEndpoint> {
        for part in self.parts.iter() {
            match part.get(place) {
                Some((endpoint, _)) => return Some(endpoint),
                None => place -= part.len(),
            }
        }
        None
    }
    /// Whether one of them leads to a Pod.
    pub fn leads_to(&self, pod: &ObjectKey) -> bool {
        let is_before = |(endpoint, _): &Said| endpoint.pod < *pod;
        let at = self.parts.partition_point(|part| part.last().is_some_and(is_before));
        self.parts.get(at).is_some_and(|part| {
            let found = part.get(part.partition_point(is_before));
            found.is_some_and(|(endpoint, _)| endpoint.pod == *pod)
        })
    }
    /// Those that are not in a part which others share: all that the others lack are among them.
    pub fn not_shared_with<'a>(&'a self, others: &Self) -> impl Iterator<Item = &'a RuleEndpoint> {
        let is_shared = |part: &Rc<Vec<Said>>| {
            let first = part.first().map(|(endpoint, _)| &**endpoint);
            let other = first.and_then(|first| others.parts.get(others.part_of(first)));
            other.is_some_and(|other| Rc::ptr_eq(other, part))
        };
        let own = self.parts.iter().filter(move |part| !is_shared(part));
        own.flat_map(|part| part.iter()).map(|(endpoint, _)| &**endpoint)
    }
    /// The part that an endpoint stands in, or belongs into.
    fn part_of(&self, endpoint: &RuleEndpoint) -> usize {
        let begins = |part: &Rc<Vec<Said>>| part.first().is_some_and(|(first, _)| **first <= *endpoint);
        self.parts.partition_point(begins).saturating_sub(1)
    }
    /// The part and the place in it where an endpoint stands, or else where it belongs.
    fn find(&self, endpoint: &RuleEndpoint) -> Result<(usize, usize), (usize, usize)> {
        let at = self.part_of(endpoint);
        let part = self.parts.get(at).map_or(&[][..], |part| part);
        let found = part.binary_search_by(|(other, _)| (**other).cmp(endpoint));
        found.map(|place| (at, place)).map_err(|place| (at, place))
    }
    /// Whether nothing beside a place leads to this Pod.
    fn is_alone(&self, (at, place): (usize, usize), pod: &ObjectKey) -> bool {
        let in_part = |at: usize| self.parts.get(at).map_or(&[][..], |part| part);
        let before = match place {
            0 => at.checked_sub(1).and_then(|before| in_part(before).last()),
            _ => in_part(at).get(place - 1),
        };
        let after = in_part(at).get(place).or_else(|| in_part(at + 1).first());
        before.into_iter().chain(after).all(|(endpoint, _)| endpoint.pod != *pod)
    }
    /// A slice says this endpoint.
    pub(super) fn add(&mut self, endpoint: RuleEndpoint) {
        let found = self.find(&endpoint);
        let is_alone = found.is_err_and(|place| self.is_alone(place, &endpoint.pod));
        let parts = Rc::make_mut(&mut self.parts);
        let (at, place) = match found {
            Ok((at, place)) => return Rc::make_mut(&mut parts[at])[place].1 += 1,
            Err(place) => place,
        };
        self.len += 1;
        self.pods += usize::from(is_alone);
        if parts.is_empty() {
            parts.push(Rc::default());
        }
        let part = Rc::make_mut(&mut parts[at]);
        part.insert(place, (Rc::new(endpoint), 1));
        if part.len() > MOST_IN_PART {
            let rest = part.split_off(MOST_IN_PART / 2);
            parts.insert(at + 1, Rc::new(rest));
        }
    }
    /// A slice that has said this endpoint says it no longer.
    pub(super) fn remove(&mut self, endpoint: &RuleEndpoint) {
        let Ok((at, place)) = self.find(endpoint) else { return };
        let parts = Rc::make_mut(&mut self.parts);
        let part = Rc::make_mut(&mut parts[at]);
        part[place].1 -= 1;
        if part[place].1 > 0 {
            return;
        }
        part.remove(place);
        if part.is_empty() {
            parts.remove(at);
        }
        self.len -= 1;
        self.pods -= usize::from(self.is_alone((at, place), &endpoint.pod));
    }
    /// Whether they are not only equal but one.
    #[cfg(test)]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.parts, &other.parts)
    }
}

/// What the slices say how often does not count.
impl PartialEq for RuleEndpoints {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(own, other): (&Rc<Vec<Said>>, &Rc<Vec<Said>>)| Rc::ptr_eq(own, other);
        let is_shared =
            self.parts.len() == other.parts.len() && self.parts.iter().zip(other.parts.iter()).all(is_same);
        self.len == other.len && (is_shared || self.iter().eq(other.iter()))
    }
}

impl Eq for RuleEndpoints {}

/// As of a list, however it is cut.
impl Hash for RuleEndpoints {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len);
        self.iter().for_each(|endpoint| endpoint.hash(state));
    }
}

impl fmt::Debug for RuleEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;
    use crate::cluster::chance::{Chance, stable_hash};
    use std::collections::BTreeMap;

    fn endpoint(pod: u64, ip: u64) -> RuleEndpoint {
        let pod = ObjectKey::new(Kind::Pod, "a", format!("web-{pod}"));
        RuleEndpoint { pod, ip: format!("10.0.0.{ip}").into(), port: 80 }
    }

    #[test]
    fn a_list_in_parts_is_as_a_list_in_one() {
        let (mut chance, mut list, mut plain) = (Chance::new(1), RuleEndpoints::default(), BTreeMap::new());
        let mut most = 0;
        for step in 0..300u64 {
            let before = (list.clone(), plain.clone());
            for _ in 0..20 {
                // First they become many, then few.
                let is_added = chance.below(4, "added") > u64::from(step > 150) * 2;
                let endpoint = endpoint(chance.below(500, "pod"), chance.below(2, "ip"));
                if is_added {
                    *plain.entry(endpoint.clone()).or_insert(0) += 1;
                    list.add(endpoint);
                } else if let Some(count) = plain.get_mut(&endpoint) {
                    *count -= 1;
                    if *count == 0 {
                        plain.remove(&endpoint);
                    }
                    list.remove(&endpoint);
                }
            }
            let all: Vec<Rc<RuleEndpoint>> = plain.keys().cloned().map(Rc::new).collect();
            assert!(list.iter().eq(plain.keys()));
            assert_eq!((list.len(), list.is_empty()), (all.len(), all.is_empty()));
            assert_eq!(stable_hash(0, &list), stable_hash(0, &all));
            assert_eq!(list.get(all.len() / 2), all.get(all.len() / 2).map(|endpoint| &**endpoint));
            assert_eq!(list.get(all.len()), None);
            let mut pods: Vec<&ObjectKey> = all.iter().map(|endpoint| &endpoint.pod).collect();
            pods.dedup();
            assert_eq!(list.pods(), pods.len());
            for number in 0..5 {
                let pod = endpoint(number, 0).pod;
                assert_eq!(list.leads_to(&pod), pods.contains(&&pod));
            }
            // The copy is as it was, and what is new is among what the two do not share.
            assert!(before.0.iter().eq(before.1.keys()));
            assert_eq!(before.0 == list, before.1.keys().eq(plain.keys()));
            let own: Vec<_> = list.not_shared_with(&before.0).collect();
            assert!(plain.keys().all(|endpoint| before.1.contains_key(endpoint) || own.contains(&endpoint)));
            most = most.max(list.parts.len());
        }
        assert!(most > 5, "{most} parts");
    }

    #[test]
    fn a_change_leaves_all_parts_but_one_as_they_were() {
        let mut list = RuleEndpoints::default();
        (0..1_000).for_each(|pod| list.add(endpoint(pod, 0)));
        let before = list.clone();
        list.add(endpoint(500, 1));
        assert_eq!((before.len(), list.len(), list.pods()), (1_000, 1_001, 1_000));
        assert!((1..=MOST_IN_PART).contains(&list.not_shared_with(&before).count()));
    }
}
