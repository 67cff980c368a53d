//! Why an object is as it is: the chain of causes, from what a person did to what is seen. A click on a cause goes
//! to its moment.

use crate::app::theatre::Theatre;
use crate::app::transport::hue;
use crate::app::words::Words;
use podium::api::ObjectKey;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::scene::Hue;
use podium::timeline::{Command, RowKey, Story, View};
use yew::{AttrValue, Html, classes, html};

pub(super) fn why(words: Words, theatre: &Theatre, view: View, story: &Story, key: &ObjectKey) -> Html {
    let Some(record) = view.row(&RowKey::Object(key.clone())) else { return Html::default() };
    let why = story.why(view.history(), record.id);
    let command = why.command.and_then(|client| view.command(client)).map(|command| {
        let text = words.with(msg!("why.command"), &[("command", command.line.into())]);
        cause(theatre, Hue::Plain, text, command.began)
    });
    let beats = why
        .beats
        .iter()
        .map(|beat| cause(theatre, hue(beat), words.with(beat.say.id, &beat.say.args), beat.to));
    html! { <ol class="why">{ for command }{ for beats }</ol> }
}

fn cause(theatre: &Theatre, hue: Hue, text: AttrValue, at: SimTime) -> Html {
    let theatre = theatre.clone();
    let onclick = move |_| {
        theatre.tell(Command::Pause);
        theatre.tell(Command::Seek(at));
    };
    html! {
        <li class={classes!(hue.class())}>
            <button class="why-cause" type="button" {onclick}>{ text }{ " " }<small>{ at.clock() }</small></button>
        </li>
    }
}
