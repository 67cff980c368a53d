//! A question that somebody has written: its text, its choices, which is right, and why. The run is not asked about it.

use super::{Choice, MOST_CHOICES, Prediction, PredictionKind};
use crate::msg;
use crate::timeline::beats::{Beat, Sentence};
use crate::value::Str;

/// The longest text in it, in characters.
const LONGEST: usize = 300;

/// A question as somebody has written it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// The question.
    pub ask: Str,
    /// What can be chosen.
    pub choices: Vec<Str>,
    /// The place of the right one.
    pub right: usize,
    /// Why it is right; empty where nothing is said about that.
    pub why: Str,
}

impl Own {
    /// The most choices that it has.
    pub const MOST: usize = MOST_CHOICES;
    /// The longest text in it, in characters.
    pub const LONGEST: usize = LONGEST;

    /// It as it is kept: without what surrounds its texts, and without choices that are empty. None where it cannot be asked.
    pub fn whole(&self) -> Option<Own> {
        let tidy = |text: &Str| Str::from(text.trim());
        let right = tidy(self.choices.get(self.right)?);
        let choices: Vec<Str> = self.choices.iter().map(tidy).filter(|choice| !choice.is_empty()).collect();
        let before = self.choices.iter().take(self.right).filter(|choice| !choice.trim().is_empty()).count();
        let own = Own { ask: tidy(&self.ask), choices, right: before, why: tidy(&self.why) };
        let is_short = |text: &Str| text.chars().count() <= LONGEST;
        let is_whole = !own.ask.is_empty()
            && !right.is_empty()
            && (2..=MOST_CHOICES).contains(&own.choices.len())
            && own.choices.iter().chain([&own.ask, &own.why]).all(is_short);
        is_whole.then_some(own)
    }
    /// It before a beat.
    pub(super) fn before(&self, beat: &Beat) -> Prediction {
        let say = |text: &Str| Sentence::new(msg!("predict.own"), [("text", text.into())]);
        let choice = |(place, text): (usize, &Str)| Choice {
            say: say(text),
            why: if place == self.right { say(&self.why) } else { say(&Str::default()) },
        };
        Prediction {
            kind: PredictionKind::Own,
            beat: beat.index,
            at: beat.from,
            known: beat.to,
            ask: say(&self.ask),
            choices: self.choices.iter().enumerate().map(choice).collect(),
            right: self.right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_kept_only_where_it_can_be_asked() {
        let own = |ask: &str, choices: &[&str], right| Own {
            ask: ask.into(),
            choices: choices.iter().map(|choice| Str::from(*choice)).collect(),
            right,
            why: Str::default(),
        };
        for (written, kept) in [
            (own(" Who? ", &["a", " ", "b ", ""], 2), Some(own("Who?", &["a", "b"], 1))),
            (own("Who?", &["a", "b", "c", "d"], 0), Some(own("Who?", &["a", "b", "c", "d"], 0))),
            (own("", &["a", "b"], 0), None),
            (own("Who?", &["a", ""], 0), None),
            (own("Who?", &["", "a", "b"], 0), None),
            (own("Who?", &["a", "b"], 2), None),
            (own("Who?", &["a", "b", "c", "d", "e"], 0), None),
            (own(&"x".repeat(LONGEST + 1), &["a", "b"], 0), None),
        ] {
            assert_eq!(written.whole(), kept, "{written:?}");
        }
    }
}
