//! The offer to show the cluster that stands beside the page. It is tried only when somebody presses it.

use super::watching::{Failed, Watching, namespaces};
use crate::app::shell::ShellAction;
use crate::app::theatre::use_theatre;
use crate::app::words::{Words, use_words};
use podium::manifest::Arg;
use podium::msg;
use podium::recording::live::{MAX_AT_FIRST, MOST_OBJECTS};
use podium::value::Str;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::{AttrValue, Callback, Html, Properties, component, html, use_node_ref, use_state_eq};

/// The command that serves the page beside a cluster.
const COMMAND: &str = "kubectl proxy --www=dist --www-prefix=/podium/";
/// Where it is then.
const ADDRESS: &str = "http://localhost:8001/podium/";

#[derive(Clone, PartialEq)]
enum Tried {
    Not,
    Tries,
    Failed(Failed),
}

#[derive(Properties, PartialEq)]
pub(in crate::app) struct OfferProps {
    pub(in crate::app) shell: Callback<ShellAction>,
}

#[component]
pub(in crate::app) fn Offer(OfferProps { shell }: &OfferProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let tried = use_state_eq(|| Tried::Not);
    let choices = use_state_eq(|| Rc::new(Vec::<Str>::new()));
    let chosen = use_node_ref();
    let onclick = {
        let (tried, choices, chosen, shell) = (tried.clone(), choices.clone(), chosen.clone(), shell.clone());
        Callback::from(move |_| {
            if *tried == Tried::Tries {
                return;
            }
            tried.set(Tried::Tries);
            let namespace = chosen
                .cast::<HtmlInputElement>()
                .map(|input| input.value().trim().to_owned())
                .unwrap_or_default();
            let (theatre, tried, choices, shell) =
                (theatre.clone(), tried.clone(), choices.clone(), shell.clone());
            yew::platform::spawn_local(async move {
                match Watching::begin(&theatre, &shell, namespace.into()).await {
                    Ok(()) => {
                        shell.emit(ShellAction::Give(false));
                        shell.emit(ShellAction::WelcomeDone);
                        shell.emit(ShellAction::Inspect(None));
                        shell.emit(ShellAction::EditorOpen(false));
                    }
                    Err(failed) => {
                        if matches!(failed, Failed::TooMuch(_) | Failed::TooLarge(_)) {
                            choices.set(Rc::new(namespaces().await));
                        }
                        tried.set(Tried::Failed(failed));
                    }
                }
            });
        })
    };
    let answer = match &*tried {
        Tried::Not => None,
        Tried::Tries => Some(words.say(msg!("live.looking"))),
        Tried::Failed(failed) => Some(told(words, failed)),
    };
    html! {
        <section class="live-offer">
            <link rel="stylesheet" href="recorded.css" />
            <h3>{ words.say(msg!("live.offer")) }</h3>
            <p>{ words.with(msg!("live.offer-about"), &[("address", ADDRESS.into())]) }</p>
            <pre class="live-command"><code>{ COMMAND }</code></pre>
            <div class="give-files">
                <label class="live-namespace">
                    { words.say(msg!("live.namespace")) }
                    <input ref={chosen} type="text" list="live-namespaces" placeholder={words.say(msg!("live.all"))}
                        spellcheck="false" autocomplete="off" autocapitalize="off" />
                </label>
                <datalist id="live-namespaces">
                    { for choices.iter().map(|name| html! { <option value={name.to_string()} /> }) }
                </datalist>
                <button class="button" type="button" data-act="live" {onclick}>{ words.say(msg!("live.show")) }</button>
            </div>
            <p class="live-answer" role="status">{ answer }</p>
        </section>
    }
}

fn told(words: Words, failed: &Failed) -> AttrValue {
    match failed {
        Failed::NoCluster => words.say(msg!("live.no-cluster")),
        Failed::Away(code) => words.with(msg!("live.away"), &[("code", usize::from(*code).into())]),
        Failed::TooMuch(count) => {
            words.with(msg!("live.too-much"), &[("count", (*count).into()), ("limit", MOST_OBJECTS.into())])
        }
        Failed::TooLarge(bytes) => words
            .with(msg!("live.too-large"), &[("size", megabytes(*bytes)), ("limit", megabytes(MAX_AT_FIRST))]),
        Failed::NothingAllowed => words.say(msg!("live.nothing-allowed")),
    }
}

fn megabytes(bytes: usize) -> Arg {
    bytes.div_ceil(1024 * 1024).into()
}
