//! A lesson's text to a lesson, or to the mistakes in it, each with its line.

use super::prose::prose;
use super::{Block, Deed, Goal, Lesson, Look, Prose, Question, Step, Wanted};
use crate::cluster::time::{Micros, SECOND};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::views;
use crate::value::Str;

/// A mistake in a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// Its line, from 1.
    pub line: usize,
    /// The message that tells it.
    pub message: &'static str,
    /// What the message is told of.
    pub args: Vec<(&'static str, Arg)>,
}

/// The longest that is waited anywhere, so that a lesson cannot keep the page busy.
const LONGEST: Micros = 600 * SECOND;

/// Reads a lesson.
///
/// # Errors
/// All that is wrong with it, in the order of its lines.
pub fn read(text: &str) -> Result<Lesson, Vec<Mistake>> {
    let mut reader = Reader::default();
    let lesson = reader.lesson(text);
    reader.mistakes.sort_by_key(|mistake| mistake.line);
    if reader.mistakes.is_empty() { Ok(lesson) } else { Err(reader.mistakes) }
}

/// A line with its number.
type Line<'a> = (usize, &'a str);

#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
    questions: usize,
    goals: usize,
}

/// What lies between two lines of backquotes, and where.
struct Fence<'a> {
    line: usize,
    kind: &'a str,
    lines: Vec<Line<'a>>,
}

impl Reader {
    fn mistake(&mut self, line: usize, message: &'static str, args: &[(&'static str, &str)]) {
        let args = args.iter().map(|(name, text)| (*name, Arg::from(*text))).collect();
        self.mistakes.push(Mistake { line, message, args });
    }
    fn lesson(&mut self, text: &str) -> Lesson {
        let lines: Vec<Line> = text.lines().enumerate().map(|(place, line)| (place + 1, line)).collect();
        let (mut lesson, begun) = self.front(&lines);
        let mut rest = lines[begun..].iter().copied().peekable();
        let mut paragraph: Vec<Line> = Vec::new();
        let mut heading = begun;
        while let Some((number, line)) = rest.next() {
            let is_apart = line.trim().is_empty() || line.starts_with("```") || line.starts_with("## ");
            if !is_apart {
                paragraph.push((number, line));
                continue;
            }
            self.text(&mut lesson, &std::mem::take(&mut paragraph));
            if let Some(title) = line.strip_prefix("## ") {
                self.end_step(&lesson, heading);
                heading = number;
                lesson.steps.push(Step { title: title.trim().to_owned(), ..Step::default() });
            } else if let Some(kind) = line.strip_prefix("```") {
                let mut fence = Fence { line: number, kind: kind.trim(), lines: Vec::new() };
                let is_closed = rest.by_ref().any(|(number, line)| {
                    let is_end = line.trim_end() == "```";
                    if !is_end {
                        fence.lines.push((number, line));
                    }
                    is_end
                });
                if !is_closed {
                    self.mistake(number, msg!("lesson.mistake-open"), &[]);
                }
                self.fence(&mut lesson, &fence);
            }
        }
        self.text(&mut lesson, &paragraph);
        self.end_step(&lesson, heading);
        // Where a goal could not be read, that is told already.
        if self.goals == 0 && self.mistakes.is_empty() {
            self.mistake(lines.len().max(1), msg!("lesson.mistake-no-goal"), &[]);
        }
        lesson
    }
    /// The front matter, and how many lines it takes.
    fn front(&mut self, lines: &[Line]) -> (Lesson, usize) {
        let is_rule = |line: &Line| line.1.trim_end() == "---";
        let end = match lines.first() {
            Some(first) if is_rule(first) => lines.iter().skip(1).position(is_rule).map(|at| at + 1),
            _ => None,
        };
        let Some(end) = end else {
            self.mistake(1, msg!("lesson.mistake-front"), &[]);
            return (
                Lesson { id: String::new(), title: String::new(), minutes: 0, view: "", steps: Vec::new() },
                0,
            );
        };
        let mut pairs = self.pairs(&lines[1..end]);
        let mut take = |reader: &mut Self, name: &str| match pairs.iter().position(|pair| pair.name == name) {
            Some(place) => Some(pairs.remove(place)),
            None => {
                reader.mistake(end + 1, msg!("lesson.mistake-missing"), &[("name", name)]);
                None
            }
        };
        let id = take(self, "id").map(|pair| pair.text).unwrap_or_default();
        let title = take(self, "title").map(|pair| pair.text).unwrap_or_default();
        let (minutes, view) = (take(self, "minutes"), take(self, "view"));
        let minutes = minutes.map_or(0, |pair| match pair.text.parse() {
            Ok(minutes) if (1..=60).contains(&minutes) => minutes,
            _ => {
                self.mistake(pair.line, msg!("lesson.mistake-number"), &[("text", &pair.text)]);
                0
            }
        });
        let view = view.map_or("", |pair| match views::all().iter().find(|view| view.id == pair.text) {
            Some(view) => view.id,
            None => {
                self.mistake(pair.line, msg!("lesson.mistake-view"), &[("text", &pair.text)]);
                ""
            }
        });
        for pair in pairs {
            self.mistake(pair.line, msg!("lesson.mistake-word"), &[("word", pair.name)]);
        }
        (Lesson { id, title, minutes, view, steps: Vec::new() }, end + 1)
    }
    /// Adds what is seen to the step that is open.
    fn add(&mut self, lesson: &mut Lesson, line: usize, block: Block) {
        match lesson.steps.last_mut() {
            Some(step) => step.blocks.push(block),
            None => self.mistake(line, msg!("lesson.mistake-no-step"), &[]),
        }
    }
    /// Adds lines that stand together.
    fn text(&mut self, lesson: &mut Lesson, lines: &[Line]) {
        if let (Some((line, _)), Some(block)) = (lines.first(), text_block(lines)) {
            self.add(lesson, *line, block);
        }
    }
    /// What has to be so of every step.
    fn end_step(&mut self, lesson: &Lesson, line: usize) {
        if let Some(step) = lesson.steps.last()
            && step.goals().next().is_some()
            && step.way().is_empty()
        {
            self.mistake(line, msg!("lesson.mistake-no-way"), &[]);
        }
    }
    fn fence(&mut self, lesson: &mut Lesson, fence: &Fence) {
        let (kind, file) = match fence.kind.split_once(' ') {
            Some((kind, rest)) => (kind, rest.trim().strip_prefix("file=")),
            None => (fence.kind, None),
        };
        let text = || {
            let lines: String = fence.lines.iter().flat_map(|(_, line)| [*line, "\n"]).collect();
            Str::from(lines)
        };
        match (kind, file) {
            ("yaml", Some(name)) => self.add(lesson, fence.line, Block::File(name.into(), text())),
            ("command", None) => {
                for (line, text) in spoken(&fence.lines) {
                    let deed = self.deed(line, &text, false);
                    if let Some(deed) = deed {
                        self.add(lesson, line, Block::Deed(deed));
                    }
                }
            }
            ("question", None) => {
                if let Some(question) = self.question(fence) {
                    self.add(lesson, fence.line, Block::Question(self.questions, question));
                    self.questions += 1;
                }
            }
            ("goal", None) => {
                if let Some(goal) = self.goal(fence) {
                    self.add(lesson, fence.line, Block::Goal(self.goals, goal));
                    self.goals += 1;
                }
            }
            ("hint", None) => {
                let words: Vec<&str> = fence.lines.iter().map(|(_, line)| line.trim()).collect();
                match lesson.steps.last_mut() {
                    Some(step) => step.hints.push(prose(&words.join(" "))),
                    None => self.mistake(fence.line, msg!("lesson.mistake-no-step"), &[]),
                }
            }
            ("solution", file) => {
                let deeds = match file {
                    Some(name) => vec![Deed::File(name.into(), text())],
                    None => spoken(&fence.lines)
                        .into_iter()
                        .filter_map(|(line, text)| self.deed(line, &text, true))
                        .collect(),
                };
                match lesson.steps.last_mut() {
                    Some(step) => step.solution.extend(deeds),
                    None => self.mistake(fence.line, msg!("lesson.mistake-no-step"), &[]),
                }
            }
            _ => self.mistake(fence.line, msg!("lesson.mistake-block"), &[("text", fence.kind)]),
        }
    }
    fn question(&mut self, fence: &Fence) -> Option<Question> {
        let count = self.mistakes.len();
        let (mut ask, mut look, mut right, mut wrong) = (None, None, None, None);
        let (mut deeds, mut after, mut choices) = (Vec::new(), 0, Vec::<(String, Prose)>::new());
        for Pair { line, name, text } in self.pairs(&fence.lines) {
            match name {
                "ask" => ask = Some(prose(&text)),
                "right" => right = Some(prose(&text)),
                "wrong" => wrong = Some(prose(&text)),
                "look" => look = Some(look_at(&text)),
                "do" => deeds.extend(self.deed(line, &text, true)),
                "after" => after = self.span(line, &text).unwrap_or_default(),
                "choice" => {
                    let (value, said) = match text.split_once(" = ") {
                        Some((value, said)) => (value.trim(), said.trim()),
                        None => (&*text, &*text),
                    };
                    if choices.iter().any(|(other, _)| super::is_same(other, value)) {
                        self.mistake(line, msg!("lesson.mistake-twice"), &[("text", value)]);
                    }
                    choices.push((value.to_owned(), prose(said)));
                }
                _ => self.mistake(line, msg!("lesson.mistake-word"), &[("word", name)]),
            }
        }
        if choices.len() < 2 {
            self.mistake(fence.line, msg!("lesson.mistake-choices"), &[]);
        }
        let (ask, look) = (self.needs(fence, "ask", ask), self.needs(fence, "look", look));
        let (right, wrong) = (self.needs(fence, "right", right), self.needs(fence, "wrong", wrong));
        let question =
            Question { ask: ask?, deeds, after, look: look?, choices, right: right?, wrong: wrong? };
        (self.mistakes.len() == count).then_some(question)
    }
    fn goal(&mut self, fence: &Fence) -> Option<Goal> {
        let count = self.mistakes.len();
        let (mut text, mut open, mut checks) = (None, None, Vec::new());
        for Pair { line, name, text: said } in self.pairs(&fence.lines) {
            let wanted = match name {
                "text" => {
                    text = Some(prose(&said));
                    continue;
                }
                "look" => {
                    if open.replace(look_at(&said)).is_some() {
                        self.mistake(line, msg!("lesson.mistake-want"), &[]);
                    }
                    continue;
                }
                "want" => Some(Wanted::Is(said)),
                "at least" => self.number(line, &said).map(Wanted::AtLeast),
                "at most" => self.number(line, &said).map(Wanted::AtMost),
                _ => {
                    self.mistake(line, msg!("lesson.mistake-word"), &[("word", name)]);
                    continue;
                }
            };
            match (open.take(), wanted) {
                (Some(look), Some(wanted)) => checks.push((look, wanted)),
                (None, _) => self.mistake(line, msg!("lesson.mistake-missing"), &[("name", "look")]),
                (_, None) => {}
            }
        }
        if open.is_some() {
            self.mistake(fence.line, msg!("lesson.mistake-want"), &[]);
        } else if checks.is_empty() && self.mistakes.len() == count {
            self.mistake(fence.line, msg!("lesson.mistake-missing"), &[("name", "look")]);
        }
        let text = self.needs(fence, "text", text)?;
        (self.mistakes.len() == count).then_some(Goal { text, checks })
    }
    fn needs<T>(&mut self, fence: &Fence, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.mistake(fence.line, msg!("lesson.mistake-missing"), &[("name", name)]);
        }
        value
    }
    /// Something to do. Only where nobody watches can it be waited.
    fn deed(&mut self, line: usize, text: &str, may_wait: bool) -> Option<Deed> {
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
            ["requests" | "power" | "wait", ..] => None,
            _ => Some(Deed::Command(text.into())),
        };
        if deed.is_none() {
            self.mistake(line, msg!("lesson.mistake-deed"), &[("text", text)]);
        }
        deed
    }
    fn span(&mut self, line: usize, text: &str) -> Option<Micros> {
        let span = span_of(text);
        if span.is_none() {
            self.mistake(line, msg!("lesson.mistake-span"), &[("text", text)]);
        }
        span
    }
    fn number(&mut self, line: usize, text: &str) -> Option<u64> {
        let number = text.parse().ok();
        if number.is_none() {
            self.mistake(line, msg!("lesson.mistake-number"), &[("text", text)]);
        }
        number
    }
    /// Lines of `name: text`. An indented one goes on with the one before it.
    fn pairs<'a>(&mut self, lines: &[Line<'a>]) -> Vec<Pair<'a>> {
        let mut pairs: Vec<Pair> = Vec::new();
        for (number, line) in lines.iter().filter(|(_, line)| !line.trim().is_empty()) {
            let is_indented = line.starts_with([' ', '\t']);
            if let (true, Some(last)) = (is_indented, pairs.last_mut()) {
                last.text.push(' ');
                last.text.push_str(line.trim());
                continue;
            }
            match line.split_once(':') {
                Some((name, text)) if !is_indented => {
                    pairs.push(Pair { line: *number, name: name.trim(), text: text.trim().to_owned() });
                }
                _ => self.mistake(*number, msg!("lesson.mistake-line"), &[("text", line.trim())]),
            }
        }
        pairs
    }
}

/// A line of `name: text`.
struct Pair<'a> {
    line: usize,
    name: &'a str,
    text: String,
}

/// What a line says that is looked at.
fn look_at(text: &str) -> Look {
    match text {
        "requests lost" => Look::Lost,
        "requests served" => Look::Served,
        "lines changed" => Look::LinesChanged,
        command => Look::Command(command.into()),
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

/// The commands of a block. One goes on behind a backslash.
fn spoken(lines: &[Line]) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in lines {
        let words = line.trim();
        let (said, more) = match words.strip_suffix('\\') {
            Some(said) => (said.trim_end(), true),
            None => (words, false),
        };
        match out.last_mut().filter(|_| goes_on) {
            Some((_, before)) => {
                before.push(' ');
                before.push_str(said);
            }
            None if said.is_empty() => {}
            None => out.push((*number, said.to_owned())),
        }
        goes_on = more;
    }
    out
}

/// Lines that stand together: a list, an aside, or a paragraph.
fn text_block(lines: &[Line]) -> Option<Block> {
    let (_, first) = lines.first()?;
    let joined = |lines: &[&str]| prose(&lines.join(" "));
    if first.starts_with("- ") {
        let mut items: Vec<Vec<&str>> = Vec::new();
        for (_, line) in lines {
            match (line.strip_prefix("- "), items.last_mut()) {
                (None, Some(item)) => item.push(line.trim()),
                (said, _) => items.push(vec![said.unwrap_or(line).trim()]),
            }
        }
        return Some(Block::List(items.iter().map(|item| joined(item)).collect()));
    }
    let is_aside = first.starts_with('>');
    let words: Vec<&str> = lines
        .iter()
        .map(|(_, line)| line.strip_prefix('>').filter(|_| is_aside).unwrap_or(line).trim())
        .collect();
    Some(if is_aside { Block::Aside(joined(&words)) } else { Block::Text(joined(&words)) })
}
