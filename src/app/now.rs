//! The browser's clock, by which long work is cut into slices.

/// Milliseconds since the page came.
pub(super) fn now() -> f64 {
    gloo::utils::window().performance().map_or(0.0, |performance| performance.now())
}
