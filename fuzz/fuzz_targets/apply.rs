//! The target `apply` for cargo-fuzz.

#![no_main]
#![allow(dead_code, reason = "the tool and the other targets use the rest")]

#[path = "../../src/bin/tool/check.rs"]
mod check;
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::applies(bytes));
