//! Text as a scalar of YAML: plain where it stays text when read again, as a block where it has lines, else quoted, and
//! broken where a line is long (upstream: go.yaml.in/yaml/v2 `stringv`, `yaml_emitter_select_scalar_style`).

use std::fmt::Write;

/// Behind this column a line is broken at its next single blank.
const WIDTH: usize = 80;

/// What the characters of a text allow (upstream: `yaml_emitter_analyze_scalar`).
#[derive(Debug)]
struct Allowed {
    plain: bool,
    single_quotes: bool,
    block: bool,
}

/// Writes text. Lines that it is broken into, and those of a block, begin at `indent`; a key stays in its line.
pub(super) fn text(out: &mut String, s: &str, indent: usize, is_key: bool) {
    let allowed = Allowed::of(s);
    let mut line = Line { column: column(out), out, indent, is_broken: !is_key };
    if s.contains('\n') {
        if allowed.block && !is_key {
            line.block(s);
        } else {
            line.double_quoted(s);
        }
    } else if reads_as_something_else(s) {
        line.double_quoted(s);
    } else if allowed.plain {
        line.plain(s);
    } else if allowed.single_quotes {
        line.single_quoted(s);
    } else {
        line.double_quoted(s);
    }
}

/// How many characters stand in the last line.
fn column(out: &str) -> usize {
    out[out.rfind('\n').map_or(0, |end| end + 1)..].chars().count()
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters of four bytes are taken for unprintable.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

impl Allowed {
    fn of(s: &str) -> Self {
        let mut out = Self { plain: true, single_quotes: true, block: true };
        out.plain &= !s.starts_with("---") && !s.starts_with("...");
        let mut before = None;
        let mut rest = s.chars().peekable();
        while let Some(c) = rest.next() {
            let is_before_blank =
                rest.peek().is_none_or(|next| matches!(next, ' ' | '\t') || is_break(*next));
            let is_indicator = match before {
                None if "#,[]{}&*!|>'\"%@`".contains(c) => true,
                None => matches!(c, '?' | ':' | '-') && is_before_blank,
                Some(_) if c == ':' => is_before_blank,
                Some(before) => c == '#' && (matches!(before, ' ' | '\t') || is_break(before)),
            };
            out.plain &= !is_indicator && !is_break(c);
            let breaks_before_blank = c == ' ' && before.is_some_and(is_break);
            if breaks_before_blank {
                (out.plain, out.single_quotes) = (false, false);
            }
            if !is_printable(c) || is_break(c) && before == Some(' ') {
                return Self { plain: false, single_quotes: false, block: false };
            }
            before = Some(c);
        }
        out.plain &= !s.starts_with(' ') && !s.ends_with(' ');
        out.block &= !s.ends_with(' ');
        out
    }
}

/// A line that a scalar is written into.
struct Line<'o> {
    out: &'o mut String,
    column: usize,
    indent: usize,
    /// Whether it may be broken.
    is_broken: bool,
}

impl Line<'_> {
    fn push(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }
    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
        self.column = self.indent;
    }
    /// Whether the line ends at this blank, which stands between these.
    fn ends(&self, before: Option<char>, after: Option<char>) -> bool {
        self.is_broken && before.is_some_and(|c| c != ' ') && self.column > WIDTH && after.is_some()
    }
    fn plain(&mut self, s: &str) {
        let mut before = None;
        let mut rest = s.chars().peekable();
        while let Some(c) = rest.next() {
            let after = rest.peek().copied();
            if c == ' ' && self.ends(before, after) && after != Some(' ') {
                self.new_line();
            } else {
                self.push(c);
            }
            before = Some(c);
        }
    }
    fn single_quoted(&mut self, s: &str) {
        self.push('\'');
        let mut before = None;
        let mut rest = s.chars().peekable();
        while let Some(c) = rest.next() {
            let after = rest.peek().copied();
            if c == ' ' && self.ends(before, after) && after != Some(' ') {
                self.new_line();
            } else {
                if c == '\'' {
                    self.push(c);
                }
                self.push(c);
            }
            before = Some(c);
        }
        self.push('\'');
    }
    fn double_quoted(&mut self, s: &str) {
        self.push('"');
        let mut before = None;
        let mut rest = s.chars().peekable();
        while let Some(c) = rest.next() {
            let after = rest.peek().copied();
            if c == ' ' && self.ends(before, after) {
                self.new_line();
                if after == Some(' ') {
                    self.push('\\');
                }
            } else if is_printable(c) && !is_break(c) && !matches!(c, '"' | '\\') {
                self.push(c);
            } else {
                self.escaped(c);
            }
            before = Some(c);
        }
        self.push('"');
    }
    fn escaped(&mut self, c: char) {
        let letter = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let start = self.out.len();
                _ = match u32::from(c) {
                    code @ ..=0xff => write!(self.out, "\\x{code:02X}"),
                    code @ ..=0xffff => write!(self.out, "\\u{code:04X}"),
                    code => write!(self.out, "\\U{code:08X}"),
                };
                self.column += self.out.len() - start;
                return;
            }
        };
        self.push('\\');
        self.push(letter);
    }
    /// Each line for itself, as it is.
    fn block(&mut self, s: &str) {
        self.out.push('|');
        if s.starts_with([' ', '\n']) {
            self.out.push('2');
        }
        if !s.ends_with('\n') {
            self.out.push('-');
        } else if s.ends_with("\n\n") || s == "\n" {
            self.out.push('+');
        }
        for line in s.strip_suffix('\n').unwrap_or(s).split('\n') {
            if line.is_empty() {
                self.out.push('\n');
            } else {
                self.new_line();
                self.out.push_str(line);
            }
        }
    }
}

/// Whether plain text would be read as a number, a truth value, null or a time.
fn reads_as_something_else(s: &str) -> bool {
    let lower = s.to_ascii_lowercase();
    // YAML 1.1 knows its words in three writings: `on`, `On` and `ON`.
    let rest = s.get(1..).unwrap_or_default();
    let is_word = !rest.bytes().any(|b| b.is_ascii_uppercase()) || !s.bytes().any(|b| b.is_ascii_lowercase());
    if s.is_empty()
        || is_word
            && matches!(&*lower, "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
    {
        return true;
    }
    if matches!(lower.trim_start_matches(['+', '-']), ".inf" | ".nan") {
        return true;
    }
    if is_time(s) {
        return true;
    }
    let digits = s.strip_prefix(['+', '-']).unwrap_or(s);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let plain = digits.replace('_', "");
    plain.parse::<f64>().is_ok()
        || plain.strip_prefix("0x").is_some_and(|hex| u64::from_str_radix(hex, 16).is_ok())
        || plain.strip_prefix("0b").is_some_and(|bits| u64::from_str_radix(bits, 2).is_ok())
        || plain.strip_prefix("0o").is_some_and(|octal| u64::from_str_radix(octal, 8).is_ok())
        || is_base_60(digits)
}

/// A date, or a date and a time.
fn is_time(s: &str) -> bool {
    let shape: String = s.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let date = ["0000-00-00", "0000-0-00", "0000-00-0", "0000-0-0"];
    date.iter().any(|date| {
        shape.strip_prefix(date).is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with(['T', 't', ' '])
                    && rest.trim_start_matches(['T', 't', ' ']).starts_with('0')
        })
    })
}

/// Numbers in base 60, as YAML 1.1 reads `1:30`.
fn is_base_60(digits: &str) -> bool {
    let mut parts = digits.split('.').next().unwrap_or_default().split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(&first.replace('_', ""))
        && !rest.is_empty()
        && rest.iter().all(|part| {
            all_digits(part) && part.len() <= 2 && (part.len() == 1 || part.as_bytes()[0] <= b'5')
        })
        && digits.split('.').skip(1).all(|part| part.bytes().all(|b| b.is_ascii_digit() || b == b'_'))
        && digits.matches('.').count() <= 1
}
