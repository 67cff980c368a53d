//! A small picture of the whole scene with the part that is seen, where not all of it is.

use podium::scene::shape::number;
use yew::{Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct OverviewProps {
    /// The size of the scene.
    pub(super) scene: [f32; 2],
    /// What is seen of it: left, top, width and height.
    pub(super) seen: [f32; 4],
    /// What is seen of it once the stage has come to rest.
    pub(super) rests: [f32; 4],
    /// Where its things are.
    pub(super) things: Vec<[f32; 4]>,
}

/// Whoever cannot see it has the stage itself to go through, so it has no name. It would lie over what is told: so it is another one
/// for each place that the stage goes to, and each goes away after a while.
#[component]
pub(super) fn Overview(props: &OverviewProps) -> Html {
    let rect = |class: &'static str, [x, y, width, height]: [f32; 4]| {
        html! { <rect {class} x={number(x)} y={number(y)} width={number(width.max(0.0))} height={number(height.max(0.0))} rx="4" /> }
    };
    let [width, height] = props.scene;
    let [x, y, wide, high] = props.seen;
    // The part that is seen may be larger than the scene on one side.
    let (left, top) = (x.max(0.0), y.max(0.0));
    let seen = [left, top, (x + wide).min(width) - left, (y + high).min(height) - top];
    html! {
        <>
            <link key="style" rel="stylesheet" href="present.css" />
            <svg key={props.rests.map(number).join(" ")} class="overview" aria-hidden="true" viewBox={[0.0, 0.0, width, height].map(number).join(" ")}>
                { for props.things.iter().map(|thing| rect("overview-thing", *thing)) }
                { rect("overview-seen", seen) }
            </svg>
        </>
    }
}
