//! A text in the editor that kubectl has printed of objects that run is offered to be played. What was typed stays as it is.

use super::play;
use crate::app::shell::ShellAction;
use crate::app::theatre::{use_session, use_theatre};
use crate::app::words::use_words;
use podium::msg;
use podium::recording::part;
use podium::value::Str;
use yew::{Callback, Html, Properties, component, html, use_memo};

#[derive(Properties, PartialEq)]
pub(in crate::app) struct OfferProps {
    pub(in crate::app) text: Str,
    pub(in crate::app) file: Str,
    pub(in crate::app) shell: Callback<ShellAction>,
}

#[component]
pub(in crate::app) fn Offer(OfferProps { text, file, shell }: &OfferProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let is_played = use_session(&theatre, |session| session.recording().is_some());
    let is_recorded = use_memo(text.clone(), |text| part(text).is_some());
    if !*is_recorded || is_played {
        return Html::default();
    }
    let onclick = {
        let (text, file, shell) = (text.clone(), file.clone(), shell.clone());
        Callback::from(move |_| {
            if let Some(part) = part(&text) {
                play(theatre.clone(), shell.clone(), vec![(file.clone(), part.into())]);
            }
        })
    };
    html! {
        <div class="recorded-offer" role="status">
            <link rel="stylesheet" href="recorded.css" />
            <p>{ words.say(msg!("recorded.offer")) }</p>
            <button class="button button-bold" type="button" data-act="play-recorded" {onclick}>{ words.say(msg!("recorded.play")) }</button>
        </div>
    }
}
