//! The page: mounts [`app::App`], or the gallery or the second screen in its place, and nothing else.

// The page stands between the pure library and the world: it may read what the library must not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod app;

fn main() {
    if app::is_gallery() {
        yew::Renderer::<app::Gallery>::new().render();
    } else if app::is_notes() {
        yew::Renderer::<app::Notes>::new().render();
    } else {
        yew::Renderer::<app::App>::new().render();
    }
}
