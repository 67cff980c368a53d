//! Work in steps: between two of them it may pause, so that a page can draw while a long text is read.
//!
//! Such work is a future that waits for nothing but its pauses. Who has time runs it at once.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Does work to its end whose pauses are none.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return done;
        }
    }
}
