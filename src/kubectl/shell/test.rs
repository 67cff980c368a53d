//! `test` and `[`: whether a condition holds.

use super::Shell;
use crate::value::Str;

/// Whether a condition holds. The error is what is said of one that cannot be read.
pub(super) fn holds(shell: &Shell, words: &[Str]) -> Result<bool, String> {
    let is = |word: &Str, signs: &[&str]| signs.contains(&&**word);
    if let Some(at) = words.iter().position(|word| is(word, &["-o", "||"])) {
        return Ok(holds(shell, &words[..at])? || holds(shell, &words[at + 1..])?);
    }
    if let Some(at) = words.iter().position(|word| is(word, &["-a", "&&"])) {
        return Ok(holds(shell, &words[..at])? && holds(shell, &words[at + 1..])?);
    }
    match words {
        [] => Ok(false),
        [not, rest @ ..] if &**not == "!" && !rest.is_empty() => holds(shell, rest).map(|holds| !holds),
        [one] => Ok(!one.is_empty()),
        [sign, operand] => match &**sign {
            "-z" => Ok(operand.is_empty()),
            "-n" => Ok(!operand.is_empty()),
            "-e" | "-f" | "-r" | "-w" => Ok(shell.files.contains_key(operand)),
            "-s" => Ok(shell.files.get(operand).is_some_and(|text| !text.is_empty())),
            "-d" => Ok(!super::programs::names(&shell.files, operand).is_empty()),
            "-x" | "-L" | "-t" => Ok(false),
            other => Err(format!("{other}: unary operator expected")),
        },
        [left, sign, right] => {
            let number = |text: &str| {
                text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"))
            };
            Ok(match &**sign {
                "=" | "==" => left == right,
                "!=" => left != right,
                "<" => left < right,
                ">" => left > right,
                "=~" => crate::cluster::runtime::sh::pattern::Pattern::parse(right, true).is_in(left),
                "-eq" => number(left)? == number(right)?,
                "-ne" => number(left)? != number(right)?,
                "-lt" => number(left)? < number(right)?,
                "-le" => number(left)? <= number(right)?,
                "-gt" => number(left)? > number(right)?,
                "-ge" => number(left)? >= number(right)?,
                other => return Err(format!("{other}: binary operator expected")),
            })
        }
        _ => Err("too many arguments".into()),
    }
}
