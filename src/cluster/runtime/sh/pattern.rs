//! Patterns as grep, sed and awk have them: basic, where `\\|`, `\\(` and `\\+` are signs, and extended, where they
//! stand alone.

/// A pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    ways: Vec<Vec<Item>>,
    groups: usize,
}

/// How many steps a search may take, and how many repeated groups may lie within each other.
const STEPS: u32 = 200_000;
const DEPTH: u32 = 400;

/// One thing in a pattern, and how often it stands there.
#[derive(Clone, Debug)]
struct Item {
    one: One,
    least: usize,
    most: usize,
}

#[derive(Clone, Debug)]
enum One {
    Letter(char),
    Any,
    /// Letters of these spans, or others.
    Set(Vec<(char, char)>, bool),
    Begin,
    End,
    /// The beginning of a word, its end, or either.
    Edge(bool, bool),
    /// Another pattern, by its number.
    Group(Vec<Vec<Item>>, usize),
}

/// Where a pattern and its groups were found.
type Places = Vec<Option<(usize, usize)>>;

struct Reader<'t> {
    text: &'t [char],
    at: usize,
    extended: bool,
    groups: usize,
}

impl Reader<'_> {
    /// Whether the sign stands here, as this kind of pattern writes it; it is passed.
    fn sign(&mut self, sign: char) -> bool {
        let rest = &self.text[self.at..];
        let found = match self.extended {
            true => rest.first() == Some(&sign),
            false => rest.starts_with(&['\\', sign]),
        };
        if found {
            self.at += if self.extended { 1 } else { 2 };
        }
        found
    }
    fn ways(&mut self) -> Vec<Vec<Item>> {
        let mut ways = vec![Vec::new()];
        while self.at < self.text.len() {
            let before = self.at;
            if self.sign('|') {
                ways.push(Vec::new());
                continue;
            }
            if self.sign(')') {
                self.at = before;
                break;
            }
            let Some(way) = ways.last_mut() else { break };
            let one = self.one(way.is_empty());
            let mut item = Item { one, least: 1, most: 1 };
            loop {
                if self.text.get(self.at) == Some(&'*') {
                    self.at += 1;
                    (item.least, item.most) = (0, usize::MAX);
                } else if self.sign('+') {
                    item.most = usize::MAX;
                } else if self.sign('?') {
                    item.least = 0;
                } else if let Some((least, most)) = self.bounds() {
                    (item.least, item.most) = (least, most);
                } else {
                    break;
                }
            }
            way.push(item);
        }
        ways
    }
    /// How often, in braces: `{2}`, `{1,}`, `{1,3}`. Braces around anything else stand for themselves.
    fn bounds(&mut self) -> Option<(usize, usize)> {
        let before = self.at;
        let mut read = || {
            self.sign('{').then_some(())?;
            let inside: String =
                self.text[self.at..].iter().take_while(|c| !matches!(c, '}' | '\\')).collect();
            self.at += inside.chars().count();
            self.sign('}').then_some(())?;
            let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
            let most = if most.is_empty() { Some(usize::MAX) } else { most.parse().ok() };
            Some((if least.is_empty() { 0 } else { least.parse().ok()? }, most?))
        };
        let bounds = read();
        if bounds.is_none() {
            self.at = before;
        }
        bounds
    }
    fn one(&mut self, is_first: bool) -> One {
        if self.sign('(') {
            self.groups += 1;
            let number = self.groups;
            let ways = self.ways();
            self.sign(')');
            return One::Group(ways, number);
        }
        let c = self.text[self.at];
        self.at += 1;
        match c {
            '.' => One::Any,
            '^' if is_first || self.extended => One::Begin,
            '$' if self.at == self.text.len() || self.ends_here() => One::End,
            '[' => self.set(),
            '\\' => {
                let next = self.text.get(self.at).copied().unwrap_or('\\');
                self.at += 1;
                let spans = |spans: &[(char, char)], is_other| One::Set(spans.to_vec(), is_other);
                match next {
                    'd' => spans(&[('0', '9')], false),
                    's' => spans(&[(' ', ' '), ('\t', '\t')], false),
                    'S' => spans(&[(' ', ' '), ('\t', '\t')], true),
                    'w' => spans(&[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')], false),
                    'W' => spans(&[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')], true),
                    'b' => One::Edge(true, true),
                    '<' => One::Edge(true, false),
                    '>' => One::Edge(false, true),
                    't' => One::Letter('\t'),
                    other => One::Letter(other),
                }
            }
            other => One::Letter(other),
        }
    }
    /// Whether a way ends here.
    fn ends_here(&mut self) -> bool {
        let at = self.at;
        let ends = self.sign('|') || self.sign(')');
        self.at = at;
        ends
    }
    fn set(&mut self) -> One {
        let is_other = self.text.get(self.at) == Some(&'^');
        self.at += usize::from(is_other);
        let (mut spans, begin) = (Vec::new(), self.at);
        while let Some(c) = self.text.get(self.at).copied() {
            if c == ']' && self.at > begin {
                break;
            }
            let rest: String = self.text[self.at..].iter().take(10).collect();
            let class = [
                ("alpha", "azAZ"),
                ("digit", "09"),
                ("alnum", "azAZ09"),
                ("space", "  \t\t"),
                ("blank", "  \t\t"),
                ("upper", "AZ"),
                ("lower", "az"),
                ("xdigit", "09afAF"),
                ("punct", "!/:@[`{~"),
            ];
            if let Some((name, ends)) =
                class.iter().find(|(name, _)| rest.starts_with(&format!("[:{name}:]")))
            {
                let ends: Vec<char> = ends.chars().collect();
                spans.extend(ends.chunks(2).map(|ends| (ends[0], ends[1])));
                self.at += name.len() + 4;
                continue;
            }
            let last = self.text.get(self.at + 2).copied().filter(|last| *last != ']');
            match last.filter(|_| self.text.get(self.at + 1) == Some(&'-')) {
                Some(last) => {
                    spans.push((c, last));
                    self.at += 3;
                }
                None => {
                    spans.push((c, c));
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        One::Set(spans, is_other)
    }
}

impl Pattern {
    /// Reads a pattern.
    pub(crate) fn parse(text: &str, extended: bool) -> Self {
        let text: Vec<char> = text.chars().collect();
        let mut reader = Reader { text: &text, at: 0, extended, groups: 0 };
        let mut ways = Vec::new();
        while reader.at < text.len() || ways.is_empty() {
            ways.extend(reader.ways());
            // A bracket that closes nothing stands for itself.
            reader.at += 1;
        }
        Self { ways, groups: reader.groups }
    }
    /// The pattern of a text in which every character stands for itself.
    pub(crate) fn literal(text: &str) -> Self {
        let mut quoted = String::new();
        for c in text.chars() {
            if matches!(c, '.' | '[' | '*' | '^' | '$' | '\\') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        Self::parse(&quoted, false)
    }
    /// Where it is found first in a text from a place on: its first character and the one behind its last.
    /// Of what begins there the longest counts.
    pub(crate) fn place(&self, text: &[char], from: usize) -> Option<(usize, usize)> {
        (from..=text.len()).find_map(|begin| Some((begin, self.longest(text, begin)?)))
    }
    /// The end of the longest that begins at a place of a text.
    pub(crate) fn longest(&self, text: &[char], begin: usize) -> Option<usize> {
        let mut end = None;
        Search::new(text, self.groups).ways(&self.ways, begin, &mut |_, at| {
            end = end.max(Some(at));
            false
        });
        end
    }
    /// Whether it is somewhere in a text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.find(&text, 0).is_some()
    }
    /// Where it is found first in a text from a place on, and its groups.
    fn find(&self, text: &[char], from: usize) -> Option<Places> {
        let mut search = Search::new(text, self.groups);
        (from..=text.len()).find_map(|begin| {
            search.places = vec![None; self.groups + 1];
            let mut end = None;
            search.ways(&self.ways, begin, &mut |_, at| {
                end = Some(at);
                true
            });
            search.places[0] = Some((begin, end?));
            Some(std::mem::take(&mut search.places))
        })
    }
    /// The text with what was found replaced, once or everywhere. `&` and `\\1` stand for what was found.
    pub(crate) fn replace(&self, text: &str, by: &str, everywhere: bool) -> String {
        let text: Vec<char> = text.chars().collect();
        let (mut out, mut at) = (String::new(), 0);
        while let Some(places) = self.find(&text, at) {
            let Some((begin, end)) = places[0] else { break };
            out.extend(&text[at..begin]);
            let mut by = by.chars();
            while let Some(c) = by.next() {
                let place = match c {
                    '&' => Some(0),
                    '\\' => match by.next() {
                        Some(digit) if digit.is_ascii_digit() => digit.to_digit(10).map(|n| n as usize),
                        Some('n') => {
                            out.push('\n');
                            continue;
                        }
                        other => {
                            out.extend(other);
                            continue;
                        }
                    },
                    c => {
                        out.push(c);
                        continue;
                    }
                };
                if let Some((begin, end)) = place.and_then(|place| places.get(place).copied().flatten()) {
                    out.extend(&text[begin..end]);
                }
            }
            at = end;
            if begin == end {
                out.extend(text.get(at));
                at += 1;
            }
            if !everywhere || at > text.len() {
                break;
            }
        }
        out.extend(text.get(at..).unwrap_or_default());
        out
    }
}

/// A search under way.
struct Search<'t> {
    text: &'t [char],
    places: Places,
    steps: u32,
    depth: u32,
}

/// What must hold behind what was matched.
type Then<'f, 't> = &'f mut dyn FnMut(&mut Search<'t>, usize) -> bool;

impl<'t> Search<'t> {
    fn new(text: &'t [char], groups: usize) -> Self {
        Self { text, places: vec![None; groups + 1], steps: 0, depth: 0 }
    }
    fn ways(&mut self, ways: &[Vec<Item>], at: usize, then: Then<'_, 't>) -> bool {
        ways.iter().any(|way| self.items(way, at, then))
    }
    fn items(&mut self, items: &[Item], at: usize, then: Then<'_, 't>) -> bool {
        match items.split_first() {
            None => then(self, at),
            Some((item, rest)) => self.repeat(item, 0, at, &mut |search, at| search.items(rest, at, then)),
        }
    }
    /// As often as it goes, then less often.
    fn repeat(&mut self, item: &Item, count: usize, at: usize, then: Then<'_, 't>) -> bool {
        self.steps += 1;
        if self.steps > STEPS || self.depth > DEPTH {
            return false;
        }
        if !matches!(item.one, One::Group(..)) && item.most > 1 {
            return self.repeat_letter(item, at, then);
        }
        self.depth += 1;
        let goes_on = count < item.most
            && self.one(&item.one, at, &mut |search, next| {
                (next > at || count < item.least) && search.repeat(item, count + 1, next, then)
            });
        self.depth -= 1;
        goes_on || (count >= item.least && then(self, at))
    }
    /// The same of what is one letter long, without a call within a call for each of them.
    fn repeat_letter(&mut self, item: &Item, at: usize, then: Then<'_, 't>) -> bool {
        let mut count = 0;
        while count < item.most && self.one(&item.one, at + count, &mut |_, next| next > at + count) {
            count += 1;
        }
        loop {
            self.steps += 1;
            if count < item.least || self.steps > STEPS {
                return false;
            }
            if then(self, at + count) {
                return true;
            }
            let Some(less) = count.checked_sub(1) else { return false };
            count = less;
        }
    }
    fn one(&mut self, one: &One, at: usize, then: Then<'_, 't>) -> bool {
        let c = self.text.get(at).copied();
        let fits = match one {
            One::Begin => return at == 0 && then(self, at),
            One::End => return at == self.text.len() && then(self, at),
            One::Edge(begin, end) => {
                let is_word = |at: Option<usize>| {
                    let c = at.and_then(|at| self.text.get(at));
                    c.is_some_and(|c| c.is_alphanumeric() || *c == '_')
                };
                let sides = (is_word(at.checked_sub(1)), is_word(Some(at)));
                let holds = *begin && sides == (false, true) || *end && sides == (true, false);
                return holds && then(self, at);
            }
            One::Group(ways, number) => {
                return self.ways(ways, at, &mut |search, end| {
                    let before = search.places[*number].replace((at, end));
                    let holds = then(search, end);
                    if !holds {
                        search.places[*number] = before;
                    }
                    holds
                });
            }
            One::Any => c.is_some(),
            One::Letter(letter) => c == Some(*letter),
            One::Set(spans, is_other) => {
                c.is_some_and(|c| spans.iter().any(|(a, b)| (*a..=*b).contains(&c)) != *is_other)
            }
        };
        fits && then(self, at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_grep_matches() {
        for (pattern, text, extended, expected) in [
            ("web", "pod/web-1", false, true),
            ("^web", "pod/web-1", false, false),
            ("web$", "pod/web", false, true),
            ("w.b", "wob", false, true),
            ("a.*c", "xabbcx", false, true),
            ("ab*c", "ac", false, true),
            ("1\\.2", "1x2", false, false),
            ("", "anything", false, true),
            ("a\\|b", "xb", false, true),
            ("a|b", "xb", false, false),
            ("a|b", "xb", true, true),
            ("^(pod|svc)/[a-z]+-[0-9]+$", "svc/web-12", true, true),
            ("^[0-9]{1,3}(\\.[0-9]{1,3}){3}$", "10.244.1.7", true, true),
            ("^[0-9]{1,3}(\\.[0-9]{1,3}){3}$", "10.244.1", true, false),
            ("^a\\{2\\}$", "aa", false, true),
            ("a{2", "a{2", true, true),
            ("\\bweb\\b", "pod/web-1", false, true),
            ("\\<eb", "web", false, false),
            ("[[:upper:]]\\W", "aB-", false, true),
            ("^(pod|svc)/[a-z]+-[0-9]+$", "svc/web-x", true, false),
            ("[^ ]+", "   ", true, false),
            ("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", true, false),
        ] {
            assert_eq!(Pattern::parse(pattern, extended).is_in(text), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn what_is_found_is_replaced() {
        let replace =
            |pattern, by, everywhere, text| Pattern::parse(pattern, true).replace(text, by, everywhere);
        assert_eq!(replace("o", "0", false, "foo"), "f0o");
        assert_eq!(replace("o", "0", true, "foo"), "f00");
        assert_eq!(replace("(\\w+)=(\\w+)", "\\2 is &", true, "a=b"), "b is a=b");
        assert_eq!(replace("x*", "-", true, "ab"), "-a-b-");
        assert_eq!(replace("^", "> ", true, "a"), "> a");
        // A long line takes no deep stack, and what cannot be found is given up.
        let long = "ab".repeat(50_000);
        assert_eq!(replace("a.*b", "x", false, &long), "x");
        assert_eq!(replace("(ab)*c", "x", false, &long), long);
    }
}
