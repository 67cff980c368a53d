//! The track: a range that takes hand and keyboard, drawn over with what there is to find on it.

use super::marks::Marks;
use crate::app::size::use_size;
use crate::app::words::use_words;
use podium::msg;
use podium::scene::shape::number;
use std::rc::Rc;
use web_sys::{HtmlInputElement, InputEvent};
use yew::{AttrValue, Callback, Html, Properties, TargetCast, classes, component, html, use_node_ref};

/// Half of the knob, in pixels.
const KNOB: f32 = 9.0;
/// The steps of the range: fine enough for a pixel of any screen.
const STEPS: f32 = 10_000.0;

#[derive(Properties)]
pub(super) struct TrackProps {
    pub(super) marks: Rc<Marks>,
    /// Where the playhead is, from 0 to 1.
    pub(super) at: f32,
    /// Where it is, in words.
    pub(super) spoken: AttrValue,
    /// Somebody moves the playhead.
    pub(super) seek: Callback<f32>,
}

impl PartialEq for TrackProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.marks, &other.marks)
            && self.at == other.at
            && self.spoken == other.spoken
            && self.seek == other.seek
    }
}

#[component]
pub(super) fn Track(props: &TrackProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let (width, height) = use_size(&node);
    let room = (width - 2.0 * KNOB).max(1.0);
    let (x, middle) = (props.at * room, height / 2.0);
    let oninput = props.seek.reform(|event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        input.value_as_number() as f32 / STEPS
    });
    html! {
        <div class="track" ref={node}>
            <svg aria-hidden="true">
                <g transform={format!("translate({} {})", number(KNOB), number(middle))}>
                    <rect class="track-rail" x="-4" y="-4" width={number(room + 8.0)} height="8" rx="4" />
                    <rect class="track-done" x="-4" y="-4" width={number(x + 4.0)} height="8" rx="4" />
                    <Ticks marks={props.marks.clone()} {room} />
                    <circle class="track-knob" cx={number(x)} r={number(KNOB)} />
                </g>
            </svg>
            <input class="track-input" type="range" min="0" max={STEPS.to_string()} step="1"
                aria-label={words.say(msg!("page.playhead"))} aria-valuetext={props.spoken.clone()}
                value={((props.at * STEPS).round() as i32).to_string()} {oninput} />
        </div>
    }
}

#[derive(Properties)]
struct TicksProps {
    marks: Rc<Marks>,
    room: f32,
}

impl PartialEq for TicksProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.marks, &other.marks) && self.room == other.room
    }
}

/// What stands still while the playhead moves.
#[component]
fn Ticks(TicksProps { marks, room }: &TicksProps) -> Html {
    let folds = marks.folds.iter().map(|(from, to)| {
        let middle = (from + to) / 2.0 * room;
        html! {
            <g transform={format!("translate({} 0)", number(middle))}>
                <rect class="track-fold-ground" x="-11" y="-5" width="22" height="10" />
                <path class="track-fold" d="M-9 2l4.5 -5 4.5 6 4.5 -6 4.5 5" />
            </g>
        }
    });
    let bar = |class, at: f32, width: f32, height: f32| {
        let (x, y) = (number(at * room - width / 2.0), number(-height / 2.0));
        html! { <rect {class} {x} {y} width={number(width)} height={number(height)} rx={number(width / 2.0)} /> }
    };
    let ticks = marks.ticks.iter().map(|(at, hue)| bar(classes!("track-tick", hue.class()), *at, 2.5, 18.0));
    let acts = marks.acts.iter().map(|at| bar(classes!("track-act"), *at, 3.0, 24.0));
    let forks = marks.forks.iter().map(|at| {
        html! { <circle class="track-fork" cx={number(at * room)} cy="-11" r="4" /> }
    });
    let differs = marks.differs.map(|at| {
        let at = format!("translate({} -11)", number(at * room));
        html! { <path class="track-differs" transform={at} d="M0 -6L6 0L0 6L-6 0Z" /> }
    });
    html! { <>{ for folds }{ for ticks }{ for acts }{ for forks }{ for differs }</> }
}
