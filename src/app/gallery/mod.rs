//! The gallery (`#/gallery`): each view in each state worth seeing, for those who work on the views. What stands there is a list
//! beside the page (`podium::session::gallery`); a run is played, and its picture drawn, when somebody comes near it.

mod near;
mod picture;

use super::dress;
use super::icons;
use super::prefs::{Prefs, ThemeChoice};
use super::shell::{Shell, ShellAction};
use super::words::Words;
use gloo::net::http::Request;
use gloo::utils::window;
use picture::{Picture, Runs};
use podium::msg;
use podium::scene::views;
use podium::session::ViewName;
use podium::session::gallery::{Shown, read};
use podium::words::{Language, text as say};
use std::rc::Rc;
use web_sys::{Event, HtmlElement, HtmlSelectElement};
use yew::platform::spawn_local;
use yew::{
    Callback, ContextProvider, Html, NodeRef, Properties, TargetCast, component, html, use_effect_with,
    use_memo, use_reducer, use_state,
};

/// The fragment of its address.
const ADDRESS: &str = "#/gallery";

/// Whether the address asks for the gallery in the page's place.
pub(crate) fn is_asked() -> bool {
    window().location().hash().is_ok_and(|fragment| fragment == ADDRESS)
}

/// What has come of asking for the list.
#[derive(Clone, PartialEq)]
enum Asked {
    Coming,
    Came(Rc<Vec<Rc<Shown>>>),
    Failed,
}

/// The whole page.
#[component]
pub(crate) fn Gallery() -> Html {
    let shell = use_reducer(|| Shell::new(false));
    let asked = use_state(|| Asked::Coming);
    {
        let asked = asked.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                let text = text("gallery/list.txt").await;
                asked.set(text.map_or(Asked::Failed, |text| {
                    Asked::Came(Rc::new(read(&text).into_iter().map(Rc::new).collect()))
                }));
            });
            // Another address is another page.
            let listener = gloo::events::EventListener::new(&window(), "hashchange", |_| {
                _ = window().location().reload();
            });
            move || drop(listener)
        });
    }
    use_effect_with(shell.prefs.clone(), |prefs: &Prefs| {
        dress(prefs);
        _ = prefs.save();
    });
    let words = Words(shell.prefs.language);
    let act = shell.dispatcher().to_callback();
    let body = match &*asked {
        Asked::Coming => html! {},
        Asked::Failed => html! { <p class="gallery-failed">{ words.say(msg!("gallery.failed")) }</p> },
        Asked::Came(list) => html! { <Rooms list={list.clone()} /> },
    };
    html! {
        <ContextProvider<Words> context={words}>
            <link rel="stylesheet" href="gallery/gallery.css" />
            <link rel="stylesheet" href="timeline.css" />
            <div class="gallery">
                <header class="bar gallery-bar">
                    <a class="brand" href="./">{ icons::brand() }<span>{ words.say(msg!("page.title")) }</span></a>
                    <div class="tools">
                        { languages(&shell.prefs, &act) }
                        { themes(&shell.prefs, &act) }
                    </div>
                </header>
                <main class="gallery-all">
                    <h1>{ words.say(msg!("gallery.title")) }</h1>
                    <p class="gallery-about">{ words.say(msg!("gallery.about")) }</p>
                    { body }
                </main>
            </div>
        </ContextProvider<Words>>
    }
}

/// The choice of the language.
fn languages(prefs: &Prefs, act: &Callback<ShellAction>) -> Html {
    let name = say(prefs.language, msg!("page.language"), &[]);
    let act = act.clone();
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        if let Some(language) = Language::from_tag(&select.value()) {
            act.emit(ShellAction::Language(language));
        }
    });
    html! {
        <select class="tool" aria-label={name} data-act="language" {onchange}>
            { for Language::ALL.iter().map(|language| html! {
                <option value={language.code()} selected={*language == prefs.language} lang={language.code()}>
                    { say(*language, msg!("page.language-name"), &[]) }
                </option>
            }) }
        </select>
    }
}

/// The choice of the theme.
fn themes(prefs: &Prefs, act: &Callback<ShellAction>) -> Html {
    let words = Words(prefs.language);
    let act = act.clone();
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        if let Some(theme) = ThemeChoice::from_code(&select.value()) {
            act.emit(ShellAction::Theme(theme));
        }
    });
    html! {
        <select class="tool" aria-label={words.say(msg!("page.theme"))} data-act="theme" {onchange}>
            { for ThemeChoice::ALL.into_iter().map(|theme| html! {
                <option value={theme.code()} selected={theme == prefs.theme}>{ words.say(name_of(theme)) }</option>
            }) }
        </select>
    }
}

fn name_of(theme: ThemeChoice) -> &'static str {
    match theme {
        ThemeChoice::System => msg!("page.theme-system"),
        ThemeChoice::Light => msg!("page.theme-light"),
        ThemeChoice::Dark => msg!("page.theme-dark"),
        ThemeChoice::Contrast => msg!("page.theme-contrast"),
    }
}

#[derive(Properties, PartialEq)]
struct RoomsProps {
    list: Rc<Vec<Rc<Shown>>>,
}

/// The pictures, a room for each view, in the order of the list.
#[component]
fn Rooms(RoomsProps { list }: &RoomsProps) -> Html {
    let words = super::words::use_words();
    let runs = use_memo((), |()| Runs::default());
    let nodes = use_memo(list.clone(), |list| {
        let mut rooms: Vec<(Option<ViewName>, NodeRef)> = Vec::new();
        for shown in list.iter() {
            if !rooms.iter().any(|(view, _)| *view == shown.view) {
                rooms.push((shown.view, NodeRef::default()));
            }
        }
        rooms
    });
    let to = |node: &NodeRef| {
        let node = node.clone();
        Callback::from(move |_| {
            if let Some(room) = node.cast::<HtmlElement>() {
                room.scroll_into_view();
                _ = room.focus();
            }
        })
    };
    html! {
        <>
            <nav class="gallery-rooms" aria-label={words.say(msg!("gallery.views"))}>
                { for nodes.iter().map(|(view, node)| html! {
                    <button class="tab" type="button" onclick={to(node)}>{ words.say(title_of(*view)) }</button>
                }) }
            </nav>
            { for nodes.iter().map(|(view, node)| html! {
                <section class="gallery-room" aria-label={words.say(title_of(*view))}>
                    <h2 ref={node} tabindex="-1">{ words.say(title_of(*view)) }</h2>
                    { for list.iter().enumerate().filter(|(_, shown)| shown.view == *view).map(|(place, shown)| html! {
                        <Picture key={place} {place} shown={shown.clone()} runs={(*runs).clone()} />
                    }) }
                </section>
            }) }
        </>
    }
}

/// What a view is called.
fn title_of(view: Option<ViewName>) -> &'static str {
    let Some(view) = view else { return msg!("gallery.lanes") };
    views::all().iter().find(|entry| entry.id == view.as_str()).map_or("", |entry| entry.name)
}

/// A file beside the page.
async fn text(address: &str) -> Option<String> {
    match Request::get(address).send().await {
        Ok(answer) if answer.ok() => answer.text().await.ok(),
        _ => None,
    }
}
