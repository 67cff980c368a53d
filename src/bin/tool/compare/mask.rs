//! What two runs of the same scenario need not share, masked: random names, addresses, times, ages.

use regex::Regex;

/// A pattern and what stands for it. The order matters: what one mask leaves, the next one reads.
const MASKS: &[(&str, &str)] = &[
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
    (r"(?:containerd|docker|cri-o)://[0-9a-f]+", "<container>"),
    (r"@?sha256:[0-9a-f]{8,}", "<digest>"),
    (r"\b[0-9a-f]{64}\b", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "<time>"),
    (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
    (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<r>"),
    (r"\b(?:10\.(?:244|96)|172\.30|192\.168|127\.0)\.\d+\.\d+", "<ip>"),
    (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
    (r"@if\d+", "@if<n>"),
    (r"\bfe80::[0-9a-f:]+", "<ip>"),
    // The scheduler breaks ties at random.
    (r"\bnode-[0-9]+\b", "<node>"),
    // Which image a node has already: a pull that succeeds reads as one that was not needed.
    (r"(?m)^.*Pulling image .*\n?", ""),
    (
        r#"Successfully pulled image ("[^"]*") in .* Image size: \d+ bytes\."#,
        "Container image $1 already present on machine and can be accessed by the pod",
    ),
    (r#""?resourceVersion"?: ?"?\d+"?"#, "resourceVersion: <n>"),
    // Node ports.
    (r"\b3[0-2]\d{3}\b", "<nodeport>"),
    (r"back-off \S+ restarting", "back-off <t> restarting"),
    (
        "(Started|Finished|Start Time|CreationTimestamp|Last Transition|Duration|Age|Termination|Completed At):.*",
        "$1: <time>",
    ),
];

/// How long: `3m20s`, `1.5s`, `22ms`; or, without seconds, `4h` and `2d5h`.
const AGE: &str =
    r"(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?m?s\b{end-half}|\d+[mhd](?:\d+[smh])?\b{end-half}";

/// The masks, made ready once.
pub(super) struct Masks {
    masks: Vec<(Regex, &'static str)>,
    age: Regex,
}

impl Masks {
    /// Compiles the patterns.
    pub(super) fn new() -> Result<Self, regex::Error> {
        let compiled = |(pattern, to): &(&str, &'static str)| Ok((Regex::new(pattern)?, *to));
        Ok(Self { masks: MASKS.iter().map(compiled).collect::<Result<_, _>>()?, age: Regex::new(AGE)? })
    }

    /// The text with every name of `names` replaced by its other one, then everything else masked.
    pub(super) fn apply(&self, text: &str, names: &[(String, String)]) -> String {
        let mut text = text.to_owned();
        for (name, canonical) in names {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), canonical);
            }
        }
        for (mask, to) in &self.masks {
            text = mask.replace_all(&text, *to).into_owned();
        }
        self.ages(&text)
    }

    /// An age stands alone: the pattern cannot say that no dot or hyphen is beside it.
    fn ages(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let (mut copied, mut from) = (0, 0);
        while let Some(found) = self.age.find_at(text, from) {
            let before = text[..found.start()].chars().next_back();
            let joined = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            if before.is_some_and(|c| joined(c) || c == '.') || text[found.end()..].starts_with('-') {
                // Another one may begin within it.
                from = found.start() + text[found.start()..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            out.push_str(&text[copied..found.start()]);
            out.push_str("<age>");
            (copied, from) = (found.end(), found.end());
        }
        out.push_str(&text[copied..]);
        out
    }
}

/// What commands print tables under.
const HEADERS: [&str; 5] = ["NAME", "LAST SEEN", "NAMESPACE", "REVISION", "POD"];

/// A command's output with runs of blanks as one and the rows of each table sorted under its header.
pub(super) fn table(text: &str) -> String {
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
