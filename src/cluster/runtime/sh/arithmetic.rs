//! Expressions in `$(( ))`.

/// The value of an expression whose variables are put in already or given by `variable`.
pub(super) fn evaluate(text: &str, variable: &dyn Fn(&str) -> i64) -> Result<i64, String> {
    let mut parser = Parser { text: text.as_bytes(), at: 0, variable, depth: 0 };
    let value = parser.ternary()?;
    parser.blanks();
    if parser.at < text.len() { Err("arithmetic syntax error".into()) } else { Ok(value) }
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    variable: &'a dyn Fn(&str) -> i64,
    depth: usize,
}

/// The operators of two sides, those that bind least first.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Parser<'_> {
    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }
    fn take(&mut self, operator: &str) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(operator.as_bytes());
        let next = self.text.get(self.at + operator.len());
        // `<` is not the beginning of `<<`, `&` not that of `&&`.
        let longer = next.is_some_and(|next| {
            operator.len() == 1
                && matches!(operator, "<" | ">" | "&" | "|")
                && operator.as_bytes()[0] == *next
        });
        if found && !longer {
            self.at += operator.len();
        }
        found && !longer
    }
    fn ternary(&mut self) -> Result<i64, String> {
        let condition = self.level(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.ternary()?;
        if !self.take(":") {
            return Err("arithmetic syntax error".into());
        }
        let no = self.ternary()?;
        Ok(if condition != 0 { yes } else { no })
    }
    fn level(&mut self, level: usize) -> Result<i64, String> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            let right = self.level(level + 1)?;
            left = match *operator {
                "||" => i64::from(left != 0 || right != 0),
                "&&" => i64::from(left != 0 && right != 0),
                "|" => left | right,
                "^" => left ^ right,
                "&" => left & right,
                "==" => i64::from(left == right),
                "!=" => i64::from(left != right),
                "<=" => i64::from(left <= right),
                ">=" => i64::from(left >= right),
                "<" => i64::from(left < right),
                ">" => i64::from(left > right),
                "<<" => left.wrapping_shl(right as u32),
                ">>" => left.wrapping_shr(right as u32),
                "+" => left.wrapping_add(right),
                "-" => left.wrapping_sub(right),
                "*" => left.wrapping_mul(right),
                "/" | "%" if right == 0 => return Err("divide by zero".into()),
                "/" => left.wrapping_div(right),
                _ => left.wrapping_rem(right),
            };
        }
        Ok(left)
    }
    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("arithmetic syntax error".into());
        }
        let value = if self.take("!") {
            i64::from(self.unary()? == 0)
        } else if self.take("-") {
            self.unary()?.wrapping_neg()
        } else if self.take("+") {
            self.unary()?
        } else if self.take("~") {
            !self.unary()?
        } else if self.take("(") {
            let value = self.ternary()?;
            if !self.take(")") {
                return Err("arithmetic syntax error".into());
            }
            value
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(value)
    }
    fn operand(&mut self) -> Result<i64, String> {
        self.blanks();
        let begin = self.at;
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.at += 1;
        }
        let word = std::str::from_utf8(&self.text[begin..self.at]).unwrap_or_default();
        if word.is_empty() {
            return Err("arithmetic syntax error".into());
        }
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok((self.variable)(word));
        }
        let parsed = match word.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16),
            None if word.len() > 1 && word.starts_with('0') => i64::from_str_radix(word, 8),
            None => word.parse(),
        };
        parsed.map_err(|_| "arithmetic syntax error".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_their_values() {
        let variable = |name: &str| if name == "i" { 4 } else { 0 };
        for (text, expected) in [
            ("1 + 2 * 3", Ok(7)),
            ("(1+2)*3 % 4", Ok(1)),
            ("i + 1", Ok(5)),
            ("i > 3 && i < 5 ? 10 : 20", Ok(10)),
            ("-i", Ok(-4)),
            ("1 << 4", Ok(16)),
            ("0x10", Ok(16)),
            ("1 / 0", Err("divide by zero".to_string())),
            ("1 +", Err("arithmetic syntax error".to_string())),
        ] {
            assert_eq!(evaluate(text, &variable), expected, "{text}");
        }
    }
}
