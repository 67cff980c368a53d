//! Podium for a terminal: replay, truth, check, bench.
fn main() {}
