//! What becomes of each document of a file by itself.

use super::{NAMESPACE, Said, ask};
use podium::api::{Kind, node_to_value};
use podium::kubectl::item_of;
use podium::manifest::{Document, Span, parse};
use podium::schema::Schema;
use podium::timeline::{Act, Run};
use podium::value::{Value, json};

/// What a document is.
pub(crate) struct Judged {
    /// Its number in the file, and that of the item in its list: `3[1]`.
    pub(crate) doc: Option<String>,
    /// The word for it.
    pub(crate) verdict: &'static str,
    /// Where it begins.
    pub(crate) start: u32,
}

/// The name that the object is sent under.
const FILE: &str = "document.json";

/// The verdict of each document, in their order.
pub(crate) fn of(run: &mut Run, text: &str) -> Vec<Judged> {
    let mut judged: Vec<Judged> = Vec::new();
    let mut parts = Parts { text, at: 0, number: 0 };
    for document in parse(text).documents {
        let mut number = parts.number_of(&document);
        // Objects of JSON that follow one another have no line between them.
        if let Some(last) = judged.last().and_then(|last| last.doc.as_ref()) {
            let last = last.split('[').next().and_then(|last| last.parse::<usize>().ok());
            number = number.max(last.map_or(0, |last| last + 1));
        }
        judge(run, &document, number, &mut judged);
    }
    judged
}

/// The pieces of a text between lines that begin with three dashes; also those that hold nothing are counted.
struct Parts<'a> {
    text: &'a str,
    at: usize,
    number: usize,
}

impl Parts<'_> {
    fn number_of(&mut self, document: &Document) -> usize {
        let first = first_place(document, self.text);
        for line in self.text.get(self.at..first).unwrap_or("").split_inclusive('\n') {
            self.number += usize::from(line.starts_with("---"));
        }
        self.at = first.max(self.at);
        self.number
    }
}

/// The beginning of the line where something of the document stands.
fn first_place(document: &Document, text: &str) -> usize {
    let Span { start, end } = document.span;
    let (mut at, end) = (start as usize, end as usize);
    for line in text.get(at..end).unwrap_or("").split_inclusive('\n') {
        let said = line.trim_start_matches('\u{feff}').trim();
        if !said.is_empty() && !said.starts_with('#') && !line.starts_with("---") {
            break;
        }
        at += line.len();
    }
    at.min(end)
}

fn judge(run: &mut Run, document: &Document, number: usize, judged: &mut Vec<Judged>) {
    let mut push = |item: Option<usize>, verdict, start| {
        let doc = item.map_or_else(|| number.to_string(), |item| format!("{number}[{item}]"));
        judged.push(Judged { doc: Some(doc), verdict, start });
    };
    if document.broken {
        return push(None, "no-parse", document.span.start);
    }
    let value = node_to_value(&document.root);
    let is_list = value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    let items = value.get("items").and_then(Value::as_array).filter(|_| is_list && has_type(&value));
    match items {
        Some([]) => push(None, "empty-list", document.span.start),
        Some(items) => {
            let nodes = document.root.get("items").map(|items| items.items()).unwrap_or_default();
            for (i, item) in items.iter().enumerate() {
                let start = nodes.get(i).map_or(document.span.start, |node| node.span.start);
                push(
                    Some(i),
                    alone(run, &item_of(&value, item)),
                    if i == 0 { document.span.start } else { start },
                );
            }
        }
        None => push(None, alone(run, &value), document.span.start),
    }
}

/// Whether an object says what it is.
fn has_type(value: &Value) -> bool {
    let is_said = |key| value.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    is_said("apiVersion") && is_said("kind")
}

/// What the server says of an object that is sent to it.
fn alone(run: &mut Run, value: &Value) -> &'static str {
    if !has_type(value) {
        return "no-type";
    }
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let known = Kind::of(api_version, kind)
        .filter(|known| known.is_served(api_version) && Schema::lookup(api_version, kind).is_some());
    let Some(known) = known else { return "no-kind" };
    let mut value = value.clone();
    if known.info().namespaced
        && value.at(&["metadata", "namespace"]).and_then(Value::as_str).is_some_and(is_label)
    {
        value.set(&["metadata", "namespace"], NAMESPACE);
    }
    run.act(Act::File(FILE.into(), Some(json::compact(&value).into())));
    let Said { exit, stderr, .. } =
        ask(run, &format!("kubectl create --dry-run=server -n {NAMESPACE} -f {FILE}"));
    // What every cluster has already is right all the same.
    if exit == 0 || stderr.contains("(AlreadyExists)") { "accepted" } else { "rejected" }
}

/// Whether a Namespace can have the name.
fn is_label(name: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 63 && name.bytes().all(is_good) && !name.starts_with('-') && !name.ends_with('-')
}
