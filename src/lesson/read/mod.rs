//! A lesson's text to a lesson, and to the mistakes in it, each with its place. Reading never fails: what was understood is
//! there beside them.

mod blocks;
mod lines;

use super::{Block, Lesson, Step};
use crate::manifest::{Arg, LineIndex, Span};
use crate::msg;
use crate::scene::views;
use lines::{Line, Pair, pairs, text_block};
use std::collections::BTreeSet;

/// A mistake in a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// What of the text it is about.
    pub span: Span,
    /// The message that tells it, and what to do.
    pub message: &'static str,
    /// What the message is told of.
    pub args: Vec<(&'static str, Arg)>,
}

/// Where what is played stands in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The headings of the steps.
    pub steps: Vec<Span>,
    /// The goals, by their places in the lesson.
    pub goals: Vec<Span>,
    /// The questions, by their places in the lesson.
    pub questions: Vec<Span>,
    /// What is done in each step, as `Step::way` has it.
    pub deeds: Vec<Vec<Span>>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What was understood. Without a mistake it is the whole lesson.
    pub lesson: Lesson,
    /// All that is wrong, in the order of the text.
    pub mistakes: Vec<Mistake>,
    /// Where what is played stands.
    pub places: Places,
}

impl Read {
    /// The lesson.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn whole(self) -> Result<Lesson, Vec<Mistake>> {
        if self.mistakes.is_empty() { Ok(self.lesson) } else { Err(self.mistakes) }
    }
}

/// The longest text that is read as a lesson, in bytes.
pub const MOST_BYTES: usize = 200 * 1024;

/// The longest id, in characters.
const LONGEST_ID: usize = 60;

/// What a front matter has, a line each.
const KEYS: [&str; 4] = ["id", "title", "minutes", "view"];

/// Whether a text is meant as a lesson, right or wrong: it begins with a front matter that has one of a lesson's keys, and is
/// no manifest.
pub fn is_lesson(text: &str) -> bool {
    let mut lines = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']).lines();
    if lines.next().is_none_or(|line| line.trim_end() != "---") {
        return false;
    }
    let front: Vec<&str> = lines.take_while(|line| line.trim_end() != "---").take(40).collect();
    let has =
        |key: &str| front.iter().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    KEYS.iter().any(|key| has(key)) && !has("apiVersion") && !has("kind")
}

/// Reads a lesson. It never fails: what was understood is there, with what is wrong beside it.
///
/// ```
/// use podium::lesson::read;
///
/// let read = read("---\nid: a\n---\n## Look\nNothing to do.\n");
/// assert_eq!((read.lesson.id.as_str(), read.lesson.steps.len()), ("a", 1));
/// assert_eq!((read.mistakes[0].line, read.mistakes[0].column), (3, 1));
/// ```
pub fn read(text: &str) -> Read {
    let mut reader = Reader {
        text,
        index: LineIndex::new(text),
        mistakes: Vec::new(),
        places: Places::default(),
        has_goal: false,
        has_alias: false,
        is_early_told: false,
        told: Vec::new(),
        solved: Vec::new(),
        unread: Vec::new(),
        mended: BTreeSet::new(),
    };
    let lesson = reader.lesson();
    reader.mistakes.sort_by_key(|mistake| mistake.span.start);
    Read { lesson, mistakes: reader.mistakes, places: reader.places }
}

struct Reader<'a> {
    text: &'a str,
    index: LineIndex,
    mistakes: Vec<Mistake>,
    places: Places,
    /// Whether a goal was begun, be it a good one.
    has_goal: bool,
    /// Whether a command has given other names to programs, so that not all of them are known.
    has_alias: bool,
    /// Whether it was told that something stands before the first step.
    is_early_told: bool,
    /// Where the deeds of the open step stand, and those of its solution.
    told: Vec<Span>,
    solved: Vec<Span>,
    /// Files that cannot be read, with what is said about it: a solution may mend them.
    unread: Vec<(&'a str, Vec<Mistake>)>,
    /// The files that solutions give, and that can be read.
    mended: BTreeSet<&'a str>,
}

impl<'a> Reader<'a> {
    fn mistake_of(&self, span: Span, message: &'static str, args: Vec<(&'static str, Arg)>) -> Mistake {
        let (line, column) = self.index.position(self.text, span.start as usize);
        Mistake { line, column, span, message, args }
    }
    fn mistake(&mut self, span: Span, message: &'static str, args: &[(&'static str, &str)]) {
        let args = args.iter().map(|(name, text)| (*name, Arg::from(*text))).collect();
        let mistake = self.mistake_of(span, message, args);
        self.mistakes.push(mistake);
    }
    fn lesson(&mut self) -> Lesson {
        let empty =
            Lesson { id: String::new(), title: String::new(), minutes: 0, view: "", steps: Vec::new() };
        let text = self.text;
        if text.trim().is_empty() {
            self.mistake(Span::at(0), msg!("lesson.mistake-empty"), &[]);
            return empty;
        }
        if text.len() > MOST_BYTES {
            let args = vec![("size", Arg::bytes(text.len())), ("limit", Arg::bytes(MOST_BYTES))];
            let mistake = self.mistake_of(Span::at(0), msg!("lesson.mistake-too-long"), args);
            self.mistakes.push(mistake);
            return empty;
        }
        let lines = Line::all(text);
        let has_step = lines.iter().any(|line| line.text.starts_with("## "));
        if !lines.iter().any(Line::is_rule) && !has_step {
            self.mistake(Span::at(0), msg!("lesson.mistake-no-lesson"), &[]);
            return empty;
        }
        let (mut lesson, begun) = self.front(&lines);
        let (mut at, mut paragraph) = (begun, Vec::<Line>::new());
        while let Some(line) = lines.get(at).copied() {
            at += 1;
            let is_apart =
                line.text.trim().is_empty() || line.text.starts_with("```") || line.text.starts_with('#');
            if !is_apart {
                paragraph.push(line);
                continue;
            }
            self.text(&mut lesson, &std::mem::take(&mut paragraph));
            if let Some(title) = line.text.strip_prefix("## ") {
                self.end_step(&lesson);
                self.places.steps.push(line.span());
                lesson.steps.push(Step { title: title.trim().to_owned(), ..Step::default() });
            } else if line.text.starts_with('#') {
                self.mistake(line.span(), msg!("lesson.mistake-heading"), &[]);
            } else if line.text.starts_with("```") {
                at = self.fence(&mut lesson, &lines, at - 1);
            }
        }
        self.text(&mut lesson, &paragraph);
        self.end_step(&lesson);
        for (file, mistakes) in std::mem::take(&mut self.unread) {
            // To find out what is wrong may be what a lesson is about.
            if !self.mended.contains(file) {
                self.mistakes.extend(mistakes);
            }
        }
        let end = Span::at(text.trim_end().len());
        if lesson.steps.is_empty() {
            self.mistake(end, msg!("lesson.mistake-no-steps"), &[]);
        } else if !self.has_goal {
            self.mistake(end, msg!("lesson.mistake-no-goal"), &[]);
        }
        lesson
    }
    /// The front matter, and how many lines it takes.
    fn front(&mut self, lines: &[Line<'a>]) -> (Lesson, usize) {
        let mut lesson =
            Lesson { id: String::new(), title: String::new(), minutes: 0, view: "", steps: Vec::new() };
        if !lines[0].is_rule() {
            self.mistake(Span::at(0), msg!("lesson.mistake-front"), &[]);
            return (lesson, 0);
        }
        let begins_text = |line: &Line| line.text.starts_with("## ") || line.text.starts_with("```");
        let before_text = lines.iter().skip(1).position(begins_text).map_or(lines.len(), |at| at + 1);
        let end = lines[1..before_text].iter().position(Line::is_rule).map(|at| at + 1);
        if end.is_none() {
            self.mistake(lines[0].span(), msg!("lesson.mistake-front-open"), &[]);
        }
        let front = &lines[1..end.unwrap_or(before_text)];
        let (pairs, others) = pairs(front);
        for other in others {
            self.mistake(other, msg!("lesson.mistake-key-line"), &[]);
        }
        for (place, pair) in pairs.iter().enumerate() {
            if !KEYS.contains(&pair.name) {
                self.mistake(pair.named, msg!("lesson.mistake-key"), &[("name", pair.name)]);
            } else if pairs[..place].iter().any(|other| other.name == pair.name) {
                self.mistake(pair.named, msg!("lesson.mistake-key-twice"), &[("name", pair.name)]);
            } else {
                self.key(&mut lesson, pair);
            }
        }
        if let Some(end) = end {
            for name in KEYS.iter().filter(|name| pairs.iter().all(|pair| pair.name != **name)) {
                self.mistake(lines[end].span(), msg!("lesson.mistake-key-missing"), &[("name", name)]);
            }
        }
        (lesson, end.map_or(before_text, |end| end + 1))
    }
    /// Takes over a line of the front matter.
    fn key(&mut self, lesson: &mut Lesson, pair: &Pair) {
        let Pair { name, text, said, named } = pair;
        match *name {
            _ if text.is_empty() => self.mistake(*named, msg!("lesson.mistake-key-empty"), &[("name", name)]),
            "title" => lesson.title.clone_from(text),
            "id" => {
                let is_id = text.chars().count() <= LONGEST_ID
                    && text.chars().all(|c| c.is_alphanumeric() || c == '-');
                if !is_id {
                    self.mistake(*said, msg!("lesson.mistake-id"), &[("text", text)]);
                }
                lesson.id.clone_from(text);
            }
            "minutes" => match text.parse() {
                Ok(minutes) if (1..=60).contains(&minutes) => lesson.minutes = minutes,
                _ => self.mistake(*said, msg!("lesson.mistake-minutes"), &[("text", text)]),
            },
            _ => match views::all().iter().find(|view| view.id == text) {
                Some(view) => lesson.view = view.id,
                None => {
                    let views: Vec<&str> = views::all().iter().map(|view| view.id).collect();
                    let args = [("text", text.as_str()), ("views", &*views.join(", "))];
                    self.mistake(*said, msg!("lesson.mistake-view"), &args);
                }
            },
        }
    }
    /// The step that is open. Where there is none, that is a mistake, told once.
    fn step<'l>(&mut self, lesson: &'l mut Lesson, span: Span) -> Option<&'l mut Step> {
        if lesson.steps.is_empty() && !std::mem::replace(&mut self.is_early_told, true) {
            self.mistake(span, msg!("lesson.mistake-no-step"), &[]);
        }
        lesson.steps.last_mut()
    }
    /// Adds what is seen to the step that is open.
    fn add(&mut self, lesson: &mut Lesson, span: Span, block: Block) {
        if let Some(step) = self.step(lesson, span) {
            step.blocks.push(block);
        }
    }
    /// Adds lines that stand together.
    fn text(&mut self, lesson: &mut Lesson, lines: &[Line]) {
        if let (Some(line), Some(block)) = (lines.first(), text_block(lines)) {
            self.add(lesson, line.span(), block);
        }
    }
    /// What has to be so of every step.
    fn end_step(&mut self, lesson: &Lesson) {
        let (mut told, solved) = (std::mem::take(&mut self.told), std::mem::take(&mut self.solved));
        let Some(step) = lesson.steps.last() else { return };
        told.extend(solved);
        self.places.deeds.push(told);
        if step.goals().next().is_some()
            && step.way().is_empty()
            && let Some(heading) = self.places.steps.last().copied()
        {
            self.mistake(heading, msg!("lesson.mistake-no-way"), &[]);
        }
    }
}
