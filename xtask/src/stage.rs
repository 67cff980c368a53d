//! Headlines: what is being done, and how long it took.

use std::time::Instant;

use crate::Outcome;

/// Runs one stage of a chore under a headline, and says its seconds at the end.
pub(crate) fn stage<T>(headline: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("\n== {headline}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(value) => {
            println!("== {headline}: {seconds:.1} s");
            Ok(value)
        }
        Err(failure) => {
            println!("== {headline}: failed after {seconds:.1} s");
            Err(failure)
        }
    }
}
