//! Bounds that are a number or a percentage (upstream: k8s.io/apimachinery/pkg/util/intstr).

use crate::value::Value;

/// A number, or a percentage of `total`; 0 where it is neither.
pub(super) fn scaled(value: Option<&Value>, total: i32, rounds_up: bool) -> i32 {
    match value {
        Some(Value::Int(n)) => i32::try_from(*n).unwrap_or(0),
        Some(Value::String(text)) => {
            let percent: i64 = text.strip_suffix('%').and_then(|digits| digits.parse().ok()).unwrap_or(0);
            let product = percent * i64::from(total);
            (if rounds_up { (product + 99) / 100 } else { product / 100 }) as i32
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_as_asked() {
        let quarter = Value::from("25%");
        for (total, up, down) in [(3, 1, 0), (4, 1, 1), (6, 2, 1), (10, 3, 2)] {
            assert_eq!(scaled(Some(&quarter), total, true), up);
            assert_eq!(scaled(Some(&quarter), total, false), down);
        }
        assert_eq!(scaled(Some(&Value::Int(2)), 10, true), 2);
        assert_eq!(scaled(None, 10, true), 0);
    }
}
