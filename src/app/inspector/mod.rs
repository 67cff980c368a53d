//! The inspector: what is chosen on the stage, as it is at the playhead, and why it is so.

mod actions;
mod changes;
mod facts;
mod why;

use super::icons;
use super::shell::ShellAction;
use super::theatre::{Theatre, use_shown, use_theatre};
use super::words::{Words, use_words};
use actions::Actions;
use podium::api::objects::Pod;
use podium::api::{Object, ObjectKey};
use podium::cluster::record::{Change, Fact, RecordId};
use podium::cluster::time::WallClock;
use podium::msg;
use podium::scene::{Hue, Target};
use podium::timeline::{RowKey, Story, View};
use podium::value::{Str, Value, yaml};
use why::why;
use yew::{Callback, Html, Properties, classes, component, html, use_effect_with, use_node_ref};

#[derive(Properties, PartialEq)]
pub(super) struct InspectorProps {
    pub(super) chosen: Target,
    pub(super) shell: Callback<ShellAction>,
}

/// What the inspector shows is the same as long as these are.
#[derive(Clone, PartialEq)]
struct Shown {
    /// The record that gave the object its state, and how many Events there are about it.
    state: Option<RecordId>,
    events: usize,
    owned: usize,
}

#[component]
pub(super) fn Inspector(props: &InspectorProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let (key, container) = match &props.chosen {
        Target::Object(key) => (key.clone(), None),
        Target::Container { pod, name } => (pod.clone(), Some(name.clone())),
    };
    use_shown(&theatre, key.clone(), |view, key| {
        let state = view.row(&RowKey::Object(key.clone())).map(|record| record.id);
        let object = view.object(key);
        let events = object.map_or(0, |object| view.events_about(object).len());
        let owned = object.map_or(0, |object| view.owned_by(&object.meta().uid).count());
        Shown { state, events, owned }
    });
    let head = use_node_ref();
    {
        // Another choice is read from its beginning.
        let head = head.clone();
        use_effect_with(props.chosen.clone(), move |_| {
            if let Some(body) = head.cast::<web_sys::Element>() {
                body.set_scroll_top(0);
            }
        });
    }
    let choose = props.shell.reform(|target| ShellAction::Inspect(Some(target)));
    let session = theatre.session();
    let view = session.timeline().at(theatre.playhead().sim());
    let body = match view.last_known(&key) {
        Some((object, change)) if change != Change::Deleted => {
            let wall = session.timeline().start().setup.wall;
            let context = Context { words, theatre: &theatre, view, story: session.timeline().story(), wall };
            sections(&context, object, container.as_ref(), &choose)
        }
        _ => html! {
            <p class="quiet">{ words.with(msg!("page.inspector-gone"), &facts::named(&key)) }</p>
        },
    };
    let is_there = view.object(&key).is_some();
    let hue = Hue::of_kind(key.kind);
    let eyebrow = match &container {
        Some(_) => format!("{} · {}", key.kind.info().name, key.name),
        None if key.namespace.is_empty() => key.kind.info().name.to_owned(),
        None => format!("{} · {}", key.kind.info().name, key.namespace),
    };
    let close = props.shell.reform(|_| ShellAction::Inspect(None));
    let name = container.as_ref().unwrap_or(&key.name).to_string();
    html! {
        <aside class="panel inspector" data-open="" aria-label={words.say(msg!("page.inspector"))}>
            <button class="sheet-grip" type="button" aria-label={words.say(msg!("page.close"))} onclick={close.clone()} />
            <div class="inspector-head">
                <div>
                    <p class={classes!("eyebrow", hue.class())}>{ eyebrow }</p>
                    <h2 class="name">{ name }</h2>
                </div>
                <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} title={words.say(msg!("page.close"))}
                    onclick={close}>
                    { icons::cross() }
                </button>
            </div>
            <div class="panel-body" ref={head}>
                if let Some(term) = term(if container.is_some() { "Container" } else { key.kind.info().name }) {
                    <p class="quiet">{ words.say(&term) }</p>
                }
                if is_there {
                    <Actions object={key.clone()} shell={props.shell.clone()} />
                }
                { body }
            </div>
        </aside>
    }
}

/// The message that says what a kind is: `term.replica-set`.
fn term(kind: &str) -> Option<String> {
    let mut id = String::from("term.");
    for (place, letter) in kind.char_indices() {
        if place > 0 && letter.is_ascii_uppercase() {
            id.push('-');
        }
        id.push(letter.to_ascii_lowercase());
    }
    podium::words::ids("term.").any(|known| known == id).then_some(id)
}

fn section(title: Html, body: Html) -> Html {
    html! { <section class="section"><h3>{ title }</h3>{ body }</section> }
}

/// What the sections are made from.
struct Context<'a> {
    words: Words,
    theatre: &'a Theatre,
    view: View<'a>,
    story: &'a Story,
    wall: WallClock,
}

fn sections(context: &Context, object: &Object, container: Option<&Str>, choose: &Callback<Target>) -> Html {
    let Context { words, theatre, view, story, wall } = *context;
    let value = object.encode();
    let before = previous(view, &object.key()).map(Object::encode);
    if let (Some(name), Some(_)) = (container, object.get::<Pod>()) {
        let (now, before) = (of_container(&value, name), before.map(|before| of_container(&before, name)));
        return section(html! { { words.say(msg!("page.yaml")) } }, text(words, &now, before.as_ref()));
    }
    let conditions = facts::conditions(words, &value, wall);
    let events = view.events_about(object);
    html! {
        <>
            <section class="section">{ facts::facts(words, view, object, choose) }</section>
            if let Some(conditions) = conditions {
                { section(facts::asked("term.condition", words.say(msg!("page.conditions"))), conditions) }
            }
            { section(html! { { words.say(msg!("page.why")) } }, why(words, theatre, view, story, &object.key())) }
            { section(facts::asked("term.event", words.say(msg!("page.events"))), facts::events(words, &events, wall)) }
            { section(facts::asked("term.manifest", words.say(msg!("page.yaml"))), text(words, &value, before.as_ref())) }
        </>
    }
}

/// The state of an object before its last change.
fn previous<'a>(view: View<'a>, key: &ObjectKey) -> Option<&'a Object> {
    let versions = view.versions(&RowKey::Object(key.clone()));
    let before = versions.get(versions.len().checked_sub(2)?)?;
    match &view.history().record(before.record)?.fact {
        Fact::Object { object, change } if *change != Change::Deleted => Some(object),
        _ => None,
    }
}

/// What a Pod says of one container: its spec, and its status.
fn of_container(pod: &Value, name: &str) -> Value {
    let find = |path: [&str; 2]| {
        let list = pod.at(&path).and_then(Value::as_array).unwrap_or_default();
        list.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(name)).cloned()
    };
    let mut value = Value::object();
    for (part, lists) in [
        ("spec", [["spec", "containers"], ["spec", "initContainers"]]),
        ("status", [["status", "containerStatuses"], ["status", "initContainerStatuses"]]),
    ] {
        if let Some(found) = lists.into_iter().find_map(find) {
            value.set(&[part], found);
        }
    }
    value
}

/// A value as YAML. The lines that have just changed stand out.
fn text(words: Words, value: &Value, before: Option<&Value>) -> Html {
    let now = yaml::print(value);
    let lines: Vec<&str> = now.lines().collect();
    let before = before.map(yaml::print);
    let changed = match &before {
        Some(before) => changes::changed(&before.lines().collect::<Vec<_>>(), &lines),
        None => vec![false; lines.len()],
    };
    let lines = lines.iter().zip(changed).map(|(line, new)| {
        let (class, title) = if new { ("yaml-changed", Some(words.say(msg!("page.changed")))) } else { ("", None) };
        let (key, rest) = match line.find(": ").map(|at| at + 1).or(line.ends_with(':').then_some(line.len())) {
            Some(at) => line.split_at(at),
            None => ("", *line),
        };
        html! { <span {class} {title}><span class="code-key">{ key.to_owned() }</span>{ rest.to_owned() }{ "\n" }</span> }
    });
    html! { <pre class="yaml" tabindex="0">{ for lines }</pre> }
}
