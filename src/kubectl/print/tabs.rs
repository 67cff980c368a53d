//! Columns of text, as Go's `text/tabwriter` makes them: a cell ends with a tab, and cells in the same column of
//! lines that follow one another are as wide as the widest.

/// Aligns a text with tabs. A column is `min_width` wide at least and leaves `padding` blanks.
pub(crate) fn align(text: &str, min_width: usize, padding: usize) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut writer = Writer { lines: &lines, min_width, padding, widths: Vec::new(), out: String::new() };
    writer.block(0, lines.len());
    writer.out
}

/// Lines under those that were printed before: columns are as wide as the widest cell so far.
pub(crate) fn remembering(widths: &mut Vec<usize>, lines: &[Vec<String>]) -> String {
    for line in lines {
        for (column, cell) in line.iter().enumerate() {
            let width = (cell.chars().count() + 3).max(6);
            match widths.get_mut(column) {
                Some(known) => *known = width.max(*known),
                None => widths.push(width),
            }
        }
    }
    let mut out = String::new();
    for line in lines {
        for (cell, width) in line.iter().zip(widths.iter()).take(line.len().saturating_sub(1)) {
            out.push_str(cell);
            out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
        }
        out.push_str(line.last().map_or("", |cell| cell));
        out.push('\n');
    }
    out
}

struct Writer<'a> {
    lines: &'a [Vec<&'a str>],
    min_width: usize,
    padding: usize,
    /// The widths of the columns that the lines at hand have in common.
    widths: Vec<usize>,
    out: String,
}

impl Writer<'_> {
    /// Writes lines whose columns so far are known. The last cell of a line is in no column.
    fn block(&mut self, mut from: usize, to: usize) {
        let column = self.widths.len();
        let mut at = from;
        while at < to {
            if column + 1 >= self.lines[at].len() {
                at += 1;
                continue;
            }
            self.write(from, at);
            from = at;
            let mut width = self.min_width;
            while at < to && column + 1 < self.lines[at].len() {
                width = width.max(self.lines[at][column].chars().count() + self.padding);
                at += 1;
            }
            self.widths.push(width);
            self.block(from, at);
            self.widths.pop();
            from = at;
        }
        self.write(from, to);
    }
    fn write(&mut self, from: usize, to: usize) {
        for (i, line) in self.lines[from..to].iter().enumerate() {
            for (column, cell) in line.iter().enumerate() {
                self.out.push_str(cell);
                if column + 1 < line.len()
                    && let Some(width) = self.widths.get(column)
                {
                    let blanks = width.saturating_sub(cell.chars().count());
                    self.out.extend(std::iter::repeat_n(' ', blanks));
                }
            }
            if from + i + 1 < self.lines.len() {
                self.out.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = "NAME\tAGE\tX\nlonger\t1s\ty\n";
        assert_eq!(align(text, 6, 3), "NAME     AGE   X\nlonger   1s    y\n");
    }

    #[test]
    fn a_line_without_the_column_ends_it() {
        let text = "a:\tb\n  long:\tc\nnothing\nx:\ty\n";
        assert_eq!(align(text, 0, 2), "a:       b\n  long:  c\nnothing\nx:  y\n");
        assert_eq!(align("a\t\tb\nccc\tdd\te\n", 0, 2), "a        b\nccc  dd  e\n");
    }
}
