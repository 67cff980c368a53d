//! What a person has chosen about the page itself: language, theme, how large its panels are and which of them are
//! open.

use super::shell::view_named;
use super::splitter::{Edge, Sizes};
use super::storage::{self, NotKept};
use podium::session::ViewName;
use podium::value::{Map, Value, json};
use podium::words::Language;

const KEY: &str = "podium.page";

/// Which theme was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
    Contrast,
}

impl ThemeChoice {
    pub(super) const ALL: [ThemeChoice; 4] =
        [ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark, ThemeChoice::Contrast];

    /// As the attribute `data-theme` of the page has it.
    pub(super) fn code(self) -> &'static str {
        match self {
            ThemeChoice::System => "system",
            ThemeChoice::Light => "light",
            ThemeChoice::Dark => "dark",
            ThemeChoice::Contrast => "contrast",
        }
    }
    pub(super) fn from_code(code: &str) -> Option<ThemeChoice> {
        ThemeChoice::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// The choices. They are kept apart from the session, which may be shared with others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Prefs {
    pub(super) language: Language,
    pub(super) theme: ThemeChoice,
    /// How large the panels are.
    pub(super) sizes: Sizes,
    /// Whether the timeline is open above the bar.
    pub(super) timeline: bool,
    /// Whether something is shown in the inspector.
    pub(super) inspector: bool,
    /// In which views the editor is closed.
    pub(super) closed_in: Vec<ViewName>,
    /// Whether the page is for a room, and not for one reader.
    pub(super) presenter: bool,
    /// Whether upstream's own names stand below what is told.
    pub(super) deep: bool,
    /// Whether the stage asks before steps that surprise; none while nobody has said.
    pub(super) asks: Option<bool>,
}

impl Prefs {
    /// What was kept; else the browser's language and the system's theme.
    pub(super) fn load() -> Prefs {
        let kept = storage::load_map(KEY);
        let text = |key: &str| kept.get(key).and_then(Value::as_str);
        let holds = |key: &str| kept.get(key).and_then(Value::as_bool).unwrap_or_default();
        let mut sizes = Sizes::default();
        for edge in Edge::ALL {
            if let Some(size) = kept.get(edge.key()).and_then(Value::as_int) {
                sizes.put(edge, i32::try_from(size).unwrap_or_default());
            }
        }
        Prefs {
            language: text("language").and_then(Language::from_tag).unwrap_or_else(language_of_browser),
            theme: text("theme").and_then(ThemeChoice::from_code).unwrap_or_default(),
            presenter: holds("presenter"),
            deep: holds("deep"),
            timeline: holds("timeline"),
            inspector: holds("inspector"),
            asks: kept.get("asks").and_then(Value::as_bool),
            sizes,
            closed_in: match kept.get("closedIn").and_then(Value::as_array) {
                Some(views) => views.iter().filter_map(|view| view_named(view.as_str()?)).collect(),
                None => {
                    vec![
                        ViewName::Pod,
                        ViewName::Life,
                        ViewName::Deletion,
                        ViewName::Cluster,
                        ViewName::Compare,
                    ]
                }
            },
        }
    }
    /// Whether the editor is closed in a view.
    pub(super) fn is_closed(&self, view: ViewName) -> bool {
        self.closed_in.contains(&view)
    }
    /// Whether the stage asks before steps that surprise: in a room it does, and does not come in the way of one reader.
    pub(super) fn does_ask(&self) -> bool {
        self.asks.unwrap_or(self.presenter)
    }
    /// Keeps them for the next visit.
    pub(super) fn save(&self) -> Result<(), NotKept> {
        let mut map = Map::new();
        map.insert("language", self.language.code());
        map.insert("theme", self.theme.code());
        for edge in Edge::ALL {
            if let Some(size) = self.sizes.of(edge) {
                map.insert(edge.key(), i64::from(size));
            }
        }
        let closed: Vec<Value> = self.closed_in.iter().map(|view| Value::from(view.as_str())).collect();
        map.insert("closedIn", closed);
        let holds = [
            ("presenter", self.presenter),
            ("deep", self.deep),
            ("timeline", self.timeline),
            ("inspector", self.inspector),
        ];
        for (key, _) in holds.into_iter().filter(|(_, holds)| *holds) {
            map.insert(key, true);
        }
        if let Some(asks) = self.asks {
            map.insert("asks", asks);
        }
        storage::save(KEY, &json::compact(&Value::from(map)))
    }
}

fn language_of_browser() -> Language {
    let tags = gloo::utils::window().navigator().languages();
    tags.iter().filter_map(|tag| Language::from_tag(&tag.as_string()?)).next().unwrap_or_default()
}
