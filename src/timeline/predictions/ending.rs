//! Whether a container ends by itself, or is killed.

use super::{About, Prediction, PredictionKind, choices, span};
use crate::cluster::record::Fact;
use crate::cluster::time::{Micros, SECOND};
use crate::msg;
use crate::timeline::{RowKey, Sentence};

/// A program that ends within this after its signal ends at once.
const AT_ONCE: Micros = SECOND / 2;

pub(super) fn ends(about: &About) -> Option<Prediction> {
    let (asked, id, signal) = about.records().find_map(|record| match &record.fact {
        Fact::Signal(id, signal) if *signal != "SIGKILL" => Some((record.time, *id, *signal)),
        _ => None,
    })?;
    let row = about.view().container(id)?;
    let end = about.end_of(id)?;
    let killed = about.later(&RowKey::Signals(id)).find_map(|record| match &record.fact {
        Fact::Signal(_, "SIGKILL") if record.time <= end.at => Some(record.time),
        _ => None,
    });
    let right = match killed {
        Some(_) => 2,
        None if end.at.since(asked) <= AT_ONCE => 0,
        None => 1,
    };
    let args = [
        ("container", (&row.name).into()),
        ("pod", (&row.pod.name).into()),
        ("signal", signal.into()),
        ("after", span(end.at.since(asked))),
        ("code", i64::from(end.code).into()),
    ];
    let why =
        [msg!("predict.ends-at-once-why"), msg!("predict.ends-later-why"), msg!("predict.ends-killed-why")];
    let say = [
        (msg!("predict.ends-at-once"), msg!("predict.ends-at-once-wrong")),
        (msg!("predict.ends-later"), msg!("predict.ends-later-wrong")),
        (msg!("predict.ends-killed"), msg!("predict.ends-killed-wrong")),
    ];
    let choices = choices(say, right, Sentence::new(why[right], args.clone()), &args);
    about.prediction(PredictionKind::Ends, end.at, Sentence::new(msg!("predict.ends"), args), choices, right)
}
