//! Requests that somebody has sent to a Service: from where, how many a second and for how long.

use super::faults::performing;
use super::shell::ShellAction;
use super::theatre::{use_shown, use_theatre};
use super::words::use_words;
use podium::api::ObjectKey;
use podium::api::objects::Service;
use podium::cluster::traffic::Sender;
use podium::msg;
use podium::session::Action;
use podium::session::sending::{Pace, of_service};
use podium::value::Str;
use web_sys::{Event, HtmlSelectElement};
use yew::{AttrValue, Callback, Html, Properties, TargetCast, classes, component, html, use_state_eq};

#[derive(Properties, PartialEq)]
pub(super) struct RequestsProps {
    pub(super) service: ObjectKey,
    /// How the button looks.
    pub(super) class: &'static str,
    pub(super) shell: Callback<ShellAction>,
}

/// The choices and the button; where nobody can send to the Service, why.
#[component]
pub(super) fn Requests(props: &RequestsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let pace = use_state_eq(Pace::default);
    let from = use_state_eq(|| None::<Str>);
    use_shown(&theatre, props.service.clone(), |view, key| {
        let service = view.object(key).and_then(|object| object.get::<Service>());
        service.map(|service| of_service(view, service, Pace::default()))
    });
    let sendings = {
        let session = theatre.session();
        let view = session.timeline().at(theatre.playhead().sim());
        let service = view.object(&props.service).and_then(|object| object.get::<Service>());
        service.map(|service| of_service(view, service, *pace))
    };
    let sendings = match sendings {
        Some(Ok(sendings)) => sendings,
        Some(Err(why)) => {
            let args = [("service", (&props.service.name).into())];
            return html! { <p class="sending-none">{ words.with(why, &args) }</p> };
        }
        None => return Html::default(),
    };
    let of = sendings.iter().position(|sending| from.as_ref() == Some(&sending.on)).unwrap_or(0);
    let Some(sending) = sendings.get(of) else { return Html::default() };
    let froms = sendings.iter().map(|sending| match sending.client.from {
        Sender::LoadBalancer(_) => words.say(msg!("sending.load-balancer")),
        _ => AttrValue::from(sending.on.to_string()),
    });
    let ons: Vec<Str> = sendings.iter().map(|sending| sending.on.clone()).collect();
    let on_from = Callback::from(move |at: usize| from.set(ons.get(at).cloned()));
    let number = |list: [u32; 4], is: u32, set: fn(&mut Pace, u32)| {
        let pace = pace.clone();
        let on = Callback::from(move |at: usize| {
            let mut new = *pace;
            set(&mut new, list[at]);
            pace.set(new);
        });
        (
            list.iter().position(|one| *one == is).unwrap_or(0),
            list.map(|one| AttrValue::from(one.to_string())),
            on,
        )
    };
    let (rate, rates, on_rate) = number(Pace::RATES, pace.per_second, |pace, rate| pace.per_second = rate);
    let (length, lengths, on_length) =
        number(Pace::LENGTHS, pace.seconds, |pace, seconds| pace.seconds = seconds);
    let args = [("count", (pace.per_second as usize).into()), ("seconds", (pace.seconds as usize).into())];
    let shown = (words.with(sending.name, &args), format!("{} # {}", sending.on, sending.command));
    html! {
        <div class="sending">
            if sendings.len() > 1 { { choice(words.say(msg!("sending.from")), "from", of, froms, on_from) } }
            { choice(words.say(msg!("sending.rate")), "rate", rate, rates.into_iter(), on_rate) }
            { choice(words.say(msg!("sending.length")), "length", length, lengths.into_iter(), on_length) }
            { performing(&theatre, &props.shell, (classes!(props.class), "send"), shown, Action::Requests(sending.client.clone())) }
        </div>
    }
}

/// A list of which one holds; the place of the chosen one is handed on.
pub(super) fn choice(
    name: AttrValue,
    mark: &'static str,
    chosen: usize,
    choices: impl Iterator<Item = AttrValue>,
    on: Callback<usize>,
) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(at) = event.target_dyn_into::<HtmlSelectElement>() {
            on.emit(at.selected_index().try_into().unwrap_or(0));
        }
    });
    let options = choices.enumerate().map(|(at, choice)| {
        html! { <option key={at} selected={at == chosen}>{ choice }</option> }
    });
    html! {
        <label class="choice">
            <span>{ name }</span>
            <select class="tool" data-of={mark} {onchange}>{ for options }</select>
        </label>
    }
}
