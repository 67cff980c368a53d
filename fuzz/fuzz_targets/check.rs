//! The target `check` for cargo-fuzz.

#![no_main]
#![allow(dead_code, reason = "the tool and the other targets use the rest")]

#[path = "../targets.rs"]
mod targets;
#[path = "../../src/bin/tool"]
mod tool {
    pub(crate) mod check;
}

use tool::check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::checks(bytes));
