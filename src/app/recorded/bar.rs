//! The bar above the stage while a recording is played: what it is, where it first differs from the simulation, and the way back.

use super::{go_back, keep};
use crate::app::live;
use crate::app::phone::is_phone;
use crate::app::shell::ShellAction;
use crate::app::theatre::{Theatre, recorded::Compared, use_revision, use_theatre};
use crate::app::words::{Words, use_words};
use podium::cluster::time::SimTime;
use podium::msg;
use podium::recording::{Difference, Outcome, Recording, Source};
use podium::scene::Target;
use podium::session::Action;
use podium::timeline::Command;
use podium::value::Str;
use yew::{AttrValue, Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(in crate::app) struct BarProps {
    pub(in crate::app) shell: Callback<ShellAction>,
}

#[component]
pub(in crate::app) fn Bar(BarProps { shell }: &BarProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let Some(recording) = theatre.session().recording().cloned() else { return Html::default() };
    if let Some(watching) = theatre.watching() {
        return html! { <live::Bar {watching} /> };
    }
    html! {
        <section class="recorded" aria-label={words.say(msg!("recorded.title"))}>
            <link rel="stylesheet" href="recorded.css" />
            <div class="recorded-head">
                <strong class="recorded-title">{ words.say(msg!("recorded.title")) }</strong>
                <span class="recorded-what">{ what(words, &recording) }</span>
                { about(words, &recording) }
                { live::save_button(words, &recording) }
                { go_back(words, &theatre) }
            </div>
            { difference(words, &theatre, shell) }
        </section>
    }
}

/// How many objects, and from when to when.
fn what(words: Words, recording: &Recording) -> AttrValue {
    let clock = |at: SimTime| recording.wall.rfc3339(at).trim_end_matches('Z').replace('T', " ");
    let (from, to) = (clock(SimTime::ZERO), clock(recording.end));
    // The day is told once.
    let to = match (from.split_once(' '), to.split_once(' ')) {
        (Some((day, _)), Some((other, time))) if day == other => time.to_owned(),
        _ => to,
    };
    let args = [("count", recording.objects.into()), ("from", from.into()), ("to", to.into())];
    words.with(msg!("recorded.what"), &args)
}

/// Where its times come from, and what is not in it.
fn about(words: Words, recording: &Recording) -> Html {
    let source = match recording.source {
        Source::Timed => msg!("recorded.timed"),
        Source::Watch => msg!("recorded.watch"),
        Source::Look => msg!("recorded.look"),
    };
    let left_out = (recording.left_out > 0)
        .then(|| words.with(msg!("recorded.left-out"), &[("count", recording.left_out.into())]));
    let is_cut = recording.is_cut.then(|| words.say(msg!("recorded.is-cut")));
    let is_lost = (!keep::is_kept()).then(|| words.say(msg!("recorded.lost-on-reload")));
    let told =
        [Some(words.say(source)), Some(words.say(msg!("recorded.objects-only"))), left_out, is_cut, is_lost];
    html! {
        <details class="recorded-about">
            <summary>{ words.say(msg!("recorded.about")) }</summary>
            <div>{ for told.into_iter().flatten().map(|text| html! { <p>{ text }</p> }) }</div>
        </details>
    }
}

fn difference(words: Words, theatre: &Theatre, shell: &Callback<ShellAction>) -> Html {
    let Some(compared) = theatre.compared() else { return Html::default() };
    let line = |text: AttrValue| html! { <p class="recorded-compared" role="status">{ text }</p> };
    match compared {
        Compared::Comes => line(words.say(msg!("recorded.comparing"))),
        Compared::Came(Outcome::NoManifests, ..) => line(words.say(msg!("recorded.no-manifests"))),
        Compared::Came(Outcome::Same(count), is_whole, refused) => html! {
            <div class="recorded-difference">
                { line(words.with(msg!("recorded.same"), &[("count", count.into())])) }
                { how(words, None, is_whole, refused) }
            </div>
        },
        Compared::Came(Outcome::Differs(found), is_whole, refused) => {
            let onclick = {
                let (theatre, shell, found) = (theatre.clone(), shell.clone(), found.clone());
                Callback::from(move |_| go_there(&theatre, &shell, &found))
            };
            let time = found.at.clock();
            html! {
                <div class="recorded-difference">
                    <p class="recorded-compared" role="status">
                        <span class="recorded-mark" aria-hidden="true">{ "◆" }</span>
                        { words.with(msg!("recorded.first"), &[("time", time.as_str().into())]) }{ " " }
                        <strong>{ words.with(found.say.id, &found.say.args) }</strong>
                    </p>
                    <button class="button" type="button" data-act="go-there" {onclick}>{ words.say(msg!("recorded.go-there")) }</button>
                    { how(words, Some(&found), is_whole, refused) }
                </div>
            }
        }
    }
}

/// How it was compared.
fn how(words: Words, found: Option<&Difference>, is_whole: bool, refused: Option<Str>) -> Html {
    let agree = found.map(|found| {
        words.with(msg!("recorded.agree"), &[("agree", found.agree.into()), ("all", found.all.into())])
    });
    let partly = (!is_whole).then(|| words.say(msg!("recorded.partly")));
    let refused = refused.map(|answer| words.with(msg!("recorded.refused"), &[("answer", (&answer).into())]));
    let told = [agree, refused, partly, Some(words.say(msg!("recorded.masked")))];
    html! {
        <details class="recorded-about">
            <summary>{ words.say(msg!("recorded.compared")) }</summary>
            <div>{ for told.into_iter().flatten().map(|text| html! { <p>{ text }</p> }) }</div>
        </details>
    }
}

/// Stands at the moment, and opens what it is about.
fn go_there(theatre: &Theatre, shell: &Callback<ShellAction>, found: &Difference) {
    theatre.tell(Command::Pause);
    theatre.tell(Command::Seek(found.at));
    if let Some(object) = &found.object {
        theatre.act(Action::Select(Some(object.clone())));
        // On a phone the inspector lies over what is to be seen.
        if !is_phone() {
            shell.emit(ShellAction::Inspect(Some(Target::Object(object.clone()))));
        }
    }
}
