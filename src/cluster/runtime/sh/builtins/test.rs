//! `test` and `[`: what files, texts and numbers are.

use super::super::super::files::absolute;
use super::super::super::programs::{self, Found};
use super::super::{Runtime, Shell};
use crate::value::Str;

impl Runtime {
    /// `test`: whether a condition holds.
    pub(super) fn test(&self, pid: u32, shell: &Shell, words: &[Str]) -> Result<bool, String> {
        let mut at = 0;
        let holds = self.test_or(pid, shell, words, &mut at)?;
        if at < words.len() { Err(format!("{}: unknown operand", words[at])) } else { Ok(holds) }
    }
    pub(super) fn test_or(
        &self,
        pid: u32,
        shell: &Shell,
        words: &[Str],
        at: &mut usize,
    ) -> Result<bool, String> {
        let mut holds = self.test_and(pid, shell, words, at)?;
        while words.get(*at).is_some_and(|word| matches!(&**word, "-o" | "||")) {
            *at += 1;
            holds |= self.test_and(pid, shell, words, at)?;
        }
        Ok(holds)
    }
    pub(super) fn test_and(
        &self,
        pid: u32,
        shell: &Shell,
        words: &[Str],
        at: &mut usize,
    ) -> Result<bool, String> {
        let mut holds = self.test_one(pid, shell, words, at)?;
        while words.get(*at).is_some_and(|word| matches!(&**word, "-a" | "&&")) {
            *at += 1;
            holds &= self.test_one(pid, shell, words, at)?;
        }
        Ok(holds)
    }
    pub(super) fn test_one(
        &self,
        pid: u32,
        shell: &Shell,
        words: &[Str],
        at: &mut usize,
    ) -> Result<bool, String> {
        let Some(first) = words.get(*at) else { return Ok(false) };
        let (second, third) = (words.get(*at + 1), words.get(*at + 2));
        if let (Some(operator), Some(right)) = (second, third) {
            let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: bad number"));
            let result = match &**operator {
                "=" | "==" => Some(first == right),
                "!=" => Some(first != right),
                "<" => Some(first < right),
                ">" => Some(first > right),
                "-eq" => Some(number(first)? == number(right)?),
                "-ne" => Some(number(first)? != number(right)?),
                "-lt" => Some(number(first)? < number(right)?),
                "-le" => Some(number(first)? <= number(right)?),
                "-gt" => Some(number(first)? > number(right)?),
                "-ge" => Some(number(first)? >= number(right)?),
                _ => None,
            };
            if let Some(holds) = result {
                *at += 3;
                return Ok(holds);
            }
        }
        if &**first == "!" && second.is_some() {
            *at += 1;
            return self.test_one(pid, shell, words, at).map(|holds| !holds);
        }
        if &**first == "(" {
            *at += 1;
            let holds = self.test_or(pid, shell, words, at)?;
            *at += 1;
            return Ok(holds);
        }
        if let Some(operand) = second.filter(|_| first.len() == 2 && first.starts_with('-')) {
            let path = absolute(&shell.folder, operand);
            let text = self.read_file(pid, &path);
            let holds = match &first[1..] {
                "e" | "r" | "w" => Some(text.is_ok() || self.is_folder(pid, &path)),
                "f" => Some(text.is_ok()),
                "x" => Some(self.is_folder(pid, &path) || self.has_command(pid, operand)),
                "d" => Some(self.is_folder(pid, &path)),
                "s" => Some(text.is_ok_and(|text| !text.is_empty())),
                "z" => Some(operand.is_empty()),
                "n" => Some(!operand.is_empty()),
                "L" | "h" | "S" | "p" | "b" | "c" | "t" => Some(false),
                _ => None,
            };
            if let Some(holds) = holds {
                *at += 2;
                return Ok(holds);
            }
        }
        *at += 1;
        Ok(!first.is_empty())
    }
    pub(super) fn has_command(&self, pid: u32, name: &str) -> bool {
        self.container_of(pid).is_some_and(|container| {
            matches!(programs::find(container, name), Found::Tool(_) | Found::Program | Found::File)
        })
    }
}
