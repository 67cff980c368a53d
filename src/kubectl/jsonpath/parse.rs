//! Reading a template (upstream: client-go `util/jsonpath/parser.go`).

use super::{Node, Slice, Step};
use crate::value::Value;

/// The pieces of a template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let mut blocks: Vec<(Vec<Step>, Vec<Node>)> = vec![(Vec::new(), Vec::new())];
    let mut rest = text;
    while !rest.is_empty() {
        let (before, behind) = match rest.split_once('{') {
            Some((before, behind)) => (before, Some(behind)),
            None => (rest, None),
        };
        if !before.is_empty() {
            push(&mut blocks, Node::Text(before.to_owned()));
        }
        let Some(behind) = behind else { break };
        let mut action = Action { rest: behind, steps: Vec::new(), word: None };
        action.read()?;
        rest = action.rest;
        match action.word.as_deref() {
            None => push(&mut blocks, Node::Action(action.steps)),
            Some("range") => blocks.push((action.steps, Vec::new())),
            Some("end") => match blocks.pop() {
                Some((steps, nodes)) if !blocks.is_empty() => push(&mut blocks, Node::Range(steps, nodes)),
                _ => return Err("not in range, nothing to end".into()),
            },
            Some(other) => return Err(format!("unrecognized identifier {other}")),
        }
    }
    // A range that is not ended goes to the end.
    while blocks.len() > 1 {
        if let Some((steps, nodes)) = blocks.pop() {
            push(&mut blocks, Node::Range(steps, nodes));
        }
    }
    Ok(blocks.pop().map(|(_, nodes)| nodes).unwrap_or_default())
}

fn push(blocks: &mut [(Vec<Step>, Vec<Node>)], node: Node) {
    if let Some((_, nodes)) = blocks.last_mut() {
        nodes.push(node);
    }
}

/// The steps of a path alone, as it stands in brackets and filters.
fn steps(text: &str) -> Result<Vec<Step>, String> {
    let text = format!("{text}}}");
    let mut action = Action { rest: &text, steps: Vec::new(), word: None };
    action.read()?;
    Ok(action.steps)
}

/// What stands in braces, up to the closing one.
struct Action<'t> {
    rest: &'t str,
    steps: Vec<Step>,
    /// `range` or `end`
    word: Option<String>,
}

impl Action<'_> {
    fn read(&mut self) -> Result<(), String> {
        loop {
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return Ok(());
            }
            if let Some(rest) = self.rest.strip_prefix("[?(") {
                self.rest = rest;
                self.filter()?;
            } else if let Some(rest) = self.rest.strip_prefix("..") {
                if self.steps.last() == Some(&Step::Recursive) {
                    return Err("invalid multiple recursive descent".into());
                }
                self.rest = rest;
                self.steps.push(Step::Recursive);
                if rest.starts_with(is_word) {
                    self.field();
                }
            } else {
                self.step()?;
            }
        }
    }
    fn step(&mut self) -> Result<(), String> {
        let Some(first) = self.rest.chars().next().filter(|c| !matches!(c, '\n' | '\r')) else {
            return Err("unclosed action".into());
        };
        let behind = &self.rest[first.len_utf8()..];
        match first {
            ' ' | '@' | '$' => self.rest = behind,
            '[' => {
                let (inside, rest) = behind
                    .split_once(']')
                    .filter(|(inside, _)| !inside.contains('\n'))
                    .ok_or("unterminated array")?;
                self.rest = rest;
                self.array(inside)?;
            }
            '"' | '\'' => self.quote(first)?,
            '.' => {
                self.rest = behind;
                self.field();
            }
            '+' | '-' => self.number()?,
            c if c.is_numeric() => self.number()?,
            c if is_word(c) => {
                let end = self.rest.find(is_end).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                match word {
                    "true" | "false" => self.steps.push(Step::Literal(Value::Bool(word == "true"))),
                    word => self.word = Some(word.to_owned()),
                }
            }
            other => {
                return Err(format!("unrecognized character in action: U+{:04X} '{other}'", other as u32));
            }
        }
        Ok(())
    }
    /// A field's name: `\.` is a dot in it.
    fn field(&mut self) {
        let (mut name, mut is_escaped, mut end) = (String::new(), false, self.rest.len());
        for (at, c) in self.rest.char_indices() {
            match c {
                c if std::mem::take(&mut is_escaped) => name.push(c),
                '\\' => is_escaped = true,
                c if is_end(c) => {
                    end = at;
                    break;
                }
                c => name.push(c),
            }
        }
        self.rest = &self.rest[end..];
        self.steps.push(if name == "*" { Step::Wildcard } else { Step::Field(name) });
    }
    fn number(&mut self) -> Result<(), String> {
        let signed = self.rest.strip_prefix(['+', '-']).unwrap_or(self.rest);
        let digits = signed.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(signed.len());
        let (number, rest) = self.rest.split_at(self.rest.len() - signed.len() + digits);
        self.rest = rest;
        let whole = number.strip_prefix('+').unwrap_or(number).parse::<i64>().ok().map(Value::Int);
        match whole.or_else(|| number.parse().ok().map(Value::Float)) {
            Some(number) => self.steps.push(Step::Literal(number)),
            None => return Err(format!("cannot parse number {number}")),
        }
        Ok(())
    }
    fn quote(&mut self, end: char) -> Result<(), String> {
        let (mut text, mut characters) = (String::new(), self.rest.char_indices().skip(1));
        while let Some((at, c)) = characters.next() {
            match c {
                c if c == end => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    self.steps.push(Step::Literal(Value::from(text)));
                    return Ok(());
                }
                '\n' => break,
                '\\' => match characters.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(c @ ('\\' | '"' | '\'')) => text.push(c),
                    _ => return Err(format!("unquote string {} error invalid syntax", self.rest)),
                },
                c => text.push(c),
            }
        }
        Err("unterminated quoted string".into())
    }
    fn filter(&mut self) -> Result<(), String> {
        let (mut quote, mut end) = (None, None);
        let mut before = ' ';
        for (at, c) in self.rest.char_indices() {
            match (c, quote) {
                ('\n', _) => break,
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open && before != '\\' => quote = None,
                (')', None) => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
            before = c;
        }
        let (inside, rest) = self.rest.split_at(end.ok_or("unterminated filter")?);
        self.rest = rest.strip_prefix(")]").ok_or("unclosed array expect ]")?;
        let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
        let comparison = inside.find(is_operator).filter(|at| *at > 0).and_then(|at| {
            let (left, behind) = inside.split_at(at);
            let right = behind.trim_start_matches(is_operator);
            let operator = &behind[..behind.len() - right.len()];
            (!right.is_empty()).then_some((left, operator, right))
        });
        self.steps.push(match comparison {
            Some((left, operator, right)) => {
                Step::Filter(steps(left)?, Some((operator.to_owned(), steps(right)?)))
            }
            None => Step::Filter(steps(inside)?, None),
        });
        Ok(())
    }
    fn array(&mut self, inside: &str) -> Result<(), String> {
        if inside.contains(',') {
            let parts = inside.split(',').map(|part| steps(&format!("[{}]", part.trim_matches(' '))));
            self.steps.push(Step::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        if let Some(key) = inside.strip_prefix('\'').and_then(|inside| inside.strip_suffix('\'')) {
            self.steps.extend(steps(&format!(".{key}"))?);
            return Ok(());
        }
        let invalid = || format!("invalid array index {inside}");
        let number = |text: &str| match text {
            "" => Ok(None),
            text => text.parse::<i64>().map(Some).map_err(|_| invalid()),
        };
        let parts: Vec<&str> = if inside == "*" { vec!["", ""] } else { inside.split(':').collect() };
        let mut slice = Slice { is_one: parts.len() == 1, ..Slice::default() };
        if parts.len() > 3 {
            return Err(invalid());
        }
        let mut parts = parts.into_iter().map(number);
        slice.from = parts.next().transpose()?.flatten();
        slice.to = parts.next().transpose()?.flatten();
        slice.step = parts.next().transpose()?.flatten();
        self.steps.push(Step::Slice(slice));
        Ok(())
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether a name ends here.
fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}
