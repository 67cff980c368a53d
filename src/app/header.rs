//! The header: Podium's name, the views, the language, the theme and the help.

use super::examples::Examples;
use super::faults::Faults;
use super::icons;
use super::menu::Menu;
use super::phone::{is_phone, use_phone};
use super::prefs::{Prefs, ThemeChoice};
use super::shell::{ShellAction, view_named};
use super::theatre::{use_session, use_theatre};
use super::words::use_words;
use podium::msg;
use podium::scene::views;
use podium::session::Action;
use podium::session::playing::shows_recordings;
use podium::words::{Language, text};
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct HeaderProps {
    pub(super) prefs: Prefs,
    /// Whether the editor lies over the stage, on a phone.
    pub(super) editor_open: bool,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Header(props: &HeaderProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let view = use_session(&theatre, |session| session.view());
    let is_recorded = use_session(&theatre, |session| session.recording().is_some());
    let is_narrow = use_phone();
    let HeaderProps { prefs, editor_open, shell } = props;
    let tabs = views::all().iter().map(|tab| {
        let id = tab.id;
        let is_away = is_recorded && !view_named(id).is_some_and(shows_recordings);
        let onclick = {
            let (theatre, shell) = (theatre.clone(), shell.clone());
            move |_| {
                if let Some(view) = view_named(id) {
                    theatre.act(Action::View(view));
                }
                // On a phone the sheets lie over the view that is asked for.
                if is_phone() {
                    shell.emit(ShellAction::Inspect(None));
                    shell.emit(ShellAction::EditorOpen(false));
                }
            }
        };
        html! {
            <button class="tab" type="button" key={id} disabled={is_away} title={words.say(if is_away { msg!("recorded.no-view") } else { tab.hint })}
                aria-current={(view.as_str() == id).then_some("page")} {onclick}>
                { words.say(tab.name) }
            </button>
        }
    });
    let languages = Language::ALL.iter().map(|language| {
        let language = *language;
        html! {
            <button class="menu-item" type="button" role="menuitemradio" key={language.code()} lang={language.code()}
                aria-checked={(language == prefs.language).to_string()}
                onclick={shell.reform(move |_| ShellAction::Language(language))}>
                { text(language, msg!("page.language-name"), &[]) }
            </button>
        }
    });
    let themes = ThemeChoice::ALL.into_iter().map(|theme| {
        let name = match theme {
            ThemeChoice::System => msg!("page.theme-system"),
            ThemeChoice::Light => msg!("page.theme-light"),
            ThemeChoice::Dark => msg!("page.theme-dark"),
            ThemeChoice::Contrast => msg!("page.theme-contrast"),
        };
        html! {
            <button class="menu-item" type="button" role="menuitemradio" key={theme.code()}
                aria-checked={(theme == prefs.theme).to_string()}
                onclick={shell.reform(move |_| ShellAction::Theme(theme))}>
                { words.say(name) }
            </button>
        }
    });
    let closed = prefs.is_closed(view);
    let open = *editor_open;
    let is_seen = if is_narrow { open } else { !closed && !prefs.presenter };
    let toggle = shell.reform(move |_| {
        // On a phone the editor lies over the stage.
        if is_phone() { ShellAction::EditorOpen(!open) } else { ShellAction::EditorClosed(view, !closed) }
    });
    let editor = words.say(msg!("page.editor"));
    let help = words.say(msg!("page.keys-show"));
    let give = words.say(msg!("page.give"));
    let lessons = words.say(msg!("page.lessons"));
    html! {
        <header class="bar">
            <div class="brand">
                { icons::brand() }
                <h1>{ words.say(msg!("page.title")) }</h1>
                <span class="visually-hidden">{ words.say(msg!("page.tagline")) }</span>
            </div>
            <nav class="tabs" aria-label={words.say(msg!("page.views"))}>{ for tabs }</nav>
            <div class="tools">
                <button class="tool" type="button" data-act="editor" title={editor.clone()} aria-label={editor.clone()}
                    aria-pressed={is_seen.to_string()} onclick={toggle}>
                    { icons::panel() }<span class="tool-name">{ editor.clone() }</span>
                </button>
                <Examples shell={shell.clone()} />
                <Faults shell={shell.clone()} />
                <Menu label={format!("{}: {}", words.say(msg!("page.language")), words.say(msg!("page.language-name")))} role="menu"
                    face={html! { <>{ icons::globe() }<span class="tool-name">{ words.say(msg!("page.language-name")) }</span></> }}>
                    { for languages }
                </Menu>
                <Menu label={words.say(msg!("page.theme"))} role="menu" face={icons::sun_and_moon()}>{ for themes }</Menu>
                <button class="tool" type="button" title={lessons.clone()} aria-label={lessons.clone()} data-act="lessons" disabled={is_recorded}
                    onclick={shell.reform(|_| ShellAction::Lessons)}>
                    { icons::cap() }<span class="tool-name tool-name-last">{ lessons.clone() }</span>
                </button>
                <button class="tool" type="button" title={give.clone()} aria-label={give} data-act="give"
                    onclick={shell.reform(|_| ShellAction::Give(true))}>
                    { icons::link() }
                </button>
                <button class="tool tool-keys" type="button" title={help.clone()} aria-label={help} data-act="help"
                    onclick={shell.reform(|_| ShellAction::Help(true))}>
                    { icons::question() }
                </button>
            </div>
        </header>
    }
}
