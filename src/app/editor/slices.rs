//! Long work in slices: between two of them the page draws and hears what a person does.

use crate::app::now::now;
use gloo::timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// How long a slice is, in milliseconds: half a picture of a screen of 60 Hz.
const SLICE: f64 = 8.0;
/// After so many steps the clock is looked at: to ask it takes longer than a small step.
const STEPS: u32 = 16;

/// Where the work may pause.
pub(super) struct Pause {
    /// When the running slice began.
    begun: Rc<Cell<f64>>,
    steps: u32,
}

impl Pause {
    /// Waits for the next slice where the running one is over.
    pub(super) async fn between_steps(&mut self) {
        self.steps = (self.steps + 1) % STEPS;
        if self.steps > 0 || now() - self.begun.get() < SLICE {
            return;
        }
        let mut is_over = true;
        let next = poll_fn(|_| if std::mem::take(&mut is_over) { Poll::Pending } else { Poll::Ready(()) });
        next.await;
    }
}

/// Work that is under way. It ends unfinished when this is dropped.
pub(super) struct Slices(
    #[expect(dead_code, reason = "it is held so that it is not dropped")] Rc<RefCell<Option<Timeout>>>,
);

/// Begins work after so many milliseconds, and hands on what came of it and how long it worked.
pub(super) fn begin<T: 'static, F: Future<Output = T> + 'static>(
    after: u32,
    work: impl FnOnce(Pause) -> F + 'static,
    done: impl FnOnce(T, f64) + 'static,
) -> Slices {
    let timer = Rc::new(RefCell::new(None));
    let next = Rc::downgrade(&timer);
    let first = Timeout::new(after, move || {
        let begun = Rc::new(Cell::new(now()));
        let work = Box::pin(work(Pause { begun: begun.clone(), steps: 0 }));
        go_on(Running { work, begun, worked: 0.0, timer: next, done });
    });
    timer.replace(Some(first));
    Slices(timer)
}

struct Running<T, D> {
    work: Pin<Box<dyn Future<Output = T>>>,
    begun: Rc<Cell<f64>>,
    /// For how long it has worked.
    worked: f64,
    /// Where the next slice waits; gone where nobody waits for the end.
    timer: std::rc::Weak<RefCell<Option<Timeout>>>,
    done: D,
}

fn go_on<T: 'static, D: FnOnce(T, f64) + 'static>(mut running: Running<T, D>) {
    running.begun.set(now());
    let polled = running.work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    running.worked += now() - running.begun.get();
    match polled {
        Poll::Ready(read) => (running.done)(read, running.worked),
        Poll::Pending => {
            let Some(timer) = running.timer.upgrade() else { return };
            let next = Timeout::new(0, move || go_on(running));
            timer.replace(Some(next));
        }
    }
}
