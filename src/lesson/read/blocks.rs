//! What lies between two lines of backquotes.

use super::super::prose::prose;
use super::super::{Block, Deed, Goal, Lesson, Look, Prose, Question, Wanted};
use super::lines::{Line, Pair, pairs, spoken};
use super::{Mistake, Reader};
use crate::cluster::time::{Micros, SECOND};
use crate::kubectl::{Unknown, unknown};
use crate::manifest::{self, Arg, Severity, Span};
use crate::msg;
use crate::value::Str;

/// The longest that is waited anywhere, so that a lesson cannot keep the page busy.
const LONGEST: Micros = 600 * SECOND;

/// What lies between two lines of backquotes, and where it begins.
struct Fence<'a> {
    span: Span,
    kind: &'a str,
    lines: Vec<Line<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads the block that begins with the line at `at`; gives where the text goes on behind it.
    pub(super) fn fence(&mut self, lesson: &mut Lesson, lines: &[Line<'a>], at: usize) -> usize {
        let first = lines[at];
        let kind = first.text.trim_start_matches('`').trim();
        let rest = &lines[at + 1..];
        let is_end = |line: &Line| line.text.trim_end() == "```";
        // Without an end it ends where the next block begins, or the next step, so that what comes then is still read.
        let marked = rest.iter().position(|line| line.text.starts_with("```"));
        let is_closed = marked.is_some_and(|end| is_end(&rest[end]));
        let next_step = || rest.iter().position(|line| line.text.starts_with("## ")).unwrap_or(rest.len());
        let count = if is_closed { marked } else { marked.map(|end| end.min(next_step())) };
        let count = count.unwrap_or_else(next_step);
        let fence = Fence { span: first.span(), kind, lines: rest[..count].to_vec() };
        if !is_closed {
            self.mistake(fence.span, msg!("lesson.mistake-open"), &[]);
        }
        self.block(lesson, &fence);
        at + 1 + count + usize::from(is_closed)
    }
    fn block(&mut self, lesson: &mut Lesson, fence: &Fence<'a>) {
        let (kind, file) = match fence.kind.split_once(' ') {
            Some((kind, rest)) => (kind, rest.trim().strip_prefix("file=")),
            None => (fence.kind, None),
        };
        let text = || {
            let lines: String = fence.lines.iter().flat_map(|line| [line.text, "\n"]).collect();
            Str::from(lines)
        };
        match (kind, file) {
            ("yaml" | "solution", Some("")) | ("yaml", None) => {
                self.mistake(fence.span, msg!("lesson.mistake-file"), &[("kind", kind)]);
            }
            ("yaml", Some(name)) => {
                let mistakes = self.yaml(fence, name);
                if !mistakes.is_empty() {
                    self.unread.push((name, mistakes));
                }
                self.add(lesson, fence.span, Block::File(name.into(), text()));
            }
            ("command", None) => {
                for (span, text) in spoken(&fence.lines) {
                    if let Some(deed) = self.deed(span, &text, false) {
                        self.told.push(span);
                        self.add(lesson, span, Block::Deed(deed));
                    }
                }
            }
            ("question", None) => {
                if let Some(question) = self.question(fence) {
                    let place = self.places.questions.len();
                    self.places.questions.push(fence.span);
                    self.add(lesson, fence.span, Block::Question(place, question));
                }
            }
            ("goal", None) => {
                self.has_goal = true;
                if let Some(goal) = self.goal(fence) {
                    let place = self.places.goals.len();
                    self.places.goals.push(fence.span);
                    self.add(lesson, fence.span, Block::Goal(place, goal));
                }
            }
            ("hint", None) => {
                let words: Vec<&str> = fence.lines.iter().map(|line| line.text.trim()).collect();
                if let Some(step) = self.step(lesson, fence.span) {
                    step.hints.push(prose(&words.join(" ")));
                }
            }
            ("solution", file) => {
                let deeds: Vec<(Span, Deed)> = match file {
                    Some(name) => {
                        let mistakes = self.yaml(fence, name);
                        if mistakes.is_empty() {
                            self.mended.insert(name);
                        }
                        self.mistakes.extend(mistakes);
                        vec![(fence.span, Deed::File(name.into(), text()))]
                    }
                    None => spoken(&fence.lines)
                        .into_iter()
                        .filter_map(|(span, text)| Some((span, self.deed(span, &text, true)?)))
                        .collect(),
                };
                let (spans, deeds): (Vec<Span>, Vec<Deed>) = deeds.into_iter().unzip();
                if let Some(step) = self.step(lesson, fence.span) {
                    step.solution.extend(deeds);
                }
                self.solved.extend(spans);
            }
            _ => self.mistake(fence.span, msg!("lesson.mistake-block"), &[("text", fence.kind)]),
        }
    }
    /// What of a file cannot be read as YAML.
    fn yaml(&self, fence: &Fence<'a>, name: &str) -> Vec<Mistake> {
        let (Some(first), Some(last)) = (fence.lines.first(), fence.lines.last()) else { return Vec::new() };
        if ![".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)) {
            return Vec::new();
        }
        let text = self.text.get(first.at..last.at + last.text.len()).unwrap_or_default();
        let found = manifest::parse(text).diagnostics;
        let errors = found.into_iter().filter(|found| found.severity == Severity::Error);
        let mistake = |found: manifest::Diagnostic| {
            let span = found.span.moved(first.at as i64);
            let mut args = vec![("why", Arg::Message(found.code))];
            args.extend(found.args);
            self.mistake_of(span, msg!("lesson.mistake-yaml"), args)
        };
        let mut mistakes: Vec<Mistake> = errors.map(mistake).collect();
        mistakes.dedup_by_key(|mistake| mistake.line);
        mistakes
    }
    /// The pairs of a block. What stands beside them is a mistake.
    fn pairs(&mut self, fence: &Fence<'a>) -> Vec<Pair<'a>> {
        let (pairs, others) = pairs(&fence.lines);
        for other in others {
            self.mistake(other, msg!("lesson.mistake-line"), &[]);
        }
        pairs
    }
    /// A word that the block does not know.
    fn word(&mut self, pair: &Pair, known: &str) {
        self.mistake(pair.named, msg!("lesson.mistake-word"), &[("word", pair.name), ("known", known)]);
    }
    fn question(&mut self, fence: &Fence<'a>) -> Option<Question> {
        let count = self.mistakes.len();
        let (mut ask, mut look, mut right, mut wrong) = (None, None, None, None);
        let (mut deeds, mut after, mut choices) = (Vec::new(), 0, Vec::<(String, Prose)>::new());
        for pair in self.pairs(fence) {
            let (text, said) = (&pair.text, pair.said);
            match pair.name {
                "ask" => ask = Some(prose(text)),
                "right" => right = Some(prose(text)),
                "wrong" => wrong = Some(prose(text)),
                "look" => look = self.look_at(said, text),
                "do" => deeds.extend(self.deed(said, text, true)),
                "after" => after = self.span(said, text).unwrap_or_default(),
                "choice" => {
                    let (value, shown) = match text.split_once(" = ") {
                        Some((value, shown)) => (value.trim(), shown.trim()),
                        None => (&**text, &**text),
                    };
                    if choices.iter().any(|(other, _)| super::super::is_same(other, value)) {
                        self.mistake(said, msg!("lesson.mistake-twice"), &[("text", value)]);
                    }
                    choices.push((value.to_owned(), prose(shown)));
                }
                _ => self.word(&pair, "ask, do, after, look, choice, right, wrong"),
            }
        }
        if choices.len() < 2 {
            self.mistake(fence.span, msg!("lesson.mistake-choices"), &[]);
        }
        // A look that is not understood is told already.
        let is_told = self.mistakes.len() > count;
        let ask = self.needs(fence, "ask", ask);
        if look.is_none() && !is_told {
            self.needs::<()>(fence, "look", None);
        }
        let (right, wrong) = (self.needs(fence, "right", right), self.needs(fence, "wrong", wrong));
        let question =
            Question { ask: ask?, deeds, after, look: look?, choices, right: right?, wrong: wrong? };
        (self.mistakes.len() == count).then_some(question)
    }
    fn goal(&mut self, fence: &Fence<'a>) -> Option<Goal> {
        let count = self.mistakes.len();
        let (mut text, mut open, mut checks, mut looks) = (None, None, Vec::new(), 0);
        for pair in self.pairs(fence) {
            let (words, said) = (&pair.text, pair.said);
            let wanted = match pair.name {
                "text" => {
                    text = Some(prose(words));
                    continue;
                }
                "look" => {
                    looks += 1;
                    let look = self.look_at(said, words);
                    if let Some((before, _)) = open.replace((pair.named, look)) {
                        self.mistake(before, msg!("lesson.mistake-want"), &[]);
                    }
                    continue;
                }
                "want" => Some(Wanted::Is(words.clone())),
                "at least" => self.number(said, words).map(Wanted::AtLeast),
                "at most" => self.number(said, words).map(Wanted::AtMost),
                _ => {
                    self.word(&pair, "text, look, want, at least, at most");
                    continue;
                }
            };
            match (open.take(), wanted) {
                (Some((_, Some(look))), Some(wanted)) => checks.push((look, wanted)),
                (None, _) => self.mistake(pair.named, msg!("lesson.mistake-no-look"), &[]),
                (Some(_), _) => {}
            }
        }
        if let Some((look, _)) = open {
            self.mistake(look, msg!("lesson.mistake-want"), &[]);
        } else if looks == 0 && self.mistakes.len() == count {
            self.needs::<()>(fence, "look", None);
        }
        let text = self.needs(fence, "text", text)?;
        (self.mistakes.len() == count).then_some(Goal { text, checks })
    }
    fn needs<T>(&mut self, fence: &Fence, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.mistake(fence.span, msg!("lesson.mistake-missing"), &[("name", name)]);
        }
        value
    }
    /// Something to do. Only where nobody watches can it be waited.
    fn deed(&mut self, span: Span, text: &str, may_wait: bool) -> Option<Deed> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let deed = match words[..] {
            ["requests", service, rate, "for", span] => {
                let per_second = rate.strip_suffix("/s").and_then(|rate| rate.parse().ok());
                let per_second = per_second.filter(|rate| (1..=1_000).contains(rate));
                match (per_second, span_of(span)) {
                    (Some(per_second), Some(lasts)) => {
                        Some(Deed::Requests { service: service.into(), per_second, lasts })
                    }
                    _ => None,
                }
            }
            ["power", "off", node] => Some(Deed::Power { node: node.into(), is_on: false }),
            ["power", "on", node] => Some(Deed::Power { node: node.into(), is_on: true }),
            ["wait", span] if may_wait => span_of(span).map(Deed::Wait),
            ["wait", ..] if !may_wait => {
                self.mistake(span, msg!("lesson.mistake-wait"), &[]);
                return None;
            }
            ["requests" | "power" | "wait", ..] => None,
            _ => return self.command(span, text).then(|| Deed::Command(text.into())),
        };
        if deed.is_none() {
            self.mistake(span, msg!("lesson.mistake-deed"), &[("text", text)]);
        }
        deed
    }
    /// Whether the terminal knows a command; where not, that is a mistake.
    fn command(&mut self, span: Span, text: &str) -> bool {
        let found = unknown(text).filter(|found| !(self.has_alias && matches!(found, Unknown::Program(_))));
        self.has_alias |= text.contains("alias ");
        let (message, word) = match found {
            None => return true,
            Some(Unknown::Line(why)) => (msg!("lesson.mistake-shell"), why),
            Some(Unknown::Program(name)) => (msg!("lesson.mistake-program"), name),
            Some(Unknown::Command(name)) => (msg!("lesson.mistake-kubectl"), name),
            Some(Unknown::NotHere(name)) => (msg!("lesson.mistake-not-here"), name),
        };
        let source = span.slice(self.text);
        let last = word.rsplit(' ').next().unwrap_or_default();
        let place = source.find(&word).or_else(|| source.find(last)).filter(|_| !word.contains(": "));
        let span = place.map_or(span, |at| {
            let start = span.start as usize + at;
            Span::new(start, start + if source[at..].starts_with(&word) { word.len() } else { last.len() })
        });
        self.mistake(span, message, &[("text", &word)]);
        false
    }
    /// What a line says that is looked at.
    fn look_at(&mut self, span: Span, text: &str) -> Option<Look> {
        Some(match text {
            "requests lost" => Look::Lost,
            "requests served" => Look::Served,
            "lines changed" => Look::LinesChanged,
            "" => {
                self.mistake(span, msg!("lesson.mistake-look-empty"), &[]);
                return None;
            }
            command if self.command(span, command) => Look::Command(command.into()),
            _ => return None,
        })
    }
    fn span(&mut self, said: Span, text: &str) -> Option<Micros> {
        let span = span_of(text);
        if span.is_none() {
            self.mistake(said, msg!("lesson.mistake-span"), &[("text", text)]);
        }
        span
    }
    fn number(&mut self, said: Span, text: &str) -> Option<u64> {
        let number = text.parse().ok();
        if number.is_none() {
            self.mistake(said, msg!("lesson.mistake-number"), &[("text", text)]);
        }
        number
    }
}

/// A length of time such as `20s` or `2m`.
fn span_of(text: &str) -> Option<Micros> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => SECOND,
        "m" => 60 * SECOND,
        _ => return None,
    };
    number.parse::<Micros>().ok()?.checked_mul(unit).filter(|span| *span <= LONGEST)
}
