//! Reads shell text into a script (POSIX sh as busybox reads it).

mod compound;
mod words;

use super::script::{Command, Part, Redirect, Script, Step, Target, Word};
use std::rc::Rc;

/// How deep a script may be within itself.
const MAX_DEPTH: usize = 60;
/// What is said where the text ends too early.
const UNEXPECTED_END: &str = "syntax error: unexpected end of file";
/// What is said of a quotation without an end.
const UNTERMINATED: &str = "syntax error: unterminated quoted string";

/// Reads a script; the error is the shell's sentence.
pub(crate) fn parse(text: &str) -> Result<Rc<Script>, String> {
    let mut parser = Parser::new(text, 0);
    let mut out = Builder::default();
    parser.list(&mut out, &[])?;
    parser.skip_blank_lines();
    if parser.peek().is_some() {
        return Err(parser.unexpected());
    }
    out.mark_last();
    Ok(Rc::new(Script { steps: out.steps }))
}

/// Whether a terminal would wait for another line: a quotation, a here-document or a loop has no end yet.
pub(crate) fn is_unfinished(text: &str) -> bool {
    let mut parser = Parser::new(text, 0);
    let read = parser.list(&mut Builder::default(), &[]);
    parser.is_open || read.is_err_and(|why| why == UNEXPECTED_END || why == UNTERMINATED)
}

#[derive(Default)]
struct Builder {
    steps: Vec<Step>,
    substitutions: Vec<Rc<Script>>,
}

impl Builder {
    fn here(&self) -> usize {
        self.steps.len()
    }
    fn push(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }
    /// Lets a jump that was left open lead here.
    fn land(&mut self, at: usize) {
        let here = self.here();
        match &mut self.steps[at] {
            Step::Jump(to) | Step::JumpIf(_, to) => *to = here,
            Step::Loop { end, .. } | Step::For { end, .. } | Step::Case { end, .. } => *end = here,
            _ => {}
        }
    }
    /// The last simple command of a script is what the shell becomes.
    fn mark_last(&mut self) {
        let jumps = self
            .steps
            .iter()
            .any(|step| matches!(step, Step::Jump(_) | Step::JumpIf(..) | Step::Case { .. }));
        if let Some(Step::Command(command)) = self.steps.last_mut().filter(|_| !jumps) {
            Rc::make_mut(command).is_last = true;
        }
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    /// Whether a here-document had no end.
    is_open: bool,
}

/// The words that mean something at the place of a command.
const RESERVED: &[&str] = &[
    "then", "else", "elif", "fi", "do", "done", "esac", "}", "in", "if", "while", "until", "for", "case",
    "{", "!",
];

impl Parser {
    fn new(text: &str, depth: usize) -> Self {
        Self { chars: text.chars().collect(), at: 0, depth, is_open: false }
    }
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn peek_at(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }
    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c))
    }
    fn take(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }
    fn unexpected(&self) -> String {
        let word: String =
            self.chars[self.at.min(self.chars.len())..].iter().take_while(|c| !c.is_whitespace()).collect();
        if word.is_empty() { UNEXPECTED_END.into() } else { format!("syntax error: unexpected \"{word}\"") }
    }
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }
    fn skip_blank_lines(&mut self) {
        loop {
            self.skip_blanks();
            if self.peek() != Some('\n') {
                return;
            }
            self.newline();
        }
    }
    /// Passes the end of a line, and the texts that follow it.
    fn newline(&mut self) {
        self.at += 1;
    }
    /// The plain word here, without moving.
    fn plain_word(&self) -> String {
        self.chars[self.at.min(self.chars.len())..]
            .iter()
            .take_while(|c| {
                !c.is_whitespace()
                    && !matches!(c, ';' | '&' | '|' | '(' | ')' | '<' | '>' | '"' | '\'' | '$' | '`' | '\\')
            })
            .collect()
    }
    fn is_word(&self, word: &str) -> bool {
        self.plain_word() == word
    }
    fn expect_word(&mut self, word: &str) -> Result<(), String> {
        self.skip_blank_lines();
        if !self.is_word(word) {
            return Err(self.unexpected());
        }
        self.at += word.len();
        Ok(())
    }
    /// Commands up to one of the words, a `)` or the end.
    fn list(&mut self, out: &mut Builder, until: &[&str]) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("syntax error: too deep".into());
        }
        loop {
            self.skip_blank_lines();
            let word = self.plain_word();
            if self.peek().is_none()
                || self.peek() == Some(')')
                || self.starts(";;")
                || until.contains(&&*word)
            {
                break;
            }
            let (from, begin) = (self.at, out.here());
            self.and_or(out)?;
            self.skip_blanks();
            if self.peek() == Some('&') && self.peek_at(1) != Some('&') {
                let text: String = self.chars[from..self.at].iter().collect();
                self.at += 1;
                let steps = shifted(out.steps.split_off(begin), begin);
                let mut inner = Builder { steps, substitutions: Vec::new() };
                inner.mark_last();
                out.push(Step::Background(Rc::new(Script { steps: inner.steps }), text.trim().into()));
            } else if self.peek() == Some(';') && self.peek_at(1) != Some(';') {
                self.at += 1;
            } else if self.peek() == Some('\n') {
                self.newline();
            }
        }
        self.depth -= 1;
        Ok(())
    }
    fn and_or(&mut self, out: &mut Builder) -> Result<(), String> {
        let begin = out.here();
        self.pipeline(out)?;
        loop {
            self.skip_blanks();
            let is_and = self.starts("&&");
            if !is_and && !self.starts("||") {
                return Ok(());
            }
            self.at += 2;
            mark_tested(&mut out.steps[begin..]);
            let jump = out.push(Step::JumpIf(!is_and, 0));
            self.skip_blank_lines();
            self.pipeline(out)?;
            out.land(jump);
        }
    }
    fn pipeline(&mut self, out: &mut Builder) -> Result<(), String> {
        self.skip_blanks();
        let is_negated = self.is_word("!");
        if is_negated {
            self.at += 1;
        }
        let begin = out.here();
        self.command(out)?;
        let mut stages = Vec::new();
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                break;
            }
            self.at += 1;
            if stages.is_empty() {
                let steps = shifted(out.steps.split_off(begin), begin);
                stages.push(Rc::new(Script { steps }));
            }
            self.skip_blank_lines();
            let mut stage = Builder::default();
            self.command(&mut stage)?;
            stages.push(Rc::new(Script { steps: stage.steps }));
        }
        if !stages.is_empty() {
            out.push(Step::Pipeline(stages));
        }
        if is_negated {
            mark_tested(&mut out.steps[begin..]);
            out.push(Step::Not);
        }
        Ok(())
    }
    fn command(&mut self, out: &mut Builder) -> Result<(), String> {
        self.skip_blanks();
        let begin = out.here();
        let word = self.plain_word();
        match &*word {
            "if" => self.if_command(out)?,
            "while" | "until" => self.while_command(out, word == "until")?,
            "for" => self.for_command(out)?,
            "case" => self.case_command(out)?,
            "{" => {
                self.at += 1;
                self.list(out, &["}"])?;
                self.expect_word("}")?;
            }
            _ if self.peek() == Some('(') => {
                self.at += 1;
                let mut inner = Builder::default();
                self.list(&mut inner, &[])?;
                self.skip_blank_lines();
                if !self.take(")") {
                    return Err(self.unexpected());
                }
                out.push(Step::Subshell(Rc::new(Script { steps: inner.steps })));
            }
            _ if RESERVED.contains(&&*word) => return Err(self.unexpected()),
            _ => return self.simple(out),
        }
        // A compound command may be redirected as a whole.
        let (mut redirects, mut substitutions) = (Vec::new(), Builder::default());
        while let Some(redirect) = self.redirect(&mut substitutions)? {
            redirects.push(redirect);
        }
        if !redirects.is_empty() {
            let steps = shifted(out.steps.split_off(begin), begin);
            out.push(Step::Redirect(Rc::new(redirects), Rc::new(substitutions.substitutions)));
            let offset = out.here();
            out.steps.extend(moved(steps, offset));
            out.push(Step::EndRedirect);
        }
        Ok(())
    }
    fn simple(&mut self, out: &mut Builder) -> Result<(), String> {
        let mut command = Command::default();
        let mut builder = Builder::default();
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect(&mut builder)? {
                command.redirects.push(redirect);
                continue;
            }
            let name = self.plain_word();
            if command.words.is_empty()
                && let Some((key, _)) = name.split_once('=')
                && is_name(key)
            {
                self.at += key.len() + 1;
                let value = self.word(&mut builder)?.unwrap_or_default();
                command.assignments.push((key.into(), value));
                continue;
            }
            if command.words.is_empty()
                && is_name(&name)
                && self.chars[self.at + name.len()..].starts_with(&['(', ')'])
            {
                self.at += name.len() + 2;
                self.skip_blank_lines();
                let mut body = Builder::default();
                self.command(&mut body)?;
                out.push(Step::Function(name.into(), Rc::new(Script { steps: body.steps })));
                return Ok(());
            }
            match self.word(&mut builder)? {
                Some(word) => command.words.push(word),
                None => break,
            }
        }
        if command.words.is_empty() && command.assignments.is_empty() && command.redirects.is_empty() {
            return Err(self.unexpected());
        }
        command.substitutions = builder.substitutions;
        out.push(Step::Command(Rc::new(command)));
        Ok(())
    }
    fn redirect(&mut self, builder: &mut Builder) -> Result<Option<Redirect>, String> {
        self.skip_blanks();
        let start = self.at;
        let number = self.peek().filter(char::is_ascii_digit);
        if number.is_some() {
            self.at += 1;
        }
        let is_output = match self.peek() {
            Some('>') => true,
            Some('<') => false,
            Some('&') if number.is_none() && self.peek_at(1) == Some('>') => {
                // `&>file` is what bash has; busybox takes it too.
                self.at += 2;
                self.skip_blanks();
                let Some(word) = self.word(builder)? else { return Err(self.unexpected()) };
                // Both follow the first: the second is written where the first leads.
                return Ok(Some(Redirect { fd: 12, to: Target::File(word, false) }));
            }
            _ => {
                self.at = start;
                return Ok(None);
            }
        };
        let fd = number.and_then(|c| c.to_digit(10)).map_or(u8::from(is_output), |n| n as u8);
        self.at += 1;
        if self.take("&") {
            let to = self.peek();
            self.at += 1;
            return Ok(Some(match to {
                Some('-') => Redirect { fd, to: Target::Closed },
                Some(c) if c.is_ascii_digit() => Redirect { fd, to: Target::Same(c as u8 - b'0') },
                _ => return Err(self.unexpected()),
            }));
        }
        if !is_output && self.take("<") {
            let strips_tabs = self.take("-");
            self.skip_blanks();
            return self.here_text(fd, strips_tabs, builder).map(Some);
        }
        let appends = is_output && self.take(">");
        self.take("|");
        self.skip_blanks();
        let Some(word) = self.word(builder)? else { return Err(self.unexpected()) };
        let to = if is_output { Target::File(word, appends) } else { Target::From(word) };
        Ok(Some(Redirect { fd, to }))
    }
    /// A text that stands on the following lines: it is cut out of them.
    fn here_text(&mut self, fd: u8, strips_tabs: bool, builder: &mut Builder) -> Result<Redirect, String> {
        let mut end = String::new();
        let mut is_literal = false;
        while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && !matches!(c, ';' | '>' | '|' | '&'))
        {
            if matches!(c, '"' | '\'' | '\\') {
                is_literal = true
            } else {
                end.push(c)
            }
            self.at += 1;
        }
        let Some(line_end) = self.chars[self.at..].iter().position(|c| *c == '\n').map(|n| self.at + n)
        else {
            return Err(UNEXPECTED_END.into());
        };
        let rest: String = self.chars[line_end + 1..].iter().collect();
        let (mut text, mut used, mut found) = (String::new(), 0, false);
        for line in rest.split_inclusive('\n') {
            used += line.chars().count();
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let bare = if strips_tabs { bare.trim_start_matches('\t') } else { bare };
            if bare == end {
                found = true;
                break;
            }
            text.push_str(bare);
            text.push('\n');
        }
        self.is_open |= !found;
        if !found && end.is_empty() {
            return Err(UNEXPECTED_END.into());
        }
        self.chars.drain(line_end + 1..line_end + 1 + used);
        let word = if is_literal {
            Word(vec![Part::Text(text.into(), true)])
        } else {
            let mut inner = Parser::new(&text, self.depth);
            let mut parts = Vec::new();
            inner.quoted(&mut parts, None, builder)?;
            Word(parts)
        };
        Ok(Redirect { fd, to: Target::Here(word) })
    }
}

/// Whether a word can name a variable or a function.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Notes that the statuses of commands are looked at.
fn mark_tested(steps: &mut [Step]) {
    for step in steps {
        if let Step::Command(command) = step {
            Rc::make_mut(command).is_tested = true;
        }
    }
}

/// Steps that were cut out at `from`, with their jumps as seen from their own beginning.
fn shifted(steps: Vec<Step>, from: usize) -> Vec<Step> {
    with_targets(steps, |to| to.saturating_sub(from))
}

/// Steps put in at `to`.
fn moved(steps: Vec<Step>, to: usize) -> Vec<Step> {
    with_targets(steps, |target| target + to)
}

fn with_targets(mut steps: Vec<Step>, change: impl Fn(usize) -> usize) -> Vec<Step> {
    for step in &mut steps {
        match step {
            Step::Jump(to) | Step::JumpIf(_, to) => *to = change(*to),
            Step::Loop { next, end } | Step::For { next, end, .. } => {
                (*next, *end) = (change(*next), change(*end));
            }
            Step::Case { arms, end, .. } => {
                *end = change(*end);
                for (_, at) in arms {
                    *at = change(*at);
                }
            }
            _ => {}
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_waits_for_the_end_of_what_has_begun() {
        for text in [
            "cat <<EOF",
            "cat <<EOF\na: b\n",
            "echo 'a",
            "for i in 1 2; do",
            "ls |",
            "ls &&",
            "x=$(ls",
            "{ ls",
        ] {
            assert!(is_unfinished(text), "{text}");
        }
        for text in ["cat <<EOF\na: b\nEOF", "echo 'a'", "for i in 1 2; do ls; done", "ls | wc", "fi", ""] {
            assert!(!is_unfinished(text), "{text}");
        }
    }
    #[test]
    fn what_is_wrong_is_said_as_the_shell_says_it() {
        for (text, error) in [
            ("if true; then", "syntax error: unexpected end of file"),
            ("echo 'a", "syntax error: unterminated quoted string"),
            ("done", "syntax error: unexpected \"done\""),
            ("echo a; ) b", "syntax error: unexpected \")\""),
            ("echo ${a", "bad substitution"),
        ] {
            assert_eq!(parse(text).err().as_deref(), Some(error), "{text}");
        }
    }
}
