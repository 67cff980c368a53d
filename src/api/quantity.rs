//! Quantities of resources: `500m`, `1.5Gi`, `2e3`.
//!
//! Modelled on apimachinery's `resource.Quantity`: what the API server reads it also writes again, in its
//! canonical form (`0.5` as `500m`, `1024Mi` as `1Gi`).

use std::cmp::Ordering;
use std::fmt;

/// An amount, exact to a billionth as upstream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    /// Billionths.
    nanos: i128,
    /// How it was written, and is written again.
    format: Format,
}

/// How a quantity is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// `1M`
    #[default]
    DecimalSi,
    /// `1Mi`
    BinarySi,
    /// `1e6`
    DecimalExponent,
}

/// What the API server says of a text that is no quantity.
pub const FORMAT_ERROR: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_ERROR: &str = "unable to parse quantity's suffix";
const NUMBER_ERROR: &str = "unable to parse numeric part of quantity";

const NANO: i128 = 1_000_000_000;
/// Upstream cuts larger amounts down to this many.
const MOST: i128 = i64::MAX as i128 * NANO;
const DECIMAL: &[(&str, i32)] = &[
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];
const BINARY: &[(&str, u32)] = &[("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

impl Quantity {
    /// A whole number of units, written decimally.
    pub fn units(n: i64) -> Quantity {
        Quantity { nanos: i128::from(n) * NANO, format: Format::DecimalSi }
    }

    /// Thousandths, written decimally: the scheduler's and kubelet's measure of cpu.
    pub fn millis(n: i64) -> Quantity {
        Quantity { nanos: i128::from(n) * (NANO / 1000), format: Format::DecimalSi }
    }

    /// Reads a quantity.
    ///
    /// # Errors
    /// Says what the API server says.
    pub fn parse(text: &str) -> Result<Quantity, &'static str> {
        let unsigned = text.trim_start_matches(['+', '-']);
        let negative = text.starts_with('-');
        if text.len() - unsigned.len() > 1 {
            return Err(FORMAT_ERROR);
        }
        let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        if number.is_empty() || !is_suffix(suffix) {
            return Err(FORMAT_ERROR);
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return Err(if fraction.contains('.') { FORMAT_ERROR } else { NUMBER_ERROR });
        }
        let (format, scale) = scale_of(suffix).ok_or(SUFFIX_ERROR)?;
        let nanos = scaled(whole, fraction, scale).min(MOST);
        Ok(Quantity { nanos: if negative { -nanos } else { nanos }, format })
    }

    /// Whole units, rounded up as upstream's `Value`.
    pub fn value(self) -> i64 {
        rounded_up(self.nanos, NANO)
    }

    /// Thousandths, rounded up as upstream's `MilliValue`.
    pub fn milli_value(self) -> i64 {
        rounded_up(self.nanos, NANO / 1000)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether it is a whole number of units.
    pub fn is_whole(self) -> bool {
        self.nanos % NANO == 0
    }
}

impl std::ops::Add for Quantity {
    type Output = Quantity;
    /// The sum, written as the first is; a sum with nothing is written as the other.
    fn add(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_add(other.nanos), format }
    }
}

impl Quantity {
    /// So many of it.
    pub(crate) fn times(self, count: u32) -> Quantity {
        Quantity { nanos: self.nanos.saturating_mul(count.into()), ..self }
    }
}

impl std::ops::Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_sub(other.nanos), format }
    }
}

/// `1Gi` and `1024Mi` are equal.
impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nanos == other.nanos
    }
}
impl Eq for Quantity {}
impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In canonical form: no fraction, the largest suffix.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let small = self.nanos.abs() < 1024 * NANO;
        if self.format == Format::BinarySi && !small && self.is_whole() {
            let mut number = self.nanos / NANO;
            let mut suffix = "";
            for (next, _) in BINARY {
                if number % 1024 != 0 {
                    break;
                }
                number /= 1024;
                suffix = next;
            }
            return write!(f, "{number}{suffix}");
        }
        let (mut number, mut exponent) = (self.nanos, -9);
        while number % 1000 == 0 && exponent < 18 {
            number /= 1000;
            exponent += 3;
        }
        if self.format == Format::DecimalExponent && exponent != 0 {
            return write!(f, "{number}e{exponent}");
        }
        let suffix = DECIMAL.iter().find(|(_, e)| *e == exponent).map_or("", |(suffix, _)| suffix);
        write!(f, "{number}{suffix}")
    }
}

/// Whether `suffix` could be one: letters of suffixes, then perhaps an exponent.
fn is_suffix(suffix: &str) -> bool {
    let rest = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// By what a suffix multiplies.
enum Scale {
    Ten(i32),
    Two(u32),
}

fn scale_of(suffix: &str) -> Option<(Format, Scale)> {
    if let Some((_, exponent)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((Format::DecimalSi, Scale::Ten(*exponent)));
    }
    if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some((Format::BinarySi, Scale::Two(*bits)));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
    Some((Format::DecimalExponent, Scale::Ten(exponent)))
}

/// The number in billionths, rounded up; what is too large is more than `MOST`.
fn scaled(whole: &str, fraction: &str, scale: Scale) -> i128 {
    let digits: String = whole.chars().chain(fraction.chars()).collect();
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let (factor, exponent) = match scale {
        Scale::Ten(exponent) => (1, exponent),
        Scale::Two(bits) => (1_i128 << bits, 0),
    };
    // Twenty digits and no more are told apart: beyond them is beyond `MOST` or below a billionth.
    let kept = digits.len().min(20);
    let mut number: i128 = digits[..kept].parse().unwrap_or(0);
    let cut = digits[kept..].bytes().any(|byte| byte != b'0');
    number = number.saturating_mul(factor);
    let fraction_digits = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let dropped = i64::try_from(digits.len() - kept).unwrap_or(i64::MAX);
    let power = i64::from(exponent).saturating_add(9).saturating_add(dropped).saturating_sub(fraction_digits);
    let power_of_ten = |power: i64| u32::try_from(power).ok().and_then(|power| 10_i128.checked_pow(power));
    if power >= 0 {
        power_of_ten(power).and_then(|factor| number.checked_mul(factor)).unwrap_or(i128::MAX)
    } else {
        let Some(divisor) = power_of_ten(-power) else { return 1 };
        let rest = number % divisor != 0 || cut;
        number / divisor + i128::from(rest)
    }
}

fn rounded_up(nanos: i128, unit: i128) -> i64 {
    let up = nanos.div_euclid(unit) + i128::from(nanos.rem_euclid(unit) != 0);
    i64::try_from(up).unwrap_or(if up < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_written_canonically() {
        for (text, canonical) in [
            ("0", "0"),
            ("1", "1"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1.", "1"),
            ("500m", "500m"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("0.1n", "1n"),
            ("1000k", "1M"),
            ("1Ki", "1Ki"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Ki", "512"),
            ("0.5Mi", "512Ki"),
            ("1e3", "1e3"),
            ("12E2", "1200"),
            ("1E", "1E"),
            ("-1", "-1"),
            ("+2", "2"),
            ("99999999999999999999999999", "9223372036854775807"),
        ] {
            let quantity = Quantity::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(quantity.to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn whole_units_and_thousandths_are_rounded_up() {
        for (text, units, thousandths) in
            [("1.1", 2, 1100), ("100n", 1, 1), ("-1.5", -1, -1500), ("1Ki", 1024, 1_024_000), ("0", 0, 0)]
        {
            let quantity = Quantity::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!((quantity.value(), quantity.milli_value()), (units, thousandths), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        for (text, why) in [
            ("", FORMAT_ERROR),
            ("1gb", FORMAT_ERROR),
            ("1GB", FORMAT_ERROR),
            ("1 Gi", FORMAT_ERROR),
            ("true", FORMAT_ERROR),
            ("--1", FORMAT_ERROR),
            ("1.2.3", FORMAT_ERROR),
            ("1K", SUFFIX_ERROR),
            ("1MM", SUFFIX_ERROR),
            (".", NUMBER_ERROR),
        ] {
            assert_eq!(Quantity::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn amounts_compare_and_add_across_suffixes() {
        let quantity = |text: &str| Quantity::parse(text).expect("a quantity");
        assert_eq!(quantity("1Gi"), quantity("1024Mi"));
        assert!(quantity("1500m") > quantity("1"));
        assert_eq!((quantity("1Gi") + quantity("512Mi")).to_string(), "1536Mi");
        assert_eq!((quantity("2") - quantity("500m")).to_string(), "1500m");
    }
}
