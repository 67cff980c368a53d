//! How the watch of a kind goes on: when it is tried again, and when it begins with a list.
//!
//! It is told what happened and when, in milliseconds of a clock that never goes back; who opens and closes it is `app/live`.

use super::live::Heard;

/// How long the first wait for a watch is that has ended, and the longest, in milliseconds.
const WAITS: (u32, u32) = (500, 20_000);
/// After so many attempts in a row it begins with a list.
const LISTS_AFTER: u32 = 2;
/// A server sends a bookmark about every minute where nothing else happens. A watch that tells nothing for this long has been
/// cut off and nobody was told, in milliseconds.
const SILENT: f64 = 180_000.0;

/// The watch of a kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    is_open: bool,
    /// How often in a row it could not go on.
    attempts: u32,
    begins_with_list: bool,
    /// When it was heard last, or opened.
    heard: f64,
}

impl Watch {
    /// One of a kind that is listed already.
    pub fn listed() -> Self {
        Self::default()
    }
    /// One of a kind whose list has failed.
    pub fn unlisted() -> Self {
        Self { begins_with_list: true, ..Self::default() }
    }
    /// It is being opened.
    pub fn opens(&mut self, now: f64) {
        self.heard = now;
    }
    /// It is open.
    pub fn opened(&mut self, now: f64) {
        self.is_open = true;
        self.heard = now;
    }
    /// It has told something.
    pub fn told(&mut self, heard: &Heard, now: f64) {
        self.heard = now;
        match heard {
            // One that opens and is closed at once has not come further: it waits longer each time.
            Heard::Goes => self.attempts = 0,
            Heard::Gone => self.begins_with_list = true,
            // The server closes what it ends; then it goes on.
            Heard::Ends(_) => {}
        }
    }
    /// It has ended, or its list has failed. Gives how long to wait until it goes on, in milliseconds.
    pub fn ended(&mut self) -> u32 {
        self.is_open = false;
        self.attempts += 1;
        self.begins_with_list |= self.attempts >= LISTS_AFTER;
        WAITS.0.saturating_mul(1 << (self.attempts - 1).min(8)).min(WAITS.1)
    }
    /// It was silent for too long and is cut off. Where it was open until then nothing has failed: it goes on from where it
    /// was, after the first wait. Gives how long that is, in milliseconds.
    pub fn cut(&mut self) -> u32 {
        if self.is_open {
            self.attempts = 0;
        }
        self.ended()
    }
    /// Its list has come.
    pub fn list_came(&mut self) {
        self.begins_with_list = false;
    }
    /// Whether it goes on with a list.
    pub fn begins_with_list(&self) -> bool {
        self.begins_with_list
    }
    /// Whether it could not go on, and does not yet.
    pub fn is_lost(&self) -> bool {
        !self.is_open && self.attempts > 0
    }
    /// Whether nothing was heard of it for so long that it is to be opened anew.
    pub fn is_silent(&self, now: f64) -> bool {
        now - self.heard >= SILENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_watch_has_not_failed() {
        let mut watch = Watch::listed();
        let mut now = 0.0;
        // Nothing happens for an hour: each time it goes on at once, without a list.
        for _ in 0..20 {
            watch.opens(now);
            watch.opened(now + 10.0);
            now += 10.0 + SILENT;
            assert!(watch.is_silent(now));
            assert_eq!(watch.cut(), WAITS.0);
            assert!(!watch.begins_with_list());
        }
        // One that never opens has failed.
        watch.opens(now);
        assert_eq!(watch.cut(), 2 * WAITS.0);
        assert!(watch.is_lost() && watch.begins_with_list());
    }
}
