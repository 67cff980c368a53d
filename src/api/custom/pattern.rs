//! Patterns of texts, as Go's `regexp` reads them: what schemas are written with. A text is gone through once, with all ways that
//! a pattern may take at the same time, so that none takes long.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern of more steps than this is not used: a repetition of a repetition makes many.
const MOST_STEPS: usize = 10_000;
/// Groups within groups, at most.
const MOST_DEPTH: usize = 100;
/// No text is gone through that would take more than this: the steps, by their characters, times the characters of the text.
const MOST_WORK: usize = 10_000_000;
/// As often as Go lets something be repeated.
const MOST_TIMES: usize = 1_000;

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const BLANK: &[(char, char)] = &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')];
/// Classes with names.
const NAMED: &[(&str, &[(char, char)])] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("digit", DIGITS),
    ("lower", &[('a', 'z')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    steps: Vec<Step>,
    /// What all steps take for one character.
    cost: usize,
}

#[derive(Clone, Debug)]
enum Step {
    /// One of these characters.
    One(Vec<(char, char)>),
    Begin,
    End,
    /// The border of a word, or no border.
    Border(bool),
    /// On at both places.
    Split(usize, usize),
    Jump(usize),
    Match,
}

#[derive(Debug)]
enum Tree {
    Step(Step),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Repeat(Box<Tree>, usize, Option<usize>),
}

/// Whether a part is always met without a character and makes no step.
fn is_nothing(tree: &Tree) -> bool {
    match tree {
        Tree::Step(_) => false,
        Tree::All(parts) => parts.iter().all(is_nothing),
        Tree::Any(parts) => matches!(&parts[..], [part] if is_nothing(part)),
        Tree::Repeat(part, _, most) => *most == Some(0) || is_nothing(part),
    }
}

impl Pattern {
    /// Reads a pattern; none where it is wrong, or has what is not known here.
    pub(super) fn new(text: &str) -> Option<Self> {
        if text.len() > MOST_STEPS {
            return None;
        }
        let mut reader = Reader { rest: text.chars().peekable(), depth: 0, ignores_case: false };
        let tree = reader.any()?;
        if reader.rest.next().is_some() {
            return None;
        }
        let mut steps = Vec::new();
        write(&tree, &mut steps)?;
        steps.push(Step::Match);
        let cost = |step: &Step| if let Step::One(ranges) = step { ranges.len().max(1) } else { 1 };
        let cost = steps.iter().map(cost).sum();
        Some(Self { steps, cost })
    }

    /// What it takes to go through a text.
    pub(super) fn work(&self, text: &str) -> usize {
        self.cost.saturating_mul(text.len() + 1)
    }

    /// Whether the pattern is found anywhere in a text; none where that would take too long.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        if self.work(text) > MOST_WORK {
            return None;
        }
        Some(self.is_found(text))
    }

    fn is_found(&self, text: &str) -> bool {
        let mut seen = vec![false; self.steps.len()];
        let mut arrived = Vec::new();
        let mut before = None;
        for after in text.chars().map(Some).chain([None]) {
            seen.fill(false);
            // A match may begin at each character.
            arrived.push(0);
            while let Some(at) = arrived.pop() {
                if !std::mem::replace(&mut seen[at], true) {
                    match &self.steps[at] {
                        Step::Match => return true,
                        Step::Jump(to) => arrived.push(*to),
                        Step::Split(one, other) => arrived.extend([*one, *other]),
                        Step::Begin if before.is_none() => arrived.push(at + 1),
                        Step::End if after.is_none() => arrived.push(at + 1),
                        Step::Border(wanted) if (is_word(before) != is_word(after)) == *wanted => {
                            arrived.push(at + 1);
                        }
                        _ => {}
                    }
                }
            }
            let Some(next) = after else { break };
            let takes =
                |at: &usize| seen[*at] && matches!(&self.steps[*at], Step::One(ranges) if has(ranges, next));
            arrived.extend((0..self.steps.len()).filter(takes).map(|at| at + 1));
            before = after;
        }
        false
    }
}

fn has(ranges: &[(char, char)], wanted: char) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&wanted))
}

fn is_word(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| has(WORD, letter))
}

/// All characters that are in none of these.
fn others(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let (mut next, mut rest) = ('\0', Vec::new());
    let after = |letter: char| (letter..=char::MAX).nth(1);
    let mut is_over = false;
    for (from, to) in sorted {
        if next < from
            && let Some(last) = (next..from).next_back()
        {
            rest.push((next, last));
        }
        if to >= next {
            match after(to) {
                Some(following) => next = following,
                None => is_over = true,
            }
        }
    }
    if !is_over {
        rest.push((next, char::MAX));
    }
    rest
}

fn write(tree: &Tree, steps: &mut Vec<Step>) -> Option<()> {
    if steps.len() > MOST_STEPS {
        return None;
    }
    match tree {
        Tree::Step(step) => steps.push(step.clone()),
        Tree::All(parts) => {
            for part in parts {
                write(part, steps)?;
            }
        }
        Tree::Any(parts) => {
            let mut ends = Vec::new();
            for (i, part) in parts.iter().enumerate() {
                if i + 1 == parts.len() {
                    write(part, steps)?;
                    break;
                }
                let split = steps.len();
                steps.push(Step::Match);
                write(part, steps)?;
                ends.push(steps.len());
                steps.push(Step::Match);
                steps[split] = Step::Split(split + 1, steps.len());
            }
            let end = steps.len();
            ends.into_iter().for_each(|at| steps[at] = Step::Jump(end));
        }
        // Nothing as often as one likes is nothing.
        Tree::Repeat(part, ..) if is_nothing(part) => {}
        Tree::Repeat(part, least, most) => {
            for _ in 0..*least {
                write(part, steps)?;
            }
            match most {
                None => {
                    let split = steps.len();
                    steps.push(Step::Match);
                    write(part, steps)?;
                    steps.push(Step::Jump(split));
                    steps[split] = Step::Split(split + 1, steps.len());
                }
                Some(most) => {
                    let mut splits = Vec::new();
                    for _ in *least..*most {
                        splits.push(steps.len());
                        steps.push(Step::Match);
                        write(part, steps)?;
                    }
                    let end = steps.len();
                    splits.into_iter().for_each(|at| steps[at] = Step::Split(at + 1, end));
                }
            }
        }
    }
    Some(())
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
    ignores_case: bool,
}

impl Reader<'_> {
    fn takes(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn any(&mut self) -> Option<Tree> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        let mut parts = vec![self.all()?];
        while self.takes('|') {
            parts.push(self.all()?);
        }
        self.depth -= 1;
        Some(Tree::Any(parts))
    }

    fn all(&mut self) -> Option<Tree> {
        let mut parts = Vec::new();
        while self.rest.peek().is_some_and(|next| !matches!(next, '|' | ')')) {
            let Some(mut part) = self.one()? else { continue };
            let mut is_repeated = false;
            while let Some((least, most)) = self.repeated()? {
                // What is repeated twice Go refuses.
                if std::mem::replace(&mut is_repeated, true) {
                    return None;
                }
                part = Tree::Repeat(Box::new(part), least, most);
            }
            parts.push(part);
        }
        Some(Tree::All(parts))
    }

    /// How often what was just read is there; whether as little as possible of it is taken does not matter here.
    fn repeated(&mut self) -> Option<Option<(usize, Option<usize>)>> {
        let times = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let mut ahead = self.rest.clone();
                ahead.next();
                let written: String = ahead.by_ref().take_while(|next| *next != '}').collect();
                let (least, most) = written.split_once(',').unwrap_or((&written, &written));
                let number = |text: &str| text.parse::<usize>().ok();
                let Some(least) = number(least) else { return Some(None) };
                let most = if most.is_empty() { None } else { Some(number(most)?) };
                if least.max(most.unwrap_or(0)) > MOST_TIMES || most.is_some_and(|most| most < least) {
                    return None;
                }
                self.rest = ahead;
                self.takes('?');
                return Some(Some((least, most)));
            }
            _ => return Some(None),
        };
        self.rest.next();
        self.takes('?');
        Some(Some(times))
    }

    /// A character, a class, a place or a group; nothing where only a flag was set.
    fn one(&mut self) -> Option<Option<Tree>> {
        let step = match self.rest.next()? {
            '(' => return self.group(),
            '[' => Step::One(self.class()?),
            '.' => Step::One(others(&[('\n', '\n')])),
            '^' => Step::Begin,
            '$' => Step::End,
            '*' | '+' | '?' => return None,
            '\\' => match self.rest.next()? {
                'A' => Step::Begin,
                'z' => Step::End,
                'b' => Step::Border(true),
                'B' => Step::Border(false),
                letter => Step::One(self.cased(self.escaped(letter)?)),
            },
            letter => Step::One(self.cased(vec![(letter, letter)])),
        };
        Some(Some(Tree::Step(step)))
    }

    fn group(&mut self) -> Option<Option<Tree>> {
        let before = self.ignores_case;
        if self.takes('?') {
            if self.takes('P') && self.rest.peek() != Some(&'<') {
                return None;
            }
            if self.takes('<') {
                self.rest.by_ref().find(|next| *next == '>')?;
            } else {
                loop {
                    match self.rest.next()? {
                        'i' => self.ignores_case = true,
                        's' | 'm' | 'U' | '-' => return None,
                        ':' => break,
                        ')' => return Some(None),
                        _ => return None,
                    }
                }
            }
        }
        let tree = self.any()?;
        self.ignores_case = before;
        self.takes(')').then_some(Some(tree))
    }

    /// The characters that an escape stands for.
    fn escaped(&self, letter: char) -> Option<Vec<(char, char)>> {
        let one = |letter: char| vec![(letter, letter)];
        Some(match letter {
            'd' => DIGITS.to_vec(),
            'D' => others(DIGITS),
            'w' => WORD.to_vec(),
            'W' => others(WORD),
            's' => BLANK.to_vec(),
            'S' => others(BLANK),
            'n' => one('\n'),
            't' => one('\t'),
            'r' => one('\r'),
            'f' => one('\u{c}'),
            'v' => one('\u{b}'),
            letter if letter.is_ascii_punctuation() => one(letter),
            _ => return None,
        })
    }

    fn class(&mut self) -> Option<Vec<(char, char)>> {
        let is_negated = self.takes('^');
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let letter = self.rest.next()?;
            match letter {
                ']' if !is_first => break,
                '[' if self.takes(':') => {
                    let name: String = self.rest.by_ref().take_while(|next| *next != ':').collect();
                    let named = NAMED.iter().find(|(known, _)| *known == name)?;
                    ranges.extend_from_slice(named.1);
                    if !self.takes(']') {
                        return None;
                    }
                }
                _ => {
                    let from = if letter == '\\' {
                        let letter = self.rest.next()?;
                        self.escaped(letter)?
                    } else {
                        vec![(letter, letter)]
                    };
                    let mut ahead = self.rest.clone();
                    let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|next| *next != ']');
                    match (from.as_slice(), is_range) {
                        ([(from, same)], true) if from == same => {
                            self.rest = ahead;
                            let to = match self.rest.next()? {
                                '\\' => self.rest.next().filter(char::is_ascii_punctuation)?,
                                to => to,
                            };
                            if to < *from {
                                return None;
                            }
                            ranges.push((*from, to));
                        }
                        _ => ranges.extend(from),
                    }
                }
            }
            is_first = false;
        }
        let ranges = self.cased(ranges);
        Some(if is_negated { others(&ranges) } else { ranges })
    }

    /// The same in large and in small, where that does not matter.
    fn cased(&self, mut ranges: Vec<(char, char)>) -> Vec<(char, char)> {
        if self.ignores_case {
            for (small, large) in ('a'..='z').zip('A'..='Z') {
                let (has_small, has_large) = (has(&ranges, small), has(&ranges, large));
                if has_small && !has_large {
                    ranges.push((large, large));
                } else if has_large && !has_small {
                    ranges.push((small, small));
                }
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_matches_as_in_go() {
        for (pattern, matching, others) in [
            ("^a+$", &["a", "aaa"][..], &["", "ab", "ba"][..]),
            ("b", &["abc", "b"], &["", "acc"]),
            (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", &["a", "my-name", "0"], &["-a", "a-", "A", ""]),
            (r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$", &["* * * * *", "*/5 1 2 3 4"], &["* * * *"]),
            ("^(?:http|https)://.*$", &["http://x", "https://"], &["ftp://x", "http:/"]),
            ("^.{2,3}$", &["ab", "한글"], &["a", "abcd", "a\n"]),
            ("^(?i)yes|no$", &["YES", "Yess", "no", "nO"], &["y", "nope"]),
            (r"\bcat\b", &["a cat", "cat!"], &["cats", "concat"]),
            ("^[^a-c]$", &["d", "한"], &["a", "c", ""]),
            ("^[[:alpha:]_-]+$", &["a_b-c"], &["a1", ""]),
            ("^(a|ab)(c|bcd)$", &["abcd", "ac", "abc"], &["abd"]),
            ("^(a*)*b$", &["b", "aab"], &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"]),
            ("a{,2}", &["a{,2}"], &["aa"]),
        ] {
            let read = Pattern::new(pattern).unwrap_or_else(|| panic!("{pattern} is a pattern"));
            for text in matching {
                assert!(read.is_match(text) == Some(true), "{pattern} matches {text:?}");
            }
            for text in others {
                assert!(read.is_match(text) == Some(false), "{pattern} does not match {text:?}");
            }
        }
        for wrong in ["(", "a**", "[a", r"\p{L}", "(?=a)", "a{3,2}", ")", "((a{99}){99}){99}"] {
            assert!(Pattern::new(wrong).is_none(), "{wrong} is not used");
        }
    }

    #[test]
    fn what_would_take_too_long_is_left_alone() {
        let read = Pattern::new("^(a{1,50}){1,50}$").expect("a pattern");
        assert_eq!(read.is_match("aaa"), Some(true));
        assert_eq!(read.is_match(&"a".repeat(100_000)), None);
        assert!(Pattern::new(&"a".repeat(MOST_STEPS + 1)).is_none());
        // Nothing, again and again, is no work either.
        assert!(Pattern::new("(((((){1000}){1000}){1000}){1000}){1000}").is_some());
    }
}
