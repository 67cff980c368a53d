//! What two runs of the same scenario need not share, masked: random names, addresses, times, ages.
//!
//! The patterns are few and simple, so each is a function that says where it ends if it begins at a place; the page needs no
//! engine for regular expressions. What stands beside a letter outside of ASCII counts as within a word.

/// Where a pattern that begins at a place of a text ends; none where it does not begin there.
type Pattern = fn(&[u8], usize) -> Option<usize>;

/// The patterns that stand for themselves, with what they become. The order matters: what one mask leaves, the next one reads.
const FIRST: &[(Pattern, &str)] = &[
    (uid, "<uid>"),
    (container_id, "<container>"),
    (digest, "<digest>"),
    (long_id, "<id>"),
    (rfc3339, "<time>"),
    (rfc1123, "<time>"),
    (token_volume, "kube-api-access-<r>"),
    (address, "<ip>"),
    (mac, "<mac>"),
    (link, "@if<n>"),
    (link_local, "<ip>"),
    // The scheduler breaks ties at random.
    (node, "<node>"),
];

/// Those that come after the lines about images.
const LAST: &[(Pattern, &str)] =
    &[(revision, "resourceVersion: <n>"), (node_port, "<nodeport>"), (back_off, "back-off <t> restarting")];

/// What stands before a time at the beginning of a line's end.
const LABELS: [&str; 9] = [
    "Started",
    "Finished",
    "Start Time",
    "CreationTimestamp",
    "Last Transition",
    "Duration",
    "Age",
    "Termination",
    "Completed At",
];

/// The text with every name of `names` replaced by its other one, then everything else masked.
pub fn apply(text: &str, names: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (name, canonical) in names {
        if text.contains(name.as_str()) {
            text = text.replace(name.as_str(), canonical);
        }
    }
    for (pattern, to) in FIRST {
        text = replaced(text, *pattern, to);
    }
    text = without_pulls(text);
    text = pulled(text);
    for (pattern, to) in LAST {
        text = replaced(text, *pattern, to);
    }
    ages(&labelled(text))
}

/// The text with each place where a pattern begins as `to`.
fn replaced(text: String, pattern: Pattern, to: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match pattern(bytes, at) {
            Some(end) => {
                out.push_str(&text[copied..at]);
                out.push_str(to);
                (copied, at) = (end, end);
            }
            None => at += 1,
        }
    }
    if copied == 0 && out.is_empty() {
        return text;
    }
    out.push_str(&text[copied..]);
    out
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn is_suffix(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_lowercase()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a word begins or ends between a place and the one before it.
fn is_border(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| text.get(at)).is_some_and(|byte| is_word(*byte));
    before != text.get(at).is_some_and(|byte| is_word(*byte))
}

/// The end of as many bytes of a class as there are.
fn all(text: &[u8], at: usize, class: fn(u8) -> bool) -> usize {
    at + text[at.min(text.len())..].iter().take_while(|byte| class(**byte)).count()
}

/// The end of at least so many of a class.
fn some(text: &[u8], at: usize, least: usize, class: fn(u8) -> bool) -> Option<usize> {
    let end = all(text, at, class);
    (end >= at + least).then_some(end)
}

/// The end of exactly so many of a class; more may follow.
fn count(text: &[u8], at: usize, count: usize, class: fn(u8) -> bool) -> Option<usize> {
    let part = text.get(at..at + count)?;
    part.iter().all(|byte| class(*byte)).then_some(at + count)
}

fn literal(text: &[u8], at: usize, literal: &str) -> Option<usize> {
    text.get(at..)?.starts_with(literal.as_bytes()).then_some(at + literal.len())
}

/// The same where it may be left out.
fn maybe(text: &[u8], at: usize, part: &str) -> usize {
    literal(text, at, part).unwrap_or(at)
}

fn uid(text: &[u8], at: usize) -> Option<usize> {
    let mut end = count(text, at, 8, is_hex)?;
    for more in [4, 4, 4, 12] {
        end = count(text, literal(text, end, "-")?, more, is_hex)?;
    }
    Some(end)
}

fn container_id(text: &[u8], at: usize) -> Option<usize> {
    let runtimes = ["containerd://", "docker://", "cri-o://"];
    let end = runtimes.iter().find_map(|runtime| literal(text, at, runtime))?;
    some(text, end, 1, is_hex)
}

fn digest(text: &[u8], at: usize) -> Option<usize> {
    let end = literal(text, maybe(text, at, "@"), "sha256:")?;
    some(text, end, 8, is_hex)
}

fn long_id(text: &[u8], at: usize) -> Option<usize> {
    let end = is_border(text, at).then(|| count(text, at, 64, is_hex))??;
    is_border(text, end).then_some(end)
}

/// Digits as `dddd-dd`: each `d` is one, and what else there is stands for itself.
fn shaped(text: &[u8], at: usize, shape: &str) -> Option<usize> {
    let part = text.get(at..at + shape.len())?;
    let fits = |(byte, wanted): (&u8, u8)| if wanted == b'd' { is_digit(*byte) } else { *byte == wanted };
    part.iter().zip(shape.bytes()).all(fits).then_some(at + shape.len())
}

fn rfc3339(text: &[u8], at: usize) -> Option<usize> {
    let end = shaped(text, at, "dddd-dd-ddTdd:dd:dd")?;
    let fraction = literal(text, end, ".").and_then(|end| some(text, end, 1, is_digit));
    literal(text, fraction.unwrap_or(end), "Z")
}

fn rfc1123(text: &[u8], at: usize) -> Option<usize> {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let end = days.iter().find_map(|day| literal(text, at, day))?;
    // The month is letters.
    let end = count(text, shaped(text, end, ", dd ")?, 3, is_word)?;
    let end = shaped(text, end, " dddd dd:dd:dd ")?;
    let signed = text.get(end).filter(|sign| matches!(**sign, b'+' | b'-')).map(|_| end + 1)?;
    count(text, signed, 4, is_digit)
}

fn token_volume(text: &[u8], at: usize) -> Option<usize> {
    count(text, literal(text, at, "kube-api-access-")?, 5, is_suffix)
}

fn address(text: &[u8], at: usize) -> Option<usize> {
    let ranges = ["10.244", "10.96", "172.30", "192.168", "127.0"];
    let end = is_border(text, at).then(|| ranges.iter().find_map(|range| literal(text, at, range)))??;
    let end = some(text, literal(text, end, ".")?, 1, is_digit)?;
    some(text, literal(text, end, ".")?, 1, is_digit)
}

fn mac(text: &[u8], at: usize) -> Option<usize> {
    let mut end = is_border(text, at).then_some(at)?;
    for _ in 0..5 {
        end = literal(text, count(text, end, 2, is_hex)?, ":")?;
    }
    let end = count(text, end, 2, is_hex)?;
    is_border(text, end).then_some(end)
}

fn link(text: &[u8], at: usize) -> Option<usize> {
    some(text, literal(text, at, "@if")?, 1, is_digit)
}

fn link_local(text: &[u8], at: usize) -> Option<usize> {
    let end = is_border(text, at).then(|| literal(text, at, "fe80::"))??;
    some(text, end, 1, |byte| is_hex(byte) || byte == b':')
}

fn node(text: &[u8], at: usize) -> Option<usize> {
    let end = is_border(text, at).then(|| literal(text, at, "node-"))??;
    let end = some(text, end, 1, is_digit)?;
    is_border(text, end).then_some(end)
}

fn revision(text: &[u8], at: usize) -> Option<usize> {
    let end = literal(text, maybe(text, at, "\""), "resourceVersion")?;
    let end = literal(text, maybe(text, end, "\""), ":")?;
    let end = maybe(text, maybe(text, end, " "), "\"");
    Some(maybe(text, some(text, end, 1, is_digit)?, "\""))
}

fn node_port(text: &[u8], at: usize) -> Option<usize> {
    let end = is_border(text, at).then(|| literal(text, at, "3"))??;
    let end = count(text, end, 1, |byte| (b'0'..=b'2').contains(&byte))?;
    let end = count(text, end, 3, is_digit)?;
    is_border(text, end).then_some(end)
}

fn back_off(text: &[u8], at: usize) -> Option<usize> {
    let end = some(text, literal(text, at, "back-off ")?, 1, |byte| !byte.is_ascii_whitespace())?;
    literal(text, end, " restarting")
}

/// Without the lines about a pull that begins: which image a node has already is not the scenario's.
fn without_pulls(text: String) -> String {
    const PULLING: &str = "Pulling image ";
    if !text.contains(PULLING) {
        return text;
    }
    text.split_inclusive('\n').filter(|line| !line.contains(PULLING)).collect()
}

/// A pull that has succeeded reads as one that was not needed.
fn pulled(text: String) -> String {
    const BEGINS: &str = "Successfully pulled image \"";
    if !text.contains(BEGINS) {
        return text;
    }
    let mut out = String::new();
    let mut rest = &*text;
    while let Some(at) = rest.find(BEGINS) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        match pull(found) {
            Some((image, after)) => {
                out.push_str("Container image \"");
                out.push_str(image);
                out.push_str("\" already present on machine and can be accessed by the pod");
                rest = after;
            }
            None => {
                out.push_str(BEGINS);
                rest = &found[BEGINS.len()..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The image of a pull that a text begins with, and what comes behind it: to the last size of the line.
fn pull(text: &str) -> Option<(&str, &str)> {
    const SIZE: &str = " Image size: ";
    let (_, named) = text.split_once('"')?;
    let (image, after) = named.split_once('"')?;
    let line = after.strip_prefix(" in ")?;
    let line_end = line.find('\n').unwrap_or(line.len());
    let ends = line[..line_end].rmatch_indices(SIZE).find_map(|(at, _)| {
        let digits = all(line.as_bytes(), at + SIZE.len(), is_digit);
        (digits > at + SIZE.len()).then(|| literal(line.as_bytes(), digits, " bytes."))?
    })?;
    Some((image, &line[ends..]))
}

/// What stands behind a label that is always followed by a time.
fn labelled(text: String) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
        let found = body.char_indices().find_map(|(at, _)| {
            let label = LABELS.iter().find(|label| body[at..].starts_with(**label))?;
            body[at + label.len()..].starts_with(':').then_some(at + label.len())
        });
        match found {
            Some(at) => {
                out.push_str(&body[..at]);
                out.push_str(": <time>");
            }
            None => out.push_str(body),
        }
        out.push_str(end);
    }
    out
}

/// How long: `3m20s`, `1.5s`, `22ms`; or, without seconds, `4h` and `2d5h`. It stands alone: no letter, dot or hyphen is beside
/// it.
fn ages(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut copied, mut at) = (String::with_capacity(text.len()), 0, 0);
    while at < bytes.len() {
        let Some(end) = age(bytes, at) else {
            at += 1;
            continue;
        };
        let before = text[..at].chars().next_back();
        let joined = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if before.is_some_and(joined) || bytes.get(end) == Some(&b'-') {
            // Another one may begin within it.
            at += 1;
            continue;
        }
        out.push_str(&text[copied..at]);
        out.push_str("<age>");
        (copied, at) = (end, end);
    }
    out.push_str(&text[copied..]);
    out
}

fn age(text: &[u8], at: usize) -> Option<usize> {
    if !text.get(at).copied().is_some_and(is_digit) {
        return None;
    }
    with_seconds(text, at, b"ydhm").or_else(|| {
        let number = all(text, at, is_digit);
        let unit =
            text.get(number).filter(|unit| matches!(**unit, b'm' | b'h' | b'd')).map(|_| number + 1)?;
        let further = some(text, unit, 1, is_digit)
            .filter(|end| text.get(*end).is_some_and(|unit| matches!(unit, b's' | b'm' | b'h')))
            .map(|end| end + 1);
        [further, Some(unit)].into_iter().flatten().find(|end| is_behind_word(text, *end))
    })
}

/// An age that ends in seconds or milliseconds: each larger unit may be there.
fn with_seconds(text: &[u8], at: usize, units: &[u8]) -> Option<usize> {
    if let Some((unit, smaller)) = units.split_first() {
        let taken = some(text, at, 1, is_digit).filter(|end| text.get(*end) == Some(unit));
        let further = taken.and_then(|end| with_seconds(text, end + 1, smaller));
        return further.or_else(|| with_seconds(text, at, smaller));
    }
    let whole = some(text, at, 1, is_digit)?;
    let fraction = literal(text, whole, ".").and_then(|end| some(text, end, 1, is_digit));
    let number = fraction.unwrap_or(whole);
    let end = literal(text, maybe(text, number, "m"), "s")?;
    is_behind_word(text, end).then_some(end)
}

/// Whether no letter follows.
fn is_behind_word(text: &[u8], at: usize) -> bool {
    !text.get(at).is_some_and(|byte| is_word(*byte))
}

/// What commands print tables under.
const HEADERS: [&str; 5] = ["NAME", "LAST SEEN", "NAMESPACE", "REVISION", "POD"];

/// A command's output with runs of blanks as one and the rows of each table sorted under its header.
pub fn table(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    // Where the rows of the table begin that this line may be part of.
    let mut rows = None;
    let ends =
        |c| matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    for line in text.replace("\r\n", "\n").split(ends).chain([""]) {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let header = is_header(&line);
        if (line.is_empty() || header)
            && let Some(rows) = rows.take()
        {
            out[rows..].sort();
        }
        if !line.is_empty() {
            out.push(line);
        }
        if header {
            rows = Some(out.len());
        }
    }
    out.join("\n")
}

fn is_header(line: &str) -> bool {
    HEADERS.iter().filter_map(|header| line.strip_prefix(header)).any(|rest| {
        let mut rest = rest.chars();
        match rest.next() {
            None => true,
            Some(' ') => rest.next().is_some_and(|c| c.is_ascii_uppercase() || c == '('),
            Some(_) => false,
        }
    })
}
