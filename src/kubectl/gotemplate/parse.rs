//! Reading a template: text, and in braces words (upstream: `text/template/parse`).

use super::functions::FUNCTIONS;
use super::{Datum, Node, Operand, Pipe, What};
use crate::value::Value;

/// A word in braces, and where it begins.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    text: String,
    at: usize,
    /// Whether a blank stands before it.
    is_apart: bool,
}

/// What a part of a template ended at.
#[derive(Debug, PartialEq)]
enum End {
    Text,
    Closed,
    Else(Vec<Token>),
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// What is cut off the beginning of the next text.
    trims: bool,
    variables: Vec<String>,
    depth: usize,
}

/// The pieces of a template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let mut parser = Parser { text, at: 0, trims: false, variables: vec!["$".into()], depth: 0 };
    match parser.nodes()? {
        (nodes, End::Text) => Ok(nodes),
        (_, End::Closed) => Err(parser.wrong("unexpected {{end}}")),
        (_, End::Else(_)) => Err(parser.wrong("unexpected {{else}}")),
    }
}

impl Parser<'_> {
    fn wrong(&self, why: &str) -> String {
        let line = 1 + self.text[..self.at.min(self.text.len())].matches('\n').count();
        format!("template: output:{line}: {why}")
    }
    /// The pieces up to an `end`, an `else`, or the end.
    fn nodes(&mut self) -> Result<(Vec<Node>, End), String> {
        let mut nodes = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let (mut before, is_last) = match rest.find("{{") {
                Some(end) => (&rest[..end], false),
                None => (rest, true),
            };
            let length = before.len();
            if std::mem::take(&mut self.trims) {
                before = before.trim_start();
            }
            if rest[length..].starts_with("{{- ") {
                before = before.trim_end();
            }
            if !before.is_empty() {
                nodes.push(Node::Text(before.to_owned()));
            }
            self.at += length;
            if is_last {
                return Ok((nodes, End::Text));
            }
            let Some(tokens) = self.tokens()? else { continue };
            let keyword = tokens.first().map_or("", |token| &*token.text);
            match keyword {
                "end" => return Ok((nodes, End::Closed)),
                "else" => return Ok((nodes, End::Else(tokens[1..].to_vec()))),
                "break" => nodes.push(Node::Break),
                "continue" => nodes.push(Node::Continue),
                "if" | "with" | "range" => nodes.push(self.block(keyword, &tokens[1..])?),
                "define" | "template" | "block" => {
                    return Err(self.wrong(&format!("{keyword} is not simulated here")));
                }
                _ => {
                    let pipe = self.pipe(&mut &tokens[..], "command")?;
                    nodes.push(Node::Action(pipe));
                }
            }
        }
    }
    /// One level further in, of which there are so many.
    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > 100 { Err(self.wrong("max depth exceeded")) } else { Ok(()) }
    }
    /// `if`, `with` or `range` up to its `end`.
    fn block(&mut self, keyword: &str, tokens: &[Token]) -> Result<Node, String> {
        self.deeper()?;
        let known = self.variables.len();
        let pipe = self.pipe(&mut &tokens[..], keyword)?;
        let (nodes, end) = self.nodes()?;
        let otherwise = match end {
            End::Text => return Err(self.wrong("unexpected EOF")),
            End::Closed => Vec::new(),
            End::Else(rest) if rest.is_empty() => match self.nodes()? {
                (nodes, End::Closed) => nodes,
                (_, End::Else(_)) => return Err(self.wrong("unexpected {{else}}")),
                (_, End::Text) => return Err(self.wrong("unexpected EOF")),
            },
            // `else if` is an `if` in the `else`, with one `end` for both.
            End::Else(rest) => vec![self.block(&rest[0].text.clone(), &rest[1..])?],
        };
        self.variables.truncate(known);
        self.depth -= 1;
        Ok(match keyword {
            "if" => Node::If(pipe, nodes, otherwise),
            "with" => Node::With(pipe, nodes, otherwise),
            _ => Node::Range(pipe, nodes, otherwise),
        })
    }
    /// The words of what stands in braces, from the opening ones to behind the closing ones; none of a comment.
    fn tokens(&mut self) -> Result<Option<Vec<Token>>, String> {
        let unclosed = "unclosed action";
        self.at += 2;
        if self.text[self.at..].starts_with("- ") {
            self.at += 2;
        }
        if self.text[self.at..].starts_with("/*") {
            let end = self.text[self.at..].find("*/").ok_or_else(|| self.wrong("unclosed comment"))?;
            self.at += end + 2;
            self.trims = self.text[self.at..].starts_with(" -}}");
            let close = if self.trims { " -}}" } else { "}}" };
            if !self.text[self.at..].starts_with(close) {
                return Err(self.wrong("comment ends before closing delimiter"));
            }
            self.at += close.len();
            return Ok(None);
        }
        let (mut tokens, mut is_apart) = (Vec::new(), true);
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with(" -}}") || rest.starts_with("}}") {
                self.trims = rest.starts_with(' ');
                self.at += if self.trims { 4 } else { 2 };
                return Ok(Some(tokens));
            }
            let Some(first) = rest.chars().next() else { return Err(self.wrong(unclosed)) };
            if first.is_whitespace() {
                self.at += first.len_utf8();
                is_apart = true;
                continue;
            }
            let length = self.token(rest, first)?;
            tokens.push(Token { text: rest[..length].to_owned(), at: self.at, is_apart });
            self.at += length;
            is_apart = false;
        }
    }
    /// How long the word is that begins here.
    fn token(&self, rest: &str, first: char) -> Result<usize, String> {
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        let word = |from: usize| rest[from..].find(|c| !is_letter(c)).map_or(rest.len(), |end| from + end);
        Ok(match first {
            '"' | '\'' => {
                let (mut is_escaped, mut end) = (false, None);
                for (at, c) in rest.char_indices().skip(1) {
                    match c {
                        _ if std::mem::take(&mut is_escaped) => {}
                        '\\' => is_escaped = true,
                        '\n' => break,
                        c if c == first => {
                            end = Some(at + 1);
                            break;
                        }
                        _ => {}
                    }
                }
                let what = if first == '"' { "quoted string" } else { "character constant" };
                end.ok_or_else(|| self.wrong(&format!("unterminated {what}")))?
            }
            '`' => match rest[1..].find('`') {
                Some(end) => end + 2,
                None => return Err(self.wrong("unterminated raw quoted string")),
            },
            ':' if rest.starts_with(":=") => 2,
            '(' | ')' | '|' | ',' | '=' => 1,
            '.' | '$' => word(1),
            c if c.is_ascii_digit()
                || (matches!(c, '-' | '+') && rest[1..].starts_with(|c: char| c.is_ascii_digit())) =>
            {
                rest[1..].find(|c: char| !(is_letter(c) || c == '.')).map_or(rest.len(), |end| end + 1)
            }
            c if is_letter(c) => word(0),
            c => {
                return Err(
                    self.wrong(&format!("unexpected bad character U+{:04X} '{c}' in command", c as u32))
                );
            }
        })
    }
    /// A pipe up to the end of the words, or to a closing bracket.
    fn pipe(&mut self, tokens: &mut &[Token], context: &str) -> Result<Pipe, String> {
        let mut pipe = Pipe::default();
        let sign = tokens.iter().position(|token| token.text == ":=" || token.text == "=");
        if let Some(sign) = sign.filter(|sign| *sign <= 3) {
            let names = tokens[..sign].iter().filter(|token| token.text != ",");
            pipe.variables = names.map(|token| token.text.clone()).collect();
            pipe.assigns = tokens[sign].text == "=";
            if pipe.variables.len() > 1 && context != "range" {
                return Err(self.wrong(&format!("too many declarations in {context}")));
            }
            *tokens = &tokens[sign + 1..];
        }
        let mut command = Vec::new();
        while let Some(token) = tokens.first() {
            match &*token.text {
                ")" => break,
                "|" => {
                    if command.is_empty() {
                        return Err(self.wrong(&format!("missing value for {context}")));
                    }
                    pipe.commands.push(std::mem::take(&mut command));
                    *tokens = &tokens[1..];
                }
                _ => command.push(self.operand(tokens, context)?),
            }
        }
        if command.is_empty() {
            return Err(self.wrong(&format!("missing value for {context}")));
        }
        pipe.commands.push(command);
        if !pipe.assigns {
            self.variables.extend(pipe.variables.iter().cloned());
        }
        Ok(pipe)
    }
    fn operand(&mut self, tokens: &mut &[Token], context: &str) -> Result<Operand, String> {
        let token = tokens[0].clone();
        *tokens = &tokens[1..];
        let (mut fields, mut text) = (Vec::new(), token.text.clone());
        let what = match &*token.text {
            "(" => {
                self.deeper()?;
                let pipe = self.pipe(tokens, "parenthesized pipeline")?;
                self.depth -= 1;
                if tokens.first().is_none_or(|token| token.text != ")") {
                    return Err(self.wrong("unclosed left paren"));
                }
                *tokens = &tokens[1..];
                What::Pipe(pipe)
            }
            "." => What::Dot,
            "nil" => return Err(self.wrong("nil is not a command")),
            "true" | "false" => What::Constant(Datum::Value(Value::Bool(token.text == "true"))),
            word if word.starts_with('.') => {
                fields.push(word[1..].to_owned());
                What::Dot
            }
            word if word.starts_with('$') => {
                if !self.variables.iter().any(|known| known == word) {
                    return Err(self.wrong(&format!("undefined variable {word:?}")));
                }
                What::Variable(word.to_owned())
            }
            word if word.starts_with('"') => What::Constant(Datum::Value(unquoted(word).into())),
            word if word.starts_with('`') => What::Constant(Datum::Value(word.trim_matches('`').into())),
            word if word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+')) => {
                match (word.parse::<i64>(), word.parse::<f64>()) {
                    (Ok(number), _) => What::Constant(Datum::Int(number)),
                    (_, Ok(number)) => What::Constant(Datum::Value(Value::Float(number))),
                    _ => return Err(self.wrong(&format!("bad number syntax: {word:?}"))),
                }
            }
            word if FUNCTIONS.contains(&word) => What::Function(word.to_owned()),
            word if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                return Err(self.wrong(&format!("function {word:?} not defined")));
            }
            word => return Err(self.wrong(&format!("unexpected {word:?} in {context}"))),
        };
        // As Go has it, what goes on stands where its first field behind the beginning stands.
        let mut at = None;
        while let Some(next) =
            tokens.first().filter(|next| !next.is_apart && next.text.len() > 1 && next.text.starts_with('.'))
        {
            fields.push(next.text[1..].to_owned());
            text.push_str(&next.text);
            at = at.or(Some(next.at));
            *tokens = &tokens[1..];
        }
        Ok(Operand { what, fields, text, at: at.unwrap_or(token.at) })
    }
}

/// A quoted text without its quotes.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text[1..text.len() - 1].chars();
    while let Some(c) = characters.next() {
        match (c, if c == '\\' { characters.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some(other)) => out.push(other),
            (c, _) => out.push(c),
        }
    }
    out
}
