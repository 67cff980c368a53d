//! A part of the run as a film: an animated GIF, or a video where the browser makes one. It is painted a picture at a time, so
//! that the page stays alive, and can be stopped.

use super::files::{about_secrets, mask, theme};
use super::paint::{ground, shapes};
use super::save::save_blob;
use crate::app::now::now;
use crate::app::stage::scene_at;
use crate::app::theatre::{Theatre, use_revision, use_theatre};
use crate::app::words::{Words, use_words};
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use podium::cluster::time::{MILLI, Micros, SECOND};
use podium::msg;
use podium::scene::Theme;
use podium::scene::film::{Film, Reel, STRIP, strip};
use podium::scene::gif::Animation;
use podium::session::masked_command;
use podium::value::Str;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobEvent, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, MediaRecorder,
    MediaRecorderOptions, MediaStreamTrack,
};
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, Html, UseStateSetter, component, html, use_effect_with, use_memo, use_mut_ref,
    use_state_eq,
};

/// How large a picture is laid out, with its strip, and how wide it is, in pixels. Chats and slides show a GIF no wider.
const GIF: ([f32; 2], f64) = ([1_120.0, 630.0], 960.0);
const VIDEO: ([f32; 2], f64) = ([1_280.0, 720.0], 1_600.0);

/// How many pictures a GIF has in a second.
const GIF_RATE: u64 = 10;
const VIDEO_RATE: f64 = 30.0;
const VIDEO_BITS: u32 = 5_000_000;

/// A GIF grows no larger than this, in bytes: what is longer ends there.
const LARGEST_GIF: usize = 12_000_000;

/// How long the last picture stays.
const STAYS: Micros = 2 * SECOND;

/// How many pictures the colours of a GIF are taken from.
const SAMPLES: u64 = 9;

/// How long something is painted in one go, in milliseconds.
const SLICE: f64 = 10.0;

/// What a browser can make, the first that it can.
const VIDEOS: [(&str, &str, &str); 5] = [
    ("video/mp4;codecs=avc1.640028", "video/mp4", "mp4"),
    ("video/mp4;codecs=avc1.42E028", "video/mp4", "mp4"),
    ("video/webm;codecs=vp9", "video/webm", "webm"),
    ("video/webm;codecs=vp8", "video/webm", "webm"),
    ("video/webm", "video/webm", "webm"),
];

/// The kind of video that this browser makes; none where it makes none.
fn video() -> Option<(&'static str, &'static str, &'static str)> {
    let there = |name: &str| js_sys::Reflect::has(&gloo::utils::window(), &name.into()).unwrap_or(false);
    if !there("MediaRecorder") {
        return None;
    }
    VIDEOS.into_iter().find(|(codecs, ..)| MediaRecorder::is_type_supported(codecs))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gif,
    Video,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
enum Making {
    No,
    /// So many hundredths of it are there.
    Soon(Kind, u32),
    /// It is there: its name, how many bytes it has, and whether it ends early because it has grown large.
    Saved(&'static str, usize, bool),
    Failed,
}

#[component]
pub(super) fn FilmOf() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let making = use_state_eq(|| Making::No);
    let video = use_memo((), |()| video());
    let is_wanted = use_mut_ref(|| Rc::new(Cell::new(false)));
    {
        // With the dialog closed nobody waits for it.
        let is_wanted = is_wanted.clone();
        use_effect_with((), move |()| move || is_wanted.borrow().set(false));
    }
    let films = Reel::ALL.iter().map(|reel| {
        let session = theatre.session();
        (*reel, Film::of(session.timeline().story(), theatre.playhead().sim(), *reel))
    });
    let films: Vec<(Reel, Option<Film>)> = films.collect();
    let first = films.iter().find(|(_, film)| film.is_some()).map(|(reel, _)| *reel);
    let chosen = use_state_eq(|| first);
    let film = films.iter().find(|(reel, _)| Some(*reel) == *chosen).and_then(|(_, film)| *film);
    let soon = match &*making {
        Making::Soon(kind, done) => Some((*kind, *done)),
        _ => None,
    };
    let reels = films.iter().map(|(reel, film)| {
        let reel = *reel;
        let name = match reel {
            Reel::Chapter => msg!("give.reel-chapter"),
            Reel::FromHere => msg!("give.reel-from-here"),
            Reel::Whole => msg!("give.reel-whole"),
        };
        let chosen = chosen.clone();
        let is_chosen = *chosen == Some(reel);
        html! {
            <label key={reel.as_str()}>
                <input type="radio" name="reel" value={reel.as_str()} checked={is_chosen}
                    disabled={film.is_none() || soon.is_some()} onchange={move |_| chosen.set(Some(reel))} />
                <span>{ words.say(name) }</span>
                <span class="quiet">{ length_of(words, *film) }</span>
            </label>
        }
    });
    let button = |kind: Kind, name: AttrValue, act: &'static str| {
        let is_soon = soon.is_some_and(|(other, _)| other == kind);
        let onclick = {
            let (theatre, making, is_wanted) = (theatre.clone(), making.setter(), is_wanted.clone());
            let video = *video;
            Callback::from(move |_| {
                // What was begun before is not wanted any more.
                let mine = Rc::new(Cell::new(!is_soon));
                is_wanted.replace(mine.clone()).set(false);
                let Some(film) = film.filter(|_| !is_soon) else { return making.set(Making::No) };
                making.set(Making::Soon(kind, 0));
                let (made, theatre) = (making.clone(), theatre.clone());
                spawn_local(async move {
                    let painter = Painter::new(theatre, words, film, kind);
                    let making = Progress { kind, is_wanted: mine, making: made };
                    let done = match (painter, kind, video) {
                        (Some(painter), Kind::Gif, _) => gif(painter, &making).await,
                        (Some(painter), Kind::Video, Some(video)) => record(painter, video, &making).await,
                        _ => None,
                    };
                    if making.is_wanted.get() {
                        making.making.set(done.unwrap_or(Making::Failed));
                    }
                });
            })
        };
        let is_away = film.is_none() || soon.is_some() && !is_soon;
        html! {
            <button class="button" type="button" data-act={act} disabled={is_away} {onclick}>
                { if is_soon { words.say(msg!("give.film-stop")) } else { name } }
            </button>
        }
    };
    let told = match &*making {
        Making::No => None,
        Making::Soon(Kind::Gif, _) => Some(words.say(msg!("give.film-soon"))),
        Making::Soon(Kind::Video, _) => Some(words.say(msg!("give.film-records"))),
        Making::Saved(name, bytes, is_cut) => {
            let size = format!("{:.1}", *bytes as f64 / 1e6);
            let id = if *is_cut { msg!("give.film-cut") } else { msg!("give.film-saved") };
            Some(words.with(id, &[("file", (*name).into()), ("size", size.as_str().into())]))
        }
        Making::Failed => Some(words.say(msg!("give.film-failed"))),
    };
    html! {
        <>
            <h3>{ words.say(msg!("give.film")) }</h3>
            <p>{ words.say(msg!("give.film-about")) }</p>
            <fieldset class="film-reels">
                <legend class="visually-hidden">{ words.say(msg!("give.reel")) }</legend>
                { for reels }
            </fieldset>
            <div class="give-files">
                { button(Kind::Gif, words.say(msg!("give.save-gif")), "save-gif") }
                if let Some((.., name)) = *video {
                    { button(Kind::Video, words.with(msg!("give.save-video"), &[("kind", name.to_uppercase().as_str().into())]), "save-video") }
                }
                if let Some((_, done)) = soon {
                    <progress class="film-done" max="100" value={done.to_string()} aria-label={words.say(msg!("give.film"))} />
                }
            </div>
            if video.is_none() { <p>{ words.say(msg!("give.no-video")) }</p> }
            <p role="status">{ told }</p>
        </>
    }
}

/// How long a film is, and how fast, where that is not as on the stage.
fn length_of(words: Words, film: Option<Film>) -> AttrValue {
    let Some(film) = film else { return words.say(msg!("give.reel-nothing")) };
    let seconds = ("seconds", (film.lasts.div_ceil(SECOND) as usize).into());
    match film.tenths_faster() {
        ..=10 => words.with(msg!("give.reel-length"), &[seconds]),
        tenths => {
            let times = format!("{}.{}", tenths / 10, tenths % 10);
            words.with(msg!("give.reel-faster"), &[seconds, ("times", times.as_str().into())])
        }
    }
}

/// Who waits for it, and is told how far it is.
struct Progress {
    kind: Kind,
    is_wanted: Rc<Cell<bool>>,
    making: UseStateSetter<Making>,
}

impl Progress {
    /// Tells how much is done, from 0 to 1.
    fn tell(&self, done: f64) {
        if self.is_wanted.get() {
            self.making.set(Making::Soon(self.kind, (done * 100.0) as u32));
        }
    }
}

/// Paints the pictures of a film on one canvas.
struct Painter {
    theatre: Theatre,
    words: Words,
    film: Film,
    theme: Theme,
    secrets: Vec<Str>,
    canvas: HtmlCanvasElement,
    on: CanvasRenderingContext2d,
    /// How large it is laid out.
    size: [f32; 2],
    /// Pixels of the canvas for each of the layout.
    scale: f64,
    /// The largest scene of those that were looked at: every picture has its scale, so that nothing jumps.
    largest: [f32; 2],
}

impl Painter {
    fn new(theatre: Theatre, words: Words, film: Film, kind: Kind) -> Option<Painter> {
        let canvas: HtmlCanvasElement =
            gloo::utils::document().create_element("canvas").ok()?.dyn_into().ok()?;
        let (size, wide) = if kind == Kind::Gif { GIF } else { VIDEO };
        let scale = wide / f64::from(size[0]);
        // A video's sides are even numbers.
        let [width, height] = size.map(|side| (f64::from(side) * scale / 2.0).round() as u32 * 2);
        canvas.set_width(width);
        canvas.set_height(height);
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"willReadFrequently".into(), &(kind == Kind::Gif).into()).ok()?;
        let on = canvas.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
        let secrets = about_secrets(&theatre.session());
        let theme = theme();
        Some(Painter { theatre, words, film, theme, secrets, canvas, on, size, scale, largest: [0.0; 2] })
    }
    /// Paints what is shown so long after the beginning.
    fn paint(&mut self, passed: Micros) {
        let (at, said) = {
            let session = self.theatre.session();
            let story = session.timeline().story();
            let at = story.tempo.sim(self.film.moment(passed));
            let say = story.say(at);
            (at, masked_command(&self.words.with(say.id, &say.args)))
        };
        let [width, height] = self.size;
        let room = [width, height - STRIP];
        let mut scene = scene_at(&self.theatre, at, room, self.words.0);
        mask(&mut scene.shapes, &self.secrets);
        self.largest = [self.largest[0].max(scene.width), self.largest[1].max(scene.height)];
        let fit = (room[0] / self.largest[0].max(1.0)).min(room[1] / self.largest[1].max(1.0)).min(1.6);
        let left = ((room[0] - scene.width * fit) / 2.0).max(0.0);
        let (scale, fit, left) = (self.scale, f64::from(fit), f64::from(left));
        _ = self.on.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        ground(&self.on, self.size.map(f64::from), self.theme);
        _ = self.on.set_transform(scale * fit, 0.0, 0.0, scale * fit, scale * left, 0.0);
        shapes(&self.on, &scene.shapes, self.theme);
        _ = self.on.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        shapes(&self.on, &strip(self.size, &at.clock(), &said), self.theme);
    }
    /// What is painted, as bytes.
    fn pixels(&self) -> Option<Vec<u8>> {
        let [width, height] = [self.canvas.width(), self.canvas.height()];
        let image = self.on.get_image_data(0.0, 0.0, width.into(), height.into()).ok()?;
        Some(image.data().0)
    }
    /// Looks at pictures from all over the film: how large the scenes are, and what their colours are.
    async fn look(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut samples = Vec::new();
        for place in 0..=SAMPLES {
            self.paint(self.film.lasts * place / SAMPLES);
            samples.push(self.pixels()?);
            TimeoutFuture::new(0).await;
        }
        Some(samples)
    }
}

/// Makes an animated GIF, and lets the browser save it.
async fn gif(mut painter: Painter, progress: &Progress) -> Option<Making> {
    let samples = painter.look().await?;
    let [width, height] = [painter.canvas.width() as u16, painter.canvas.height() as u16];
    let mut animation = Animation::new(width, height, painter.theme, &samples).ok()?;
    drop(samples);
    let each = SECOND / GIF_RATE;
    let pictures = painter.film.lasts.div_ceil(each);
    let mut is_cut = false;
    let mut until = now() + SLICE;
    for place in 0..=pictures {
        if now() > until {
            progress.tell(place as f64 / pictures as f64);
            TimeoutFuture::new(0).await;
            until = now() + SLICE;
        }
        if !progress.is_wanted.get() {
            return None;
        }
        painter.paint(each * place);
        is_cut = animation.size() > LARGEST_GIF;
        let lasts = if place == pictures || is_cut { STAYS } else { each };
        animation.show(&painter.pixels()?, (lasts / (10 * MILLI)) as u16).ok()?;
        if is_cut {
            break;
        }
    }
    let (bytes, _) = animation.finish().ok()?;
    save_bytes("podium.gif", "image/gif", &bytes);
    Some(Making::Saved("podium.gif", bytes.len(), is_cut))
}

fn save_bytes(name: &str, kind: &str, bytes: &[u8]) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&Uint8Array::from(bytes));
    if let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

/// Plays the film on the canvas while the browser records it, and lets it save the video.
async fn record(
    mut painter: Painter,
    (codecs, kind, ending): (&str, &str, &str),
    progress: &Progress,
) -> Option<Making> {
    painter.look().await?;
    painter.paint(0);
    let stream = painter.canvas.capture_stream_with_frame_request_rate(VIDEO_RATE).ok()?;
    let options = MediaRecorderOptions::new();
    options.set_mime_type(codecs);
    options.set_video_bits_per_second(VIDEO_BITS);
    let recorder = MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options).ok()?;
    let parts = Rc::new(RefCell::new(Vec::<JsValue>::new()));
    let taken = {
        let parts = parts.clone();
        Closure::<dyn FnMut(BlobEvent)>::new(move |event: BlobEvent| {
            parts.borrow_mut().extend(event.data().map(JsValue::from));
        })
    };
    recorder.set_ondataavailable(Some(taken.as_ref().unchecked_ref()));
    let stopped = js_sys::Promise::new(&mut |done, _| recorder.set_onstop(Some(&done)));
    recorder.start().ok()?;
    let begun = now();
    let lasts = painter.film.lasts;
    while progress.is_wanted.get() {
        let passed = ((now() - begun).max(0.0) * MILLI as f64) as Micros;
        painter.paint(passed);
        if passed >= lasts + STAYS {
            break;
        }
        progress.tell(passed as f64 / (lasts + STAYS) as f64);
        TimeoutFuture::new((1_000.0 / VIDEO_RATE) as u32).await;
    }
    recorder.stop().ok()?;
    _ = wasm_bindgen_futures::JsFuture::from(stopped).await;
    for track in stream.get_tracks() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
    if !progress.is_wanted.get() {
        return None;
    }
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts: Array = parts.borrow().iter().collect();
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &options).ok()?;
    let name = if ending == "mp4" { "podium.mp4" } else { "podium.webm" };
    save_blob(name, &blob);
    Some(Making::Saved(name, blob.size() as usize, false))
}
