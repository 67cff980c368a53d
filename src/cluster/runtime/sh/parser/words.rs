//! Reading words: quotes, variables and substitutions.

use super::super::script::{Operator, Part, Script, Word};
use super::{Builder, MAX_DEPTH, Parser, UNEXPECTED_END, UNTERMINATED};
use crate::value::Str;
use std::rc::Rc;

impl Parser {
    /// The next word, where there is one.
    pub(super) fn word(&mut self, builder: &mut Builder) -> Result<Option<Word>, String> {
        let mut parts: Vec<Part> = Vec::new();
        let mut text = String::new();
        let start = self.at;
        let flush = |text: &mut String, parts: &mut Vec<Part>| {
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(text).into(), false));
            }
        };
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    flush(&mut text, &mut parts);
                    self.at += 1;
                    let begin = self.at;
                    while self.peek().is_some_and(|c| c != '\'') {
                        self.at += 1;
                    }
                    if self.peek().is_none() {
                        return Err(UNTERMINATED.into());
                    }
                    let inner: String = self.chars[begin..self.at].iter().collect();
                    self.at += 1;
                    parts.push(Part::Text(inner.into(), true));
                }
                '"' => {
                    flush(&mut text, &mut parts);
                    self.at += 1;
                    parts.push(Part::Text("".into(), true));
                    self.quoted(&mut parts, Some('"'), builder)?;
                }
                '\\' => {
                    if self.peek_at(1) != Some('\n')
                        && let Some(c) = self.peek_at(1)
                    {
                        flush(&mut text, &mut parts);
                        parts.push(Part::Text(c.to_string().into(), true));
                    }
                    self.at += 2;
                }
                '$' | '`' => {
                    flush(&mut text, &mut parts);
                    self.dollar(&mut parts, false, builder)?;
                }
                '~' if self.at == start && self.peek_at(1).is_none_or(|c| c == '/' || c.is_whitespace()) => {
                    self.at += 1;
                    parts.push(Part::Home);
                }
                c => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        flush(&mut text, &mut parts);
        Ok((self.at > start).then_some(Word(parts)))
    }
    /// Text in double quotes, up to its end.
    pub(super) fn quoted(
        &mut self,
        parts: &mut Vec<Part>,
        end: Option<char>,
        builder: &mut Builder,
    ) -> Result<(), String> {
        let mut text = String::new();
        loop {
            let c = self.peek();
            if c == end {
                break;
            }
            match c {
                None => return Err(UNTERMINATED.into()),
                Some('\\') if matches!(self.peek_at(1), Some('$' | '`' | '"' | '\\')) => {
                    text.extend(self.peek_at(1));
                    self.at += 2;
                }
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('$' | '`') => {
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text).into(), true));
                    }
                    self.dollar(parts, true, builder)?;
                }
                Some(c) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        if !text.is_empty() {
            parts.push(Part::Text(text.into(), true));
        }
        Ok(())
    }
    pub(super) fn dollar(
        &mut self,
        parts: &mut Vec<Part>,
        is_quoted: bool,
        builder: &mut Builder,
    ) -> Result<(), String> {
        if self.take("`") {
            let begin = self.at;
            while self.peek().is_some_and(|c| c != '`') {
                self.at += if self.peek() == Some('\\') { 2 } else { 1 };
            }
            let inner: String = self.chars[begin..self.at.min(self.chars.len())].iter().collect();
            self.at += 1;
            return self.substitution(&inner, parts, is_quoted, builder);
        }
        self.at += 1;
        if self.starts("((") {
            let begin = self.at + 2;
            let inner = self.until_closed(begin, "))")?;
            let mut parser = Parser::new(&inner, self.depth);
            let mut expression = Vec::new();
            parser.quoted(&mut expression, None, builder)?;
            parts.push(Part::Arithmetic(Word(expression)));
            return Ok(());
        }
        if self.peek() == Some('(') {
            let inner = self.until_closed(self.at + 1, ")")?;
            return self.substitution(&inner, parts, is_quoted, builder);
        }
        if self.take("{") {
            return self.braced(parts, is_quoted, builder);
        }
        let name: String = match self.peek() {
            Some(c) if c.is_ascii_digit() || matches!(c, '@' | '*' | '#' | '?' | '$' | '!' | '-') => {
                c.to_string()
            }
            _ => self.chars[self.at.min(self.chars.len())..]
                .iter()
                .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                .collect(),
        };
        if name.is_empty() {
            parts.push(Part::Text("$".into(), is_quoted));
            return Ok(());
        }
        self.at += name.chars().count();
        parts.push(Part::Variable(name.into(), None, is_quoted));
        Ok(())
    }
    pub(super) fn substitution(
        &mut self,
        text: &str,
        parts: &mut Vec<Part>,
        is_quoted: bool,
        builder: &mut Builder,
    ) -> Result<(), String> {
        if self.depth > MAX_DEPTH {
            return Err("syntax error: too deep".into());
        }
        let mut parser = Parser::new(text, self.depth + 1);
        let mut inner = Builder::default();
        parser.list(&mut inner, &[])?;
        builder.substitutions.push(Rc::new(Script { steps: inner.steps }));
        parts.push(Part::Substitution(builder.substitutions.len() - 1, is_quoted));
        Ok(())
    }
    pub(super) fn braced(
        &mut self,
        parts: &mut Vec<Part>,
        is_quoted: bool,
        builder: &mut Builder,
    ) -> Result<(), String> {
        let is_length = self.peek() == Some('#') && self.peek_at(1) != Some('}');
        if is_length {
            self.at += 1;
        }
        let name: String = match self.peek() {
            Some(c) if matches!(c, '@' | '*' | '#' | '?' | '$' | '!' | '-') => c.to_string(),
            _ => self.chars[self.at.min(self.chars.len())..]
                .iter()
                .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                .collect(),
        };
        self.at += name.chars().count();
        let name: Str = name.into();
        if is_length {
            parts.push(Part::Length(name));
            return if self.take("}") { Ok(()) } else { Err("bad substitution".into()) };
        }
        let with_empty = self.take(":");
        let operator = match self.peek() {
            Some('}') if !with_empty => {
                self.at += 1;
                parts.push(Part::Variable(name, None, is_quoted));
                return Ok(());
            }
            Some('-') => Operator::Default(with_empty),
            Some('=') => Operator::Assign(with_empty),
            Some('+') => Operator::Alternative(with_empty),
            Some('?') => Operator::Error(with_empty),
            Some('%') => Operator::Suffix(self.peek_at(1) == Some('%')),
            Some('#') => Operator::Prefix(self.peek_at(1) == Some('#')),
            _ => return Err("bad substitution".into()),
        };
        self.at += 1 + usize::from(matches!(operator, Operator::Suffix(true) | Operator::Prefix(true)));
        let mut inner = Vec::new();
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err("bad substitution".into()),
                Some('}') => break,
                Some('$' | '`') => {
                    if !text.is_empty() {
                        inner.push(Part::Text(std::mem::take(&mut text).into(), is_quoted));
                    }
                    self.dollar(&mut inner, is_quoted, builder)?;
                }
                Some('"') => self.at += 1,
                Some('\\') => {
                    text.extend(self.peek_at(1));
                    self.at += 2;
                }
                Some(c) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        if !text.is_empty() {
            inner.push(Part::Text(text.into(), is_quoted));
        }
        parts.push(Part::Variable(name, Some((operator, Word(inner))), is_quoted));
        Ok(())
    }
    /// The text from `begin` to its closing brackets, which are passed.
    pub(super) fn until_closed(&mut self, begin: usize, close: &str) -> Result<String, String> {
        self.at = begin;
        let mut open = 0;
        loop {
            match self.peek() {
                None => return Err(UNEXPECTED_END.into()),
                Some(')') if open == 0 && self.starts(close) => break,
                Some(')') => open -= 1,
                Some('(') => open += 1,
                Some('\\') => self.at += 1,
                Some(quote @ ('\'' | '"')) if close == ")" => {
                    self.at += 1;
                    while self.peek().is_some_and(|c| c != quote) {
                        self.at += if quote == '"' && self.peek() == Some('\\') { 2 } else { 1 };
                    }
                }
                Some(_) => {}
            }
            self.at += 1;
        }
        let inner = self.chars[begin..self.at].iter().collect();
        self.at += close.len();
        Ok(inner)
    }
}
