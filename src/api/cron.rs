//! Schedules in the words of cron, as CronJobs have them: when is the next time? Modelled on `robfig/cron`, whose words
//! the API server passes on.

use super::calendar::{civil_from_days, days_from_civil, weekday};
use super::time_zones::TimeZone;

/// Microseconds.
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 1_440 * MINUTE;
/// What has no time within so many years never has.
const MOST_YEARS: i64 = 5;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    zone: TimeZone,
    when: When,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// Minutes, hours, days of the month, months, days of the week: a bit for each.
    Fields([Field; 5]),
    /// Again and again after so many seconds.
    Every(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u64,
    /// Whether it is `*`: then of the two kinds of days the other alone decides.
    is_star: bool,
}

impl Field {
    fn has(self, number: u32) -> bool {
        self.bits & (1 << number) != 0
    }
}

struct Bounds {
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Bounds; 5] = [
    Bounds { least: 0, most: 59, names: &[] },
    Bounds { least: 0, most: 23, names: &[] },
    Bounds { least: 1, most: 31, names: &[] },
    Bounds { least: 1, most: 12, names: MONTHS },
    Bounds { least: 0, most: 6, names: DAYS },
];
const DESCRIPTORS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

impl Schedule {
    /// Reads a schedule; `TZ=Asia/Seoul` before it says whose clock it goes by.
    ///
    /// ```
    /// use podium::api::cron::Schedule;
    ///
    /// let minute = 60 * 1_000_000;
    /// let schedule = Schedule::parse("*/5 * * * *").unwrap();
    /// assert_eq!(schedule.next(7 * minute), Some(10 * minute));
    /// assert!(Schedule::parse("every day").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".to_owned());
        }
        let zoned = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ="));
        let (zone, rest) = match zoned {
            None => (TimeZone::UTC, text),
            Some(rest) => {
                let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let unknown = || format!("provided bad location {name}: unknown time zone {name}");
                (TimeZone::named(name).ok_or_else(unknown)?, rest.trim())
            }
        };
        let when = match rest.strip_prefix("@every ") {
            Some(time) => {
                When::Every(duration(time).map_err(|why| format!("failed to parse duration {rest}: {why}"))?)
            }
            None if rest.starts_with('@') => match DESCRIPTORS.iter().find(|(name, _)| *name == rest) {
                Some((_, meaning)) => fields(meaning)?,
                None => return Err(format!("unrecognized descriptor: {rest}")),
            },
            None => fields(rest)?,
        };
        Ok(Schedule { zone, when })
    }
    /// The first time after this one, in microseconds since 1970; none where there is none for five years.
    pub fn next(&self, after: i64) -> Option<i64> {
        let fields = match &self.when {
            When::Every(seconds) => {
                return Some(after.div_euclid(SECOND).saturating_add(*seconds).saturating_mul(SECOND));
            }
            When::Fields(fields) => fields,
        };
        let [minutes, hours, dates, months, weekdays] = fields;
        let mut at = (after.div_euclid(MINUTE) + 1) * MINUTE;
        let limit = civil_from_days(self.local(at).div_euclid(DAY)).0 + MOST_YEARS;
        loop {
            let local = self.local(at);
            let day = local.div_euclid(DAY);
            let (year, month, date) = civil_from_days(day);
            if year > limit {
                return None;
            }
            let (is_date, is_weekday) = (dates.has(date), weekdays.has(weekday(day)));
            let is_day =
                if dates.is_star || weekdays.is_star { is_date && is_weekday } else { is_date || is_weekday };
            let minute = local.rem_euclid(DAY) / MINUTE;
            at = if !months.has(month) {
                self.midnight(days_from_civil(year, i64::from(month) + 1, 1), at)
            } else if !is_day {
                self.midnight(day + 1, at)
            } else if !hours.has((minute / 60) as u32) {
                at + (60 - minute % 60) * MINUTE
            } else if !minutes.has((minute % 60) as u32) {
                at + MINUTE
            } else {
                return Some(at);
            };
        }
    }
    /// What the clocks of the zone show.
    fn local(&self, at: i64) -> i64 {
        at + self.zone.offset(at.div_euclid(SECOND)) * SECOND
    }
    /// When a day begins there; later than `after` in any case.
    fn midnight(&self, day: i64, after: i64) -> i64 {
        let mut at = day * DAY - self.zone.offset((day * DAY).div_euclid(SECOND)) * SECOND;
        at -= self.local(at) - day * DAY;
        at.max(after + MINUTE)
    }
}

fn fields(text: &str) -> Result<When, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() != 5 {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", words.len(), words.join(" ")));
    }
    let mut out = [Field { bits: 0, is_star: false }; 5];
    for ((word, bounds), field) in words.iter().zip(&FIELDS).zip(&mut out) {
        for part in word.split(',').filter(|part| !part.is_empty()) {
            range(part, bounds, field)?;
        }
    }
    Ok(When::Fields(out))
}

/// `*`, `5`, `1-5`, `*/15`, `1-5/2`.
fn range(part: &str, bounds: &Bounds, field: &mut Field) -> Result<(), String> {
    let steps: Vec<&str> = part.split('/').collect();
    let ends: Vec<&str> = steps[0].split('-').collect();
    let is_star = matches!(ends[0], "*" | "?");
    let (start, mut end) = match ends.as_slice() {
        _ if is_star => (bounds.least, bounds.most),
        [single] => (number(single, bounds)?, number(single, bounds)?),
        [start, end] => (number(start, bounds)?, number(end, bounds)?),
        _ => return Err(format!("too many hyphens: {part}")),
    };
    let mut step = 1;
    match steps.as_slice() {
        [_] => {}
        [_, word] => {
            step = plain(word)?;
            if ends.len() == 1 {
                end = bounds.most;
            }
        }
        _ => return Err(format!("too many slashes: {part}")),
    }
    if start < bounds.least {
        return Err(format!("beginning of range ({start}) below minimum ({}): {part}", bounds.least));
    }
    if end > bounds.most {
        return Err(format!("end of range ({end}) above maximum ({}): {part}", bounds.most));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {part}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {part}"));
    }
    field.bits |= (start..=end).step_by(step as usize).fold(0, |bits, number| bits | 1 << number);
    field.is_star |= is_star && step == 1;
    Ok(())
}

fn number(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    match bounds.names.iter().position(|name| *name == lower) {
        Some(at) => Ok(bounds.least + u32::try_from(at).unwrap_or(0)),
        None => plain(text),
    }
}

fn plain(text: &str) -> Result<u32, String> {
    if let Some(digits) = text.strip_prefix('-')
        && digits.parse::<u32>().is_ok()
    {
        return Err(format!("negative number ({text}) not allowed: {text}"));
    }
    text.parse().map_err(|_| {
        format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax")
    })
}

/// Seconds of `1h30m`, as Go reads them; less than one is one.
fn duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (mut rest, mut micros) = (text.strip_prefix(['+', '-']).unwrap_or(text), 0.0);
    if rest.is_empty() {
        return Err(invalid());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (amount, after) = rest.split_at(digits);
        if amount.is_empty() {
            return Err(invalid());
        }
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let scale = match unit {
            "ns" => 0.001,
            "us" | "µs" | "μs" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            "m" => 6e7,
            "h" => 3.6e9,
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            other => return Err(format!("time: unknown unit \"{other}\" in duration \"{text}\"")),
        };
        micros += amount.parse::<f64>().map_err(|_| invalid())? * scale;
        rest = after;
    }
    Ok(if text.starts_with('-') { 1 } else { ((micros / 1e6) as i64).max(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_judged_as_the_server_judges() {
        for good in [
            "*/5 * * * *",
            "0 9-17/2 1,15 jan-jun MON",
            "@hourly",
            "? ? ? ? ?",
            "@every 1h30m",
            "TZ=Asia/Seoul 0 9 * * *",
        ] {
            assert!(Schedule::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("every day", "expected exactly 5 fields, found 2: [every day]"),
            ("0 */5 * * * *", "expected exactly 5 fields, found 6: [0 */5 * * * *]"),
            ("60 * * * *", "end of range (60) above maximum (59): 60"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
            ("@sometimes", "unrecognized descriptor: @sometimes"),
            ("@every soon", "failed to parse duration @every soon: time: invalid duration \"soon\""),
            ("TZ=Nowhere * * * * *", "provided bad location Nowhere: unknown time zone Nowhere"),
        ] {
            assert_eq!(Schedule::parse(bad), Err(why.to_owned()), "{bad}");
        }
    }

    #[test]
    fn the_next_time_is_found() {
        let micros = |(y, mo, d): (i64, i64, i64), h: i64, mi: i64| {
            days_from_civil(y, mo, d) * DAY + (h * 60 + mi) * MINUTE
        };
        for (schedule, after, expected) in [
            ("* * * * *", micros((2026, 11, 23), 18, 36), Some(micros((2026, 11, 23), 18, 37))),
            ("*/15 * * * *", micros((2026, 11, 23), 18, 46), Some(micros((2026, 11, 23), 19, 0))),
            ("0 0 1 1 *", micros((2026, 1, 1), 0, 0), Some(micros((2027, 1, 1), 0, 0))),
            ("@monthly", micros((2026, 12, 2), 0, 0), Some(micros((2027, 1, 1), 0, 0))),
            ("0 0 29 2 *", micros((2026, 1, 1), 0, 0), Some(micros((2028, 2, 29), 0, 0))),
            ("59 23 31 2 *", micros((2026, 1, 1), 0, 0), None),
            // Either of the two kinds of days is enough where both are given.
            ("0 12 13 * FRI", micros((2026, 11, 23), 0, 0), Some(micros((2026, 11, 27), 12, 0))),
            ("0 12 */2 * FRI", micros((2026, 11, 23), 13, 0), Some(micros((2026, 11, 25), 12, 0))),
            ("30 6-16/4 * * 1-5", micros((2026, 11, 27), 15, 0), Some(micros((2026, 11, 30), 6, 30))),
            ("TZ=Asia/Seoul 0 9 * * *", micros((2026, 11, 23), 1, 0), Some(micros((2026, 11, 24), 0, 0))),
            ("TZ=America/New_York 30 2 8 3 *", micros((2026, 3, 1), 0, 0), Some(micros((2027, 3, 8), 7, 30))),
            ("TZ=Europe/Berlin 0 0 * * *", micros((2026, 3, 29), 12, 0), Some(micros((2026, 3, 29), 22, 0))),
        ] {
            assert_eq!(Schedule::parse(schedule).expect("a schedule").next(after), expected, "{schedule}");
        }
        let every = Schedule::parse("@every 90s").expect("a schedule");
        assert_eq!(
            every.next(micros((2026, 11, 23), 0, 0) + 5),
            Some(micros((2026, 11, 23), 0, 1) + 30 * SECOND)
        );
    }

    #[test]
    fn an_interval_beyond_all_time_never_comes() {
        let schedule = Schedule::parse("@every 99999999999999h").expect("a schedule");
        assert_eq!(schedule.next(0), Some(i64::MAX));
    }
}
