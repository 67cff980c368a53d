//! When an Indexed Job has succeeded early (upstream: pkg/controller/job/success_policy.go).

use super::indexed::Intervals;
use crate::api::objects::SuccessPolicy;

/// The message of the first rule that is met.
pub(super) fn match_success_policy(policy: Option<&SuccessPolicy>, completions: i32, succeeded: &Intervals) -> Option<String> {
    if succeeded.total() == 0 {
        return None;
    }
    let is_met = |indexes: Option<&str>, count: Option<i32>| match indexes {
        None => count.is_some_and(|count| succeeded.total() >= count),
        Some(indexes) => {
            let wanted = Intervals::parse(indexes, completions);
            let overlap = |(a, b): (i32, i32), (c, d): (i32, i32)| (b.min(d) - a.max(c) + 1).max(0);
            let have: i32 = wanted.0.iter().flat_map(|one| succeeded.0.iter().map(|other| overlap(*one, *other))).sum();
            wanted.total() > 0 && (have == wanted.total() || count.is_some_and(|count| have >= count))
        }
    };
    let rules = &policy?.rules;
    let met = rules.iter().position(|rule| is_met(rule.succeeded_indexes.as_deref(), rule.succeeded_count))?;
    Some(format!("Matched rules at index {met}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::SuccessPolicyRule;

    #[test]
    fn one_rule_that_is_met_is_enough() {
        let rule = |indexes: Option<&str>, count: Option<i32>| SuccessPolicyRule {
            succeeded_indexes: indexes.map(Into::into),
            succeeded_count: count,
            ..SuccessPolicyRule::default()
        };
        let policy = SuccessPolicy { rules: vec![rule(Some("0-2"), None), rule(Some("3-5"), Some(2)), rule(None, Some(4))], ..SuccessPolicy::default() };
        let judge = |succeeded: &str| match_success_policy(Some(&policy), 10, &Intervals::parse(succeeded, 10));
        assert_eq!(judge(""), None);
        assert_eq!(judge("0,1,7"), None);
        assert_eq!(judge("0-2").as_deref(), Some("Matched rules at index 0"));
        assert_eq!(judge("0,3,5").as_deref(), Some("Matched rules at index 1"));
        assert_eq!(judge("0,1,3,8").as_deref(), Some("Matched rules at index 2"));
    }
}
