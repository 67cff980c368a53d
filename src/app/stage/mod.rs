//! The stage: a view of the run at the playhead, drawn as SVG. A hand moves it, keys go from shape to shape.

mod camera;
mod compare;
mod draw;
mod gestures;
mod glide;
mod legend;
mod overview;
mod reach;

use super::icons;
use super::now::now;
use super::presenter;
use super::recorded;
use super::shell::ShellAction;
use super::size::use_size;
use super::theatre::asking::use_until;
use super::theatre::{Theatre, use_computing, use_drawn_playhead, use_revision, use_theatre};
use super::words::use_words;
use camera::{Camera, Sizes};
use compare::Choices;
use draw::{Drawn, Shared, share};
use gestures::{Gesture, use_gestures};
use glide::{Of, use_glide};
use legend::Legend;
use overview::Overview;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::scene::asked::asked;
use podium::scene::legend::legend as legend_of;
use podium::scene::shape::{PINNED, number};
use podium::scene::views::{self, Stage as Drawing};
use podium::scene::{Role, Scene, Target};
use podium::session::{Action, ViewName};
use podium::timeline::{RowKey, StageTime};
use podium::value::Str;
use podium::words::Language;
use reach::{Stop, Way};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent, SvgElement};
use yew::{
    Callback, Html, NodeRef, Properties, component, html, use_callback, use_effect, use_effect_with,
    use_mut_ref, use_node_ref, use_state_eq,
};

/// How much is seen above the playhead where the stage goes after it, in pixels of the scene: what is pinned there stays free.
const ABOVE: f32 = 80.0;
/// How much a press of a button enlarges.
const STEP: f32 = 1.3;

#[derive(Properties, PartialEq)]
pub(super) struct StageProps {
    /// What the inspector shows.
    pub(super) chosen: Option<Target>,
    /// What the editor's cursor is in.
    pub(super) pointed: Option<Target>,
    /// How much larger everything is than for one reader.
    pub(super) larger: f32,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Stage(props: &StageProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let cost = use_mut_ref(|| 0.0);
    let playhead = use_drawn_playhead(&theatre, &cost);
    use_revision(&theatre);
    let computes = use_computing(&theatre);
    let until = use_until(&theatre);
    let (view, selected) = {
        let session = theatre.session();
        (session.view(), session.selected().cloned().map(Target::Object))
    };
    let (room, svg) = (use_node_ref(), use_node_ref());
    let (width, height) = use_size(&room);
    let is_presented = props.larger > 1.0;
    let larger = presenter::larger(is_presented, props.larger);
    let (width, height) = (width / larger, height / larger);
    let camera = use_state_eq(Camera::default);
    // The shape that the keyboard was at last.
    let at = use_state_eq(|| None::<Str>);
    let last = use_mut_ref(Vec::<Shared>::new);

    let begun = now();
    let scene = draw_scene(
        &theatre,
        view,
        // A message and a request are of no object: the views stay about what they were.
        props.chosen.as_ref().filter(|chosen| chosen.object().is_some()).or(selected.as_ref()),
        (playhead.sim(), playhead.stage(), until),
        [width, height],
        words.0,
    );
    // When this is drawn, the children are too.
    use_effect(move || *cost.borrow_mut() = now() - begun);
    let sizes = Sizes {
        scene: [scene.width.max(1.0), scene.height.max(1.0)],
        room: [width.max(1.0), height.max(1.0)],
        is_presented,
    };
    let has_legend = use_state_eq(|| false);
    let entries = has_legend.then(|| legend_of(&scene, words.0));
    let terms = if *has_legend { asked(&scene) } else { Vec::new() };
    let fold = {
        let has_legend = has_legend.clone();
        Callback::from(move |()| has_legend.set(!*has_legend))
    };
    let stops = reach::stops(&scene);
    let follows = playhead.is_playing().then(|| reach::bounds_of(&scene, Role::Playhead)).flatten();
    // Where not all of it can be seen, the stage goes to what is told: before a room always, for one reader while it plays and
    // with each step, until a hand moves it. With the next act it goes there again.
    let acts = theatre.session().timeline().acts().len();
    let held = use_mut_ref(|| None::<usize>);
    let beat = theatre.session().timeline().story().beat_at(playhead.sim()).map(|beat| beat.index);
    let seen_beat = use_mut_ref(|| beat);
    let is_step = match (seen_beat.replace(beat), beat) {
        (Some(before), Some(beat)) => before.abs_diff(beat) == 1,
        _ => false,
    };
    let goes = is_presented
        || goes_to_what_is_told(view) && (playhead.is_playing() || is_step) && *held.borrow() != Some(acts);
    let told = if goes && sizes.is_larger() { told(&theatre, view, &scene, &stops) } else { None };
    let is_recorded = theatre.is_recorded();
    let is_idle = !is_recorded && theatre.session().timeline().acts().is_empty();
    let is_empty =
        scene.shapes.is_empty() && (is_idle || !matches!(view, ViewName::Hierarchy | ViewName::Compare));
    let mut shapes = share(scene, &last.borrow());
    last.borrow_mut().clone_from(&shapes);
    // What is pinned is drawn over all that comes after it, and read before that.
    let pinned = shapes.iter().position(|shape| &*shape.0.key == PINNED);
    let pinned = pinned.map(|place| (shapes.remove(place), shapes.split_off(place)));

    // Another view begins as a whole, and so does another run.
    {
        let (camera, at) = (camera.clone(), at.clone());
        use_effect_with((view, theatre.opened(), acts == 0), move |_| {
            camera.set(Camera::default());
            at.set(None);
        });
    }
    // Where time runs downwards past the room, the stage goes with it.
    {
        let camera = camera.clone();
        use_effect_with(follows, move |follows| {
            let [x, _, seen, room] = camera.seen(sizes);
            if let Some([_, y, width, height]) = *follows
                && width > height
                && sizes.scene[1] > room
            {
                camera.set(camera.showing([x, y - ABOVE, seen, height + 160.0], sizes));
            }
        });
    }
    {
        let camera = camera.clone();
        use_effect_with((told, sizes), move |(told, sizes)| {
            if let Some(told) = *told {
                camera.set(camera.following(told.map(|side| side as f32), *sizes));
            }
        });
    }
    let gesture = use_callback((*camera, sizes, larger, acts), {
        let camera = camera.clone();
        let theatre = theatre.clone();
        let held = held.clone();
        move |gesture, (from, sizes, larger, acts): &(Camera, Sizes, f32, usize)| {
            *held.borrow_mut() = Some(*acts);
            camera.set(match gesture {
                // Where all of the width is seen, a finger that goes sideways turns to another view.
                Gesture::Swipe(to_next) => {
                    if from.seen(*sizes)[2] + 1.0 >= sizes.scene[0] {
                        turn(&theatre, to_next);
                    }
                    return;
                }
                Gesture::Drag(by) => from.dragged(by.map(|by| by / larger), *sizes),
                Gesture::Wheel(by, ..) if sizes.goes_on() => from.scrolled(by.map(|by| by / larger), *sizes),
                Gesture::Zoom(by, place) | Gesture::Wheel(_, by, place) => {
                    let ([x, y, ..], scale) = (from.seen(*sizes), from.scale(*sizes) * larger);
                    from.zoomed(by, [x + place[0] / scale, y + place[1] / scale], *sizes)
                }
            });
        }
    });
    let dragged = use_gestures(&room, gesture);

    let entry = entry(&stops, at.as_ref(), props.chosen.as_ref());
    let onclick = {
        let (theatre, stops, shell, at) = (theatre.clone(), stops.clone(), props.shell.clone(), at.clone());
        Callback::from(move |event: MouseEvent| {
            // The second click of two meets what the first one has moved below it.
            if *dragged.borrow() || event.detail() > 1 {
                return;
            }
            let stop = stop_of(&event, &stops);
            at.set(stop.map(|stop| stop.key.clone()));
            match stop {
                Some(stop) => choose(&theatre, &shell, &stop.target),
                None => shell.emit(ShellAction::Inspect(None)),
            }
        })
    };
    let onkeydown = {
        let (theatre, stops, shell, at, camera, svg) =
            (theatre.clone(), stops.clone(), props.shell.clone(), at.clone(), camera.clone(), svg.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(stop) = stop_of(&event, &stops) else { return };
            let way = match event.key().as_str() {
                "ArrowLeft" => Way::Left,
                "ArrowRight" => Way::Right,
                "ArrowUp" => Way::Up,
                "ArrowDown" => Way::Down,
                "Enter" => {
                    choose(&theatre, &shell, &stop.target);
                    return;
                }
                _ => return,
            };
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
                return;
            }
            event.prevent_default();
            event.stop_propagation();
            if let Some(next) = reach::next(&stops, stop, way) {
                at.set(Some(next.key.clone()));
                camera.set(camera.showing(next.bounds, sizes));
                focus(&svg, &next.key);
            }
        })
    };
    let of = Of { scene: sizes.scene[0], room: sizes.room, view: view.as_str(), followed: camera.followed() };
    let seen = use_glide(camera.seen(sizes), of, theatre.is_still());
    let name = views::all()
        .iter()
        .find(|entry| entry.id == view.as_str())
        .map_or(msg!("page.stage-empty"), |entry| entry.name);
    let [_, top, _, high] = camera.seen(sizes);
    let goes_on = top + high + 1.0 < sizes.scene[1];
    let drawn = |shape: Shared| {
        let key = shape.0.key.to_string();
        let entry = shape.holds(entry.as_ref());
        let chosen = shape.opens(props.chosen.as_ref());
        let pointed = shape.opens(props.pointed.as_ref());
        html! { <Drawn {key} {shape} {entry} {chosen} {pointed} /> }
    };
    html! {
        <section class="stage" id="stage" data-more={goes_on.then_some("")} aria-label={words.with(msg!("page.stage"), &[("view", words.say(name).as_str().into())])}>
            if view == ViewName::Compare { <Choices /> }
            if is_recorded { <recorded::Bar shell={props.shell.clone()} /> }
            <div class="stage-room" ref={room}>
                <svg class="scene" ref={svg} viewBox={seen.map(number).join(" ")} data-still={theatre.is_still().then_some("")}
                    aria-owns={pinned.is_some().then_some("scene-pinned scene-after")} {onclick} {onkeydown}>
                    { for shapes.into_iter().map(&drawn) }
                    if let Some((pinned, after)) = pinned {
                        <g id="scene-after">{ for after.into_iter().map(&drawn) }</g>
                        <g class="pinned" id="scene-pinned" transform={format!("translate(0 {})", number((seen[1] - pinned.0.top()).max(0.0)))}>
                            { drawn(pinned) }
                        </g>
                    }
                </svg>
            </div>
            if computes { <p class="stage-computing" role="status">{ words.say(msg!("page.computing")) }</p> }
            if is_empty && !computes {
                <div class="stage-empty"><p>{ words.say(empty(view)) }</p></div>
            }
            if is_presented && sizes.is_larger() { <Overview scene={sizes.scene} {seen} rests={camera.seen(sizes)} things={stops.iter().map(|stop| stop.bounds).collect::<Vec<_>>()} /> }
            <Legend {entries} {terms} toggle={fold} />
            <Tools camera={*camera} zoom={
                let camera = camera.clone();
                Callback::from(move |by: Option<f32>| {
                    *held.borrow_mut() = Some(acts);
                    camera.set(match by {
                        Some(by) => camera.zoomed_in_the_middle(by, sizes),
                        None => Camera::default(),
                    });
                })
            } />
        </section>
    }
}

/// Whether the stage goes to the objects of a step in a view, also for one reader. Where time runs downwards it goes along that.
fn goes_to_what_is_told(view: ViewName) -> bool {
    matches!(view, ViewName::Hierarchy | ViewName::Cluster | ViewName::Pod)
}

/// Where on the stage that is what is told now, in whole pixels: the objects of the step, or how far time has come where the
/// view goes along it.
fn told(theatre: &Theatre, view: ViewName, scene: &Scene, stops: &[Stop]) -> Option<[i32; 4]> {
    let whole = |bounds: [f32; 4]| bounds.map(|side| side.round() as i32);
    if view == ViewName::Deletion {
        return reach::bounds_of(scene, Role::Playhead).map(whole);
    }
    let session = theatre.session();
    let timeline = session.timeline();
    let beat = timeline.story().beat_at(theatre.playhead().sim())?;
    let shown = timeline.at(theatre.playhead().sim());
    let is_it = |target: &Target, subject: &RowKey| match (target, subject) {
        (Target::Object(key), RowKey::Object(other)) => key == other,
        (Target::Container { pod, name }, RowKey::Container(id)) => {
            shown.container(*id).is_some_and(|row| row.pod == *pod && row.name == *name)
        }
        (Target::Object(key), RowKey::Container(id)) => {
            shown.container(*id).is_some_and(|row| row.pod == *key)
        }
        (Target::Object(key), RowKey::Sandbox(id)) => shown.sandbox(*id).is_some_and(|row| row.pod == *key),
        // What kube-proxy writes on a node is about its Service.
        (Target::Object(key), RowKey::Rules(_, service)) => key == service,
        (Target::Object(key), RowKey::Request(number)) => {
            shown.request(*number).is_some_and(|row| row.service == *key)
        }
        _ => false,
    };
    // The largest shape of the first subject that is there.
    let area = |stop: &&Stop| stop.bounds[2] * stop.bounds[3];
    beat.subjects.iter().find_map(|subject| {
        // What holds the Linux namespaces of a Pod is a part of the picture that cannot be chosen.
        if let RowKey::Sandbox(id) = subject
            && view == ViewName::Pod
        {
            let pod = &shown.sandbox(*id)?.pod;
            let part =
                |part: &str| format!("{}/{}/{}/{part}", pod.kind.info().plural, pod.namespace, pod.name);
            let parts = [part("namespace/"), part("pause/")];
            return reach::bounds_around(scene, |key| parts.iter().any(|part| key.starts_with(part)))
                .map(whole);
        }
        let of = stops.iter().filter(|stop| is_it(&stop.target, subject));
        of.max_by(|a, b| area(a).total_cmp(&area(b))).map(|stop| whole(stop.bounds))
    })
}

/// Shows the view after the one that is shown, or the one before it.
fn turn(theatre: &Theatre, to_next: bool) {
    let all = ViewName::ALL;
    let shown = theatre.session().view();
    let Some(place) = all.iter().position(|view| *view == shown) else { return };
    let other =
        if to_next { all.get(place + 1) } else { place.checked_sub(1).and_then(|place| all.get(place)) };
    if let Some(view) = other {
        theatre.act(Action::View(*view));
    }
}

/// Shows something in the inspector; its object is what the views are about from now on.
fn choose(theatre: &Theatre, shell: &Callback<ShellAction>, target: &Target) {
    if let Some(key) = target.object() {
        theatre.act(Action::Select(Some(key.clone())));
    }
    shell.emit(ShellAction::Inspect(Some(target.clone())));
}

/// What is on the stage, drawn for another size.
pub(super) fn scene_of(theatre: &Theatre, size: [f32; 2], language: Language) -> Scene {
    drawn_at(theatre, theatre.playhead().sim(), theatre.until(), size, language)
}

/// What the stage shows at a moment, drawn for another size, whatever is asked there.
pub(super) fn scene_at(theatre: &Theatre, at: SimTime, size: [f32; 2], language: Language) -> Scene {
    drawn_at(theatre, at, None, size, language)
}

fn drawn_at(
    theatre: &Theatre,
    at: SimTime,
    until: Option<SimTime>,
    size: [f32; 2],
    language: Language,
) -> Scene {
    let session = theatre.session();
    let selected = session.selected().cloned().map(Target::Object);
    let moment = (at, session.timeline().story().tempo.stage(at), until);
    draw_scene(theatre, session.view(), selected.as_ref(), moment, size, language)
}

fn draw_scene(
    theatre: &Theatre,
    view: ViewName,
    selection: Option<&Target>,
    (at, stage, until): (SimTime, StageTime, Option<SimTime>),
    size: [f32; 2],
    language: Language,
) -> Scene {
    let entry = views::all().iter().find(|entry| entry.id == view.as_str());
    let Some(entry) = entry.filter(|_| size[0] > 0.0 && size[1] > 0.0) else { return Scene::default() };
    let session = theatre.session();
    let timeline = session.timeline();
    let comparison = theatre.comparison();
    // What comes after a question that is still open is not shown.
    let known = theatre.known(until);
    let history = known.as_deref().unwrap_or(timeline.history());
    (entry.draw)(&Drawing {
        view: history.at(at),
        story: timeline.story(),
        at: stage,
        size,
        selection,
        language,
        compare: comparison.as_ref(),
    })
}

/// The stop that takes the focus when somebody tabs to the stage: where the keyboard was, else what is chosen,
/// else the first.
fn entry(stops: &[Stop], at: Option<&Str>, chosen: Option<&Target>) -> Option<Str> {
    let was = stops.iter().find(|stop| Some(&stop.key) == at);
    let is = stops.iter().find(|stop| Some(&stop.target) == chosen);
    was.or(is).or(stops.first()).map(|stop| stop.key.clone())
}

/// The stop that an event happened at.
fn stop_of<'a>(event: &web_sys::Event, stops: &'a [Stop]) -> Option<&'a Stop> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let key = target.closest("[data-key]").ok()??.get_attribute("data-key")?;
    stops.iter().find(|stop| *stop.key == *key)
}

fn focus(svg: &NodeRef, key: &str) {
    let Some(svg) = svg.cast::<Element>() else { return };
    let Ok(shapes) = svg.query_selector_all("[data-key]") else { return };
    for at in 0..shapes.length() {
        let Some(shape) = shapes.item(at).and_then(|shape| shape.dyn_into::<SvgElement>().ok()) else {
            continue;
        };
        if shape.get_attribute("data-key").as_deref() == Some(key) {
            _ = shape.focus();
            return;
        }
    }
}

fn empty(view: ViewName) -> &'static str {
    match view {
        // Without a Pod the views of one draw what there would be.
        ViewName::Hierarchy | ViewName::Cluster | ViewName::Pod | ViewName::Life => msg!("page.stage-empty"),
        ViewName::Deletion => msg!("page.no-deletion"),
        ViewName::Compare => msg!("page.no-compare"),
    }
}

#[derive(Properties, PartialEq)]
struct ToolsProps {
    camera: Camera,
    /// Enlarges by a factor; without one the scene is fitted.
    zoom: Callback<Option<f32>>,
}

/// Fit, zoom and full screen, at the lower left.
#[component]
fn Tools(ToolsProps { camera, zoom }: &ToolsProps) -> Html {
    let words = use_words();
    let button = |name: &str, act: &'static str, glyph: Html, onclick: Callback<MouseEvent>| {
        let name = words.say(name);
        html! {
            <button class="tool" type="button" title={name.clone()} aria-label={name} data-act={act} {onclick}>{ glyph }</button>
        }
    };
    html! {
        <div class="stage-tools" data-moved={(*camera != Camera::default()).then_some("")}>
            { button(msg!("page.fit"), "fit", icons::fit(), zoom.reform(|_| None)) }
            { button(msg!("page.zoom-in"), "zoom-in", icons::plus(), zoom.reform(|_| Some(STEP))) }
            { button(msg!("page.zoom-out"), "zoom-out", icons::minus(), zoom.reform(|_| Some(1.0 / STEP))) }
            { button(msg!("page.full-screen"), "full-screen", icons::full_screen(), Callback::from(|_| full_screen())) }
        </div>
    }
}

/// Fills the screen with the page, or gives the screen back.
fn full_screen() {
    let document = gloo::utils::document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(app) = document.query_selector(".app").ok().flatten() {
        _ = app.request_fullscreen();
    }
}
