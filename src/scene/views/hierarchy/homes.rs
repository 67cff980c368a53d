//! The Namespaces on the stage with what is in each.

use super::super::objects::Life;
use super::cast::{Group, Plain};
use super::claims::Folded;
use super::fronts::Front;
use crate::api::Object;
use crate::value::Str;

/// A Namespace with what is in it. What is of the whole cluster has one without a name.
#[derive(Debug, Default)]
pub(super) struct Home<'a> {
    pub(super) name: Str,
    /// The Namespace itself; none where it is not there.
    pub(super) now: Option<&'a Object>,
    pub(super) groups: Vec<Group<'a>>,
    /// The Services that find nobody.
    pub(super) services: Vec<Front<'a>>,
    /// What owns no Pods.
    pub(super) plains: Vec<Plain<'a>>,
    /// Claims of Pods, or their volumes, that have no cards of their own.
    pub(super) folded: Option<Folded>,
}

impl Home<'_> {
    /// How many cards belong to no workload.
    pub(super) fn rest(&self) -> usize {
        self.services.len() + self.plains.len() + usize::from(self.folded.is_some())
    }
}

/// The Namespaces as they are found.
#[derive(Default)]
pub(super) struct Homes<'a>(Vec<Home<'a>>);

impl<'a> Homes<'a> {
    pub(super) fn add(&mut self, life: &Life<'a>) {
        let name = life.first.meta().name.clone();
        let is_new = !life.is_from_the_start();
        match self.0.iter_mut().find(|home| home.name == name) {
            Some(home) => home.now = life.now.or(home.now),
            // Kubernetes' own are there only with what somebody put into them.
            None if is_new || life.now.is_some() => {
                self.0.push(Home { name, now: life.now, ..Home::default() });
            }
            None => {}
        }
    }
    pub(super) fn of(&mut self, name: &str) -> &mut Home<'a> {
        let place = self.0.iter().position(|home| *home.name == *name).unwrap_or_else(|| {
            self.0.push(Home { name: name.into(), ..Home::default() });
            self.0.len() - 1
        });
        &mut self.0[place]
    }
    /// Those that somebody made or put something into; what is of the whole cluster comes last.
    pub(super) fn finish(self) -> Vec<Home<'a>> {
        let mut homes: Vec<Home<'a>> = self.0;
        homes.retain(|home| {
            let own = matches!(&*home.name, "default" | "kube-system" | "kube-public" | "kube-node-lease");
            !home.groups.is_empty() || home.rest() > 0 || (!own && !home.name.is_empty())
        });
        homes.sort_by_key(|home| home.name.is_empty());
        homes
    }
}
