//! A text as the rows that are drawn below the text area: what is a key, what is a comment, what is marked.

use podium::manifest::{Severity, Span};

/// What a piece of a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    #[default]
    Plain,
    Key,
    Comment,
}

/// A stretch of a row in which nothing changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'text> {
    pub(super) text: &'text str,
    pub(super) part: Part,
    pub(super) mark: Option<Severity>,
}

/// The pieces of a row, in order. `start` is the byte of the whole text at which the row begins; `marks` are the
/// places in the whole text that are marked, of which the worst wins where several meet.
pub(super) fn pieces<'text>(row: &'text str, start: usize, marks: &[(Span, Severity)]) -> Vec<Piece<'text>> {
    let key = key(row);
    let comment = comment(row);
    let marks: Vec<(usize, usize, Severity)> = marks
        .iter()
        .filter_map(|&(span, severity)| {
            let (from, to) = clip(row, start, span)?;
            Some((from, to, severity))
        })
        .collect();
    let mut cuts = vec![0, key.0, key.1, comment, row.len()];
    cuts.extend(marks.iter().flat_map(|&(from, to, _)| [from, to]));
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let Some(text) = row.get(from..to) else { continue };
        let part = match () {
            () if from >= comment => Part::Comment,
            () if from >= key.0 && to <= key.1 => Part::Key,
            () => Part::Plain,
        };
        let mark = marks.iter().filter(|mark| mark.0 <= from && to <= mark.1).map(|mark| mark.2).min();
        pieces.push(Piece { text, part, mark });
    }
    pieces
}

/// The part of a span that is to be marked in a row. What is empty is widened to one character, so that there
/// is something to see; of a span over several rows only the first is marked, without its indentation.
fn clip(row: &str, start: usize, span: Span) -> Option<(usize, usize)> {
    let (from, to) = (span.start as usize, span.end as usize);
    if from < start || from > start + row.len() {
        return None;
    }
    let (from, to) = (from - start, (to.max(from) - start).min(row.len()));
    if from < to {
        let lead = row.get(from..to).map_or(0, |text| text.len() - text.trim_start().len());
        return Some(if from + lead < to { (from + lead, to) } else { (from, to) });
    }
    match row.get(from..).and_then(|rest| rest.chars().next()) {
        Some(char) => Some((from, from + char.len_utf8())),
        None => row.chars().next_back().map(|char| (row.len() - char.len_utf8(), row.len())),
    }
}

/// Where the key of a row stands, with the dashes before it and its colon.
fn key(row: &str) -> (usize, usize) {
    let none = (0, 0);
    let from = row.len() - row.trim_start().len();
    let Some(text) = row.get(from..comment(row)) else { return none };
    let colon = text.match_indices(':').find(|(at, _)| {
        let after = text.as_bytes().get(at + 1);
        after.is_none_or(|byte| *byte == b' ' || *byte == b'\r')
    });
    match colon {
        Some((at, _)) if !text.starts_with(['"', '\'', '{', '[']) => (from, from + at + 1),
        _ if text.trim_end() == "---" => (from, from + 3),
        _ => none,
    }
}

/// Where the comment of a row begins; its end where there is none.
fn comment(row: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (at, char) in row.char_indices() {
        match (quote, char) {
            (None, '#') if before == ' ' => return at,
            (None, '"' | '\'') if matches!(before, ' ' | '[' | '{' | ',') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            _ => {}
        }
        before = char;
    }
    row.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(row: &str, marks: &[(usize, usize, Severity)], expected: &str) {
        let marks: Vec<_> = marks.iter().map(|&(from, to, how)| (Span::new(from, to), how)).collect();
        let written: Vec<String> = pieces(row, 100, &marks)
            .iter()
            .map(|piece| {
                let part = match piece.part {
                    Part::Plain => "",
                    Part::Key => "key ",
                    Part::Comment => "comment ",
                };
                let mark = piece.mark.map_or(String::new(), |mark| format!("{mark:?} "));
                format!("{part}{mark}`{}`", piece.text)
            })
            .collect();
        assert_eq!(written.join(" "), expected, "{row}");
    }

    #[test]
    fn keys_and_comments_are_told_apart() {
        check("kind: Pod", &[], "key `kind:` ` Pod`");
        check("  - name: a:b # c: d", &[], "`  ` key `- name:` ` a:b ` comment `# c: d`");
        check("image: nginx:1.25", &[], "key `image:` ` nginx:1.25`");
        check("- \"a: b\"", &[], "`- \"a: b\"`");
        check("text: \"a # b\"", &[], "key `text:` ` \"a # b\"`");
        check("---", &[], "key `---`");
        check("", &[], "");
    }

    #[test]
    fn marks_are_clipped_to_the_row_and_never_empty() {
        let error = Severity::Error;
        check("kind: Deloyment", &[(106, 115, error)], "key `kind:` ` ` Error `Deloyment`");
        check("a: 가", &[(103, 106, error)], "key `a:` ` ` Error `가`");
        check("a:", &[(102, 102, error)], "key `a` key Error `:`");
        check("  labels:", &[(100, 160, error)], "`  ` key Error `labels:`");
        check("a: b", &[(10, 102, error)], "key `a:` ` b`");
        check("a: b", &[(103, 104, Severity::Hint), (103, 104, error)], "key `a:` ` ` Error `b`");
    }
}
