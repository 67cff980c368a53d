//! What can be done with an object: each button shows the command that it is.

use crate::app::faults::{self, performing};
use crate::app::phone::is_phone;
use crate::app::requests::Requests;
use crate::app::shell::{Notice, Offer, ShellAction};
use crate::app::theatre::{Theatre, use_theatre};
use crate::app::words::{Words, use_words};
use podium::api::objects::{Deployment, Pod};
use podium::api::{Kind, Object, ObjectKey};
use podium::msg;
use podium::session::Action;
use podium::session::breaking::{of_node, of_pod};
use podium::session::exchange::{Exchange, Place, exchanges};
use podium::session::fitting::{fitting, with_document};
use podium::session::joining::{Joining, joinings};
use podium::value::Str;
use yew::{AttrValue, Callback, Html, Properties, classes, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct ActionsProps {
    pub(super) object: ObjectKey,
    pub(super) shell: Callback<ShellAction>,
}

/// A button of the inspector.
struct Deed {
    /// The message of its name.
    name: &'static str,
    command: String,
    /// Whether the command is only written into the command line, for the person to complete it.
    complete: bool,
    danger: bool,
}

#[component]
pub(super) fn Actions(props: &ActionsProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    if theatre.is_recorded() {
        return html! { <p class="recorded-quiet">{ words.say(msg!("recorded.no-actions")) }</p> };
    }
    let deeds = {
        let session = theatre.session();
        let view = session.timeline().at(theatre.playhead().sim());
        view.object(&props.object).map(deeds).unwrap_or_default()
    };
    let faults = {
        let session = theatre.session();
        let at = theatre.playhead().sim();
        let view = session.timeline().at(at);
        let deeds = match view.object(&props.object) {
            Some(Object::Pod(pod)) => of_pod(view, pod),
            Some(Object::Node(_)) => {
                view.node(&props.object.name).map_or_else(Vec::new, |node| of_node(&session, at, node))
            }
            _ => Vec::new(),
        };
        deeds
            .into_iter()
            .map(|deed| faults::button(words, &theatre, &props.shell, "button", deed))
            .collect::<Vec<_>>()
    };
    // A Pod that no node takes: a Node that would, as a document that somebody may apply.
    let fit = {
        let session = theatre.session();
        fitting(session.timeline().at(theatre.playhead().sim()), &props.object)
    };
    let fit = fit.map(|document| {
        let (theatre, shell) = (theatre.clone(), props.shell.clone());
        let onclick = Callback::from(move |_| {
            let (file, text, view) = {
                let session = theatre.session();
                (session.open_file().name.clone(), session.open_file().text.clone(), session.view())
            };
            theatre.act(Action::EditFile(file.clone(), with_document(&text, &document).into()));
            shell.emit(ShellAction::EditorClosed(view, false));
            shell.emit(ShellAction::EditorOpen(true));
            let args = vec![("file", (&file).into())];
            let offer = Some(Offer::UndoFixes(file, text));
            shell.emit(ShellAction::Notice(Some(Notice { message: msg!("page.node-added"), args, offer })));
        });
        html! {
            <button class="button" type="button" data-act="fitting-node" title={words.say(msg!("page.add-node-hint"))} {onclick}>
                { words.say(msg!("page.add-node")) }
                <code class="button-command">{ "kind: Node" }</code>
            </button>
        }
    });
    // What a Pod's containers have together, or with their node: put into the manifest, or taken away there.
    let joining = {
        let session = theatre.session();
        let view = session.timeline().at(theatre.playhead().sim());
        let pod = view.object(&props.object).and_then(|object| object.get::<Pod>());
        pod.filter(|pod| !pod.metadata.is_terminating())
            .map_or_else(Vec::new, |pod| joinings(&session, view, pod))
    };
    let joining: Vec<Html> =
        joining.into_iter().map(|joining| join(words, &theatre, &props.shell, joining)).collect();
    // What they have together, shown by a file that one writes and another reads.
    let exchanges = {
        let session = theatre.session();
        let view = session.timeline().at(theatre.playhead().sim());
        let pod = view.object(&props.object).and_then(|object| object.get::<Pod>());
        pod.filter(|pod| !pod.metadata.is_terminating()).map_or_else(Vec::new, |pod| exchanges(pod))
    };
    let exchanges: Vec<Html> =
        exchanges.into_iter().map(|exchange| exchange_by(words, &theatre, &props.shell, exchange)).collect();
    let buttons = deeds.into_iter().map(|deed| {
        let Deed { name, command, complete, danger } = deed;
        if !complete {
            let class = classes!("button", danger.then_some("action-danger"));
            let action = Action::Command(command.as_str().into());
            return performing(
                &theatre,
                &props.shell,
                (class, "command"),
                (words.say(name), command),
                action,
            );
        }
        let onclick = {
            let (shell, command) = (props.shell.clone(), AttrValue::from(command.clone()));
            Callback::from(move |_| shell.emit(ShellAction::Compose(Some(command.clone()))))
        };
        html! {
            <button class="button" type="button" {onclick}>
                { words.say(name) }
                <code class="button-command">{ command }</code>
            </button>
        }
    });
    html! {
        <div class="actions">
            { for buttons }
            if props.object.kind == Kind::Service {
                <Requests key={format!("{}/{}", props.object.namespace, props.object.name)} service={props.object.clone()} class="button" shell={props.shell.clone()} />
            }
            { for faults }{ for fit }
            if !joining.is_empty() {
                <details class="joining">
                    <summary>{ words.say(msg!("editor.joining")) }</summary>
                    <p class="quiet">{ words.say(msg!("editor.joining-about")) }</p>
                    { for joining }
                </details>
            }
            if !exchanges.is_empty() {
                <details class="joining" data-of="exchange">
                    <summary>{ words.say(msg!("editor.exchange")) }</summary>
                    <p class="quiet">{ words.say(msg!("editor.exchange-about")) }</p>
                    { for exchanges }
                </details>
            }
        </div>
    }
}

/// The two commands of an exchange: one writes, the other reads.
fn exchange_by(words: Words, theatre: &Theatre, shell: &Callback<ShellAction>, exchange: Exchange) -> Html {
    let Exchange { place, containers: [from, to], write, read } = exchange;
    let where_to = match &place {
        Place::Memory => words.say(msg!("editor.exchange-memory")),
        Place::NodeMemory => words.say(msg!("editor.exchange-memory-node")),
        Place::Volume(name) => words.with(msg!("editor.exchange-volume"), &[("volume", name.into())]),
        Place::Own => words.say(msg!("editor.exchange-own")),
    };
    let button = |name: AttrValue, mark: &'static str, command: Str| {
        let shown = (name, command.to_string());
        performing(theatre, shell, (classes!("button"), mark), shown, Action::Command(command))
    };
    html! {
        <>
            <p class="quiet">{ where_to }</p>
            { button(words.with(msg!("editor.exchange-write"), &[("container", (&from).into())]), "exchange-write", write) }
            { button(words.with(msg!("editor.exchange-read"), &[("container", (&to).into())]), "exchange-read", read) }
        </>
    }
}

/// A button that edits the manifest and has the Pod replaced; what it has edited can be undone.
fn join(words: Words, theatre: &Theatre, shell: &Callback<ShellAction>, joining: Joining) -> Html {
    let Joining { field, is_set, file, text, command } = joining;
    let name = words.say(if is_set { msg!("editor.leave") } else { msg!("editor.join") });
    let title = command.to_string();
    let onclick = {
        let (theatre, shell) = (theatre.clone(), shell.clone());
        Callback::from(move |_| {
            let before = {
                let session = theatre.session();
                let known = session.files().iter().find(|known| known.name == file);
                known.map(|known| known.text.clone())
            };
            theatre.act(Action::EditFile(file.clone(), text.as_str().into()));
            theatre.perform(Action::Command(command.clone()));
            let args = vec![("field", field.into()), ("file", (&file).into())];
            let offer = before.map(|before| Offer::UndoFixes(file.clone(), before));
            shell.emit(ShellAction::Notice(Some(Notice { message: msg!("editor.joined"), args, offer })));
            if is_phone() {
                shell.emit(ShellAction::Inspect(None));
            }
        })
    };
    html! {
        <button class="button" type="button" data-act={format!("join-{field}")} {title} {onclick}>
            { name }
            <code class="button-command">{ format!("{field}: {}", !is_set) }</code>
        </button>
    }
}

/// What can be done with an object, the command as somebody would type it.
fn deeds(object: &Object) -> Vec<Deed> {
    let meta = object.meta();
    let kind = object.kind();
    let namespace = match &*meta.namespace {
        "" | "default" => String::new(),
        other => format!(" -n {other}"),
    };
    let resource = match kind.info().short {
        [short, ..] if kind != Kind::Service => (*short).to_owned(),
        _ => kind.info().name.to_ascii_lowercase(),
    };
    let resource = if matches!(kind, Kind::Pod) { "pod".to_owned() } else { resource };
    let name = &meta.name;
    let deed = |name, command: String| Deed { name, command, complete: false, danger: false };
    let mut deeds = Vec::new();
    if let Some(deployment) = object.get::<Deployment>() {
        let replicas = deployment.spec.replicas.unwrap_or(1);
        let scale = |to: i32| format!("kubectl scale {resource} {name} --replicas={to}{namespace}");
        deeds.push(deed(msg!("page.scale-up"), scale(replicas.saturating_add(1))));
        if replicas > 0 {
            deeds.push(deed(msg!("page.scale-down"), scale(replicas - 1)));
        }
        if let Some(container) = deployment.spec.template.spec.containers.first() {
            let image = format!("{}={}", container.name, container.image);
            let command = format!("kubectl set image {resource}/{name} {image}{namespace}");
            deeds.push(Deed { complete: true, ..deed(msg!("page.set-image"), command) });
        }
        let undo = format!("kubectl rollout undo {resource}/{name}{namespace}");
        deeds.push(deed(msg!("page.rollout-undo"), undo));
    }
    if !meta.is_terminating() {
        let delete = format!("kubectl delete {resource} {name}{namespace}");
        deeds.push(Deed { danger: true, ..deed(msg!("page.delete"), delete) });
    }
    deeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use podium::value::json;

    fn commands(kind: Kind, text: &str) -> Vec<String> {
        let value = json::parse(text).expect("valid");
        let object = Object::decode(kind, &value).expect("an object");
        deeds(&object).into_iter().map(|deed| deed.command).collect()
    }

    #[test]
    fn the_commands_are_those_that_somebody_would_type() {
        let pod = r#"{"metadata": {"name": "web", "namespace": "default"}}"#;
        assert_eq!(commands(Kind::Pod, pod), ["kubectl delete pod web"]);
        let service = r#"{"metadata": {"name": "web", "namespace": "shop"}}"#;
        assert_eq!(commands(Kind::Service, service), ["kubectl delete service web -n shop"]);
        let deployment = r#"{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 3, "template":
            {"spec": {"containers": [{"name": "c", "image": "nginx:1.25"}]}}}}"#;
        assert_eq!(
            commands(Kind::Deployment, deployment),
            [
                "kubectl scale deploy web --replicas=4 -n shop",
                "kubectl scale deploy web --replicas=2 -n shop",
                "kubectl set image deploy/web c=nginx:1.25 -n shop",
                "kubectl rollout undo deploy/web -n shop",
                "kubectl delete deploy web -n shop",
            ]
        );
    }
}
