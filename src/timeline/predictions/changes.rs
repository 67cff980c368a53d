//! Whether a change of a Deployment replaces its Pods.

use super::{About, Prediction, PredictionKind, choices};
use crate::api::objects::{Deployment, ReplicaSet};
use crate::api::{Kind, ObjectKey};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{RowKey, Sentence};
use std::rc::Rc;

pub(super) fn replaces(about: &About) -> Option<Prediction> {
    let refused = about.is(&[msg!("say.object-refused")]);
    if !refused && !about.is(&[msg!("say.object-changed"), msg!("say.scaled"), msg!("say.rollout-started")]) {
        return None;
    }
    let arg =
        |name: &str| about.beat.say.args.iter().find(|(other, _)| *other == name).map(|(_, arg)| arg.clone());
    let chapter = about.story.chapters.get(about.beat.chapter)?;
    let view = about.view();
    let line = view.commands().filter(|command| Some(command.client) == chapter.command).last()?.line.clone();
    let deployment = Arg::Text(Kind::Deployment.info().name.into());
    let (key, known, right, why) = if refused {
        if arg("kind")? != deployment {
            return None;
        }
        let Arg::Text(name) = arg("name")? else { return None };
        let key = view.all::<Deployment>().find(|object| object.metadata.name == name)?;
        let key = ObjectKey::new(Kind::Deployment, &*key.metadata.namespace, &*name);
        (key, about.beat.to, 3, msg!("predict.replaces-refused-why"))
    } else {
        let key =
            about.beat.subjects.iter().filter_map(RowKey::object).find(|key| key.kind == Kind::Deployment)?;
        let was: &Rc<Deployment> = view.get(&key.namespace, &key.name)?;
        let end = about.chapter_end()?;
        let changed = about.later(&RowKey::Object(key.clone())).next()?.time;
        // What it came to: another ReplicaSet has Pods of its own by the end.
        let of = |view: crate::timeline::View<'_>| {
            let sets = view.owned_by(&was.metadata.uid).filter_map(|object| object.get::<ReplicaSet>());
            let full = sets.filter(|set| set.spec.replicas.unwrap_or(0) > 0);
            full.map(|set| set.metadata.name.clone()).collect::<Vec<_>>()
        };
        let (before, after) = (of(view), of(about.history.at(end)));
        let is_new = after.iter().any(|name| !before.contains(name));
        let was_empty = before.is_empty();
        if changed > end || was_empty {
            return None;
        }
        let why = if is_new { msg!("predict.replaces-why") } else { msg!("predict.replaces-not-why") };
        (key.clone(), end, if is_new { 0 } else { 2 }, why)
    };
    let mut args = vec![("command", Arg::Text(line)), ("deployment", Arg::from(&key.name))];
    args.extend(arg("answer").map(|answer| ("answer", answer)));
    let say = [
        (msg!("predict.replaces-all"), msg!("predict.replaces-all-wrong")),
        (msg!("predict.replaces-in-place"), msg!("predict.replaces-in-place-wrong")),
        (msg!("predict.replaces-not"), msg!("predict.replaces-not-wrong")),
        (msg!("predict.replaces-refused"), msg!("predict.replaces-refused-wrong")),
    ];
    let choices = choices(say, right, Sentence::new(why, args.clone()), &args);
    let ask = Sentence::new(msg!("predict.replaces"), args);
    about.prediction(PredictionKind::Replaces, known, ask, choices, right)
}
