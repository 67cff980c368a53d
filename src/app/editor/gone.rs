//! What is told of the objects that were applied and that the text no longer has.

use super::reading::Reading;
use crate::app::theatre::{use_shown, use_theatre};
use crate::app::words::use_words;
use podium::api::{Object, ObjectKey};
use podium::msg;
use podium::timeline::View;
use yew::{Html, Properties, component, html};

/// So many objects are named; of more only the number is told.
const NAMED: usize = 2;

#[derive(Properties, PartialEq)]
pub(super) struct GoneProps {
    pub(super) reading: Reading,
}

/// The line above what is done with the text. It is there as long as it is so.
#[component]
pub(super) fn Gone(props: &GoneProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_shown(&theatre, (), applied);
    let session = theatre.session();
    let is_gone = |key: &ObjectKey| props.reading.written().is_some_and(|written| !written.contains(key));
    let mut gone = applied(session.timeline().at(theatre.playhead().sim()), &());
    gone.retain(is_gone);
    let named = if gone.len() > NAMED + 1 { NAMED } else { gone.len() };
    let names = gone.iter().take(named).map(|key| format!("{} {}", key.kind.info().name, key.name));
    let mut list = names.collect::<Vec<_>>().join(", ");
    if named < gone.len() {
        let args = [("list", list.as_str().into()), ("count", (gone.len() - named).into())];
        list = words.with(msg!("page.and-more"), &args).to_string();
    }
    let leaves = || props.reading.written().is_some_and(|written| session.leaves_example(written));
    let told = (named > 0).then(|| match leaves() {
        true => words.say(msg!("page.example-left")),
        false => words.with(msg!("page.documents-gone"), &[("objects", list.as_str().into())]),
    });
    html! { <p class="gone" role="status">{ told }</p> }
}

/// The objects of Kubernetes' own kinds that were applied from a file.
fn applied(view: View, _: &()) -> Vec<ObjectKey> {
    let stays = |object: &&Object| !object.kind().is_custom() && !object.meta().is_terminating();
    view.applied().filter(stays).map(Object::key).collect()
}
