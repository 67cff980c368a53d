//! The timeline that the bar opens: a lane for each object that matters, its states as bands and its Events as marks.
//!
//! One place of it takes the focus by Tab; arrows go from moment to moment, and Enter goes there.

use super::marks::share;
use crate::app::icons;
use crate::app::keyboard::focus;
use crate::app::size::use_size;
use crate::app::theatre::asking::use_until;
use crate::app::theatre::{Theatre, use_passed, use_playhead, use_revision, use_session, use_theatre};
use crate::app::words::{Words, use_words};
use podium::cluster::time::SimTime;
use podium::msg;
use podium::scene::Hue;
use podium::scene::Type;
use podium::scene::lanes::{
    ALL, BAND, Band, LANE, Lane, Lanes, MOST, Mark, Of, Tick, Wait, lanes, ticks, waits,
};
use podium::scene::measure::width;
use podium::scene::paths::glyph;
use podium::scene::shape::{number, path_data};
use podium::session::Action;
use podium::timeline::Command;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::{
    AttrValue, Callback, Html, Properties, classes, component, html, use_effect_with, use_memo, use_node_ref,
    use_state_eq,
};

/// The top of a band in its lane, and the middle of a mark.
const TOP: f32 = 3.0;
const MARK: f32 = 23.0;
/// How high the row of the waits and of the clock is.
const WAITS: f32 = 28.0;

/// What a place of the timeline does.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Go(SimTime),
    Unfold(Vec<SimTime>),
}

impl Deed {
    fn of(&self, theatre: &Theatre) {
        match self {
            Deed::Go(at) => {
                theatre.tell(Command::Pause);
                theatre.tell(Command::Seek(*at));
            }
            Deed::Unfold(waits) => waits.iter().for_each(|from| theatre.act(Action::Unfold(*from))),
        }
    }
}

/// A place that takes the focus.
struct Stop {
    x: f32,
    deed: Deed,
    say: AttrValue,
    face: Html,
}

/// The stops of a row, from left to right.
fn row(mut stops: Vec<Stop>) -> Vec<Stop> {
    stops.sort_by(|a, b| a.x.total_cmp(&b.x));
    stops
}

#[derive(Properties, PartialEq)]
pub(in crate::app) struct LanesProps {
    /// How much larger they are than for one reader.
    pub(in crate::app) larger: f32,
}

#[component]
pub(in crate::app) fn LanesOfTime(LanesProps { larger }: &LanesProps) -> Html {
    let larger = *larger;
    let words = use_words();
    let theatre = use_theatre();
    let revision = use_revision(&theatre);
    let chosen = use_session(&theatre, |session| session.selected().cloned());
    let node = use_node_ref();
    let (wide, _) = use_size(&node);
    let most = use_state_eq(|| MOST);
    let at = use_state_eq(|| (0_usize, 0_usize));
    let passed = use_passed(&theatre);
    let until = use_until(&theatre);
    {
        let node = node.clone();
        use_effect_with(larger.to_bits(), move |_| {
            if let Some(lanes) = node.cast::<HtmlElement>() {
                _ = lanes.style().set_property("--larger", &number(larger));
            }
        });
    }
    // They are laid out for one reader, and drawn larger.
    let wide = (wide / larger).round() as i32;
    let of = (revision, wide, chosen.clone(), *most, until);
    let laid = use_memo(of, |(_, wide, chosen, most, until)| {
        let session = theatre.session();
        let timeline = session.timeline();
        let known = theatre.known(*until);
        let (history, story) = (known.as_deref().unwrap_or(timeline.history()), timeline.story());
        let wide = *wide as f32;
        lanes(Of { history, story, chosen: chosen.as_ref(), most: *most, wide })
    });
    let (waits, ticks) = {
        let session = theatre.session();
        let tempo = &session.timeline().story().tempo;
        let waits = waits(tempo, &laid, words.0, passed);
        let ticks = ticks(tempo, &laid, &waits);
        (waits, ticks)
    };
    let has_times = !waits.is_empty() || !ticks.is_empty();
    let rows = rows(words, &laid, &waits);
    let onkeydown = {
        let (theatre, at) = (theatre.clone(), at.clone());
        let places: Vec<Vec<(f32, Deed)>> =
            rows.iter().map(|row| row.iter().map(|stop| (stop.x, stop.deed.clone())).collect()).collect();
        Callback::from(move |event: KeyboardEvent| {
            let from = clamp(&places, *at);
            let (line, place) = from;
            let to = match event.key().as_str() {
                "ArrowLeft" => place.checked_sub(1).map(|place| (line, place)),
                "ArrowRight" => Some((line, place + 1)),
                "ArrowUp" => (0..line).rev().find_map(|line| near(&places, from, line)),
                "ArrowDown" => (line + 1..places.len()).find_map(|line| near(&places, from, line)),
                "Home" => Some((line, 0)),
                "End" => Some((line, usize::MAX)),
                "Enter" | " " => {
                    if let Some((_, deed)) = places.get(line).and_then(|row| row.get(place)) {
                        deed.of(&theatre);
                    }
                    None
                }
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            if let Some(to) = to {
                let to = clamp(&places, to);
                at.set(to);
                focus(&format!("[data-stop=\"{}-{}\"]", to.0, to.1));
            }
        })
    };
    let entry = {
        let places: Vec<Vec<(f32, Deed)>> =
            rows.iter().map(|row| row.iter().map(|stop| (stop.x, stop.deed.clone())).collect()).collect();
        clamp(&places, *at)
    };
    let draw = |line: usize, stops: Vec<Stop>| {
        stops.into_iter().enumerate().map(move |(place, stop)| (line, place, stop)).collect::<Vec<_>>()
    };
    let stop = |(line, place, stop): (usize, usize, Stop)| {
        let onclick = {
            let (theatre, at) = (theatre.clone(), at.clone());
            Callback::from(move |_| {
                at.set((line, place));
                stop.deed.of(&theatre);
            })
        };
        html! {
            <g class="lane-stop" role="button" tabindex={if entry == (line, place) { "0" } else { "-1" }}
                data-stop={format!("{line}-{place}")} aria-label={stop.say.clone()} {onclick}>
                <title>{ stop.say }</title>
                { stop.face }
            </g>
        }
    };
    let mut rows = rows.into_iter().enumerate();
    let waiting = rows.next().map(|(line, stops)| draw(line, stops)).unwrap_or_default();
    let rest = laid.rest;
    let more = most.setter();
    html! {
        <div class="lanes" ref={node} data-narrow={laid.is_narrow.then_some("")} {onkeydown}>
            if wide > 0 {
                <div class="lanes-all">
                    if has_times {
                        <div class="lane lane-waits">
                            <span class="lane-name">{ words.say(msg!("lanes.time")) }</span>
                            { scaled(larger, WAITS, html! {
                                <>
                                    { for ticks.iter().map(|tick| tick_face(tick, laid.left)) }
                                    { for waiting.into_iter().map(&stop) }
                                </>
                            }) }
                        </div>
                    }
                    { for laid.lanes.iter().zip(rows).map(|(lane, (line, stops))| html! {
                        <div class="lane" key={format!("{:?}", lane.key)} data-lane={lane.key.name.to_string()}
                            aria-current={(chosen.as_ref() == Some(&lane.key)).then_some("true")}>
                            <span class="lane-name">
                                <span class={classes!("lane-kind", Hue::of_kind(lane.key.kind).class())}>
                                    { icons::kind(lane.key.kind) }<span>{ lane.key.kind.info().name }</span>
                                </span>
                                <span class="lane-of">{ lane.name.to_string() }</span>
                            </span>
                            { scaled(larger, LANE, draw(line, stops).into_iter().map(&stop).collect()) }
                        </div>
                    }) }
                    <Now left={laid.left * larger} wide={laid.wide * larger} top={if has_times { WAITS * larger } else { 0.0 }} />
                </div>
                if laid.lanes.is_empty() { <p class="lanes-none">{ words.say(msg!("lanes.empty")) }</p> }
                if rest > 0 && *most < ALL {
                    <button class="button lanes-more" type="button" data-act="more-lanes" onclick={move |_| more.set(ALL)}>
                        { words.with(msg!("lanes.rest"), &[("count", rest.into())]) }
                    </button>
                } else if rest > 0 {
                    <p class="lanes-none">{ words.with(msg!("lanes.rest"), &[("count", rest.into())]) }</p>
                }
            }
        </div>
    }
}

/// A row, as high as it is drawn.
fn scaled(larger: f32, high: f32, stops: Html) -> Html {
    html! {
        <svg height={number(high * larger)}><g transform={format!("scale({})", number(larger))}>{ stops }</g></svg>
    }
}

/// The nearest stop in another row.
fn near(rows: &[Vec<(f32, Deed)>], (line, place): (usize, usize), to: usize) -> Option<(usize, usize)> {
    let x = rows.get(line)?.get(place)?.0;
    let aside = |(_, stop): &(usize, &(f32, Deed))| (stop.0 - x).abs();
    let found = rows.get(to)?.iter().enumerate().min_by(|a, b| aside(a).total_cmp(&aside(b)))?;
    Some((to, found.0))
}

/// A place that is there: rows and stops go when there are fewer.
fn clamp(rows: &[Vec<(f32, Deed)>], (line, place): (usize, usize)) -> (usize, usize) {
    let is_full = |line: &usize| rows.get(*line).is_some_and(|row| !row.is_empty());
    let line = if is_full(&line) { line } else { (0..rows.len()).find(is_full).unwrap_or(0) };
    (line, place.min(rows.get(line).map_or(0, |row| row.len().saturating_sub(1))))
}

/// The stops of all rows: the waits first.
fn rows(words: Words, laid: &Lanes, waits: &[Wait]) -> Vec<Vec<Stop>> {
    let waits = waits.iter().map(|wait| wait_stop(words, wait, laid)).collect();
    let lanes = laid.lanes.iter().map(|lane| {
        let bands = lane.bands.iter().map(|band| band_stop(words, lane, band, laid.left));
        let marks = lane.marks.iter().map(|mark| mark_stop(words, lane, mark, laid.left));
        row(bands.chain(marks).collect())
    });
    std::iter::once(row(waits)).chain(lanes).collect()
}

fn wait_stop(words: Words, wait: &Wait, laid: &Lanes) -> Stop {
    let id = if wait.is_open { msg!("lanes.wait-fold") } else { msg!("lanes.wait-open") };
    let x = wait.x - laid.left;
    let half = (width(&wait.word, Type::Label.font()) / 2.0).max(22.0);
    let signs = wait.signs.iter().map(|sign| sign - wait.x);
    let least = signs.clone().fold(-half, |least, sign| least.min(sign - 10.0));
    let most = signs.clone().fold(half, |most, sign| most.max(sign + 10.0));
    let sign = if wait.is_open { "M-4 -3l4 5 4 -5" } else { "M-9 2l4.5 -5 4.5 6 4.5 -6 4.5 5" };
    Stop {
        x,
        deed: Deed::Unfold(wait.from.clone()),
        say: words.with(id, &[("time", (&wait.word).into())]),
        face: html! {
            <g transform={format!("translate({} 0)", number(x))}>
                <rect class="lane-hit" x={number(least)} y="0" width={number(most - least)} height="27" rx="6" />
                { for signs.map(|at| html! {
                    <path class="track-fold" transform={format!("translate({} 6)", number(at))} d={sign} />
                }) }
                <text class="lane-wait" x="0" y="23" text-anchor="middle">{ wait.word.to_string() }</text>
            </g>
        },
    }
}

/// A time of the clock, with the place that it says.
fn tick_face(tick: &Tick, left: f32) -> Html {
    let x = number(tick.x - left);
    html! {
        <g aria-hidden="true">
            <text class="lane-tick" x={x.clone()} y="19" text-anchor="middle">{ tick.word.to_string() }</text>
            <path class="lane-tick-mark" d={format!("M{x} 23v5")} />
        </g>
    }
}

fn band_stop(words: Words, lane: &Lane, band: &Band, left: f32) -> Stop {
    let args = [
        ("kind", lane.key.kind.info().name.into()),
        ("name", (&lane.key.name).into()),
        ("word", (&band.word).into()),
        ("time", band.at.clock().as_str().into()),
    ];
    let id = if band.word.is_empty() { msg!("lanes.band-bare") } else { msg!("lanes.band") };
    let x = band.x - left;
    let middle = TOP + BAND / 2.0;
    let has_glyph = band.state.is_some() && band.wide >= 18.0;
    let state = band.state.filter(|_| has_glyph);
    Stop {
        x,
        deed: Deed::Go(band.at),
        say: words.with(id, &args),
        face: html! {
            <>
                <rect class={classes!("role-span", band.hue.class())} x={number(x)} y={number(TOP)} width={number(band.wide)}
                    height={number(BAND)} rx="5" />
                if let Some(state) = state {
                    <circle class={classes!("role-state-mark", band.hue.class())} cx={number(x + 10.0)} cy={number(middle)} r="5.5" />
                    <path class="role-glyph-on-hue" d={path_data(&glyph(state, [x + 10.0, middle], 5.5))} />
                }
                if band.fits && !band.word.is_empty() {
                    <text class={classes!("role-text-hue", "type-label", band.hue.class())}
                        x={number(x + if has_glyph { 20.0 } else { 6.0 })} y={number(middle + 4.2)}>{ band.word.to_string() }</text>
                }
            </>
        },
    }
}

fn mark_stop(words: Words, lane: &Lane, mark: &Mark, left: f32) -> Stop {
    let args = [
        ("kind", lane.key.kind.info().name.into()),
        ("name", (&lane.key.name).into()),
        ("reason", (&mark.reason).into()),
        ("message", (&mark.message).into()),
        ("time", mark.at.clock().as_str().into()),
        ("count", (mark.count - 1).into()),
    ];
    let id = if mark.count > 1 { msg!("lanes.marks") } else { msg!("lanes.mark") };
    let x = mark.x - left;
    Stop {
        x,
        deed: Deed::Go(mark.at),
        say: words.with(id, &args),
        face: html! {
            <g transform={format!("translate({} {})", number(x), number(MARK))}>
                <rect class="lane-hit" x="-7" y="-8" width="14" height="15" rx="4" />
                if mark.is_warning {
                    <path class="lane-warning" d="M0 -7l6.5 12h-13z" />
                    <path class="lane-warning-sign" d="M0 -2.6v3.6M0 3.2v.1" />
                } else {
                    <path class="lane-event" d="M0 -4.6l4.6 4.6-4.6 4.6-4.6-4.6z" />
                }
            </g>
        },
    }
}

#[derive(Properties, PartialEq)]
struct NowProps {
    left: f32,
    wide: f32,
    /// Where the lanes begin: above them stand the lengths of the waits, through which no line goes.
    top: f32,
}

/// Where the playhead stands, over all lanes; what is still to come stands back. It is moved as a whole, so that nothing is painted
/// anew while it plays.
#[component]
fn Now(NowProps { left, wide, top }: &NowProps) -> Html {
    let theatre = use_theatre();
    let playhead = use_playhead(&theatre);
    let node = use_node_ref();
    let whole = theatre.session().timeline().story().tempo.duration();
    let x = left + share(playhead.stage(), whole) * wide;
    {
        let node = node.clone();
        use_effect_with(x, move |x| {
            if let Some(element) = node.cast::<HtmlElement>() {
                _ = element.style().set_property("transform", &format!("translateX({}px)", number(*x)));
            }
        });
    }
    html! {
        <div class="lanes-now" aria-hidden="true">
            <div ref={node}>
                <svg>
                    <rect class="lanes-to-come" width="100%" height="100%" />
                    <line class="role-playhead" y1={number(*top)} y2="100%" />
                </svg>
            </div>
        </div>
    }
}
