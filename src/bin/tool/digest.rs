//! The fingerprint of each example's run: the page has the same where it runs the same.

use podium::session::{Action, Session, examples};

/// How many events of the cluster run in one go.
const BUDGET: usize = 10_000;

/// A line for each example whose run comes to rest: its name, how many records its run has, and their fingerprint. Each is
/// begun as on the page, which has opened the first example before. How far a run is recorded that never rests depends on
/// where somebody looks.
pub(crate) fn table() -> String {
    let mut out = String::new();
    for example in examples::ALL {
        let mut session = Session::default();
        session.apply(Action::LoadExample(examples::ALL[0].id));
        session.apply(Action::LoadExample(example.id));
        while session.run(session.at(), BUDGET).0 {}
        if !session.timeline().story().is_whole {
            continue;
        }
        let history = session.timeline().history();
        out.push_str(&format!("{} {} {:016x}\n", example.id, history.records().len(), history.digest()));
    }
    out
}
