//! What a command of a lesson has printed, below it: the terminal may be out of sight.

use crate::app::theatre::{Theatre, use_session, use_shown, use_theatre};
use crate::app::words::use_words;
use podium::cluster::record::ClientId;
use podium::timeline::{CommandView, View};
use podium::value::Str;
use podium::words::hints::said;
use web_sys::Element;
use yew::{Html, NodeRef, Properties, component, html, use_effect_with, use_mut_ref, use_node_ref};

/// So many pieces of it are shown: all there is to read of it stands in the terminal.
const MOST: usize = 200;

/// At its lower end the text of a step fades out, in pixels (`lesson.css`).
const FADE: f64 = 32.0;

#[derive(Properties, PartialEq)]
pub(super) struct PrintedProps {
    /// The command, as it is given.
    pub(super) line: Str,
}

/// The command as it was given last.
fn given<'a>(view: View<'a>, line: &Str) -> Option<CommandView<'a>> {
    view.commands().filter(|command| command.line == line).last()
}

/// Which one it is, and how much it has printed.
fn progress(view: View, line: &Str) -> Option<(ClientId, usize)> {
    given(view, line).map(|command| (command.client, command.printed().take(MOST).count()))
}

/// What it has printed, and which one it is. What is answered at once is there at once, as in the terminal.
fn printed(theatre: &Theatre, line: &Str) -> Option<(ClientId, String)> {
    let session = theatre.session();
    let answer = session.answer().filter(|answer| answer.line == line);
    let command = answer.or_else(|| given(session.timeline().at(theatre.playhead().sim()), line))?;
    let text: String = command.printed().take(MOST).map(|(_, text)| &**text).collect();
    (!text.trim().is_empty()).then_some((command.client, text))
}

/// It is empty as long as nothing was printed.
#[component]
pub(super) fn Printed(PrintedProps { line }: &PrintedProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_shown(&theatre, line.clone(), progress);
    use_session(&theatre, |session| session.answer().map(|answer| answer.client));
    let printed = printed(&theatre, line);
    let place = use_node_ref();
    let known = use_mut_ref(|| printed.as_ref().map(|(client, _)| *client));
    {
        // What was printed just now is seen; what stands there already when somebody comes moves nothing.
        let place = place.clone();
        use_effect_with(printed.as_ref().map(|(client, _)| *client), move |client| {
            if client.is_some() && known.replace(*client) != *client {
                bring_into_sight(&place);
            }
        });
    }
    let Some((_, text)) = printed else { return Html::default() };
    html! { <pre class="lesson-printed" tabindex="0" role="region" aria-label={line.to_string()} ref={place}>{ said(words.0, text.trim_end()).into_owned() }</pre> }
}

/// Moves the step no further than the end of this is seen.
fn bring_into_sight(place: &NodeRef) {
    let Some(printed) = place.cast::<Element>() else { return };
    let Some(body) = printed.closest(".panel-body").ok().flatten() else { return };
    if printed.get_bounding_client_rect().bottom() > body.get_bounding_client_rect().bottom() - FADE {
        printed.scroll_into_view_with_bool(false);
    }
}
