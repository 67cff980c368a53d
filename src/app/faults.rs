//! What breaks: the faults that a cluster knows, each a button that shows the command that it is, and requests beside them.

use super::icons;
use super::menu::Menu;
use super::phone::is_phone;
use super::recorded;
use super::requests::{Requests, choice};
use super::shell::ShellAction;
use super::theatre::{Theatre, use_revision, use_shown, use_theatre};
use super::words::{Words, use_words};
use podium::api::objects::Pod;
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::record::NodeId;
use podium::msg;
use podium::session::Action;
use podium::session::breaking::{Deed, of_cluster, of_node, of_pod};
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

/// What the list is drawn of: how many nodes there are, the Pods of which something runs, and the Services.
fn listed(view: View) -> (usize, Vec<ObjectKey>, Vec<ObjectKey>) {
    let runs = |object: &&Object| object.get::<Pod>().is_some_and(|pod| !of_pod(view, pod).is_empty());
    let pods = view.objects(Kind::Pod, None).filter(runs).map(Object::key);
    // Nobody of one's own stands behind the API server's Service.
    let services = view.objects(Kind::Service, None).map(Object::key);
    let services = services.filter(|key| (&*key.namespace, &*key.name) != ("default", "kubernetes"));
    let nodes = view.objects(Kind::Node, None).count();
    (nodes, pods.take(MOST_PODS).collect(), services.take(MOST_PODS).collect())
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
    let (_, pods, services) = listed(view);
    let nodes =
        view.objects(Kind::Node, None).filter_map(|node| view.node(&node.meta().name)).take(MOST_NODES);
    let groups: Vec<(AttrValue, Vec<Deed>)> = nodes
        .map(|node: NodeId| (view.node_name(node).to_owned().into(), of_node(&session, at, node)))
        .chain([(words.say(msg!("page.control-plane")), of_cluster(&session, at))])
        .collect();
    let of = |deeds: Vec<Deed>| {
        html! { <>{ for deeds.into_iter().map(|deed| button(words, &theatre, &props.shell, "menu-item", deed)) }</> }
    };
    let group = |name: AttrValue, items: Html| {
        html! {
            <div class="menu-group" role="group" aria-label={name.clone()} key={name.to_string()}>
                <p class="menu-title">{ name }</p>
                { items }
            </div>
        }
    };
    let of_a_pod = one_of(&pods, &chosen).map(|(place, key)| {
        let deeds = view.object(key).and_then(|object| object.get::<Pod>()).map(|pod| of_pod(view, pod));
        let items =
            html! { <>{ choose("Pod", "pod", &pods, place, &chosen) }{ of(deeds.unwrap_or_default()) }</> };
        group(words.say(msg!("page.faults-pod")), items)
    });
    let requests = one_of(&services, &to).map(|(place, key)| {
        let items = html! {
            <>
                { choose("Service", "service", &services, place, &to) }
                <Requests key={format!("{}/{}", key.namespace, key.name)} service={key.clone()} class="menu-item" shell={props.shell.clone()} />
            </>
        };
        group(words.say(msg!("page.faults-requests")), items)
    });
    html! { <>{ for groups.into_iter().map(|(name, deeds)| group(name, of(deeds))) }{ for of_a_pod }{ for requests }</> }
}

/// The chosen one of some objects with its place, or the first where none is chosen or it is gone.
fn one_of<'a>(objects: &'a [ObjectKey], chosen: &Option<ObjectKey>) -> Option<(usize, &'a ObjectKey)> {
    let place = objects.iter().position(|key| chosen.as_ref() == Some(key)).unwrap_or(0);
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
