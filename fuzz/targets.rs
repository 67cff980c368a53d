//! What is fuzzed: any bytes, and what must hold of whatever becomes of them.
//!
//! The same three are run by cargo-fuzz (`fuzz_targets/`) and by `podium-tool fuzz`, which needs no nightly compiler.

use crate::check::{Judge, ask};
use podium::api::read::read;
use podium::cluster::time::{SECOND, SimTime};
use podium::manifest::{Span, apply_edits, decode, folds, format, shuffle, tokens};
use podium::timeline::Act;
use podium::value::json;
use std::cell::OnceCell;

/// A target: its name, and what is done with the bytes.
pub(crate) const ALL: &[(&str, fn(&[u8]))] = &[("read", reads), ("check", checks), ("apply", applies)];

/// For how long the cluster goes on after each command.
const WATCHED: u64 = 30 * SECOND;

thread_local! {
    static JUDGE: OnceCell<Judge> = const { OnceCell::new() };
}

/// A text is read: what is found stands in it, and what is offered can be done.
pub(crate) fn reads(bytes: &[u8]) {
    let text = &*decode(bytes);
    let found = read(text);
    for diagnostic in &found.diagnostics {
        assert!(is_in(diagnostic.span, text), "{} is at {:?}", diagnostic.code, diagnostic.span);
        for fix in &diagnostic.fixes {
            assert!(fix.edits.iter().all(|edit| is_in(edit.span, text)), "a fix of {}", diagnostic.code);
            read(&apply_edits(text, &fix.edits));
        }
    }
    let mut before = 0;
    for token in tokens(text, Span::new(0, text.len())) {
        assert!(is_in(token.span, text) && token.span.start >= before, "a token at {:?}", token.span);
        before = token.span.end;
    }
    for fold in folds(text, found.documents.iter().map(|document| &*document.node)) {
        assert!(is_in(fold, text), "a fold at {fold:?}");
    }
    if let Ok(formatted) = format(text) {
        assert_eq!(format(&formatted).ok().as_deref(), Some(&*formatted), "formatted twice");
    }
    if let Some(shuffled) = shuffle(text, 1) {
        assert_eq!(read(&shuffled).documents.len(), found.documents.len(), "its keys in another order");
    }
}

/// A file is judged: at least one line, and each is JSON.
pub(crate) fn checks(bytes: &[u8]) {
    let text = decode(bytes).into();
    with_judge(|judge| {
        let lines = judge.lines("f.yaml", "f.yaml", &[("f.yaml".into(), text)]);
        assert!(!lines.is_empty(), "no line");
        assert!(lines.iter().all(|line| line.is_ascii() && json::parse(line).is_ok()), "not all are JSON");
    });
}

/// A file is applied, applied once more and deleted, and the cluster goes on each time.
pub(crate) fn applies(bytes: &[u8]) {
    let text = decode(bytes).into();
    with_judge(|judge| {
        let mut run = judge.fresh();
        run.act(Act::File("f.yaml".into(), Some(text)));
        for verb in ["apply", "apply", "get -o yaml", "delete --wait=false"] {
            ask(&mut run, &format!("kubectl {verb} -n dry -f f.yaml"));
            let until: SimTime = run.now() + WATCHED;
            run.advance(until, 20_000);
            run.take_records();
        }
    });
}

fn with_judge(go: impl FnOnce(&Judge)) {
    JUDGE.with(|judge| go(judge.get_or_init(Judge::new)));
}

/// Whether a place is one of the text, and no character is cut.
fn is_in(span: Span, text: &str) -> bool {
    span.start <= span.end && text.get(span.range()).is_some()
}
