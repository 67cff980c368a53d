//! What is said of what is not there at the moment: since when it is gone, or from when on it is there, and the way to that moment.

use super::Context;
use super::facts::named;
use super::why::seek;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::scene::Target;
use podium::timeline::Presence;
use yew::{Html, html};

/// Nothing of what is there.
pub(super) fn absent(context: &Context, target: &Target) -> Option<Html> {
    let Context { words, theatre, view, .. } = *context;
    let (id, at, go) = match view.presence(target) {
        Presence::There => return None,
        Presence::Gone { since, last } => (gone(target), Some(since), Some((msg!("why.go-last"), last))),
        Presence::ToCome { from } => (to_come(target), Some(from), Some((msg!("why.go-first"), from))),
        Presence::Never => (never(target), None, None),
    };
    let mut args = Vec::new();
    args.extend(target.object().into_iter().flat_map(named));
    args.extend(at.map(|at: SimTime| ("time", at.clock().into())));
    let go = go.map(|(name, at)| {
        html! {
            <button class="button" type="button" data-act="go-there" onclick={seek(theatre, at)}>{ words.say(name) }</button>
        }
    });
    Some(html! { <div class="absent"><p>{ words.with(id, &args) }</p>{ for go }</div> })
}

fn gone(target: &Target) -> &'static str {
    match target {
        Target::Object(_) | Target::Container { .. } => msg!("why.gone"),
        Target::Process { .. } => msg!("why.process-gone"),
        Target::Message(_) | Target::Request(_) => msg!("why.message-gone"),
    }
}

fn to_come(target: &Target) -> &'static str {
    match target {
        Target::Object(_) | Target::Container { .. } => msg!("why.to-come"),
        Target::Process { .. } => msg!("why.process-to-come"),
        Target::Message(_) | Target::Request(_) => msg!("why.message-to-come"),
    }
}

fn never(target: &Target) -> &'static str {
    match target {
        Target::Object(_) | Target::Container { .. } => msg!("page.inspector-gone"),
        Target::Process { .. } | Target::Message(_) | Target::Request(_) => msg!("why.nothing"),
    }
}
