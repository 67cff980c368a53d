//! The errors as they are found.

use super::at::At;
use crate::api::field_error::FieldError;
use crate::value::Value;

/// What was found so far.
#[derive(Default)]
pub(super) struct Errors {
    list: Vec<FieldError>,
    /// What upstream's declarative validation finds: it comes after all else.
    late: Vec<FieldError>,
}

impl Errors {
    /// All errors in upstream's order.
    pub(super) fn finish(mut self) -> Vec<FieldError> {
        self.list.append(&mut self.late);
        self.list
    }
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }
    /// Adds an error.
    pub(super) fn push(&mut self, error: FieldError) {
        self.list.push(error);
    }
    /// Adds an error of the declarative validation.
    pub(super) fn push_late(&mut self, error: FieldError) {
        self.late.push(error);
    }
    /// The value is missing.
    pub(super) fn required(&mut self, at: &At, detail: &str) {
        self.push(FieldError::required(at.path(), detail));
    }
    /// The value is missing, and that is told last.
    pub(super) fn required_late(&mut self, at: &At) {
        self.push_late(FieldError::required(at.path(), ""));
    }
    /// The value is wrong.
    pub(super) fn invalid(&mut self, at: &At, why: impl Into<String>) {
        self.push(FieldError::invalid(at.path(), shown(at.value), why));
    }
    /// A value that is not the one at this place is wrong.
    pub(super) fn invalid_as(&mut self, at: &At, value: impl Into<Value>, why: impl Into<String>) {
        self.push(FieldError::invalid(at.path(), value, why));
    }
    /// The value is wrong, and printed as the internal struct that it is.
    pub(super) fn invalid_struct(&mut self, at: &At, of: &str, why: impl Into<String>) {
        let printed = crate::api::internal::compact(of, at.value);
        self.push(FieldError::invalid(at.path(), Value::Null, why).with_value(printed));
    }
    /// The value is wrong for each of these reasons.
    pub(super) fn names(&mut self, at: &At, whys: Vec<String>) {
        for why in whys {
            self.invalid(at, why);
        }
    }
    /// The value is none of those that it could be.
    pub(super) fn unsupported(&mut self, at: &At, supported: &[&'static str]) {
        self.push(FieldError::unsupported(at.path(), shown(at.value), supported));
    }
    /// The value is one of these, where there is one.
    pub(super) fn one_of(&mut self, at: &At, supported: &[&'static str]) {
        if at.is_there() && !supported.contains(&at.text()) {
            self.unsupported(at, supported);
        }
    }
    /// Nothing may be here.
    pub(super) fn forbidden(&mut self, at: &At, why: &str) {
        self.push(FieldError::forbidden(at.path(), why));
    }
    /// The value stands elsewhere too.
    pub(super) fn duplicate(&mut self, at: &At, value: impl Into<Value>) {
        self.push(FieldError::duplicate(at.path(), value));
    }
    /// What the value names does not exist.
    pub(super) fn not_found(&mut self, at: &At) {
        self.push(FieldError::not_found(at.path(), shown(at.value)));
    }
    /// The list is too long.
    pub(super) fn too_many(&mut self, at: &At, most: usize) {
        if at.list().len() > most {
            let body = format!("Too many: {}: must have at most {most} items", at.list().len());
            self.push(FieldError::other(at.path(), body));
        }
    }
    /// The number is not below 0, where there is one.
    pub(super) fn not_negative(&mut self, at: &At) {
        if at.value.as_int().is_some_and(|number| number < 0) {
            self.invalid(at, "must be greater than or equal to 0");
        }
    }
    /// The number is between these.
    pub(super) fn range(&mut self, at: &At, least: i64, most: i64) {
        let number = at.value.as_int().unwrap_or(0);
        if !(least..=most).contains(&number) {
            self.invalid_as(at, number, format!("must be between {least} and {most}, inclusive"));
        }
    }
}

/// A value that is not there is an empty text in Go.
fn shown(value: &Value) -> Value {
    if value.is_null() { Value::from("") } else { value.clone() }
}
