//! The page: mounts [`app::App`] and nothing else.

// The page stands between the pure library and the world: it may read what the library must not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod app;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
