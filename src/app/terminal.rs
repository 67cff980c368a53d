//! The command line: one line, what was typed before, and what came of it until the playhead.

use super::shell::ShellAction;
use super::theatre::{use_shown, use_theatre};
use super::words::use_words;
use podium::cluster::record::ClientId;
use podium::kubectl::is_command;
use podium::msg;
use podium::session::Action;
use podium::timeline::{Act, CommandView, View};
use web_sys::{Element, HtmlInputElement, KeyboardEvent, SubmitEvent};
use yew::{
    AttrValue, Callback, Html, InputEvent, Properties, TargetCast, component, html, use_effect_with,
    use_mut_ref, use_node_ref, use_state_eq,
};

/// How many commands the output goes back.
const MOST: usize = 30;

#[derive(Properties, PartialEq)]
pub(super) struct TerminalProps {
    /// A command that a button has written for somebody to complete.
    pub(super) composed: Option<AttrValue>,
    pub(super) shell: Callback<ShellAction>,
}

/// How much of the commands can be seen: the last one, how much it has printed, and whether it has ended.
fn progress(view: View, _: &()) -> Option<(ClientId, usize, Option<i32>)> {
    view.commands()
        .last()
        .map(|command| (command.client, command.printed().count(), command.ended.map(|(_, exit)| exit)))
}

#[component]
pub(super) fn Terminal(props: &TerminalProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_shown(&theatre, (), progress);
    let line = use_state_eq(AttrValue::default);
    // How far back in the commands that were given; 0 is the line itself.
    let back = use_mut_ref(|| 0_usize);
    let (input, output) = (use_node_ref(), use_node_ref());
    {
        let (line, input) = (line.clone(), input.clone());
        use_effect_with(props.composed.clone(), move |composed| {
            if let (Some(composed), Some(input)) = (composed, input.cast::<HtmlInputElement>()) {
                line.set(composed.clone());
                input.set_value(composed);
                _ = input.focus();
            }
        });
    }
    let session = theatre.session();
    let commands: Vec<CommandView> = session.timeline().at(theatre.playhead().sim()).commands().collect();
    let first = commands.len().saturating_sub(MOST);
    let shown: Vec<Html> = commands[first..].iter().map(command).collect();
    {
        let output = output.clone();
        let last = progress(session.timeline().at(theatre.playhead().sim()), &());
        use_effect_with(last, move |_| {
            if let Some(output) = output.cast::<Element>() {
                output.set_scroll_top(output.scroll_height());
            }
        });
    }

    let oninput = {
        let line = line.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            line.set(input.value().into());
        })
    };
    let onsubmit = {
        let (line, theatre, back, shell) = (line.clone(), theatre.clone(), back.clone(), props.shell.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(command) = command_of(&line) else { return };
            line.set(AttrValue::default());
            *back.borrow_mut() = 0;
            shell.emit(ShellAction::Compose(None));
            theatre.perform(Action::Command(command.into()));
        })
    };
    let onkeydown = {
        let (line, theatre, back) = (line.clone(), theatre.clone(), back);
        Callback::from(move |event: KeyboardEvent| {
            let further = match event.key().as_str() {
                "ArrowUp" => true,
                "ArrowDown" => false,
                _ => return,
            };
            event.prevent_default();
            let mut back = back.borrow_mut();
            let given = given(&theatre);
            *back = if further { (*back + 1).min(given.len()) } else { back.saturating_sub(1) };
            line.set(
                given.len().checked_sub(*back).and_then(|at| given.get(at)).cloned().unwrap_or_default(),
            );
        })
    };
    html! {
        <form class="terminal" {onsubmit}>
            if !shown.is_empty() {
                <div class="terminal-output" ref={output} role="log" tabindex="0" aria-label={words.say(msg!("page.kubectl-output"))}>
                    { for shown }
                </div>
            }
            <label class="terminal-line">
                <span class="terminal-prompt" aria-hidden="true">{ "$" }</span>
                <span class="visually-hidden">{ words.say(msg!("page.kubectl-bar")) }</span>
                <input ref={input} value={(*line).clone()} placeholder={words.say(msg!("page.kubectl-placeholder"))}
                    spellcheck="false" autocomplete="off" autocapitalize="off" autocorrect="off" enterkeyhint="send"
                    {oninput} {onkeydown} />
            </label>
        </form>
    }
}

/// What was given as a command: nothing for an empty line; before a word of kubectl's, `kubectl` may be left out.
fn command_of(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("$ ");
    let first = line.split_whitespace().next()?;
    Some(if is_command(first) { format!("kubectl {line}") } else { line.to_owned() })
}

/// The commands that were given, in order, without those that follow themselves.
fn given(theatre: &super::theatre::Theatre) -> Vec<AttrValue> {
    let session = theatre.session();
    let acts = session.timeline().acts().iter();
    let mut given: Vec<AttrValue> = acts
        .filter_map(|acted| match &acted.act {
            Act::Command(line) => Some(AttrValue::from(std::rc::Rc::<str>::from(line.clone()))),
            _ => None,
        })
        .collect();
    given.dedup();
    given
}

fn command(command: &CommandView) -> Html {
    let pieces = command.printed().map(|(is_error, text)| {
        html! { <span class={is_error.then_some("terminal-error")}>{ text.to_string() }</span> }
    });
    html! {
        <div class="terminal-command" key={command.client.0} data-exit={command.ended.map(|(_, exit)| exit.to_string())}>
            <p>{ format!("$ {}", command.line) }</p>
            { for pieces }
            if command.ended.is_none() { <span class="terminal-waits">{ "…" }</span> }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::command_of;

    #[test]
    fn kubectl_may_be_left_out() {
        for (line, command) in [
            ("get po", Some("kubectl get po")),
            (" kubectl get po ", Some("kubectl get po")),
            ("$ kubectl get po", Some("kubectl get po")),
            ("ls | wc -l", Some("ls | wc -l")),
            ("port-forward x", Some("kubectl port-forward x")),
            ("  ", None),
        ] {
            assert_eq!(command_of(line).as_deref(), command, "{line}");
        }
    }
}
