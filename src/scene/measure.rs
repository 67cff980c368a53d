//! How wide a text is, and how it is cut to its room.
//!
//! Measured by tables of the bundled fonts, without a browser. Hangul and what else the fonts lack is one em
//! wide, and letters that move closer together are not counted, so that a text is never wider than measured.

use super::advances::{MONO, NOT_IN_MONO, SANS, SYMBOLS, Table};
use super::typeface::{Family, Font};
use crate::value::Str;

/// Stands for what was cut.
const ELLIPSIS: &str = "…";

/// Thousandths of an em.
const EM: u32 = 1000;

/// The width of a text in pixels.
pub fn width(text: &str, font: Font) -> f32 {
    let table = table(font);
    pixels(text.chars().map(|char| advance(char, font, table)).sum(), font)
}

/// The text, or as much of its beginning as fits `room` pixels with an ellipsis after it.
pub fn ellipsize(text: &str, font: Font, room: f32) -> Str {
    if width(text, font) <= room {
        return text.into();
    }
    let kept = fitting(text.chars(), font, room - width(ELLIPSIS, font));
    let kept: String = text.chars().take(kept).collect();
    format!("{}{ELLIPSIS}", kept.trim_end()).into()
}

/// The text, or as much of its end as fits `room` pixels with an ellipsis before it.
pub fn ellipsize_start(text: &str, font: Font, room: f32) -> Str {
    if width(text, font) <= room {
        return text.into();
    }
    let kept = fitting(text.chars().rev(), font, room - width(ELLIPSIS, font));
    let skipped = text.chars().count() - kept;
    let kept: String = text.chars().skip(skipped).collect();
    format!("{ELLIPSIS}{}", kept.trim_start()).into()
}

/// The text, or its beginning and its end with an ellipsis between them, so that both can be told apart.
pub fn ellipsize_middle(text: &str, font: Font, room: f32) -> Str {
    if width(text, font) <= room {
        return text.into();
    }
    let count = text.chars().count();
    let half = (room - width(ELLIPSIS, font)) / 2.0;
    let end = fitting(text.chars().rev(), font, half);
    let end: String = text.chars().skip(count - end).collect();
    let start = fitting(text.chars(), font, room - width(ELLIPSIS, font) - width(&end, font));
    let start: String = text.chars().take(start).collect();
    format!("{}{ELLIPSIS}{}", start.trim_end(), end.trim_start()).into()
}

/// The name of a Pod: whole, or the part that its owner drew (`…-7xk2p`), after the index that an indexed Job gave it
/// (`…-0-7xk2p`) where that fits, or as much of its end as fits.
pub fn pod_name(name: &str, font: Font, room: f32) -> Str {
    if width(name, font) <= room {
        return name.into();
    }
    let Some(dash) = name.rfind('-') else { return ellipsize_start(name, font, room) };
    let is_index = |at: &usize| {
        let index = &name[at + 1..dash];
        !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())
    };
    let index = name[..dash].rfind('-').filter(is_index);
    let from = |at: usize| format!("{ELLIPSIS}{}", &name[at..]);
    let indexed = index.map(from).filter(|short| width(short, font) <= room);
    ellipsize_start(&indexed.unwrap_or_else(|| from(dash)), font, room)
}

/// A command line that fits `room` pixels. What decides what it does is kept: the namespace goes first, then its names are cut,
/// the longest first.
pub fn command(line: &str, font: Font, room: f32) -> Str {
    const LEAST_NAME: usize = 6;
    if width(line, font) <= room {
        return line.into();
    }
    // `-nNAME` and `-n=NAME`.
    let is_short = |word: &str| word.starts_with("-n");
    let long = |word: &str| word.replace(ELLIPSIS, "").chars().count();
    let mut words: Vec<String> = Vec::new();
    let mut all = line.split_whitespace();
    let mut is_kubectls = true;
    while let Some(word) = all.next() {
        // Behind these another program is given its arguments.
        is_kubectls &= !matches!(word, "--" | "|");
        match word {
            "-n" | "--namespace" if is_kubectls => _ = all.next(),
            _ if is_kubectls && (is_short(word) || word.starts_with("--namespace=")) => {}
            _ => words.push(word.to_owned()),
        }
    }
    loop {
        let line = words.join(" ");
        if width(&line, font) <= room {
            return line.into();
        }
        // Not what is done, and not what a flag or a taint says.
        let is_name = |word: &&mut String| {
            !word.starts_with('-') && !word.contains(['=', ':', '\'', '"']) && long(word) > LEAST_NAME
        };
        let names = words.iter_mut().skip(1).filter(is_name);
        let Some(longest) = names.max_by_key(|word| long(word)) else {
            return ellipsize_middle(&line, font, room);
        };
        let left: Vec<char> = longest.replace(ELLIPSIS, "").chars().collect();
        let [start, end] = [&left[..left.len() / 2], &left[left.len() / 2 + 1..]].map(String::from_iter);
        *longest = format!("{start}{ELLIPSIS}{end}");
    }
}

/// The text in lines that fit `room` pixels, parted between words. A word that is wider goes on in the next line;
/// where there is room for nothing, a line is one character.
pub fn wrap(text: &str, font: Font, room: f32) -> Vec<Str> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(line)) if width(&longer, font) <= room => *line = longer,
            _ => {
                let mut rest = word;
                while !rest.is_empty() {
                    let count = fitting(rest.chars(), font, room).max(1);
                    let end = rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at);
                    lines.push(rest[..end].to_owned());
                    rest = &rest[end..];
                }
            }
        }
    }
    lines.into_iter().map(Str::from).collect()
}

/// As [`wrap`], in as many lines, of which none is longer than it has to be: no word stands alone that need not.
pub fn wrap_evenly(text: &str, font: Font, room: f32) -> Vec<Str> {
    let longest = text.split_whitespace().map(|word| width(word, font)).fold(0.0, f32::max);
    let mut lines = wrap(text, font, room);
    loop {
        let less = lines.iter().map(|line| width(line, font)).fold(0.0, f32::max) - 0.01;
        let narrower = if less < longest { Vec::new() } else { wrap(text, font, less) };
        if narrower.is_empty() || narrower.len() > lines.len() {
            return lines;
        }
        lines = narrower;
    }
}

/// A word that is written of several, `CrashLoopBackOff`, in lines that fit `room` pixels, parted between these. None where one
/// of them alone is wider.
pub fn wrap_word(word: &str, font: Font, room: f32) -> Option<Vec<Str>> {
    let starts = word_starts(word).chain([word.len()]);
    let (mut lines, mut from, mut fitting) = (Vec::new(), 0, 0);
    for to in starts {
        if width(&word[from..to], font) > room {
            lines.push(Str::from(&word[from..fitting]));
            from = fitting;
        }
        if width(&word[from..to], font) > room {
            return None;
        }
        fitting = to;
    }
    lines.push(Str::from(&word[from..]));
    Some(lines)
}

/// Where words begin within a word that is written of several, but for the first.
pub fn word_starts(word: &str) -> impl Iterator<Item = usize> {
    let capitals = word.char_indices().skip(1).filter(|(_, char)| char.is_uppercase());
    capitals.map(|(at, _)| at).filter(|at| !word[..*at].ends_with(char::is_uppercase))
}

/// How many of the characters fit `room` pixels together.
fn fitting(chars: impl Iterator<Item = char>, font: Font, room: f32) -> usize {
    let table = table(font);
    let mut sum = 0;
    chars
        .take_while(|&char| {
            sum += advance(char, font, table);
            pixels(sum, font) <= room
        })
        .count()
}

fn pixels(thousandths: u32, font: Font) -> f32 {
    thousandths as f32 * font.size / EM as f32
}

/// The table of the weight, or of the next heavier one.
fn table(font: Font) -> &'static Table {
    SANS.iter().find(|table| table.weight >= font.weight).unwrap_or(&SANS[SANS.len() - 1])
}

/// Thousandths of an em that a character takes.
fn advance(char: char, font: Font, table: &Table) -> u32 {
    let symbol = || SYMBOLS.chars().position(|symbol| symbol == char);
    match char {
        ' '..='~' if font.family == Family::Mono => MONO.into(),
        ' '..='~' => table.ascii[char as usize - ' ' as usize].into(),
        // Control characters, combining marks, joiners and variation selectors take no room.
        '\0'..='\u{1f}'
        | '\u{7f}'
        | '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{fe00}'..='\u{fe0f}' => 0,
        _ => match symbol() {
            Some(_) if font.family == Family::Mono && !NOT_IN_MONO.contains(char) => MONO.into(),
            Some(at) => table.symbols[at].into(),
            None => EM,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Type;

    fn mono(size: f32) -> Font {
        Font { family: Family::Mono, weight: 400, size }
    }

    fn sans(weight: u16, size: f32) -> Font {
        Font { family: Family::Sans, weight, size }
    }

    #[test]
    fn mono_is_six_tenths_of_an_em_and_hangul_is_one() {
        for (text, expected) in
            [("", 0.0), ("nginx", 30.0), ("계층", 20.0), ("Pod는", 28.0), ("a·b", 18.0), ("\u{301}", 0.0)]
        {
            assert_eq!(width(text, mono(10.0)), expected, "{text}");
        }
    }

    #[test]
    fn a_word_of_several_is_parted_between_them() {
        for (word, room, lines) in [
            ("ContainerCreating", 102.0, Some(vec!["ContainerCreating"])),
            ("ContainerCreating", 60.0, Some(vec!["Container", "Creating"])),
            ("CreateContainerConfigError", 90.0, Some(vec!["CreateContainer", "ConfigError"])),
            ("CreateContainerConfigError", 54.0, Some(vec!["Create", "Container", "Config", "Error"])),
            ("OOMKilled", 50.0, None),
            ("CrashLoopBackOff", 20.0, None),
        ] {
            let found = wrap_word(word, mono(10.0), room);
            let found = found.as_ref().map(|lines| lines.iter().map(|line| &**line).collect::<Vec<&str>>());
            assert_eq!(found, lines, "{word} in {room}");
        }
    }

    #[test]
    fn sans_letters_differ_and_heavier_is_wider() {
        assert!(width("iii", sans(400, 13.0)) < width("WWW", sans(400, 13.0)) / 2.0);
        let widths = [400, 500, 600, 700].map(|weight| width("Deployment", sans(weight, 13.0)));
        assert!(widths.is_sorted_by(|lighter, heavier| lighter < heavier), "{widths:?}");
    }

    #[test]
    fn tables_are_whole() {
        for table in SANS {
            assert_eq!(table.symbols.len(), SYMBOLS.chars().count(), "weight {}", table.weight);
            assert!(table.ascii.iter().chain(table.symbols).all(|&advance| (100..=1500).contains(&advance)));
        }
        for ty in Type::ALL {
            assert_eq!(table(ty.font()).weight, ty.font().weight, "{ty:?} is measured at another weight");
        }
    }

    #[test]
    fn what_fits_is_whole_and_what_does_not_is_cut_where_asked() {
        let name = "myapp-deployment-559d658b74-2hq8r";
        // One character of the font is 6 pixels.
        let font = mono(10.0);
        for (cut, room, expected) in [
            (ellipsize as fn(&str, Font, f32) -> Str, 200.0, name),
            (ellipsize, 60.0, "myapp-dep…"),
            (ellipsize_start, 60.0, "…b74-2hq8r"),
            (ellipsize_middle, 66.0, "myapp…2hq8r"),
            (ellipsize_middle, 62.0, "myapp…hq8r"),
            (pod_name, 200.0, name),
            (pod_name, 60.0, "…-2hq8r"),
            (pod_name, 24.0, "…q8r"),
            (ellipsize, 0.0, "…"),
        ] {
            assert_eq!(&*cut(name, font, room), expected, "in {room} px");
        }
        let scale = "scale deployment/myapp-deployment --replicas=600 -n myapp-ns";
        let taint = "taint nodes node-1 dedicated=db:NoExecute";
        for (line, room, expected) in [
            (scale, 1_000.0, scale),
            (scale, 320.0, "scale deployment/myapp-deployment --replicas=600"),
            (scale, 220.0, "scale deploym…loyment --replicas=600"),
            (taint, 1_000.0, taint),
            // What another program is given is no namespace.
            ("exec web -n=ns -- head -n 5 /log", 170.0, "exec web -- head -n 5 /log"),
            ("get pods -nmyapp-ns | head -n 5", 130.0, "get pods | head -n 5"),
            ("get pods --namespace=ns -o wide", 130.0, "get pods -o wide"),
            // There is nothing in it to cut.
            ("get ………………………………", 60.0, "get ………………"),
        ] {
            assert_eq!(&*command(line, font, room), expected, "in {room} px");
        }
        assert!(command(taint, font, 200.0).ends_with("NoExecute"));
        assert_eq!(&*ellipsize("Pod는 pause가", font, 40.0), "Pod는…");
        for (room, expected) in [(54.0, "…-0-bhnsb"), (48.0, "…-bhnsb"), (90.0, "indexed-0-bhnsb")] {
            assert_eq!(&*pod_name("indexed-0-bhnsb", font, room), expected, "the index of a Job’s Pod");
        }
    }

    #[test]
    fn no_word_stands_alone_that_need_not() {
        // One character of the font is 6 pixels.
        let lines = |text, room| {
            wrap_evenly(text, mono(10.0), room).iter().map(|line| line.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(lines("all of them end with 0", 120.0), ["all of them", "end with 0"]);
        assert_eq!(lines("in one line", 120.0), ["in one line"]);
        assert_eq!(lines("an unbreakable word", 36.0), ["an", "unbrea", "kable", "word"]);
        assert!(lines("", 36.0).is_empty());
    }

    #[test]
    fn lines_are_parted_between_words() {
        // One character of the font is 6 pixels.
        let lines =
            |text, room| wrap(text, mono(10.0), room).iter().map(|line| line.to_string()).collect::<Vec<_>>();
        assert_eq!(lines("a Pod  is one host", 42.0), ["a Pod", "is one", "host"]);
        assert_eq!(lines("a Pod  is one host", 36.0), ["a Pod", "is one", "host"]);
        assert_eq!(lines("an unbreakable word", 36.0), ["an", "unbrea", "kable", "word"]);
        assert!(lines("", 36.0).is_empty());
        assert_eq!(lines("ab c", -5.0), ["a", "b", "c"], "it ends where there is no room");
        let long = "x".repeat(1 << 20);
        let cut = lines(long.as_str(), 36.0);
        assert_eq!((cut.len(), cut.concat().len()), (long.len().div_ceil(6), long.len()));
    }
}
