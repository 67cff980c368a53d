//! On which node a Pod is placed: what the scheduler's filters and scores come to.

use super::{About, Choice, MOST_CHOICES, Prediction, PredictionKind};
use crate::cluster::record::{Decision, Fact, NodeId};
use crate::cluster::scheduler::SCORE_NAMES;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::Sentence;

pub(super) fn node(about: &About) -> Option<Prediction> {
    let told = [
        msg!("say.pod-scheduled"),
        msg!("say.pods-scheduled"),
        msg!("say.pod-unschedulable"),
        msg!("say.pods-unschedulable"),
    ];
    if !about.is(&told) {
        return None;
    }
    // The first one alone: what comes of it decides the next.
    let within = about.history.records_within(about.beat.from, about.beat.to);
    let (time, decision) = within.iter().find_map(|record| match &record.fact {
        Fact::Decision(decision) if matches!(**decision, Decision::Scheduled { .. }) => {
            Some((record.time, &**decision))
        }
        _ => None,
    })?;
    let Decision::Scheduled { pod, filtered, scores, parts, chosen } = decision else { return None };
    if !about.beat.subjects.iter().any(|subject| subject.object() == Some(pod)) {
        return None;
    }
    let view = about.view();
    let name = |node: NodeId| Arg::from(view.node_name(node));
    let score_of =
        |node: NodeId| scores.iter().find(|(other, _)| *other == node).map_or(0, |(_, score)| *score);
    let best = scores.iter().map(|(_, score)| *score).max().unwrap_or(0);
    let is_tie = scores.iter().filter(|(_, score)| *score == best).count() > 1;
    let nodes: Vec<NodeId> = (0..about.history.nodes().len())
        .map(|place| NodeId(place as u16))
        .filter(|node| {
            filtered.iter().any(|(other, ..)| other == node)
                || scores.iter().any(|(other, _)| other == node)
                || *chosen == Some(*node)
        })
        .collect();
    // Where all are alike chance decides, and one node alone is no choice.
    if is_tie || nodes.is_empty() || (chosen.is_some() && nodes.len() < 2) {
        return None;
    }
    let out = |node: NodeId| filtered.iter().find(|(other, ..)| *other == node);
    // Of many nodes the chosen one stands beside the first others.
    let others = nodes.iter().copied().filter(|node| Some(*node) != *chosen);
    let room = MOST_CHOICES - 1 - usize::from(chosen.is_some());
    let mut shown: Vec<NodeId> = others.take(room).chain(*chosen).collect();
    shown.sort_unstable();
    let args_of = |node: NodeId| {
        let mut args =
            vec![("pod", (&pod.name).into()), ("node", name(node)), ("score", score_of(node).into())];
        if let Some((_, filter, message)) = out(node) {
            args.extend([("filter", (*filter).into()), ("message", message.into())]);
        }
        args
    };
    let why_not = |node: NodeId| {
        let id = if out(node).is_some() { msg!("predict.node-out") } else { msg!("predict.node-lower") };
        Sentence::new(id, args_of(node))
    };
    let why = match *chosen {
        None => {
            let node = *nodes.first()?;
            Sentence::new(msg!("predict.node-none-why"), args_of(node))
        }
        Some(node) => {
            let second =
                nodes.iter().copied().filter(|other| *other != node).max_by_key(|other| score_of(*other))?;
            let mut args = args_of(node);
            args.extend([("other", name(second)), ("less", score_of(second).into())]);
            match out(second) {
                Some((_, filter, message)) if scores.len() < 2 => {
                    args.extend([("filter", (*filter).into()), ("message", message.into())]);
                    Sentence::new(msg!("predict.node-left-why"), args)
                }
                _ => {
                    let place = |node| scores.iter().position(|(other, _)| *other == node);
                    let of = |node| place(node).and_then(|place| parts.get(place));
                    let (here, there) = (of(node)?, of(second)?);
                    let gap = |plugin: &usize| i32::from(here[*plugin]) - i32::from(there[*plugin]);
                    let most = (0..SCORE_NAMES.len()).max_by_key(gap)?;
                    args.push(("plugin", SCORE_NAMES[most].into()));
                    Sentence::new(msg!("predict.node-score-why"), args)
                }
            }
        }
    };
    let mut choices: Vec<Choice> = shown
        .iter()
        .map(|node| Choice {
            say: Sentence::new(msg!("predict.node-is"), args_of(*node)),
            why: if *chosen == Some(*node) { why.clone() } else { why_not(*node) },
        })
        .collect();
    let right = match *chosen {
        Some(node) => shown.iter().position(|other| *other == node)?,
        None => choices.len(),
    };
    let fits = Sentence::new(msg!("predict.node-fits"), [("pod", Arg::from(&pod.name))]);
    choices.push(Choice {
        say: Sentence::new(msg!("predict.node-none"), []),
        why: if chosen.is_none() { why } else { fits },
    });
    let ask = Sentence::new(msg!("predict.node"), [("pod", Arg::from(&pod.name))]);
    about.prediction(PredictionKind::Node, time, ask, choices, right)
}
