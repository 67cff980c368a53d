//! A finished layout: keyed shapes at fixed positions, for the page to draw and for a file.
//!
//! Shapes carry roles, never colours; [`tokens`] and [`role`] say what a role looks like in each theme. It
//! never knows Yew, the DOM or a browser.

mod advances;
pub mod asked;
pub mod emblem;
pub mod film;
pub mod fit;
pub mod gif;
pub mod lanes;
pub mod layout;
pub mod legend;
pub mod measure;
pub mod parts;
pub mod paths;
pub mod role;
pub mod shape;
pub mod stylesheet;
pub mod svg;
pub mod tokens;
pub mod typeface;
pub mod views;

pub use role::Role;
pub use shape::{Anchor, Geometry, Scene, Segment, Shape, Target};
pub use tokens::{Hue, State, Theme};
pub use typeface::Type;
