//! The inspector: what is chosen on the stage, as it is at the playhead, and why it is so.

mod absent;
mod actions;
mod changes;
mod facts;
mod parts;
mod why;

use super::editor::Reading;
use super::grip::Grip;
use super::icons;
use super::shell::ShellAction;
use super::theatre::{Theatre, use_session, use_shown, use_theatre};
use super::words::{Words, use_words};
use absent::absent;
use actions::Actions;
use parts::Head;
use podium::api::objects::Pod;
use podium::api::{Object, ObjectKey};
use podium::cluster::record::{Change, Fact, RecordId};
use podium::cluster::time::WallClock;
use podium::msg;
use podium::scene::Target;
use podium::timeline::{Presence, RowKey, Sentence, Story, View, reasons};
use podium::value::{Str, Value, yaml};
use why::why;
use yew::{Callback, Html, Properties, classes, component, html, use_effect_with, use_node_ref};

#[derive(Properties, PartialEq)]
pub(super) struct InspectorProps {
    pub(super) chosen: Target,
    /// What was read in the files, for the line that something was applied from.
    pub(super) reading: Reading,
    pub(super) shell: Callback<ShellAction>,
}

/// What the inspector shows is the same as long as these are.
#[derive(Clone, PartialEq)]
struct Shown {
    /// The record that gave it its state, the one of its object, whether it is there, and how many Events there are about it.
    asked: Option<RecordId>,
    state: Option<RecordId>,
    presence: Presence,
    events: usize,
    owned: usize,
    /// Why it is so, which may hang on others.
    reasons: Vec<Sentence>,
    /// The last request that has come to it, and how many of the last ones have ended.
    requests: (Option<u32>, usize),
}

fn shown(view: View, target: &Target) -> Shown {
    let key = target.object();
    let object = key.and_then(|key| view.object(key));
    let requests = match object {
        Some(Object::Service(_)) => parts::requested(view),
        _ => (None, 0),
    };
    Shown {
        asked: view.asked(target).map(|record| record.id),
        state: key.and_then(|key| view.row(&RowKey::Object(key.clone()))).map(|record| record.id),
        presence: view.presence(target),
        events: object.map_or(0, |object| view.events_about(object).len()),
        owned: object.map_or(0, |object| view.owned_by(&object.meta().uid).count()),
        reasons: reasons(view, target),
        requests,
    }
}

#[component]
pub(super) fn Inspector(props: &InspectorProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let target = &props.chosen;
    use_shown(&theatre, target.clone(), shown);
    // Where the files say it may be another line.
    use_session(&theatre, |session| session.files_revision());
    let head = use_node_ref();
    {
        // Another choice is read from its beginning.
        let head = head.clone();
        use_effect_with(target.clone(), move |_| {
            if let Some(body) = head.cast::<web_sys::Element>() {
                body.set_scroll_top(0);
            }
        });
    }
    let choose = props.shell.reform(|target| ShellAction::Inspect(Some(target)));
    let session = theatre.session();
    let timeline = session.timeline();
    let context = Context {
        words,
        theatre: &theatre,
        view: timeline.at(theatre.playhead().sim()),
        story: timeline.story(),
        wall: timeline.start().setup.wall,
        reading: &props.reading,
        choose: &choose,
        shell: &props.shell,
    };
    let Head { eyebrow, name, hue } = parts::head(&context, target);
    let acts_on = match target {
        Target::Object(key) | Target::Container { pod: key, .. } if context.view.object(key).is_some() => {
            Some(key.clone())
        }
        _ => None,
    };
    let kind = match target {
        Target::Object(key) => Some(key.kind.info().name),
        Target::Container { .. } => Some("Container"),
        Target::Process { .. } | Target::Message(_) | Target::Request(_) => None,
    };
    let close = props.shell.reform(|_| ShellAction::Inspect(None));
    html! {
        <aside class="panel inspector" data-open="" aria-label={words.say(msg!("page.inspector"))}>
            <Grip close={props.shell.reform(|()| ShellAction::Inspect(None))} />
            <div class="inspector-head">
                <div>
                    <p class={classes!("eyebrow", hue.class())}>
                        if let Target::Object(key) = target { { icons::kind(key.kind) } }
                        { eyebrow }
                    </p>
                    <h2 class="name">{ name }</h2>
                </div>
                <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} title={words.say(msg!("page.close"))}
                    onclick={close}>
                    { icons::cross() }
                </button>
            </div>
            <div class="panel-body" ref={head}>
                if let Some(term) = kind.and_then(term) {
                    <p class="quiet">{ words.say(&term) }</p>
                }
                if let Some(object) = acts_on {
                    <Actions {object} shell={props.shell.clone()} />
                }
                { for absent(&context, target) }
                { body(&context, target) }
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
    reading: &'a Reading,
    choose: &'a Callback<Target>,
    shell: &'a Callback<ShellAction>,
}

fn body(context: &Context, target: &Target) -> Html {
    let why = why(context, target).map(|why| section(html! { { context.words.say(msg!("page.why")) } }, why));
    let known = target.object().and_then(|key| context.view.last_known(key));
    match (target, known) {
        (Target::Object(_), Some((object, Change::Added | Change::Modified))) => {
            of_object(context, object, why)
        }
        (Target::Container { name, .. }, Some((object, Change::Added | Change::Modified))) => {
            of_container_of(context, object, name, why)
        }
        (_, Some((object, Change::Deleted))) => of_gone(context, object, why),
        _ => html! { <>{ for parts::facts(context, target) }{ for why }</> },
    }
}

fn of_object(context: &Context, object: &Object, why: Option<Html>) -> Html {
    let Context { words, view, wall, choose, .. } = *context;
    let value = object.encode();
    let before = previous(view, &object.key()).map(Object::encode);
    let conditions = facts::conditions(words, &value, wall);
    let events = view.events_about(object);
    let processes = object.get::<Pod>().and_then(|pod| parts::processes(context, pod, None));
    html! {
        <>
            <section class="section">{ facts::facts(words, view, object, choose) }</section>
            if let Some(conditions) = conditions {
                { section(facts::asked("term.condition", words.say(msg!("page.conditions"))), conditions) }
            }
            { for why }
            { for parts::requests(context, object) }
            { for processes }
            { section(facts::asked("term.event", words.say(msg!("page.events"))), facts::events(words, &events, wall)) }
            { section(facts::asked("term.manifest", words.say(msg!("page.yaml"))), text(words, &value, before.as_ref())) }
        </>
    }
}

fn of_container_of(context: &Context, pod: &Object, name: &Str, why: Option<Html>) -> Html {
    let Context { words, view, .. } = *context;
    let before = previous(view, &pod.key()).map(Object::encode);
    let (now, before) = (of_container(&pod.encode(), name), before.map(|before| of_container(&before, name)));
    html! {
        <>
            { for why }
            { for pod.get::<Pod>().and_then(|pod| parts::processes(context, pod, Some(name))) }
            { section(html! { { words.say(msg!("page.yaml")) } }, text(words, &now, before.as_ref())) }
        </>
    }
}

/// What is gone: why, and how it was last.
fn of_gone(context: &Context, object: &Object, why: Option<Html>) -> Html {
    let Context { words, view, wall, .. } = *context;
    let events = view.events_about(object);
    html! {
        <>
            { for why }
            { section(html! { { words.say(msg!("why.last-events")) } }, facts::events(words, &events, wall)) }
            { section(html! { { words.say(msg!("why.last-yaml")) } }, text(words, &object.encode(), None)) }
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
