//! Work on many objects, one after the other: it goes on from the last object that is done with, so that what a
//! command costs grows with its objects and not with their square.

use super::command::{Kubectl, Outcome};
use std::rc::Rc;

/// What was gathered so far. However long it is, a clone costs the same.
#[derive(Debug)]
pub(crate) struct Log<T>(Option<Rc<Link<T>>>);

#[derive(Debug)]
struct Link<T> {
    last: T,
    before: Log<T>,
}

impl<T> Log<T> {
    /// Puts one more at the end.
    pub(crate) fn push(&mut self, last: T) {
        let before = Self(self.0.take());
        self.0 = Some(Rc::new(Link { last, before }));
    }
    /// Whether nothing was gathered.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Clone> Log<T> {
    /// All of it, the first one first.
    pub(crate) fn to_vec(&self) -> Vec<T> {
        let mut all = Vec::new();
        let mut log = self;
        while let Some(link) = &log.0 {
            all.push(link.last.clone());
            log = &link.before;
        }
        all.reverse();
        all
    }
}

impl<T> From<Vec<T>> for Log<T> {
    fn from(all: Vec<T>) -> Self {
        let mut log = Self::default();
        all.into_iter().for_each(|one| log.push(one));
        log
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Drop for Log<T> {
    /// One link after the other: within one another they would need a stack as deep as the log is long.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut link) = next.and_then(|link| Rc::try_unwrap(link).ok()) {
            next = link.before.0.take();
        }
    }
}

/// How far such work has come.
#[derive(Debug)]
struct Noted<I, T> {
    items: Rc<[I]>,
    next: usize,
    own: T,
    documents: usize,
    warned: Vec<String>,
}

impl<I, T: Clone> Clone for Noted<I, T> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), own: self.own.clone(), warned: self.warned.clone(), ..*self }
    }
}

impl Kubectl<'_, '_> {
    /// Does `work` with each of the items that `begin` finds, and gives what came of it. What is asked in both is
    /// forgotten with each item that is done with.
    pub(crate) fn each<I: 'static, T: Clone + 'static>(
        &mut self,
        begin: impl FnOnce(&mut Self) -> Outcome<(Vec<I>, T)>,
        mut work: impl FnMut(&mut Self, &I, &mut T) -> Outcome,
    ) -> Outcome<T> {
        let (place, noted) = self.shell.program_rounds(None::<Noted<I, T>>);
        let (items, mut own, first) = match noted {
            Some(noted) => {
                (self.documents, self.warned) = (noted.documents, noted.warned);
                (noted.items, noted.own, noted.next)
            }
            None => {
                let (items, own) = begin(self)?;
                (items.into(), own, 0)
            }
        };
        for (at, item) in items.iter().enumerate().skip(first) {
            work(self, item, &mut own)?;
            let noted = || {
                let (items, warned) = (items.clone(), self.warned.clone());
                Some(Noted { items, next: at + 1, own: own.clone(), documents: self.documents, warned })
            };
            self.shell.program_round_with(place, noted);
        }
        Ok(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_its_order_and_shares_its_beginning() {
        let mut log = Log::default();
        assert!(log.is_empty());
        log.push(1);
        let early = log.clone();
        (2..200_000).for_each(|n| log.push(n));
        assert_eq!(early.to_vec(), [1]);
        assert!(log.to_vec().into_iter().eq(1..200_000));
    }
}
