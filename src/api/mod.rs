//! The Kubernetes objects, the table of kinds, and what reads a text into them. It never acts.

pub mod assist;
pub(crate) mod calendar;
pub mod changes;
pub mod check;
pub mod conditions;
pub mod cron;
mod field_error;
mod go;
mod identity;
mod internal;
pub mod kinds;
pub mod labels;
mod layout;
pub(crate) mod managed;
mod mend;
pub(crate) mod names;
pub mod objects;
pub mod patch;
mod path;
pub mod pod_columns;
pub mod quantity;
pub mod quota;
pub mod read;
pub mod resources;
mod rules;
pub mod scheduling;
mod subject;
pub mod taints;
pub mod time_zones;
pub mod volumes;

pub use field_error::{FieldError, Problem};
pub(crate) use internal::unified_diff;
pub use kinds::{Kind, ObjectKey};
pub use objects::Object;
pub use read::{Read, ReadDocument, read, read_all};
pub use subject::node_to_value;
