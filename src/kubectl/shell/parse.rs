//! A shell line to commands: words with their quotes, pipes, redirections, `&&`, `||` and `;`.

use crate::value::Str;

/// A line: pipelines one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// Each with what must hold before it runs.
    pub(crate) items: Vec<(Joint, Pipeline)>,
}

/// When a pipeline runs after the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// In any case.
    Then,
    /// Where that one ended with 0.
    And,
    /// Where it did not.
    Or,
}

/// Commands of which each reads what the one before it prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pipeline {
    /// In order; never empty.
    pub(crate) commands: Vec<Simple>,
}

/// A command: its words, and where it reads and prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Simple {
    /// The program and its arguments.
    pub(crate) words: Vec<Str>,
    /// In the order in which they stand.
    pub(crate) redirects: Vec<Redirect>,
}

/// Where a command reads or prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    /// `< FILE`
    Input(Str),
    /// `> FILE`, `>> FILE` (added), `2> FILE` (errors).
    Output {
        /// The file.
        file: Str,
        /// Whether the file keeps what it has.
        added: bool,
        /// Whether these are the errors.
        errors: bool,
    },
    /// `2>&1`
    ErrorsToOutput,
    /// `>&2`
    OutputToErrors,
}

/// Reads a line. The error is what a shell says.
pub(crate) fn parse(line: &str) -> Result<List, String> {
    let tokens = Lexer { line, at: 0 }.tokens()?;
    let mut list = List::default();
    let mut joint = Joint::Then;
    let mut pipeline = Pipeline::default();
    let mut command = Simple::default();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_empty = command.words.is_empty() && command.redirects.is_empty();
        match token {
            Token::Word(word) => command.words.push(word),
            Token::Redirect(kind) => {
                let redirect = match kind {
                    Arrow::ErrorsToOutput => Redirect::ErrorsToOutput,
                    Arrow::OutputToErrors => Redirect::OutputToErrors,
                    Arrow::Input | Arrow::Output { .. } => {
                        let file = match tokens.next() {
                            Some(Token::Word(word)) => word,
                            Some(other) => return Err(unexpected(other.text())),
                            None => return Err(unexpected("newline")),
                        };
                        match kind {
                            Arrow::Output { added, errors } => Redirect::Output { file, added, errors },
                            _ => Redirect::Input(file),
                        }
                    }
                };
                command.redirects.push(redirect);
            }
            Token::Pipe if is_empty => return Err(unexpected("|")),
            Token::Pipe => {
                pipeline.commands.push(std::mem::take(&mut command));
                if tokens.peek().is_none() {
                    return Err("syntax error: unexpected end of file".into());
                }
            }
            Token::Joint(next, text) => {
                if is_empty && (pipeline.commands.len() + list.items.len() > 0 || text != "\n") {
                    if text == "\n" {
                        continue;
                    }
                    return Err(unexpected(text));
                }
                if is_empty {
                    continue;
                }
                pipeline.commands.push(std::mem::take(&mut command));
                list.items.push((joint, std::mem::take(&mut pipeline)));
                joint = next;
            }
        }
    }
    if command != Simple::default() {
        pipeline.commands.push(command);
    } else if joint != Joint::Then {
        return Err("syntax error: unexpected end of file".into());
    }
    if !pipeline.commands.is_empty() {
        list.items.push((joint, pipeline));
    }
    Ok(list)
}

fn unexpected(token: &str) -> String {
    format!("syntax error near unexpected token `{token}'")
}

enum Token {
    Word(Str),
    Pipe,
    Joint(Joint, &'static str),
    Redirect(Arrow),
}

#[derive(Clone, Copy)]
enum Arrow {
    Input,
    Output { added: bool, errors: bool },
    ErrorsToOutput,
    OutputToErrors,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Pipe => "|",
            Self::Joint(_, text) => text,
            Self::Redirect(_) => ">",
        }
    }
}

/// Signs in their order: what begins another one comes after it.
const SIGNS: &[(&str, fn() -> Token)] = &[
    ("&&", || Token::Joint(Joint::And, "&&")),
    ("||", || Token::Joint(Joint::Or, "||")),
    ("|", || Token::Pipe),
    (";", || Token::Joint(Joint::Then, ";")),
    ("\n", || Token::Joint(Joint::Then, "\n")),
    ("2>&1", || Token::Redirect(Arrow::ErrorsToOutput)),
    ("2>>", || Token::Redirect(Arrow::Output { added: true, errors: true })),
    ("2>", || Token::Redirect(Arrow::Output { added: false, errors: true })),
    ("1>", || Token::Redirect(Arrow::Output { added: false, errors: false })),
    (">&2", || Token::Redirect(Arrow::OutputToErrors)),
    (">>", || Token::Redirect(Arrow::Output { added: true, errors: false })),
    (">", || Token::Redirect(Arrow::Output { added: false, errors: false })),
    ("<", || Token::Redirect(Arrow::Input)),
];

/// What a shell can and this one cannot; it says so before anything runs.
const BEYOND: &[&str] = &["<<", "&", "(", ")", "`", "$("];

struct Lexer<'a> {
    line: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.line[self.at..]
    }
    fn tokens(mut self) -> Result<Vec<Token>, String> {
        let mut tokens = Vec::new();
        loop {
            let blanks = self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r']).len();
            self.at += blanks;
            if self.rest().starts_with("\\\n") {
                self.at += 2;
                continue;
            }
            if self.rest().is_empty() {
                return Ok(tokens);
            }
            if self.rest().starts_with('#') {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                continue;
            }
            let beyond = BEYOND.iter().find(|sign| self.rest().starts_with(**sign));
            if let Some(sign) = beyond.filter(|sign| **sign != "&" || !self.rest().starts_with("&&")) {
                return Err(not_here(sign));
            }
            if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| self.rest().starts_with(sign)) {
                self.at += sign.len();
                tokens.push(token());
                continue;
            }
            tokens.push(Token::Word(self.word()?));
        }
    }
    /// A word: pieces without a blank between them, quoted or not.
    fn word(&mut self) -> Result<Str, String> {
        let mut word = String::new();
        while let Some(c) = self.rest().chars().next() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '<' | '>' | '&' => break,
                '\'' => {
                    self.at += 1;
                    let end = self.rest().find('\'').ok_or_else(|| unclosed('\''))?;
                    word.push_str(&self.rest()[..end]);
                    self.at += end + 1;
                }
                '"' => {
                    self.at += 1;
                    self.double_quoted(&mut word)?;
                }
                '\\' => {
                    self.at += 1;
                    if let Some(next) = self.rest().chars().next() {
                        self.at += next.len_utf8();
                        if next != '\n' {
                            word.push(next);
                        }
                    }
                }
                '(' | ')' | '`' => return Err(not_here(&c.to_string())),
                '$' => self.dollar(&mut word)?,
                c => {
                    word.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        Ok(word.into())
    }
    fn double_quoted(&mut self, word: &mut String) -> Result<(), String> {
        loop {
            let c = self.rest().chars().next().ok_or_else(|| unclosed('"'))?;
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(());
                }
                '\\' => {
                    self.at += 1;
                    let next = self.rest().chars().next().ok_or_else(|| unclosed('"'))?;
                    self.at += next.len_utf8();
                    if !matches!(next, '"' | '\\' | '$' | '`' | '\n') {
                        word.push('\\');
                    }
                    if next != '\n' {
                        word.push(next);
                    }
                }
                '`' => return Err(not_here("`")),
                '$' => self.dollar(word)?,
                c => {
                    word.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }
    /// A dollar sign that stands for itself; there are no variables here.
    fn dollar(&mut self, word: &mut String) -> Result<(), String> {
        let next = self.rest()[1..].chars().next();
        if next.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '(' | '?' | '!' | '@')) {
            let name: String = self.rest().chars().take_while(|c| !c.is_whitespace() && *c != '"').collect();
            return Err(not_here(&name));
        }
        word.push('$');
        self.at += 1;
        Ok(())
    }
}

fn unclosed(quote: char) -> String {
    format!("unexpected EOF while looking for matching `{quote}'")
}

fn not_here(sign: &str) -> String {
    format!("{sign}: {NOT_SUPPORTED}")
}

/// What is said of a sign that a shell has and this one has not.
pub(crate) const NOT_SUPPORTED: &str = "not supported by this shell";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// A line as it was understood: words in brackets.
    fn shown(line: &str) -> String {
        let list = match parse(line) {
            Ok(list) => list,
            Err(why) => return why,
        };
        let mut out = String::new();
        for (i, (joint, pipeline)) in list.items.iter().enumerate() {
            if i > 0 {
                out.push_str(match joint {
                    Joint::Then => " ; ",
                    Joint::And => " && ",
                    Joint::Or => " || ",
                });
            }
            for (i, command) in pipeline.commands.iter().enumerate() {
                out.push_str(if i > 0 { " | " } else { "" });
                _ = command.words.iter().try_for_each(|word| write!(out, "[{word}]"));
                for redirect in &command.redirects {
                    _ = match redirect {
                        Redirect::Input(file) => write!(out, " <{file}"),
                        Redirect::Output { file, added, errors } => {
                            let sign = if *added { ">>" } else { ">" };
                            write!(out, " {}{sign}{file}", if *errors { "2" } else { "" })
                        }
                        Redirect::ErrorsToOutput => write!(out, " 2>&1"),
                        Redirect::OutputToErrors => write!(out, " >&2"),
                    };
                }
            }
        }
        out
    }

    #[test]
    fn lines_are_read_as_a_shell_reads_them() {
        for (line, expected) in [
            ("kubectl get po", "[kubectl][get][po]"),
            ("  kubectl   get\tpo  # all of them", "[kubectl][get][po]"),
            ("kubectl get po | grep -E 'a|b' | cat", "[kubectl][get][po] | [grep][-E][a|b] | [cat]"),
            (
                "kubectl run x --dry-run=client -o yaml > x.yaml",
                "[kubectl][run][x][--dry-run=client][-o][yaml] >x.yaml",
            ),
            ("echo a>>b 2>&1", "[echo][a] >>b 2>&1"),
            ("echo a 2> /dev/null;echo b", "[echo][a] 2>/dev/null ; [echo][b]"),
            (
                "true && echo 'it''s' || echo \"a \\\"b\\\" \\n\"",
                "[true] && [echo][its] || [echo][a \"b\" \\n]",
            ),
            (
                "kubectl patch x -p '{\"a\": {\"b\": null}}'",
                "[kubectl][patch][x][-p][{\"a\": {\"b\": null}}]",
            ),
            (
                "kubectl set image d/x x=nginx:1.27 \\\n  --record",
                "[kubectl][set][image][d/x][x=nginx:1.27][--record]",
            ),
            ("echo ''", "[echo][]"),
            ("a\nb\n\nc", "[a] ; [b] ; [c]"),
            ("echo a;", "[echo][a]"),
            ("", ""),
            ("echo '", "unexpected EOF while looking for matching `''"),
            ("| cat", "syntax error near unexpected token `|'"),
            ("echo a |", "syntax error: unexpected end of file"),
            ("echo a &&", "syntax error: unexpected end of file"),
            ("echo >", "syntax error near unexpected token `newline'"),
            ("; echo", "syntax error near unexpected token `;'"),
            ("cat <<EOF", "<<: not supported by this shell"),
            ("echo $HOME", "$HOME: not supported by this shell"),
            ("sleep 1 &", "&: not supported by this shell"),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }
}
