//! Message files to messages, and messages to text. The format is described at the head of `words`.

use super::Writer;
use super::korean::{self, Particle};
use crate::manifest::Arg;

/// The messages of a language, by id.
pub(super) struct Table {
    /// Sorted by id.
    messages: Vec<(&'static str, Message)>,
}

/// A text with places for arguments.
#[derive(Debug, PartialEq)]
pub(super) struct Message(Vec<Piece>);

#[derive(Debug, PartialEq)]
enum Piece {
    Literal(Box<str>),
    Value(Box<str>),
    Particle(Particle),
    /// Forms for no, one and other numbers.
    Plural {
        name: Box<str>,
        none: Option<Message>,
        one: Message,
        other: Message,
    },
}

impl Table {
    /// Reads message files. What is malformed is left out and told, with the line in its file.
    pub(super) fn read(files: &[&'static str]) -> (Table, Vec<String>) {
        let mut problems = Vec::new();
        let mut messages: Vec<(&'static str, Message)> = Vec::new();
        for file in files {
            for entry in entries(file, &mut problems) {
                match parse(&entry.text) {
                    Ok(message) => messages.push((entry.id, message)),
                    Err(why) => problems.push(format!("{}: {why}", entry.id)),
                }
            }
        }
        messages.sort_by_key(|(id, _)| *id);
        messages.dedup_by(|later, first| {
            let twice = later.0 == first.0;
            if twice {
                problems.push(format!("{}: there twice", first.0));
            }
            twice
        });
        (Table { messages }, problems)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Message> {
        let at = self.messages.binary_search_by(|(other, _)| (*other).cmp(id)).ok()?;
        self.messages.get(at).map(|(_, message)| message)
    }

    /// The ids, sorted.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.messages.iter().map(|(id, _)| *id)
    }
}

/// An id and its text, with continued lines joined.
struct Entry {
    id: &'static str,
    text: String,
}

fn entries(file: &'static str, problems: &mut Vec<String>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    // What an indented line goes on: nothing before the first message and after a line that was refused.
    let mut open = false;
    for (number, line) in file.lines().enumerate() {
        let mut refuse = |why: &str| problems.push(format!("line {}: {why}: {line}", number + 1));
        if line.trim().is_empty() || line.starts_with('#') {
            open = false;
        } else if line.starts_with(' ') {
            match entries.last_mut() {
                Some(entry) if open => {
                    entry.text.push(' ');
                    entry.text.push_str(line.trim());
                }
                _ => refuse("goes on nothing"),
            }
        } else {
            open = false;
            match line.split_once(" = ") {
                Some((id, _)) if !is_id(id) => refuse("not an id"),
                Some((_, text)) if text.trim().is_empty() => refuse("no text"),
                Some((id, text)) => {
                    entries.push(Entry { id, text: text.trim().to_owned() });
                    open = true;
                }
                None => refuse("no ` = `"),
            }
        }
    }
    entries
}

/// Kebab case, in parts that dots join.
fn is_id(id: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    id.split('.').all(|part| part.split('-').all(word))
}

fn parse(text: &str) -> Result<Message, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    read_pieces(&mut rest, false, &mut pieces)?;
    Ok(Message(pieces))
}

/// Reads to the end, or within braces to the `|` or `}` that ends a form, which is left standing.
fn read_pieces(rest: &mut &str, inside: bool, pieces: &mut Vec<Piece>) -> Result<(), String> {
    loop {
        let stop = if inside { rest.find(['{', '}', '|']) } else { rest.find(['{', '}']) };
        let (before, after) = rest.split_at(stop.unwrap_or(rest.len()));
        literal(pieces, before);
        *rest = after;
        if after.is_empty() {
            return if inside { Err("a brace is not closed".to_owned()) } else { Ok(()) };
        }
        if let Some(left) = after.strip_prefix("{{") {
            literal(pieces, "{");
            *rest = left;
        } else if let Some(left) = after.strip_prefix('{') {
            *rest = left;
            read_argument(rest, pieces)?;
        } else if inside {
            return Ok(());
        } else if let Some(left) = after.strip_prefix("}}") {
            literal(pieces, "}");
            *rest = left;
        } else {
            return Err("a brace closes nothing".to_owned());
        }
    }
}

/// Reads what stands after an opening brace, with the closing one.
fn read_argument(rest: &mut &str, pieces: &mut Vec<Piece>) -> Result<(), String> {
    let end = rest.find(['}', '|', ':', '{']).ok_or("a brace is not closed")?;
    let (name, after) = rest.split_at(end);
    let (sign, after) = after.split_at(1);
    *rest = after;
    if name.is_empty() && sign != ":" {
        return Err("braces without a name".to_owned());
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(format!("`{name}` is no name of an argument"));
    }
    match sign {
        "}" => pieces.push(Piece::Value(name.into())),
        ":" => {
            let (pair, after) = rest.split_once('}').ok_or("a brace is not closed")?;
            *rest = after;
            let particle = Particle::find(pair).ok_or_else(|| format!("`{pair}` is no pair of particles"))?;
            if !name.is_empty() {
                pieces.push(Piece::Value(name.into()));
            }
            pieces.push(Piece::Particle(particle));
        }
        "|" => {
            let mut forms = Vec::new();
            while read_form(rest, &mut forms)? {}
            let other = forms.pop().ok_or("no form")?;
            let one = forms.pop().ok_or_else(|| format!("`{name}` has one form alone"))?;
            let none = forms.pop();
            if !forms.is_empty() {
                return Err(format!("`{name}` has more than three forms"));
            }
            pieces.push(Piece::Plural { name: name.into(), none, one, other });
        }
        _ => return Err("a brace within a name".to_owned()),
    }
    Ok(())
}

/// Reads one form and the sign that ends it; true if another form follows.
fn read_form(rest: &mut &str, forms: &mut Vec<Message>) -> Result<bool, String> {
    let mut pieces = Vec::new();
    read_pieces(rest, true, &mut pieces)?;
    forms.push(Message(pieces));
    let (sign, after) = rest.split_at(1);
    *rest = after;
    Ok(sign == "|")
}

/// Adds text to the last piece, or as a new one.
fn literal(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Literal(before)) => *before = format!("{before}{text}").into(),
        _ => pieces.push(Piece::Literal(text.into())),
    }
}

impl Message {
    pub(super) fn write(&self, writer: &Writer<'_>, out: &mut String) {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Value(name) => writer.value(name, out),
                Piece::Particle(particle) => {
                    let form = particle.after(korean::reading(out));
                    out.push_str(form);
                }
                Piece::Plural { name, none, one, other } => {
                    let form = match (writer.arg(name), none) {
                        (Some(Arg::Number(0)), Some(none)) => none,
                        (Some(Arg::Number(1)), _) => one,
                        _ => other,
                    };
                    form.write(writer, out);
                }
            }
        }
    }

    /// What stands in a text at the places of the arguments, where the text is this message: each up to where the next piece of it
    /// is first found.
    pub(super) fn values_in<'t>(&self, text: &'t str) -> Option<Vec<(&str, &'t str)>> {
        let (mut values, mut rest, mut open) = (Vec::new(), text, None);
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => {
                    let at = if open.is_some() { rest.find(&**literal)? } else { 0 };
                    let (value, after) = (&rest[..at], rest[at..].strip_prefix(&**literal)?);
                    values.extend(open.take().map(|name| (name, value)));
                    rest = after;
                }
                Piece::Value(name) if open.is_none() => open = Some(&**name),
                _ => return None,
            }
        }
        match open {
            Some(name) => values.push((name, rest)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        Some(values)
    }

    /// The names of the arguments, sorted, each once.
    pub(super) fn arguments(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(_) | Piece::Particle(_) => {}
                Piece::Value(name) => names.push(name),
                Piece::Plural { name, none, one, other } => {
                    names.push(name);
                    names.extend(none.iter().flat_map(Message::arguments));
                    names.extend(one.arguments());
                    names.extend(other.arguments());
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What stands in the file beside the arguments, every form of it.
    #[cfg(test)]
    pub(super) fn literals(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Value(_) => text.push('_'),
                Piece::Particle(particle) => text.push_str(particle.after(korean::Final::Other)),
                Piece::Plural { none, one, other, .. } => {
                    none.iter().chain([one, other]).for_each(|form| text.push_str(&form.literals()));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn print(text: &str, args: &[(&str, Arg)]) -> String {
        let mut out = String::new();
        match parse(text) {
            Ok(message) => message.write(&Writer { language: Language::En, args, depth: 1 }, &mut out),
            Err(why) => out = format!("refused: {why}"),
        }
        out
    }

    #[test]
    fn texts_print_their_arguments() {
        type Case<'a> = (&'a str, &'a [(&'a str, Arg)], &'a str);
        let cases: &[Case<'_>] = &[
            ("plain", &[], "plain"),
            ("{{x}} | {{{pod}}}", &[("pod", "web".into())], "{x} | {web}"),
            ("{pod} and {pod}", &[("pod", "web".into())], "web and web"),
            ("{pod}", &[], "{pod}"),
            ("{n|one Pod|{n} Pods}", &[("n", Arg::Number(1))], "one Pod"),
            ("{n|one Pod|{n} Pods}", &[("n", Arg::Number(0))], "0 Pods"),
            ("{n|one Pod|{n} Pods}", &[("n", Arg::Number(3))], "3 Pods"),
            ("{n|no Pods|one Pod|{n} Pods}", &[("n", Arg::Number(0))], "no Pods"),
            ("{n||s}", &[("n", Arg::Number(1))], ""),
            ("{pod:은/는} {kind:은/는}", &[("pod", "web".into()), ("kind", "Pod".into())], "web은 Pod는"),
            ("“{pod}”{:이/가}", &[("pod", "web-2".into())], "“web-2”가"),
            ("{left}", &[("left", Arg::Millis(11_600))], "11.6 s"),
            ("{what}", &[("what", Arg::Message("no-such"))], "[no-such]"),
        ];
        for (text, args, expected) in cases {
            assert_eq!(print(text, args), *expected, "{text}");
        }
    }

    #[test]
    fn malformed_texts_are_refused() {
        let cases = [
            ("{pod", "a brace is not closed"),
            ("pod}", "a brace closes nothing"),
            ("{}", "braces without a name"),
            ("{Pod}", "`Pod` is no name of an argument"),
            ("{a{b}}", "a brace within a name"),
            ("{pod:는/은}", "`는/은` is no pair of particles"),
            ("{pod:은/는", "a brace is not closed"),
            ("{n|one}", "`n` has one form alone"),
            ("{n|a|b|c|d}", "`n` has more than three forms"),
            ("{n|a|b", "a brace is not closed"),
        ];
        for (text, why) in cases {
            assert_eq!(print(text, &[]), format!("refused: {why}"), "{text}");
        }
    }

    #[test]
    fn files_are_read_by_line() {
        let (table, problems) = Table::read(&[
            "# comment\na.one = first\n    second\n\nb-two = {n}\n",
            "c = 1\n    2 {n|a|\n    b}\nc = 3\nNo = x\n  y\nd =\ne = {\n\n  z\nf\n",
        ]);
        assert_eq!(table.ids().collect::<Vec<_>>(), ["a.one", "b-two", "c"]);
        assert_eq!(table.get("a.one").map(Message::literals).as_deref(), Some("first second"));
        assert_eq!(table.get("c").map(Message::literals).as_deref(), Some("1 2 a b"));
        assert_eq!(
            problems,
            [
                "line 5: not an id: No = x",
                "line 6: goes on nothing:   y",
                "line 7: no ` = `: d =",
                "line 10: goes on nothing:   z",
                "line 11: no ` = `: f",
                "e: a brace is not closed",
                "c: there twice",
            ]
        );
    }
}
