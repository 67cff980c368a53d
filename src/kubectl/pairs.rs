//! Words of a command that are resources first and `key=value` pairs after them (upstream: kubectl
//! `cmd/util/helpers.go`).

use crate::value::Str;

/// What the words are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs {
    /// The resources.
    pub(crate) resources: Vec<Str>,
    /// The pairs, in their order.
    pub(crate) new: Vec<(Str, Str)>,
    /// The keys that stand with a dash behind them.
    pub(crate) removed: Vec<Str>,
}

/// Reads the words of a verb that changes `what` (`label`, `image`). The error is kubectl's.
pub(crate) fn read(words: &[Str], what: &str, removes: bool) -> Result<Pairs, String> {
    let mut pairs = Pairs::default();
    let mut invalid: Vec<&str> = Vec::new();
    let mut is_behind = false;
    for word in words {
        let is_pair = (word.contains('=') && !word.starts_with('=')) || word.ends_with('-');
        if !is_behind && !is_pair {
            pairs.resources.push(word.clone());
            continue;
        }
        if !is_pair {
            return Err(format!("all resources must be specified before {what} changes: {word}"));
        }
        is_behind = true;
        match word.split_once('=') {
            Some((key, value)) if !key.is_empty() => pairs.new.push((key.into(), value.into())),
            _ => match word.strip_suffix('-').filter(|key| removes && !key.is_empty()) {
                Some(key) => pairs.removed.push(key.into()),
                None => invalid.push(word),
            },
        }
    }
    if invalid.is_empty() { Ok(pairs) } else { Err(format!("invalid {what} format: {}", invalid.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_come_first() {
        let words: Vec<Str> = ["po", "web", "a=b=c", "d-"].map(Str::from).into();
        let pairs = read(&words, "label", true).expect("reads");
        assert_eq!(pairs.resources.join(" "), "po web");
        assert_eq!(pairs.new, [("a".into(), "b=c".into())]);
        assert_eq!(pairs.removed, ["d".into()]);
        let words: Vec<Str> = ["po", "a=b", "web"].map(Str::from).into();
        let why = "all resources must be specified before label changes: web";
        assert_eq!(read(&words, "label", true), Err(why.to_owned()));
    }
}
