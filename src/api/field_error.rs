//! An error of the API server's validation, in its words. Modelled on apimachinery's `field.Error`.

use super::check::quoted;
use crate::value::{Value, json};
use std::fmt;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where: `spec.containers[0].name`.
    pub path: String,
    /// What.
    pub problem: Problem,
}

/// What can be wrong with a field. Values are as the server prints them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is missing; why it is wanted, where that is said.
    Required(String),
    /// Its value, and what is wrong with it.
    Invalid(String, String),
    /// Its value, and those that it could have.
    Unsupported(String, Vec<&'static str>),
    /// Its value, which another has.
    Duplicate(String),
    /// Why it may not be there.
    Forbidden(String),
    /// What it names, which does not exist.
    NotFound(String),
    /// It is longer than so many bytes.
    TooLong(usize),
    /// Something else, in the server's words.
    Other(String),
}

impl FieldError {
    /// The field is missing.
    pub fn required(path: impl Into<String>, detail: &str) -> FieldError {
        FieldError { path: path.into(), problem: Problem::Required(detail.to_owned()) }
    }

    /// The field's value is wrong.
    pub fn invalid(
        path: impl Into<String>,
        value: impl Into<Value>,
        detail: impl Into<String>,
    ) -> FieldError {
        FieldError { path: path.into(), problem: Problem::Invalid(printed(&value.into()), detail.into()) }
    }

    /// The field's value is none of those that it could have.
    pub fn unsupported(
        path: impl Into<String>,
        value: impl Into<Value>,
        supported: &[&'static str],
    ) -> FieldError {
        FieldError {
            path: path.into(),
            problem: Problem::Unsupported(printed(&value.into()), supported.to_vec()),
        }
    }

    /// The same error with a value that the server prints in an order of its own.
    pub(crate) fn with_value(mut self, printed: String) -> FieldError {
        match &mut self.problem {
            Problem::Invalid(value, _)
            | Problem::Unsupported(value, _)
            | Problem::Duplicate(value)
            | Problem::NotFound(value) => *value = printed,
            Problem::Required(_) | Problem::Forbidden(_) | Problem::TooLong(_) | Problem::Other(_) => {}
        }
        self
    }

    /// The field's value is longer than so many bytes.
    pub fn too_long(path: impl Into<String>, most: usize) -> FieldError {
        FieldError { path: path.into(), problem: Problem::TooLong(most) }
    }

    /// Something else is wrong, in these words.
    pub fn other(path: impl Into<String>, words: impl Into<String>) -> FieldError {
        FieldError { path: path.into(), problem: Problem::Other(words.into()) }
    }

    /// Another has the same value.
    pub fn duplicate(path: impl Into<String>, value: impl Into<Value>) -> FieldError {
        FieldError { path: path.into(), problem: Problem::Duplicate(printed(&value.into())) }
    }

    /// The field may not be there.
    pub fn forbidden(path: impl Into<String>, detail: impl Into<String>) -> FieldError {
        FieldError { path: path.into(), problem: Problem::Forbidden(detail.into()) }
    }

    /// What the field names does not exist.
    pub fn not_found(path: impl Into<String>, value: impl Into<Value>) -> FieldError {
        FieldError { path: path.into(), problem: Problem::NotFound(printed(&value.into())) }
    }
}

/// `spec.replicas: Invalid value: -1: must be greater than or equal to 0`
impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.problem {
            Problem::Required(detail) if detail.is_empty() => f.write_str("Required value"),
            Problem::Required(detail) => write!(f, "Required value: {detail}"),
            // Where the server leaves the value out.
            Problem::Invalid(value, detail) if value.is_empty() => write!(f, "Invalid value: {detail}"),
            Problem::Invalid(value, detail) if detail.is_empty() => write!(f, "Invalid value: {value}"),
            Problem::Invalid(value, detail) => write!(f, "Invalid value: {value}: {detail}"),
            Problem::Unsupported(value, supported) => {
                let supported: Vec<String> = supported.iter().map(|value| quoted(value)).collect();
                write!(f, "Unsupported value: {value}: supported values: {}", supported.join(", "))
            }
            Problem::Duplicate(value) => write!(f, "Duplicate value: {value}"),
            Problem::Forbidden(detail) if detail.is_empty() => write!(f, "Forbidden"),
            Problem::Forbidden(detail) => write!(f, "Forbidden: {detail}"),
            Problem::NotFound(value) => write!(f, "Not found: {value}"),
            Problem::Other(words) => f.write_str(words),
            Problem::TooLong(most) => write!(f, "Too long: may not be more than {most} bytes"),
        }
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => json::compact(other),
    }
}
