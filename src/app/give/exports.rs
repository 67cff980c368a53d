//! What of a session can be saved as text: the transcript, and the commands.

use crate::app::transport::clock;
use crate::app::words::Words;
use podium::msg;
use podium::session::{Session, masked_command};
use podium::timeline::Act;
use std::fmt::Write;

/// What happened up to the playhead, as Markdown: what was done, as `shared` has it, and each step with its sentence.
pub(super) fn transcript(session: &Session, shared: &Session, words: Words) -> String {
    let story = session.timeline().story();
    let mut out = format!("# {}\n", words.say(msg!("give.transcript")));
    let mut acts = shared.timeline().acts().iter().filter(|acted| acted.at <= session.at()).peekable();
    for beat in story.beats.iter().take_while(|beat| beat.from < session.at()) {
        while let Some(acted) = acts.next_if(|acted| acted.at <= beat.from) {
            if let Act::Command(line) = &acted.act {
                _ = write!(out, "\n```\n$ {line}\n```\n\n");
            }
        }
        let said = words.with(beat.say.id, &beat.say.args);
        _ = writeln!(out, "- `{}` {}", clock(beat.to), masked_command(&said));
    }
    for acted in acts {
        if let Act::Command(line) = &acted.act {
            _ = write!(out, "\n```\n$ {line}\n```\n");
        }
    }
    out
}

/// The commands that were given up to the playhead, as a script for a shell.
pub(super) fn script(session: &Session) -> String {
    let mut out = String::from("#!/bin/sh\n");
    let mut last = None;
    for acted in session.timeline().acts().iter().filter(|acted| acted.at <= session.at()) {
        if let Act::Command(line) = &acted.act {
            if let Some(last) = last.replace(acted.at) {
                let waited = acted.at.since(last) / podium::cluster::time::SECOND;
                if waited > 0 {
                    _ = writeln!(out, "sleep {waited}");
                }
            }
            _ = writeln!(out, "{line}");
        }
    }
    out
}
