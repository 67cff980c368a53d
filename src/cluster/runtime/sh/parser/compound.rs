//! Reading compound commands: `if`, `while`, `for` and `case`.

use super::super::script::{Part, Step, Word, Words};
use super::{Builder, Parser, mark_tested};
use crate::value::Str;
use std::rc::Rc;

impl Parser {
    pub(super) fn if_command(&mut self, out: &mut Builder) -> Result<(), String> {
        let mut ends = Vec::new();
        self.at += 2;
        loop {
            let begin = out.here();
            self.list(out, &["then"])?;
            mark_tested(&mut out.steps[begin..]);
            self.expect_word("then")?;
            let otherwise = out.push(Step::JumpIf(false, 0));
            self.list(out, &["elif", "else", "fi"])?;
            ends.push(out.push(Step::Jump(0)));
            out.land(otherwise);
            if self.is_word("elif") {
                self.at += 4;
                continue;
            }
            if self.is_word("else") {
                self.at += 4;
                self.list(out, &["fi"])?;
            } else {
                out.push(Step::Succeed);
            }
            self.expect_word("fi")?;
            break;
        }
        for end in ends {
            out.land(end);
        }
        Ok(())
    }
    pub(super) fn while_command(&mut self, out: &mut Builder, is_until: bool) -> Result<(), String> {
        self.at += 5;
        let begin = out.push(Step::Loop { next: out.here() + 1, end: 0 });
        let next = out.push(Step::Round);
        self.list(out, &["do"])?;
        mark_tested(&mut out.steps[next..]);
        self.expect_word("do")?;
        let leave = out.push(Step::JumpIf(is_until, 0));
        self.list(out, &["done"])?;
        self.expect_word("done")?;
        out.push(Step::Jump(next));
        out.land(leave);
        out.push(Step::Succeed);
        out.push(Step::EndLoop);
        out.land(begin);
        Ok(())
    }
    pub(super) fn for_command(&mut self, out: &mut Builder) -> Result<(), String> {
        self.at += 3;
        self.skip_blanks();
        let variable: Str = self.plain_word().into();
        self.at += variable.chars().count();
        self.skip_blank_lines();
        let mut builder = Builder::default();
        let mut items = Vec::new();
        if self.is_word("in") {
            self.at += 2;
            loop {
                self.skip_blanks();
                match self.word(&mut builder)? {
                    Some(word) => items.push(word),
                    None => break,
                }
            }
        } else {
            items.push(Word(vec![Part::Variable("@".into(), None, true)]));
        }
        self.skip_blanks();
        if self.peek() == Some(';') {
            self.at += 1;
        }
        self.expect_word("do")?;
        let items = Rc::new(Words { words: items, substitutions: builder.substitutions });
        let begin = out.push(Step::For { variable, items, next: out.here() + 1, end: 0 });
        let next = out.push(Step::Next);
        self.list(out, &["done"])?;
        self.expect_word("done")?;
        out.push(Step::Jump(next));
        out.land(begin);
        Ok(())
    }
    pub(super) fn case_command(&mut self, out: &mut Builder) -> Result<(), String> {
        self.at += 4;
        self.skip_blanks();
        let mut builder = Builder::default();
        let Some(word) = self.word(&mut builder)? else { return Err(self.unexpected()) };
        let word = Rc::new(Words { words: vec![word], substitutions: builder.substitutions });
        self.expect_word("in")?;
        let begin = out.push(Step::Case { word, arms: Vec::new(), end: 0 });
        let (mut arms, mut ends) = (Vec::new(), Vec::new());
        loop {
            self.skip_blank_lines();
            if self.is_word("esac") {
                self.at += 4;
                break;
            }
            self.take("(");
            let mut builder = Builder::default();
            let mut patterns = Vec::new();
            loop {
                self.skip_blanks();
                let Some(pattern) = self.word(&mut builder)? else { return Err(self.unexpected()) };
                patterns.push(pattern);
                self.skip_blanks();
                if !self.take("|") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(self.unexpected());
            }
            arms.push((Rc::new(Words { words: patterns, substitutions: builder.substitutions }), out.here()));
            self.list(out, &["esac"])?;
            ends.push(out.push(Step::Jump(0)));
            self.skip_blank_lines();
            if !self.take(";;") && !self.is_word("esac") {
                return Err(self.unexpected());
            }
        }
        for end in ends {
            out.land(end);
        }
        out.land(begin);
        if let Step::Case { arms: slot, .. } = &mut out.steps[begin] {
            *slot = arms;
        }
        Ok(())
    }
}
