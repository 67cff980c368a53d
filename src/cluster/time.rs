//! Simulated time: microseconds since the run began, and the clock on the wall that objects show.

// What is kept here is how a second is written: no state of a cluster.
#![allow(clippy::disallowed_types)]

use crate::api::calendar::{civil_from_days, days_from_civil, weekday};
use crate::value::Str;
use std::cell::RefCell;
use std::fmt;
use std::ops::{Add, Sub};

/// A span of simulated time in microseconds.
pub type Micros = u64;

/// One millisecond.
pub const MILLI: Micros = 1_000;
/// One second.
pub const SECOND: Micros = 1_000_000;

/// A moment: microseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

impl SimTime {
    /// The beginning.
    pub const ZERO: SimTime = SimTime(0);
    /// Past every moment of a run.
    pub const NEVER: SimTime = SimTime(u64::MAX);
    /// So many milliseconds after the beginning.
    pub const fn millis(millis: u64) -> Self {
        Self(millis * MILLI)
    }
    /// Microseconds since `earlier`; 0 where that is later.
    pub const fn since(self, earlier: SimTime) -> Micros {
        self.0.saturating_sub(earlier.0)
    }
    /// As a clock that was set going at the beginning: `01:02.3`, from an hour on `2:01:02.3`, from a day on `3d 02:01:02.3`.
    pub fn clock(self) -> String {
        let (seconds, tenth) = (self.0 / SECOND, self.0 / (100 * MILLI) % 10);
        let below_an_hour = format!("{:02}:{:02}.{tenth}", seconds / 60 % 60, seconds % 60);
        match (seconds / 86_400, seconds / 3_600 % 24) {
            (0, 0) => below_an_hour,
            (0, hours) => format!("{hours}:{below_an_hour}"),
            (days, hours) => format!("{days}d {hours:02}:{below_an_hour}"),
        }
    }
    /// Seconds since the beginning, for recordings: exact to the microsecond.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }
}

impl Add<Micros> for SimTime {
    type Output = SimTime;
    fn add(self, span: Micros) -> SimTime {
        SimTime(self.0.saturating_add(span))
    }
}

impl Sub for SimTime {
    type Output = Micros;
    fn sub(self, earlier: SimTime) -> Micros {
        self.since(earlier)
    }
}

/// A span as Go prints it: `7µs`, `422ms`, `1.402s`, `1m20s`, `6m29.964705s` (upstream: time.Duration.String).
pub fn go_duration(span: Micros) -> String {
    let decimal = |unit: Micros, width: usize| {
        let mut text = format!("{}.{:0width$}", span % (60 * SECOND) / unit, span % unit);
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        text
    };
    let minutes = span / (60 * SECOND);
    match (minutes / 60, minutes % 60) {
        _ if span == 0 => "0s".to_owned(),
        _ if span < MILLI => format!("{span}µs"),
        _ if span < SECOND => format!("{}ms", decimal(MILLI, 3)),
        (0, 0) => format!("{}s", decimal(SECOND, 6)),
        (0, minutes) => format!("{minutes}m{}s", decimal(SECOND, 6)),
        (hours, minutes) => format!("{hours}h{minutes}m{}s", decimal(SECOND, 6)),
    }
}

/// So many seconds are kept as they were written last: a moment is written dozens of times, and its text is shared.
const KEPT_SECONDS: usize = 16;

thread_local! {
    static WRITTEN: RefCell<[Option<(u64, Str)>; KEPT_SECONDS]> = const { RefCell::new([const { None }; KEPT_SECONDS]) };
}

/// What the clocks of the cluster show at the beginning: microseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WallClock {
    /// Microseconds since 1970-01-01T00:00:00Z at `SimTime::ZERO`.
    pub start_unix_micros: u64,
}

/// A moment on the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Year, month from 1, day from 1.
    pub date: (i64, u32, u32),
    /// Hour, minute, second.
    pub time: (u32, u32, u32),
    /// Microseconds of the second.
    pub micros: u32,
    /// Days since Sunday.
    pub weekday: u32,
}

impl WallClock {
    /// Microseconds since 1970 at `at`.
    pub const fn unix_micros(self, at: SimTime) -> u64 {
        self.start_unix_micros.saturating_add(at.0)
    }
    /// The moment whose wall clock shows `unix_micros`.
    pub const fn at(self, unix_micros: u64) -> SimTime {
        SimTime(unix_micros.saturating_sub(self.start_unix_micros))
    }
    /// The calendar at `at`.
    pub fn calendar(self, at: SimTime) -> Calendar {
        Calendar::from_unix_micros(self.unix_micros(at))
    }
    /// `2026-11-23T18:32:33Z`, as `metav1.Time` prints: cut to the second.
    pub fn rfc3339(self, at: SimTime) -> Str {
        let second = self.unix_micros(at) / SECOND;
        WRITTEN.with_borrow_mut(|written| {
            let place = &mut written[second as usize % KEPT_SECONDS];
            match place {
                Some((of, text)) if *of == second => text.clone(),
                _ => place.insert((second, self.calendar(at).text(false))).1.clone(),
            }
        })
    }
    /// `2026-11-23T18:32:33.115340Z`, as `metav1.MicroTime` prints.
    pub fn rfc3339_micro(self, at: SimTime) -> Str {
        self.calendar(at).text(true)
    }
    /// Reads what `rfc3339` and `rfc3339_micro` write.
    pub fn parse(self, text: &str) -> Option<SimTime> {
        Some(self.at(parse_rfc3339(text)?))
    }
}

/// Microseconds since 1970 of an RFC 3339 time in UTC.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (y, mo, d) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (h, mi, s) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let rest = text.get(19..)?.strip_suffix('Z')?;
    let micros = match rest.strip_prefix('.') {
        Some(digits) => format!("{digits:0<6}").get(..6)?.parse::<i64>().ok()?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    u64::try_from(((days_from_civil(y, mo, d) * 86_400 + h * 3_600 + mi * 60 + s) * 1_000_000) + micros).ok()
}

/// A time as Go's RFC1123Z, from microseconds since 1970: `Mon, 23 Nov 2026 18:32:33 +0000`.
pub fn rfc1123z(unix: u64) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Calendar { date: (year, month, day), time: (hour, minute, second), weekday, .. } =
        Calendar::from_unix_micros(unix);
    let (weekday, month) = (DAYS[weekday as usize % 7], MONTHS[(month as usize + 11) % 12]);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000")
}

impl Calendar {
    /// The calendar at so many microseconds since 1970.
    pub fn from_unix_micros(unix: u64) -> Self {
        let seconds = (unix / SECOND) as i64;
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        Self {
            date: civil_from_days(days),
            time: (second / 3_600, second / 60 % 60, second % 60),
            micros: (unix % SECOND) as u32,
            weekday: weekday(days),
        }
    }
    /// As the API writes it, to the second or to the microsecond. Written digit by digit: nothing is written oftener.
    fn text(&self, to_micros: bool) -> Str {
        let ((y, mo, d), (h, mi, s)) = (self.date, self.time);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let mut write = |place: usize, width: usize, mut number: u32| {
            for digit in text[place..place + width].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        write(0, 4, y as u32);
        for (n, number) in [mo, d, h, mi, s].into_iter().enumerate() {
            write(5 + 3 * n, 2, number);
        }
        write(20, 6, self.micros);
        let length = if to_micros {
            text.len()
        } else {
            text[19] = b'Z';
            20
        };
        Str::own(std::str::from_utf8(&text[..length]).unwrap_or_default())
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let ((y, mo, d), (h, mi, s)) = (self.date, self.time);
        write!(f, "{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_shows_tenths_and_from_an_hour_on_hours() {
        let times = [
            (0, "00:00.0"),
            (31_249, "00:31.2"),
            (61_990, "01:01.9"),
            (600_000, "10:00.0"),
            (3_599_999, "59:59.9"),
            (3_600_000, "1:00:00.0"),
            (86_399_000, "23:59:59.0"),
            (90_061_200, "1d 01:01:01.2"),
        ];
        for (millis, text) in times {
            assert_eq!(SimTime::millis(millis).clock(), text);
        }
    }

    #[test]
    fn spans_print_as_in_go() {
        let spans = [
            (0, "0s"),
            (7, "7µs"),
            (1_500, "1.5ms"),
            (422 * MILLI, "422ms"),
            (1_402 * MILLI, "1.402s"),
            (10 * SECOND, "10s"),
            (61_020 * MILLI, "1m1.02s"),
            (300 * SECOND, "5m0s"),
            (389_964_705, "6m29.964705s"),
            (3_600 * SECOND, "1h0m0s"),
        ];
        for (span, expected) in spans {
            assert_eq!(go_duration(span), expected);
        }
    }
    #[test]
    fn the_wall_clock_goes_there_and_back() {
        let unix = parse_rfc3339("2026-11-23T18:32:32.888Z").expect("valid");
        let wall = WallClock { start_unix_micros: unix };
        assert_eq!(&*wall.rfc3339(SimTime::ZERO), "2026-11-23T18:32:32Z");
        assert_eq!(&*wall.rfc3339_micro(SimTime::millis(227)), "2026-11-23T18:32:33.115000Z");
        assert_eq!(wall.calendar(SimTime::ZERO).weekday, 1);
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2100-03-01T12:00:00Z"] {
            let unix = parse_rfc3339(text).expect("valid");
            assert_eq!(Calendar::from_unix_micros(unix).to_string(), text);
        }
    }
}
