//! Structs whose fields are looked at one by one: a table, and what reads it.
//!
//! A line is a struct: its name, then its fields in upstream's order, each after a `|`. A field has one check after its
//! name, or none where the check before it was not enough:
//!
//! | sign | what it says |
//! | --- | --- |
//! | `!` | it is required; what follows is the detail |
//! | `=NAME` | its text or number, where there is one, is of this form |
//! | `<A B` | it is one of these, where it is there |
//! | `{NAME` | it is this struct, where it is there |
//! | `[NAME` | its items are this struct |
//! | `?TEXT` | it may not be there, and why |

use super::at::At;
use super::errors::Errors;
use super::formats;
use crate::api::field_error::FieldError;
use crate::api::names::{
    config_key_errors, label_errors, label_key_errors, label_value_errors, path_segment_errors,
    port_name_errors, subdomain_errors,
};
use crate::api::quantity::Quantity;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("shapes.txt");

/// The structs by name, with their fields.
static SHAPES: LazyLock<BTreeMap<&'static str, &'static str>> =
    LazyLock::new(|| TABLE.lines().filter_map(|line| line.split_once('|')).collect());

/// The fields of a struct.
fn fields(name: &str) -> impl Iterator<Item = &'static str> {
    SHAPES.get(name).into_iter().flat_map(|line| line.split('|'))
}

/// Looks at a struct.
pub(super) fn check(name: &str, at: &At, errors: &mut Errors) {
    for field in fields(name) {
        let end = field.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(field.len());
        let (name, check) = field.split_at(end);
        let mut signs = check.chars();
        let sign = signs.next();
        one(&at.field(name), sign, signs.as_str(), errors);
    }
}

fn one(at: &At, sign: Option<char>, rest: &'static str, errors: &mut Errors) {
    match sign {
        Some('!') if at.is_empty() => errors.required(at, rest),
        Some('=') if at.is_there() && at.value.as_str() != Some("") => form(rest, at, errors),
        Some('<') if at.is_there() && !rest.split(' ').any(|one| one == at.text()) => {
            let supported: Vec<&'static str> = rest.split(' ').filter(|one| !one.is_empty()).collect();
            errors.unsupported(at, &supported);
        }
        Some('{') if at.is_there() => check(rest, at, errors),
        Some('[') => at.items().for_each(|item| check(rest, &item, errors)),
        Some('?') if at.is_there() => errors.forbidden(at, rest),
        _ => {}
    }
}

/// Whether a text or a number is of a form.
fn form(name: &str, at: &At, errors: &mut Errors) {
    let text = at.text();
    let number = at.value.as_int();
    let out_of = |least: i64, most: i64| number.is_some_and(|number| !(least..=most).contains(&number));
    let one = |why: Option<&str>| why.map(str::to_owned).into_iter().collect();
    let whys: Vec<String> = match name {
        "label" => label_errors(text),
        "subdomain" => subdomain_errors(text),
        "segment" => path_segment_errors(text),
        "qualified" => label_key_errors(text),
        "qualifiedlower" => formats::qualified_lower(text),
        "value" => label_value_errors(text),
        "configkey" => config_key_errors(text),
        "portname" => port_name_errors(text),
        "variable" => formats::variable(text),
        "nobacksteps" => one(formats::no_backsteps(text)),
        "descending" => formats::descending(text),
        "localpath" => formats::local_path(text),
        "driver" => {
            if text.len() > 63 {
                errors.push(FieldError::too_long(at.path(), 63));
            }
            formats::lower_subdomain(text)
        }
        "ip" => formats::ip(text).into_iter().map(str::to_owned).collect(),
        "cidr" => one(formats::cidr(text)),
        "port" => one(number.and_then(formats::port)),
        "user" => {
            one(out_of(0, i64::from(i32::MAX)).then_some("must be between 0 and 2147483647, inclusive"))
        }
        "partition" => one(out_of(0, 255).then_some("must be between 1 and 255, inclusive")),
        "byte" => one(out_of(0, 255).then_some("must be between 0 and 255, inclusive")),
        "filemode" => {
            one(out_of(0, 0o777).then_some("must be a number between 0 and 0777 (octal), both inclusive"))
        }
        "notnegative" => one(out_of(0, i64::MAX).then_some("must be greater than or equal to 0")),
        "positive" => one(out_of(1, i64::MAX).then_some("must be greater than 0")),
        "amount" => {
            let amount = Quantity::parse(text).unwrap_or_default();
            one(amount.is_negative().then_some("must be greater than or equal to 0"))
        }
        _ => Vec::new(),
    };
    errors.names(at, whys);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_struct_that_a_line_names_is_there() {
        for line in TABLE.lines() {
            for field in line.split('|').skip(1) {
                let Some(at) = field.find(['{', '[']) else { continue };
                assert!(fields(&field[at + 1..]).next().is_some(), "{field} of {line}");
            }
        }
    }
}
