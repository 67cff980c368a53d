//! The page: mounts [`app::App`] and nothing else.

mod app;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
