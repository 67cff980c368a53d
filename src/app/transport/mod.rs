//! The bar below the stage: what is told, and what plays it.

mod find;
mod lanes;
mod marks;
mod panel;
mod placing;
mod track;

use super::icons;
use super::keyboard::focus;
use super::notes;
use super::presenter;
use super::rest::use_rest;
use super::shell::ShellAction;
use super::term::{Asked, Term};
use super::theatre::recorded::Compared;
use super::theatre::{Theatre, use_playhead, use_revision, use_theatre};
use super::words::{Words, use_words};
pub(super) use lanes::LanesOfTime;
pub(super) use marks::hue;
use marks::{Marks, share};
use panel::Panel;
use podium::cluster::time::SimTime;
use podium::manifest::Arg;
use podium::msg;
use podium::recording::Outcome;
use podium::scene::Hue;
use podium::timeline::{Branch, Command, Grain, Sentence, Speed, StageTime, Story, Timeline, deep, differs};
use track::Track;
use web_sys::{Event, HtmlSelectElement};
use yew::{
    AttrValue, Callback, Html, Properties, TargetCast, classes, component, html, use_callback, use_effect,
    use_memo, use_mut_ref, use_node_ref, use_state_eq,
};

/// The speeds that can be chosen, in hundredths.
pub(super) const SPEEDS: [u32; 11] = [1, 5, 10, 25, 50, 100, 200, 400, 800, 2_000, 10_000];

/// How many steps a deletion has in the study note.
const DELETION_STEPS: i64 = 7;

/// The bar. It is drawn anew as the playhead moves; what stands still is below it.
#[derive(Properties, PartialEq)]
pub(super) struct TransportProps {
    /// Whether the timeline is open above it.
    pub(super) open: bool,
    /// How high it is, where somebody has said that.
    pub(super) size: Option<i32>,
    /// Whether upstream's own names stand below the sentence.
    pub(super) deep: bool,
    /// Whether the stage asks before steps that surprise.
    pub(super) asks: bool,
    /// Whether the page is for a room.
    pub(super) presenter: bool,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Transport(
    TransportProps { open, size, deep, asks, presenter, shell }: &TransportProps,
) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let playhead = use_playhead(&theatre);
    let revision = use_revision(&theatre);
    let grain = use_state_eq(|| Grain::Beat);

    let until = theatre.until();
    let is_whole = use_rest();
    // Whether it is open because it was when the page was left.
    let is_kept = use_mut_ref(|| *open);
    if !*open {
        is_kept.replace(false);
    }
    let marks = use_memo((revision, until), |(_, until)| marks_of(&theatre, until.unwrap_or(SimTime::NEVER)));
    // The same at every frame, so that what is given them is not drawn anew.
    let close = use_callback(shell.clone(), |(), shell| close(shell));
    let choose = use_callback(grain.setter(), |chosen, grain| grain.set(chosen));
    let seek = use_callback(theatre.clone(), |at: f32, theatre| {
        let whole = theatre.session().timeline().story().tempo.duration();
        theatre.scrub(StageTime((whole.0 as f64 * f64::from(at)) as u64));
    });
    let told = {
        let session = theatre.session();
        let story = session.timeline().story();
        Told {
            beat: Spoken::at(story, playhead.sim()),
            opening: story.opening(),
            beats: story.beats.len(),
            at: share(playhead.stage(), story.tempo.duration()),
        }
    };
    let step = told.beat.as_ref().map_or(0, |beat| beat.index + 1);
    let time = playhead.sim().clock();
    let position = [("step", step.into()), ("steps", told.beats.into())];
    let spoken = [position.as_slice(), &[("time", time.as_str().into())]].concat();
    html! {
        <footer class="transport" data-open={(*open && is_whole).then_some("")}>
            // Where it was open before, it is there as soon as what it takes is.
            if *open && is_whole { <Panel {close} is_asked_for={!*is_kept.borrow()} size={*size} asks={*asks} larger={presenter::larger(*presenter, presenter::LANES)} shell={shell.clone()} /> }
            <div class="telling">
                <Narration beat={told.beat.clone()} opening={told.opening} deep={*deep} />
                if let Some(found) = told.beat.as_ref().and_then(|beat| differs(beat.say.id)) {
                    <details class="differs" key={found.note}>
                        <summary>{ words.say(msg!("page.differs")) }</summary>
                        <div>
                            <p>{ words.say(found.note) }</p>
                            <p><strong>{ words.say(found.truth) }</strong></p>
                            <small>{ words.with(msg!("page.differs-recording"), &[("recording", found.recording.into())]) }</small>
                        </div>
                    </details>
                }
            </div>
            <div class="controls">
                <Play playing={playhead.is_playing()} />
                <Steps grain={*grain} {choose} />
                <span class="count" aria-hidden="true">{ words.with(msg!("page.position"), &position) }</span>
                <Track {marks} at={told.at} {seek} spoken={words.with(msg!("page.playhead-at"), &spoken)} />
                <span class="clock" title={words.say(msg!("page.simulated-time"))}>{ time }</span>
                <Branches />
                <Openers open={*open} deep={*deep} presenter={*presenter} shell={shell.clone()} />
                <SpeedChoice speed={playhead.speed().as_hundredths()} />
            </div>
        </footer>
    }
}

/// Closes the timeline, and takes the focus back to what opened it.
fn close(shell: &Callback<ShellAction>) {
    focus("[data-act=timeline]");
    shell.emit(ShellAction::Timeline(false));
}

#[derive(Properties, PartialEq)]
struct OpenersProps {
    open: bool,
    deep: bool,
    presenter: bool,
    shell: Callback<ShellAction>,
}

/// Opens the timeline, says in depth what is told, and, before a room, opens the second screen.
#[component]
fn Openers(OpenersProps { open, deep, presenter, shell }: &OpenersProps) -> Html {
    let words = use_words();
    let name = words.say(msg!("page.timeline"));
    let (open, deep, depth) = (*open, *deep, words.say(msg!("page.deep")));
    html! {
        <div class="openers">
            if *presenter { { to_notes(words, shell.clone()) } }
            <button class="tool" type="button" data-act="deep" title={depth.clone()} aria-label={depth}
                aria-pressed={deep.to_string()} onclick={shell.reform(move |_| ShellAction::Deep(!deep))}>
                { icons::braces() }
            </button>
            <button class="tool" type="button" data-act="timeline" title={name.clone()} aria-label={name}
                aria-expanded={open.to_string()} onclick={shell.reform(move |_| ShellAction::Timeline(!open))}>
                { icons::lanes() }
            </button>
        </div>
    }
}

/// Opens the second screen.
fn to_notes(words: Words, shell: Callback<ShellAction>) -> Html {
    let name = words.say(msg!("notes.open"));
    html! {
        <button class="tool" type="button" data-act="notes" title={name.clone()} aria-label={name} onclick={move |_| notes::open(&shell)}>
            { icons::windows() }
        </button>
    }
}

/// What is said of a beat, without all that it tells of: in a large cluster that is thousands of records.
#[derive(Clone, PartialEq)]
struct Spoken {
    index: usize,
    number: Option<u8>,
    branch: Option<Branch>,
    say: Sentence,
}

impl Spoken {
    /// Where the run has come to rest, that is said.
    fn at(story: &Story, at: SimTime) -> Option<Spoken> {
        let beat = story.beat_at(at)?;
        let rests = story.rests.is_some_and(|rests| at >= rests);
        let say = if rests { story.say(at) } else { beat.say.clone() };
        Some(Spoken { index: beat.index, number: beat.number, branch: beat.branch, say })
    }
}

/// What is told at a moment, and where that is.
struct Told {
    beat: Option<Spoken>,
    /// The message of the beginning, before the first beat.
    opening: &'static str,
    beats: usize,
    at: f32,
}

/// What is marked, until a moment: what comes after a question that is still open is not.
fn marks_of(theatre: &Theatre, until: SimTime) -> Marks {
    let session = theatre.session();
    let timeline = session.timeline();
    let forks = (0..timeline.branches()).filter_map(|branch| timeline.origin(branch));
    let forks = forks.filter(|origin| origin.branch == timeline.current() && origin.at <= until);
    let places: Vec<StageTime> = forks.map(|origin| timeline.story().tempo.stage(origin.at)).collect();
    let mut marks = Marks::of(timeline.story(), until, &places);
    if let Some(Compared::Came(Outcome::Differs(found), ..)) = theatre.compared()
        && found.at <= until
    {
        let tempo = &timeline.story().tempo;
        marks.differs = Some(share(tempo.stage(found.at), tempo.duration()));
    }
    marks
}

#[derive(Properties, PartialEq)]
struct NarrationProps {
    beat: Option<Spoken>,
    opening: &'static str,
    deep: bool,
}

/// The sentence of the beat. Screen readers are told of each once it changes.
#[component]
fn Narration(NarrationProps { beat, opening, deep }: &NarrationProps) -> Html {
    let words = use_words();
    let is_whole = use_rest();
    let text = |beat: &Spoken| words.with(beat.say.id, &beat.say.args);
    let said = beat.as_ref().map_or_else(|| words.say(opening), text);
    let command = beat.iter().flat_map(|beat| &beat.say.args).find(|(name, _)| *name == "command");
    let quoted = match command {
        Some((_, Arg::Text(command))) => AttrValue::from(command.to_string()),
        _ => AttrValue::default(),
    };
    let number = beat.as_ref().and_then(|beat| beat.number).map(|number| {
        let args = [("step", i64::from(number).into()), ("steps", DELETION_STEPS.into())];
        let word = words.with(msg!("page.position-bare"), &args);
        html! {
            <span class="narration-number">
                if is_whole { <Term id={msg!("page.deletion-step")} {word} /> } else { { word } }
            </span>
        }
    });
    // The two branches of a deletion are told in turn as they go: whose step it is stands before its number.
    let branch = beat.as_ref().and_then(|beat| beat.branch).map(|branch| {
        let (hue, name) = match branch {
            Branch::Kubelet => (Hue::BranchA, msg!("scene.branch-kubelet")),
            Branch::Endpoints => (Hue::BranchB, msg!("scene.branch-endpoints")),
        };
        html! { <span class={classes!("narration-branch", hue.class())}>{ words.say(name) }</span> }
    });
    html! {
        <div class="told">
        <p class="narration" role="status" aria-live="polite" aria-label={words.say(msg!("page.narration"))}>
            { for branch }
            { for number }
            if is_whole { <Asked text={said} {quoted} /> } else { { said } }
        </p>
        if *deep { { in_depth(beat.as_ref()) } }
        </div>
    }
}

/// Who does what is told, by which function of upstream's, and with which fields.
fn in_depth(beat: Option<&Spoken>) -> Html {
    let Some(found) = beat.and_then(|beat| deep(beat.say.id)) else { return Html::default() };
    html! {
        <p class="in-depth">
            <strong>{ found.component }</strong>
            <code>{ found.function }</code>
            <code class="in-depth-field">{ found.field }</code>
        </p>
    }
}

#[derive(Properties, PartialEq)]
struct PlayProps {
    playing: bool,
}

#[component]
fn Play(PlayProps { playing }: &PlayProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let name = words.say(if *playing { msg!("page.pause") } else { msg!("page.play") });
    html! {
        <button class="play" type="button" title={with_key(&name, "P")} aria-label={name} data-act="play"
            data-playing={playing.to_string()} onclick={move |_| theatre.tell(Command::Toggle)}>
            if *playing { { icons::pause() } } else { { icons::play() } }
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct StepsProps {
    grain: Grain,
    choose: Callback<Grain>,
}

/// The grains, with their names in the page and in messages.
const GRAINS: [(Grain, &str, &str); 4] = [
    (Grain::Chapter, "chapter", msg!("page.grain-chapter")),
    (Grain::Beat, "beat", msg!("page.grain-beat")),
    (Grain::Event, "event", msg!("page.grain-event")),
    (Grain::Second, "second", msg!("page.grain-second")),
];

/// To the beginning, a step back, a step on, and how far a step goes.
#[component]
fn Steps(StepsProps { grain, choose }: &StepsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let [back_key, on_key] = keys_of(*grain);
    let button = |name: &str, key: &str, act: &'static str, face: Html, command: Command| {
        let theatre = theatre.clone();
        let name = words.say(name);
        html! {
            <button class="tool" type="button" title={with_key(&name, key)} aria-label={name} data-act={act}
                onclick={move |_| theatre.tell(command)}>{ face }</button>
        }
    };
    let face = |glyph: Html, name: AttrValue| html! { <>{ glyph }<span>{ name }</span></> };
    let chosen = choose.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        GRAINS.iter().find(|grain| grain.1 == select.value()).map_or(Grain::Beat, |grain| grain.0)
    });
    let back = face(icons::back(), words.say(msg!("page.step-back")));
    let on = html! { <><span>{ words.say(msg!("page.step-forward")) }</span>{ icons::forward() }</> };
    html! {
        <div class="steps">
            { button(msg!("page.to-start"), "Home", "to-start", icons::to_start(), Command::ToStart) }
            { button(msg!("page.step-back"), back_key, "step-back", back, Command::Step(*grain, false)) }
            { button(msg!("page.step-forward"), on_key, "step-forward", on, Command::Step(*grain, true)) }
            <select class="tool" aria-label={words.say(msg!("page.step-by"))} title={words.say(msg!("page.step-by"))}
                data-act="grain" onchange={chosen}>
                { for GRAINS.iter().map(|(each, id, name)| html! {
                    <option value={*id} selected={each == grain}>{ words.say(name) }</option>
                }) }
            </select>
        </div>
    }
}

/// A button's name and the key that does the same.
fn with_key(name: &str, key: &str) -> String {
    format!("{name} ({key})")
}

/// The keys that step back and on by a grain, as they are written on a keyboard.
fn keys_of(grain: Grain) -> [&'static str; 2] {
    match grain {
        Grain::Chapter => ["Page ↑", "Page ↓"],
        Grain::Beat => ["Shift Space", "Space"],
        Grain::Event => [",", "."],
        Grain::Second => ["[", "]"],
    }
}

/// What a branch is called: as somebody has called it, else the first run, or a number.
pub(super) fn branch_name(words: Words, timeline: &Timeline, branch: usize) -> AttrValue {
    match (timeline.name(branch), branch) {
        (Some(name), _) => name.to_string().into(),
        (None, 0) => words.say(msg!("page.branch-main")),
        (None, _) => words.with(msg!("page.branch"), &[("number", branch.into())]),
    }
}

/// Which branch is looked at, once there are several.
#[component]
fn Branches() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let session = theatre.session();
    let timeline = session.timeline();
    let (count, current) = (timeline.branches(), timeline.current());
    if count < 2 {
        return Html::default();
    }
    let told = theatre.clone();
    let onchange = Callback::from(move |event: Event| {
        let (select, theatre): (HtmlSelectElement, &Theatre) = (event.target_unchecked_into(), &told);
        if let Ok(branch) = select.value().parse() {
            theatre.look_at(branch);
        }
    });
    let name = words.say(msg!("page.branches"));
    html! {
        <select class="tool branches" aria-label={name.clone()} title={name} data-act="branches" {onchange}>
            { for (0..count).map(|branch| html! {
                <option value={branch.to_string()} selected={branch == current}>{ branch_name(words, timeline, branch) }</option>
            }) }
        </select>
    }
}

#[derive(Properties, PartialEq)]
struct SpeedProps {
    /// In hundredths.
    speed: u32,
}

#[component]
fn SpeedChoice(SpeedProps { speed }: &SpeedProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        if let Ok(hundredths) = select.value().parse() {
            theatre.tell(Command::Speed(Speed::hundredths(hundredths)));
        }
    });
    let select = use_node_ref();
    {
        // What somebody has chosen in the list stays chosen there, also where a key has made it another.
        let (select, value) = (select.clone(), speed.to_string());
        use_effect(move || {
            if let Some(select) = select.cast::<HtmlSelectElement>() {
                select.set_value(&value);
            }
        });
    }
    html! {
        <select ref={select} class="speed tool" aria-label={words.say(msg!("page.speed"))} title={words.say(msg!("page.speed"))}
            data-act="speed" {onchange}>
            { for SPEEDS.iter().map(|each| html! {
                <option value={each.to_string()}>{ speed_text(words, *each) }</option>
            }) }
        </select>
    }
}

/// A speed as people write it: `× 0.5`, `× 2`.
fn speed_text(words: Words, hundredths: u32) -> AttrValue {
    let text = match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    };
    words.with(msg!("page.speed-of"), &[("speed", text.into())])
}
