//! Label selectors: those of Services (labels), of workloads (labels and expressions) and of kubectl's `-l`.
//!
//! Modelled on apimachinery's `labels.Selector`.

use super::objects::{LabelSelector, Labels};
use crate::value::Str;
use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

/// What a label must be like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    /// The label's key.
    pub key: Str,
    /// How its value is judged.
    pub operator: Operator,
}

/// How a label's value is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// The label is there with one of these values.
    In(BTreeSet<Str>),
    /// The label is not there, or with another value.
    NotIn(BTreeSet<Str>),
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
}

/// Requirements that all must hold. One without any selects everything. Cloning is a reference count.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// Sorted by key, as apimachinery prints them.
    requirements: Rc<Vec<Requirement>>,
}

impl Requirement {
    /// Whether `labels` meet it.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match &self.operator {
            Operator::In(values) => value.is_some_and(|value| values.contains(value)),
            Operator::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

impl Selector {
    /// The selector of these requirements.
    pub fn new(mut requirements: Vec<Requirement>) -> Selector {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Selector { requirements: Rc::new(requirements) }
    }

    /// Selects what has all of `labels`, as a Service's `selector` does. Without labels it selects everything:
    /// that a Service without a selector selects nothing is for the caller to know.
    pub fn from_labels(labels: &Labels) -> Selector {
        Selector::new(exactly(labels))
    }

    /// The selector of a workload. Empty, it selects everything.
    ///
    /// # Errors
    /// Says what apimachinery's `LabelSelectorAsSelector` says of an operator that is none, or of values that
    /// are missing or too many.
    pub fn from_label_selector(selector: &LabelSelector) -> Result<Selector, String> {
        let mut requirements = exactly(&selector.match_labels);
        for expression in &selector.match_expressions {
            let values = || expression.values.iter().cloned().collect::<BTreeSet<_>>();
            let operator = match &*expression.operator {
                "In" | "NotIn" if expression.values.is_empty() => {
                    return Err(
                        "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
                            .into(),
                    );
                }
                "Exists" | "DoesNotExist" if !expression.values.is_empty() => {
                    return Err("values: Invalid value: [".to_owned()
                        + &expression.values.join(" ")
                        + "]: values set must be empty for exists and does not exist");
                }
                "In" => Operator::In(values()),
                "NotIn" => Operator::NotIn(values()),
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => return Err(format!("\"{other}\" is not a valid label selector operator")),
            };
            requirements.push(Requirement { key: expression.key.clone(), operator });
        }
        Ok(Selector::new(requirements))
    }

    /// Reads what `kubectl -l` takes: `app=web,tier in (a,b),env!=prod,!old,new`.
    ///
    /// # Errors
    /// Says what apimachinery's parser says.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut parser = Parser { tokens: tokens(text), at: 0 };
        let mut requirements = Vec::new();
        while !matches!(parser.peek(), Token::End) {
            requirements
                .push(parser.requirement().map_err(|why| format!("unable to parse requirement: {why}"))?);
            match parser.next() {
                Token::End => break,
                Token::Comma if matches!(parser.peek(), Token::End | Token::Comma | Token::Other(_)) => {
                    return Err(format!("found '{}', expected: identifier after ','", parser.peek().text()));
                }
                Token::Comma => {}
                other => return Err(format!("found '{}', expected: ',' or 'end of string'", other.text())),
            }
        }
        Ok(Selector::new(requirements))
    }

    /// Whether `labels` meet every requirement.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    /// Whether it selects everything.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// What it requires, sorted by key.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }
}

/// That each of `labels` is there.
fn exactly(labels: &Labels) -> Vec<Requirement> {
    let exactly = |(key, value): (&Str, &Str)| Requirement {
        key: key.clone(),
        operator: Operator::In(BTreeSet::from([value.clone()])),
    };
    labels.iter().map(exactly).collect()
}

/// As kubectl prints a selector: `app=web,tier in (a,b),env notin (prod),new,!old`.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, requirement) in self.requirements.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let list = |values: &BTreeSet<Str>| values.iter().map(|value| &**value).collect::<Vec<_>>().join(",");
        let key = &self.key;
        match &self.operator {
            Operator::In(values) if values.len() == 1 => write!(f, "{key}={}", list(values)),
            Operator::In(values) => write!(f, "{key} in ({})", list(values)),
            Operator::NotIn(values) => write!(f, "{key} notin ({})", list(values)),
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token<'text> {
    Word(&'text str),
    Comma,
    Open,
    Close,
    Not,
    Equals,
    NotEquals,
    Other(&'text str),
    End,
}

impl Token<'_> {
    fn text(&self) -> &str {
        match self {
            Token::Word(text) | Token::Other(text) => text,
            Token::Comma => ",",
            Token::Open => "(",
            Token::Close => ")",
            Token::Not => "!",
            Token::Equals => "=",
            Token::NotEquals => "!=",
            Token::End => "",
        }
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    const SPECIAL: &[char] = &['=', '!', '(', ')', ',', '>', '<'];
    let mut rest = text;
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return tokens };
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '!' if rest.starts_with("!=") => (Token::NotEquals, 2),
            '!' => (Token::Not, 1),
            '=' if rest.starts_with("==") => (Token::Equals, 2),
            '=' => (Token::Equals, 1),
            '<' | '>' => (Token::Other(&rest[..1]), 1),
            _ => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || SPECIAL.contains(&c)).unwrap_or(rest.len());
                (Token::Word(&rest[..end]), end)
            }
        };
        tokens.push(token);
        rest = &rest[length..];
    }
}

struct Parser<'text> {
    tokens: Vec<Token<'text>>,
    at: usize,
}

impl<'text> Parser<'text> {
    fn peek(&self) -> Token<'text> {
        self.tokens.get(self.at).cloned().unwrap_or(Token::End)
    }

    fn next(&mut self) -> Token<'text> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let absent = self.peek() == Token::Not;
        if absent {
            self.at += 1;
        }
        let key = match self.next() {
            Token::Word(key) => Str::from(key),
            other => return Err(format!("found '{}', expected: identifier", other.text())),
        };
        if absent {
            return Ok(Requirement { key, operator: Operator::DoesNotExist });
        }
        let operator = match self.peek() {
            Token::End | Token::Comma => return Ok(Requirement { key, operator: Operator::Exists }),
            Token::Equals => {
                self.at += 1;
                Operator::In(self.value()?)
            }
            Token::NotEquals => {
                self.at += 1;
                Operator::NotIn(self.value()?)
            }
            Token::Word("in") => {
                self.at += 1;
                Operator::In(self.values()?)
            }
            Token::Word("notin") => {
                self.at += 1;
                Operator::NotIn(self.values()?)
            }
            other => {
                return Err(format!("found '{}', expected: in, notin, =, ==, !=, gt, lt", other.text()));
            }
        };
        Ok(Requirement { key, operator })
    }

    /// The value after `=`, which may be missing and is then empty.
    fn value(&mut self) -> Result<BTreeSet<Str>, String> {
        match self.peek() {
            Token::Word(word) => {
                self.at += 1;
                Ok(BTreeSet::from([Str::from(word)]))
            }
            Token::End | Token::Comma => Ok(BTreeSet::from([Str::default()])),
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    /// The values in brackets after `in`.
    fn values(&mut self) -> Result<BTreeSet<Str>, String> {
        match self.next() {
            Token::Open => {}
            other => return Err(format!("found '{}' expected: '('", other.text())),
        }
        let mut values = BTreeSet::new();
        loop {
            match self.next() {
                Token::Word(word) => _ = values.insert(Str::from(word)),
                other => return Err(format!("found '{}', expected: ',', ')' or identifier", other.text())),
            }
            match self.next() {
                Token::Comma => {}
                Token::Close => return Ok(values),
                other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::LabelSelectorRequirement;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| (Str::from(*key), Str::from(*value))).collect()
    }

    #[test]
    fn selectors_match_as_kubectl_matches() {
        let web = labels(&[("app", "web"), ("tier", "front"), ("empty", "")]);
        for (text, matches) in [
            ("", true),
            ("app=web", true),
            ("app==web", true),
            ("app = web , tier=front", true),
            ("app=api", false),
            ("app!=api", true),
            ("nothing!=api", true),
            ("app in (web, api)", true),
            ("app notin (web,api)", false),
            ("nothing notin (web)", true),
            ("tier", true),
            ("!tier", false),
            ("!nothing,app=web", true),
            ("empty=", true),
            ("app=", false),
        ] {
            let selector = Selector::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(selector.matches(&web), matches, "{text}");
        }
    }

    #[test]
    fn what_is_no_selector_says_why() {
        for (text, why) in [
            ("app=web,", "found '', expected: identifier after ','"),
            ("=web", "unable to parse requirement: found '=', expected: identifier"),
            ("app in web", "unable to parse requirement: found 'web' expected: '('"),
            ("app in (web", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("app web", "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt"),
            ("app=web tier", "found 'tier', expected: ',' or 'end of string'"),
        ] {
            assert_eq!(Selector::parse(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn selectors_print_sorted() {
        let selector = Selector::parse("b in (y,x),!c,a!=1,d,e==2").expect("a selector");
        assert_eq!(selector.to_string(), "a notin (1),b in (x,y),!c,d,e=2");
    }

    #[test]
    fn a_workloads_selector_joins_labels_and_expressions() {
        let expression = |operator: &str, values: &[&str]| LabelSelector {
            match_labels: labels(&[("app", "web")]),
            match_expressions: vec![LabelSelectorRequirement {
                key: "tier".into(),
                operator: operator.into(),
                values: values.iter().map(|value| Str::from(*value)).collect(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let web = labels(&[("app", "web"), ("tier", "front")]);
        for (operator, values, matches) in [
            ("In", &["front", "back"][..], Some(true)),
            ("NotIn", &["front"], Some(false)),
            ("Exists", &[], Some(true)),
            ("DoesNotExist", &[], Some(false)),
            ("In", &[], None),
            ("Exists", &["front"], None),
            ("Like", &["front"], None),
        ] {
            let selector = Selector::from_label_selector(&expression(operator, values));
            assert_eq!(
                selector.ok().map(|selector| selector.matches(&web)),
                matches,
                "{operator} {values:?}"
            );
        }
    }
}
