//! Making, changing and deleting a StatefulSet's Pods with their claims, and the Events about it
//! (upstream: pkg/controller/statefulset/stateful_pod_control.go). What is done to several Pods at once goes out
//! together; one after the other it is given one Pod at a time.

use super::{Sync, claims, identity};
use crate::api::Object;
use crate::api::objects::Pod;
use crate::cluster::controllers::stop::Stop;
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{DeleteOptions, Reason, Request};
use crate::cluster::task::Suspended;
use crate::cluster::time::MILLI;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is done to a Pod or a claim, as its Event names it.
#[derive(Clone, Copy)]
enum Deed {
    Create,
    Update,
    Delete,
}

impl Deed {
    /// The word, and the reasons of the Events when it went well and when not.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Create => ("Create", "SuccessfulCreate", "FailedCreate"),
            Self::Update => ("Update", "SuccessfulUpdate", "FailedUpdate"),
            Self::Delete => ("Delete", "SuccessfulDelete", "FailedDelete"),
        }
    }
}

/// How often the change of a Pod that met another change is tried, and the first wait between two
/// (upstream: retry.DefaultBackoff).
const TRIES: u32 = 4;
const FIRST_WAIT: u64 = 10 * MILLI;

impl Sync<'_, '_> {
    fn say_pod(&mut self, deed: Deed, pod: &str, error: Option<&str>) {
        let (word, done, failed) = deed.words();
        let about = format!("{word} Pod {pod} in StatefulSet {}", self.set.metadata.name);
        self.ask.event(match error {
            None => EventNote::normal(&self.owner, done, format!("{about} successful")),
            Some(error) => EventNote::warning(&self.owner, failed, format!("{about} failed error: {error}")),
        });
    }
    fn say_claim(&mut self, claim: &str, pod: &str, error: Option<&str>) {
        let (word, done, failed) = Deed::Create.words();
        let set = &self.set.metadata.name;
        let note = match error {
            None => {
                let what = format!("{word} Claim {claim} Pod {pod} in StatefulSet {set} success");
                EventNote::normal(&self.owner, done, what)
            }
            Some(error) => {
                let what =
                    format!("{word} Claim {claim} for Pod {pod} in StatefulSet {set} failed error: {error}");
                EventNote::warning(&self.owner, failed, what)
            }
        };
        self.ask.event(note);
    }
    /// Makes new Pods, their claims first. Gives the first failure.
    pub(super) fn create_pods(&mut self, pods: &[Rc<Pod>]) -> Result<Option<Stop>, Suspended> {
        let mut failure = None;
        let lacking = self.create_claims(pods)?;
        for pod in pods {
            if let Some(why) = lacking.get(&*pod.metadata.name) {
                self.say_pod(Deed::Create, &pod.metadata.name, Some(why));
                failure.get_or_insert_with(|| Stop::because(why.as_str()));
            }
        }
        let ready: Vec<&Rc<Pod>> =
            pods.iter().filter(|pod| !lacking.contains_key(&*pod.metadata.name)).collect();
        let requests = ready.iter().map(|pod| Request::create(Rc::clone(pod))).collect();
        for (pod, answer) in ready.iter().zip(self.ask.api_all(requests)?) {
            let error = answer.err();
            if let Some(error) = error.as_ref().filter(|error| error.reason == Reason::AlreadyExists) {
                failure.get_or_insert_with(|| error.clone().into());
                continue;
            }
            if let Some(why) = self.update_claims(pod)? {
                failure.get_or_insert_with(|| Stop::because(why));
                continue;
            }
            self.say_pod(Deed::Create, &pod.metadata.name, error.as_ref().map(|error| &*error.message));
            if let Some(error) = error {
                failure.get_or_insert(error.into());
            }
        }
        Ok(failure)
    }
    /// Makes the claims that Pods lack and gives them their owners. Gives the first failure.
    pub(super) fn create_missing_claims(&mut self, pods: &[Rc<Pod>]) -> Result<Option<Stop>, Suspended> {
        let lacking = self.create_claims(pods)?;
        let mut failure = lacking.values().next().map(Stop::because);
        for pod in pods.iter().filter(|pod| !lacking.contains_key(&*pod.metadata.name)) {
            if let Some(why) = self.update_claims(pod)? {
                failure.get_or_insert_with(|| Stop::because(why));
            }
        }
        Ok(failure)
    }
    /// Makes the claims that Pods lack. Gives why it failed, by the Pod's name.
    fn create_claims(&mut self, pods: &[Rc<Pod>]) -> Result<BTreeMap<String, String>, Suspended> {
        let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut missing: Vec<(&str, Object)> = Vec::new();
        for pod in pods {
            let pod = &*pod.metadata.name;
            let Some(ordinal) = identity::ordinal_of(&self.set, pod) else { continue };
            for claim in claims::wanted(&self.set, ordinal) {
                match self.claims.get(&claim.meta().name) {
                    None => missing.push((pod, claim)),
                    Some(there) if there.meta().is_terminating() => {
                        let why = format!("pvc {} is being deleted", claim.meta().name);
                        errors.entry(pod.into()).or_default().push(why);
                    }
                    Some(_) => {}
                }
            }
        }
        if !missing.is_empty() {
            let requests = missing.iter().map(|(_, claim)| Request::create(claim.clone())).collect();
            for ((pod, claim), answer) in missing.into_iter().zip(self.ask.api_all(requests)?) {
                let name = claim.meta().name.clone();
                match answer {
                    Ok(reply) => {
                        self.say_claim(&name, pod, None);
                        self.claims.insert(name, reply.object().cloned().unwrap_or(claim));
                    }
                    Err(error) => {
                        if error.reason != Reason::AlreadyExists {
                            self.say_claim(&name, pod, Some(&error.message));
                        }
                        let why = format!("failed to create PVC {name}: {}", error.message);
                        errors.entry(pod.into()).or_default().push(why);
                    }
                }
            }
        }
        let together = |all: Vec<String>| match &all[..] {
            [one] => one.clone(),
            all => format!("[{}]", all.join(", ")),
        };
        Ok(errors.into_iter().map(|(pod, all)| (pod, together(all))).collect())
    }
    /// Whether a Pod's claims have the owners that the retention policy gives them.
    pub(super) fn claims_match(&self, pod: &Rc<Pod>) -> bool {
        self.claims_of(pod)
            .iter()
            .all(|claim| claims::is_owner_up_to_date(claim, &self.owner, &Object::from(pod.clone())))
    }
    fn claims_of(&self, pod: &Pod) -> Vec<Object> {
        let ordinal = identity::ordinal_of(&self.set, &pod.metadata.name);
        let names = ordinal.into_iter().flat_map(|ordinal| claims::names(&self.set, ordinal));
        names.filter_map(|name| self.claims.get(&name).cloned()).collect()
    }
    /// Gives a Pod's claims the owners that the retention policy says. Gives why it failed.
    pub(super) fn update_claims(&mut self, pod: &Rc<Pod>) -> Result<Option<String>, Suspended> {
        let about = Object::from(pod.clone());
        for mut claim in self.claims_of(pod) {
            let name = claim.meta().name.clone();
            if claims::has_unexpected_controller(&claim, &self.owner, &about) {
                let message = format!(
                    "PersistentVolumeClaim {name} has a conflicting OwnerReference that acts as a manging controller, \
                     the retention policy is ignored for this claim"
                );
                self.ask.event(EventNote::warning(&self.owner, "ConflictingController", message));
            }
            if claims::is_owner_up_to_date(&claim, &self.owner, &about) {
                continue;
            }
            claims::update_owner(&mut claim, &self.owner, &about);
            match self.ask.api(Request::update(claim))? {
                Ok(reply) => _ = reply.object().map(|claim| self.claims.insert(name, claim.clone())),
                Err(error) => {
                    let why = format!(
                        "could not update claim {name} for delete policy ownerRefs: {}",
                        error.message
                    );
                    self.say_pod(Deed::Update, &pod.metadata.name, Some(&why));
                    return Ok(Some(why));
                }
            }
        }
        Ok(None)
    }
    /// Whether a Pod's claim is still that of an earlier Pod of its name, which is gone.
    pub(super) fn has_stale_claim(&self, pod: &Pod) -> bool {
        claims::deletes_scaled(&self.set)
            && self.claims_of(pod).iter().any(|claim| claims::is_of_earlier_pod(claim, pod))
    }
    /// Gives a Pod its name, its labels, its volumes and its claims' owners back.
    pub(super) fn update_pod(&mut self, pod: &Rc<Pod>) -> Result<(), Stop> {
        let name = pod.metadata.name.clone();
        let Some(ordinal) = identity::ordinal_of(&self.set, &name) else { return Ok(()) };
        let mut current = pod.clone();
        for attempt in 0..TRIES {
            let mut new = Pod::clone(&current);
            if !identity::identity_matches(&self.set, &new) {
                identity::give_identity(&self.set, &mut new, ordinal);
            }
            if !identity::storage_matches(&self.set, &new) {
                identity::give_storage(&self.set, &mut new, ordinal);
                if let Some(why) = self.create_claims(std::slice::from_ref(&current))?.into_values().next() {
                    self.say_pod(Deed::Update, &name, Some(&why));
                    return Err(Stop::because(why));
                }
            }
            let claims_match = self.claims_match(&current);
            if let Some(why) = if claims_match { None } else { self.update_claims(&current)? } {
                return Err(Stop::because(why));
            }
            if new == *current && claims_match {
                return Ok(());
            }
            match self.ask.api(Request::update(new))? {
                Ok(_) => {
                    self.say_pod(Deed::Update, &name, None);
                    return Ok(());
                }
                Err(error) if error.reason == Reason::Conflict && attempt + 1 < TRIES => {
                    self.ask.sleep(FIRST_WAIT * 5_u64.pow(attempt))?;
                    let key = Object::from(current.clone()).key();
                    let fresh = self.ask.api(Request::get(key))??;
                    current =
                        fresh.object().and_then(|object| object.get::<Pod>()).cloned().unwrap_or(current);
                }
                Err(error) => {
                    self.say_pod(Deed::Update, &name, Some(&error.message));
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }
    /// Deletes Pods. Gives the first failure.
    pub(super) fn delete_pods(&mut self, pods: &[Rc<Pod>]) -> Result<Option<Stop>, Suspended> {
        if pods.is_empty() {
            return Ok(None);
        }
        let delete =
            |pod: &Rc<Pod>| Request::delete(Object::from(pod.clone()).key(), DeleteOptions::default());
        let mut failure = None;
        for (pod, answer) in pods.iter().zip(self.ask.api_all(pods.iter().map(delete).collect())?) {
            match answer {
                Err(error) if error.reason != Reason::NotFound => {
                    self.say_pod(Deed::Delete, &pod.metadata.name, Some(&error.message));
                    failure.get_or_insert(error.into());
                }
                _ => self.say_pod(Deed::Delete, &pod.metadata.name, None),
            }
        }
        Ok(failure)
    }
    /// Deletes a Pod.
    pub(super) fn delete_pod(&mut self, pod: &Rc<Pod>) -> Result<(), Stop> {
        self.delete_pods(std::slice::from_ref(pod))?.map_or(Ok(()), Err)
    }
}
