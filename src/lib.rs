//! Podium: Kubernetes manifests come to life on a stage.
//!
//! The library is pure: no browser, no clock, no source of chance but its own seed. The modules stand in
//! the order of the house; each imports only from those above it (`tests/tidy/` holds that).

pub mod value;

pub mod schema;

pub mod manifest;

pub mod api;

pub mod cluster;

pub mod kubectl;

pub mod words;

pub mod timeline;

pub mod recording;

pub mod scene;

pub mod lesson;

pub mod session;
