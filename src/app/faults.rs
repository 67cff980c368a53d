//! What breaks: the faults that a cluster knows, each a button that shows the command that it is, and requests beside them.

use super::icons;
use super::menu::Menu;
use super::phone::is_phone;
use super::recorded;
use super::requests::{Requests, choice};
use super::shell::ShellAction;
use super::theatre::{Theatre, use_revision, use_shown, use_theatre};
use super::words::{Words, use_words};
use podium::api::objects::{Pod, Service};
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::record::NodeId;
use podium::msg;
use podium::session::Action;
use podium::session::breaking::{Deed, of_cluster, of_node, of_pod};
use podium::session::sending::{Pace, of_service};
use podium::timeline::View;
use yew::{
    AttrValue, Callback, Classes, Html, Properties, UseStateHandle, classes, component, html, use_state_eq,
};

/// Nodes of more than this are not listed.
const MOST_NODES: usize = 8;

/// Pods and Services of more than this are not listed.
const MOST_PODS: usize = 100;

/// A button that does it.
pub(super) fn button(
    words: Words,
    theatre: &Theatre,
    shell: &Callback<ShellAction>,
    class: &'static str,
    deed: Deed,
) -> Html {
    let class = classes!(class, (!deed.mends).then_some("action-danger"));
    let name = words.with(deed.name, &deed.args);
    let command = format!("{} # {}", deed.on, deed.command);
    performing(theatre, shell, (class, "fault"), (name, command), Action::Fault(deed.fault))
}

/// A button of a look and a mark that does something in the cluster; it shows its name and the command that it is.
pub(super) fn performing(
    theatre: &Theatre,
    shell: &Callback<ShellAction>,
    (class, mark): (Classes, &'static str),
    (name, command): (AttrValue, String),
    action: Action,
) -> Html {
    let onclick = {
        let (theatre, shell) = (theatre.clone(), shell.clone());
        Callback::from(move |_| {
            theatre.perform(action.clone());
            // On a phone the inspector lies over what comes of it.
            if is_phone() {
                shell.emit(ShellAction::Inspect(None));
            }
        })
    };
    html! {
        <button {class} type="button" data-act={mark} key={command.clone()} {onclick}>
            { name }
            <code class="button-command">{ command }</code>
        </button>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct FaultsProps {
    pub(super) shell: Callback<ShellAction>,
}

/// The menu of what can be broken: on each node, in the control plane and the registry, in a Pod; and requests, which show what
/// comes of it.
#[component]
pub(super) fn Faults(props: &FaultsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let is_open = use_state_eq(|| false);
    let toggled = {
        let is_open = is_open.clone();
        Callback::from(move |now| is_open.set(now))
    };
    let name = words.say(msg!("page.faults"));
    html! {
        <Menu label={name.clone()} {toggled} face={html! { <>{ icons::bolt() }<span class="tool-name">{ name }</span></> }}>
            if *is_open {
                if theatre.is_recorded() {
                    { recorded::away(words, &theatre, msg!("recorded.no-faults")) }
                } else {
                    <List shell={props.shell.clone()} />
                }
            }
        </Menu>
    }
}

/// What the list is drawn of: how many nodes there are, the Pods of which something runs, the Services, and the place of the first of
/// these that can be sent to.
fn listed(view: View) -> (usize, Vec<ObjectKey>, Vec<ObjectKey>, usize) {
    let runs = |object: &&Object| object.get::<Pod>().is_some_and(|pod| !of_pod(view, pod).is_empty());
    let pods = view.objects(Kind::Pod, None).filter(runs).map(Object::key);
    // Nobody of one's own stands behind the API server's Service.
    let services = view.objects(Kind::Service, None).map(Object::key);
    let services = services.filter(|key| (&*key.namespace, &*key.name) != ("default", "kubernetes"));
    let nodes = view.objects(Kind::Node, None).count();
    let services: Vec<ObjectKey> = services.take(MOST_PODS).collect();
    let is_sent_to = |key: &ObjectKey| {
        let service = view.object(key).and_then(|object| object.get::<Service>());
        service.is_some_and(|service| of_service(view, service, Pace::default()).is_ok())
    };
    let first = services.iter().position(is_sent_to).unwrap_or(0);
    (nodes, pods.take(MOST_PODS).collect(), services, first)
}

/// The open list.
#[component]
fn List(props: &FaultsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let chosen = use_state_eq(|| None::<ObjectKey>);
    let to = use_state_eq(|| None::<ObjectKey>);
    use_shown(&theatre, (), |view, ()| listed(view));
    let at = theatre.playhead().sim();
    let session = theatre.session();
    let view = session.timeline().at(at);
    let (_, pods, services, sent_to) = listed(view);
    let nodes =
        view.objects(Kind::Node, None).filter_map(|node| view.node(&node.meta().name)).take(MOST_NODES);
    let nodes: Vec<(AttrValue, Vec<Deed>)> = nodes
        .map(|node: NodeId| (view.node_name(node).to_owned().into(), of_node(&session, at, node)))
        .collect();
    let control_plane = of_cluster(&session, at);
    let of = |deeds: Vec<Deed>| {
        html! { <>{ for deeds.into_iter().map(|deed| button(words, &theatre, &props.shell, "menu-item", deed)) }</> }
    };
    let group = |name: AttrValue, class: Option<&'static str>, items: Html| {
        html! {
            <div class={classes!("menu-group", class)} role="group" aria-label={name.clone()} key={name.to_string()}>
                <p class="menu-title">{ name }</p>
                { items }
            </div>
        }
    };
    let of_a_pod = one_of(&pods, &chosen, 0).map(|(place, key)| {
        let deeds = view.object(key).and_then(|object| object.get::<Pod>()).map(|pod| of_pod(view, pod));
        let items =
            html! { <>{ choose("Pod", "pod", &pods, place, &chosen) }{ of(deeds.unwrap_or_default()) }</> };
        group(words.say(msg!("page.faults-pod")), None, items)
    });
    let requests = one_of(&services, &to, sent_to).map(|(place, key)| {
        let items = html! {
            <>
                { choose("Service", "service", &services, place, &to) }
                <Requests key={format!("{}/{}", key.namespace, key.name)} service={key.clone()} class="menu-item" shell={props.shell.clone()} />
            </>
        };
        group(words.say(msg!("page.faults-requests")), None, items)
    });
    // The control plane has a button for each image of the registry: what comes after it stands beside it.
    let control_plane =
        group(words.say(msg!("page.control-plane")), Some("menu-group-high"), of(control_plane));
    html! { <>{ for nodes.into_iter().map(|(name, deeds)| group(name, None, of(deeds))) }{ control_plane }{ for of_a_pod }{ for requests }</> }
}

/// The chosen one of some objects with its place, or the one at `first` where none is chosen or it is gone.
fn one_of<'a>(
    objects: &'a [ObjectKey],
    chosen: &Option<ObjectKey>,
    first: usize,
) -> Option<(usize, &'a ObjectKey)> {
    let place = objects.iter().position(|key| chosen.as_ref() == Some(key)).unwrap_or(first);
    Some((place, objects.get(place)?))
}

/// A list of objects to choose one of.
fn choose(
    kind: &'static str,
    mark: &'static str,
    objects: &[ObjectKey],
    place: usize,
    chosen: &UseStateHandle<Option<ObjectKey>>,
) -> Html {
    let names = objects.iter().map(|key| match &*key.namespace {
        "default" => AttrValue::from(key.name.to_string()),
        namespace => AttrValue::from(format!("{namespace}/{}", key.name)),
    });
    let (keys, chosen) = (objects.to_vec(), chosen.clone());
    choice(
        kind.into(),
        mark,
        place,
        names,
        Callback::from(move |at: usize| chosen.set(keys.get(at).cloned())),
    )
}
