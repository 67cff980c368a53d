//! Shapes to SVG. A group that has not changed is left as it is: its shape is shared and compared by identity.

use podium::scene::shape::{Geometry, number, path_data};
use podium::scene::{Scene, Shape, Target};
use podium::value::Str;
use std::rc::Rc;
use yew::{Html, Properties, classes, component, html};

/// A shape, compared by identity.
#[derive(Clone, Debug)]
pub(super) struct Shared(pub(super) Rc<Shape>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Shared {
    /// This stop, if it is this shape or within it.
    pub(super) fn holds(&self, stop: Option<&Str>) -> Option<Str> {
        let stop = stop?;
        any(&self.0, &|shape| shape.key == *stop).then(|| stop.clone())
    }
    /// This target, if this shape or one within it opens it.
    pub(super) fn opens(&self, target: Option<&Target>) -> Option<Target> {
        let target = target?;
        any(&self.0, &|shape| shape.target.as_ref() == Some(target)).then(|| target.clone())
    }
}

fn any(shape: &Shape, is: &impl Fn(&Shape) -> bool) -> bool {
    let children = match &shape.geometry {
        Geometry::Group { children, .. } => children.as_slice(),
        _ => &[],
    };
    is(shape) || children.iter().any(|child| any(child, is))
}

/// The shapes of a scene. Those that are as in the `last` scene are shared with it.
pub(super) fn share(scene: Scene, last: &[Shared]) -> Vec<Shared> {
    // Scenes that follow each other have most shapes at the same places, or a few further on.
    let mut at = 0;
    scene
        .shapes
        .into_iter()
        .map(|shape| {
            let found = last[at..].iter().take(24).position(|known| known.0.key == shape.key);
            match found.map(|place| (place, &last[at + place])) {
                Some((place, known)) => {
                    at += place + 1;
                    if *known.0 == shape { known.clone() } else { Shared(Rc::new(shape)) }
                }
                None => Shared(Rc::new(shape)),
            }
        })
        .collect()
}

#[derive(Properties, PartialEq)]
pub(super) struct DrawnProps {
    pub(super) shape: Shared,
    /// The key of the shape inside that takes the focus when somebody tabs to the stage.
    pub(super) entry: Option<Str>,
    pub(super) chosen: Option<Target>,
    /// What the editor's cursor is in.
    pub(super) pointed: Option<Target>,
}

/// A shape of the scene with what is in it.
#[component]
pub(super) fn Drawn(props: &DrawnProps) -> Html {
    draw(&props.shape.0, props)
}

fn draw(shape: &Shape, props: &DrawnProps) -> Html {
    let key = shape.key.to_string();
    let opens = shape.target.is_some();
    let chosen = opens && shape.target == props.chosen;
    let mut class = classes!(shape.role.class(), shape.role.hue().map(|hue| hue.class()));
    if opens {
        class.push("opens");
    }
    if chosen {
        class.push("chosen");
    }
    if opens && shape.target == props.pointed {
        class.push("pointed");
    }
    let opacity = (shape.opacity < 1.0).then(|| number(shape.opacity));
    let name = shape.name.as_ref().map(|name| name.to_string());
    let role = match (opens, &name) {
        (true, _) => Some("button"),
        // A picture has nothing in it that can be pressed.
        (false, Some(_)) if any(shape, &|inside| inside.target.is_some()) => Some("group"),
        (false, Some(_)) => Some("img"),
        (false, None) => None,
    };
    let tabindex = opens.then(|| if props.entry.as_ref() == Some(&shape.key) { "0" } else { "-1" });
    let pressed = opens.then(|| chosen.to_string());
    let data_key = opens.then(|| key.clone());
    match &shape.geometry {
        Geometry::Group { x, y, children } => html! {
            <g {key} {class} {opacity} {role} {tabindex} data-key={data_key} aria-label={name} aria-pressed={pressed}
                transform={format!("translate({} {})", number(*x), number(*y))}>
                { for children.iter().map(|child| draw(child, props)) }
            </g>
        },
        Geometry::Rect { x, y, width, height, radius } => html! {
            <rect {key} {class} {opacity} {role} {tabindex} data-key={data_key} aria-label={name} aria-pressed={pressed}
                x={number(*x)} y={number(*y)} width={number(*width)} height={number(*height)} rx={number(*radius)} />
        },
        Geometry::Circle { x, y, radius } => html! {
            <circle {key} {class} {opacity} {role} {tabindex} data-key={data_key} aria-label={name} aria-pressed={pressed}
                cx={number(*x)} cy={number(*y)} r={number(*radius)} />
        },
        Geometry::Path(path) => html! {
            <path {key} {class} {opacity} {role} {tabindex} data-key={data_key} aria-label={name} aria-pressed={pressed}
                d={path_data(path)} />
        },
        Geometry::Text { x, y, anchor, font, text } => {
            class.push(font.class());
            html! {
                <text {key} {class} {opacity} {role} {tabindex} data-key={data_key} aria-label={name}
                    x={number(*x)} y={number(*y)} text-anchor={anchor.attribute()}>
                    { text.to_string() }
                </text>
            }
        }
    }
}
