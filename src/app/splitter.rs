//! The edges of panels, which a hand or the arrow keys move: the editor's and the inspector's width, the timeline's and the command
//! line's height.

use super::shell::ShellAction;
use super::words::use_words;
use podium::msg;
use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_mut_ref};

/// How far a press of an arrow moves an edge, in pixels.
const STEP: i32 = 20;
/// The stage keeps so much, in pixels: across and down.
const STAGE: [i32; 2] = [280, 180];
/// The widths of the editor and the inspector until somebody moves their edges.
pub(super) const EDITOR: i32 = 430;
const INSPECTOR: i32 = 396;

/// An edge of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Editor,
    Inspector,
    Timeline,
    Terminal,
}

/// How large somebody has made the panels, in pixels; none while it is the stylesheet's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes([Option<i32>; 4]);

impl Sizes {
    pub(super) fn of(&self, edge: Edge) -> Option<i32> {
        self.0[edge as usize]
    }
    pub(super) fn put(&mut self, edge: Edge, size: i32) {
        let [least, most] = edge.bounds();
        self.0[edge as usize] = Some(size.clamp(least, most));
    }
}

impl Edge {
    pub(super) const ALL: [Edge; 4] = [Edge::Editor, Edge::Inspector, Edge::Timeline, Edge::Terminal];

    /// What it is kept by.
    pub(super) fn key(self) -> &'static str {
        match self {
            Edge::Editor => "editorWidth",
            Edge::Inspector => "inspectorWidth",
            Edge::Timeline => "timelineHeight",
            Edge::Terminal => "terminalHeight",
        }
    }
    /// What it is called in the stylesheets.
    pub(super) fn property(self) -> &'static str {
        match self {
            Edge::Editor => "--editor-width",
            Edge::Inspector => "--inspector-width",
            Edge::Timeline => "--timeline-height",
            Edge::Terminal => "--terminal-height",
        }
    }
    fn name(self) -> &'static str {
        match self {
            Edge::Editor => msg!("page.editor-width"),
            Edge::Inspector => msg!("page.inspector-width"),
            Edge::Timeline => msg!("page.timeline-height"),
            Edge::Terminal => msg!("page.terminal-height"),
        }
    }
    /// What is as large as it says.
    fn panel(self) -> &'static str {
        match self {
            Edge::Editor => ".editor",
            Edge::Inspector => ".inspector",
            Edge::Timeline => ".lanes, .found:not([hidden])",
            Edge::Terminal => ".terminal-output",
        }
    }
    /// Whether it is moved sideways.
    fn is_upright(self) -> bool {
        matches!(self, Edge::Editor | Edge::Inspector)
    }
    /// The least and the most that it may be, however large the window is.
    fn bounds(self) -> [i32; 2] {
        match self {
            Edge::Editor => [240, 900],
            Edge::Inspector => [280, 720],
            Edge::Timeline => [90, 900],
            Edge::Terminal => [60, 900],
        }
    }
    /// How large it is until somebody moves it: as the stylesheets have it.
    fn usual(self) -> i32 {
        let part = |part: f64| (inner(false) * part).round() as i32;
        match self {
            Edge::Editor => EDITOR,
            Edge::Inspector => INSPECTOR,
            Edge::Timeline => part(0.34),
            Edge::Terminal => part(0.3),
        }
    }
    /// The most that it may be now, so that the stage, or the text above the command line, keeps some room.
    fn most(self) -> i32 {
        let size = self.measured().unwrap_or_default();
        let spare = match self {
            Edge::Terminal => measured(".editor", false).unwrap_or_default() * 3 / 5 - size,
            _ => {
                let least = STAGE[usize::from(!self.is_upright())];
                measured(".stage", self.is_upright()).unwrap_or_default() - least
            }
        };
        let [least, most] = self.bounds();
        // Where there is no room left it may become smaller, and no larger.
        let most = most.min(size + spare.max(0));
        // The stylesheet lets an inspector have no more of the window.
        let most = if self == Edge::Inspector { most.min((inner(true) * 0.44) as i32) } else { most };
        most.max(least)
    }
    fn measured(self) -> Option<i32> {
        measured(self.panel(), self.is_upright())
    }
}

/// How large the window is, across or down.
fn inner(is_across: bool) -> f64 {
    let window = gloo::utils::window();
    let size = if is_across { window.inner_width() } else { window.inner_height() };
    size.ok().and_then(|size| size.as_f64()).unwrap_or_default()
}

/// How large the first element is that a selector finds, across or down.
fn measured(selector: &str, is_across: bool) -> Option<i32> {
    let element = gloo::utils::document().query_selector(selector).ok()??;
    let area = element.get_bounding_client_rect();
    Some((if is_across { area.width() } else { area.height() }).round() as i32)
}

#[derive(Properties, PartialEq)]
pub(super) struct SplitterProps {
    pub(super) edge: Edge,
    /// How large its panel is, where somebody has said that.
    pub(super) size: Option<i32>,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Splitter(SplitterProps { edge, size, shell }: &SplitterProps) -> Html {
    let words = use_words();
    let edge = *edge;
    let size = size.unwrap_or_else(|| edge.usual());
    // Where the pointer took hold, and how large the panel was at that time.
    let held = use_mut_ref(|| None::<(i32, i32)>);
    let place =
        move |event: &PointerEvent| if edge.is_upright() { event.client_x() } else { event.client_y() };
    // All but the editor's lie before their panel: they go back for it to grow.
    let ahead = if edge == Edge::Editor { 1 } else { -1 };
    let put = shell.reform(move |size: i32| ShellAction::Size(edge, size.min(edge.most())));
    let onpointerdown = {
        let held = held.clone();
        Callback::from(move |event: PointerEvent| {
            let line: Element = event.target_unchecked_into();
            _ = line.set_pointer_capture(event.pointer_id());
            *held.borrow_mut() = Some((place(&event), edge.measured().unwrap_or(size)));
        })
    };
    let onpointermove = {
        let (held, put) = (held.clone(), put.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some((from, size)) = *held.borrow() {
                put.emit(size + ahead * (place(&event) - from));
            }
        })
    };
    let let_go = Callback::from(move |_: PointerEvent| *held.borrow_mut() = None);
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let by = match (event.key().as_str(), edge.is_upright()) {
            ("ArrowLeft", true) | ("ArrowUp", false) => -STEP * ahead,
            ("ArrowRight", true) | ("ArrowDown", false) => STEP * ahead,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        put.emit(edge.measured().unwrap_or(size) + by);
    });
    let [least, most] = edge.bounds().map(|bound| bound.to_string());
    let lies = if edge.is_upright() { "vertical" } else { "horizontal" };
    html! {
        <div class="splitter" role="separator" tabindex="0" data-edge={edge.key()} aria-orientation={lies}
            aria-label={words.say(edge.name())} aria-valuenow={size.to_string()} aria-valuemin={least} aria-valuemax={most}
            {onpointerdown} {onpointermove} onpointerup={let_go.clone()} onpointercancel={let_go} {onkeydown} />
    }
}
