//! Time zones by their names, as the IANA's data of 2026 has them.
//!
//! Summer time is known by four rules (Europe, North America, Australia, New Zealand). The two dozen zones that have
//! rules of their own, as Egypt and Chile, keep their standard time.

use super::calendar::{civil_from_days, days_from_civil, weekday};

/// A line for each offset, rule and area: minutes, rule, area, names.
const TABLE: &str = include_str!("time_zones.txt");
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// When clocks are an hour ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Summer {
    Never,
    Europe,
    NorthAmerica,
    Australia,
    NewZealand,
}

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone {
    /// East of Greenwich, in seconds.
    standard: i64,
    summer: Summer,
}

impl TimeZone {
    /// Universal time.
    pub const UTC: TimeZone = TimeZone { standard: 0, summer: Summer::Never };

    /// The zone of this name; none where there is no such zone.
    ///
    /// ```
    /// use podium::api::time_zones::TimeZone;
    ///
    /// assert_eq!(TimeZone::named("Asia/Seoul").map(|zone| zone.offset(0)), Some(9 * 3600));
    /// assert_eq!(TimeZone::named("Asia/Soul"), None);
    /// ```
    pub fn named(name: &str) -> Option<TimeZone> {
        if name.is_empty() {
            return Some(Self::UTC);
        }
        let (area, name) = name.split_once('/').unwrap_or((".", name));
        TABLE.lines().find_map(|line| {
            let mut words = line.split(' ');
            let (minutes, rule) = (words.next()?.parse::<i64>().ok()?, words.next()?);
            if words.next() != Some(area) || !words.any(|word| word == name) {
                return None;
            }
            let summer = match rule {
                "E" => Summer::Europe,
                "U" => Summer::NorthAmerica,
                "A" => Summer::Australia,
                "N" => Summer::NewZealand,
                _ => Summer::Never,
            };
            Some(TimeZone { standard: minutes * 60, summer })
        })
    }
    /// How far its clocks are ahead of universal time, in seconds, at so many seconds since 1970.
    pub fn offset(self, unix: i64) -> i64 {
        let year = civil_from_days((unix + self.standard).div_euclid(DAY)).0;
        let local = self.standard;
        let at = |month, week: Week, since_midnight: i64| sunday(year, month, week) * DAY + since_midnight;
        let is_summer = match self.summer {
            Summer::Never => false,
            Summer::Europe => (at(3, Week::Last, HOUR)..at(10, Week::Last, HOUR)).contains(&unix),
            Summer::NorthAmerica => {
                (at(3, Week::Second, 2 * HOUR - local)..at(11, Week::First, HOUR - local)).contains(&unix)
            }
            Summer::Australia => {
                !(at(4, Week::First, 2 * HOUR - local)..at(10, Week::First, 2 * HOUR - local)).contains(&unix)
            }
            Summer::NewZealand => {
                !(at(4, Week::First, 2 * HOUR - local)..at(9, Week::Last, 2 * HOUR - local)).contains(&unix)
            }
        };
        local + if is_summer { HOUR } else { 0 }
    }
}

#[derive(Clone, Copy)]
enum Week {
    First,
    Second,
    Last,
}

/// The day of a Sunday of a month, since 1970.
fn sunday(year: i64, month: i64, week: Week) -> i64 {
    let first = match week {
        Week::First => days_from_civil(year, month, 1),
        Week::Second => days_from_civil(year, month, 8),
        Week::Last => days_from_civil(year, month + 1, 1) - 7,
    };
    first + i64::from((7 - weekday(first)) % 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_go_forward_and_back() {
        for (zone, date, hour, expected) in [
            ("Asia/Seoul", (2026, 7, 1), 0, 540),
            ("Asia/Kolkata", (2026, 1, 1), 0, 330),
            ("Etc/GMT+12", (2026, 1, 1), 0, -720),
            ("Europe/Berlin", (2026, 3, 29), 0, 60),
            ("Europe/Berlin", (2026, 3, 29), 1, 120),
            ("Europe/Berlin", (2026, 10, 25), 0, 120),
            ("Europe/Berlin", (2026, 10, 25), 1, 60),
            ("America/New_York", (2026, 3, 8), 6, -300),
            ("America/New_York", (2026, 3, 8), 7, -240),
            ("America/New_York", (2026, 11, 1), 6, -300),
            ("Australia/Sydney", (2026, 4, 4), 15, 660),
            ("Australia/Sydney", (2026, 4, 4), 16, 600),
            ("Australia/Sydney", (2026, 10, 3), 16, 660),
            ("Pacific/Auckland", (2026, 9, 26), 13, 720),
            ("Pacific/Auckland", (2026, 9, 26), 14, 780),
            ("UTC", (2026, 1, 1), 0, 0),
        ] {
            let (y, m, d) = date;
            let unix = days_from_civil(y, m, d) * DAY + hour * HOUR;
            let offset = TimeZone::named(zone).map(|zone| zone.offset(unix) / 60);
            assert_eq!(offset, Some(expected), "{zone} {date:?} {hour}");
        }
        for unknown in ["Seoul", "Asia/Seol", "KST", "Asia/"] {
            assert_eq!(TimeZone::named(unknown), None, "{unknown}");
        }
    }
}
