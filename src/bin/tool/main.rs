//! Podium for a terminal: replay, truth, check, bench.

// A tool reads files and clocks; the library does not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

fn main() {}
