//! A command explained, below what it printed: what it asked of the API server in which order, and why it printed that.

use super::icons;
use super::theatre::{Theatre, use_shown, use_theatre};
use super::words::{Words, use_words};
use podium::cluster::record::ClientId;
use podium::cluster::time::MILLI;
use podium::manifest::Arg;
use podium::msg;
use podium::timeline::{Asked, CommandView, View, asked, printed};
use web_sys::Element;
use yew::{
    AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_node_ref, use_state_eq,
};

/// How many requests are told: a command that waits asks for as long as it runs.
const MOST: usize = 100;

#[derive(Properties, PartialEq)]
pub(super) struct ExplainedProps {
    pub(super) client: ClientId,
    pub(super) line: AttrValue,
    /// How much it has printed, and whether it has ended: what is told goes with it.
    pub(super) progress: (usize, bool),
}

/// How many requests of a command have an answer; none where it is not asked for.
fn answered(view: View, client: &Option<ClientId>) -> usize {
    let Some(command) = client.and_then(|client| view.command(client)) else { return 0 };
    asked(view, &command).iter().filter(|one| one.status.is_some()).map(|one| one.times).sum()
}

/// A button beside a command, and behind it what explains the command.
#[component]
pub(super) fn Explained(props: &ExplainedProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let is_open = use_state_eq(|| false);
    // What is open goes with the answers that come.
    use_shown(&theatre, is_open.then_some(props.client), answered);
    let onclick = {
        let is_open = is_open.clone();
        Callback::from(move |_| is_open.set(!*is_open))
    };
    // What opens below a long output is gone to.
    let panel = use_node_ref();
    {
        let panel = panel.clone();
        use_effect_with(*is_open, move |_| {
            if let Some(panel) = panel.cast::<Element>() {
                panel.scroll_into_view();
            }
        });
    }
    let what = words.with(msg!("page.command-explained"), &[("command", props.line.as_str().into())]);
    html! {
        <>
            <button class="terminal-why" type="button" data-act="explain" title={what.clone()} aria-label={what}
                aria-expanded={is_open.to_string()} {onclick}>
                { icons::question() }
            </button>
            if *is_open {
                <div class="terminal-explained" aria-live="off" ref={panel}>
                    { explanation(words, &theatre, props.client) }
                </div>
            }
        </>
    }
}

fn explanation(words: Words, theatre: &Theatre, client: ClientId) -> Html {
    let session = theatre.session();
    let now = session.timeline().at(theatre.playhead().sim());
    // What was answered at once is there before the playhead comes to it.
    let answer = session.answer().filter(|answer| answer.client == client);
    let view = answer.map_or(now, |_| session.timeline().at(session.timeline().history().end()));
    let Some(command) = answer.or_else(|| now.command(client)) else { return Html::default() };
    let asked = asked(view, &command);
    let why = printed(&command, &asked);
    let mut why: Vec<_> = why.iter().map(|said| words.with(said.id, &said.args)).collect();
    if why.is_empty() && command.ended.is_some() && command.printed().next().is_some() {
        why.push(words.say(msg!("asked.plain")));
    }
    html! {
        <>
            if !asked.is_empty() {
                <h3>{ words.say(msg!("asked.title")) }</h3>
                <ol>{ for asked.iter().take(MOST).map(|one| request(words, &command, one)) }</ol>
            }
            if !why.is_empty() {
                <h3>{ words.say(msg!("asked.printed")) }</h3>
                <ul>{ for why.into_iter().map(|said| html! { <li>{ said }</li> }) }</ul>
            }
        </>
    }
}

fn request(words: Words, command: &CommandView, asked: &Asked) -> Html {
    let after = |micros: u64| Arg::Millis(micros / MILLI);
    let moment = words.with(msg!("asked.moment"), &[("time", after(asked.at.since(command.began)))]);
    let times = (asked.times > 1)
        .then(|| words.with(msg!("asked.times"), &[("count", asked.times.into())]))
        .map(|times| html! { { format!(" · {times}") } });
    let status = match asked.status {
        Some(status) => html! { <b class={(status >= 400).then_some("terminal-error")}>{ status }</b> },
        None => html! { { words.say(msg!("asked.under-way")) } },
    };
    html! {
        <li>
            { words.with(asked.sentence.id, &asked.sentence.args) }
            <code>{ format!("{} {}", asked.method, asked.path) }{ " → " }{ status }</code>
            <small>{ moment }{ for times }</small>
        </li>
    }
}
