//! What breaks: the faults that a cluster knows, each a button that shows the command that it is.

use super::header::is_phone;
use super::icons;
use super::menu::Menu;
use super::recorded;
use super::shell::ShellAction;
use super::theatre::{Theatre, use_revision, use_shown, use_theatre};
use super::words::{Words, use_words};
use podium::api::Kind;
use podium::cluster::record::NodeId;
use podium::msg;
use podium::session::Action;
use podium::session::breaking::{Deed, of_cluster, of_node};
use yew::{AttrValue, Callback, Classes, Html, Properties, classes, component, html};

/// Nodes of more than this are not listed.
const MOST_NODES: usize = 8;

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

/// The menu of what can be broken in the control plane, the registry and on each node.
#[component]
pub(super) fn Faults(props: &FaultsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    use_shown(&theatre, (), |view, ()| view.objects(Kind::Node, None).count());
    let at = theatre.playhead().sim();
    let session = theatre.session();
    let view = session.timeline().at(at);
    let nodes =
        view.objects(Kind::Node, None).filter_map(|node| view.node(&node.meta().name)).take(MOST_NODES);
    let groups: Vec<(AttrValue, Vec<Deed>)> = nodes
        .map(|node: NodeId| (view.node_name(node).to_owned().into(), of_node(&session, at, node)))
        .chain([(words.say(msg!("page.control-plane")), of_cluster(&session, at))])
        .collect();
    if session.recording().is_some() {
        return html! {
            <Menu label={words.say(msg!("page.faults"))}
                face={html! { <>{ icons::bolt() }<span class="tool-name">{ words.say(msg!("page.faults")) }</span></> }}>
                { recorded::away(words, &theatre, msg!("recorded.no-faults")) }
            </Menu>
        };
    }
    let groups = groups.into_iter().map(|(name, deeds)| {
        html! {
            <div class="menu-group" role="group" aria-label={name.clone()} key={name.to_string()}>
                <p class="menu-title">{ name }</p>
                { for deeds.into_iter().map(|deed| button(words, &theatre, &props.shell, "menu-item", deed)) }
            </div>
        }
    });
    html! {
        <Menu label={words.say(msg!("page.faults"))}
            face={html! { <>{ icons::bolt() }<span class="tool-name">{ words.say(msg!("page.faults")) }</span></> }}>
            { for groups }
        </Menu>
    }
}
