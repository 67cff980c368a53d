//! The command line: one line, what was typed before, and what came of it until the playhead.

use super::explained::Explained;
use super::icons;
use super::shell::ShellAction;
use super::splitter::{Edge, Splitter};
use super::storage;
use super::theatre::{Theatre, use_session, use_shown, use_theatre};
use super::words::{Words, use_words};
use podium::api::{Kind, Object};
use podium::cluster::record::ClientId;
use podium::kubectl::{Known, complete, is_command, is_unfinished};
use podium::msg;
use podium::session::Action;
use podium::timeline::{Act, CommandView, View};
use podium::value::Str;
use podium::words::hints::said;
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent, SubmitEvent};
use yew::{
    AttrValue, Callback, Html, NodeRef, Properties, TargetCast, UseStateHandle, component, html,
    use_effect_with, use_mut_ref, use_node_ref, use_state_eq,
};

/// How many commands the output goes back.
const MOST: usize = 30;

/// How many pieces of what a command prints it goes back: one that follows prints a piece at a time for as long as it runs.
const MOST_PIECES: usize = 50_000;

/// How many pieces are drawn together, so that the browser lays out those that are in sight alone.
const PIECES_TOGETHER: usize = 200;

/// Under which name the tab keeps what is typed and was not given yet.
const TYPED: &str = "podium.line";

#[derive(Properties, PartialEq)]
pub(super) struct TerminalProps {
    /// A command that a button has written for somebody to complete.
    pub(super) composed: Option<AttrValue>,
    /// How high what commands have printed is, where somebody has said that.
    pub(super) size: Option<i32>,
    pub(super) shell: Callback<ShellAction>,
}

/// How much of the commands can be seen: the last one, how many have ended, and how much those that run and the last one
/// have printed. One that watches prints beside those that come after it.
fn progress(view: View, _: &()) -> (Option<ClientId>, usize, usize) {
    let (mut last, mut ended, mut printed) = (None, 0, 0);
    for command in view.commands() {
        last = Some(command);
        ended += usize::from(command.ended.is_some());
        if command.ended.is_none() {
            printed += command.printed().count();
        }
    }
    let by_last = last.filter(|last| last.ended.is_some()).map_or(0, |last| last.printed().count());
    (last.map(|last| last.client), ended, printed + by_last)
}

#[component]
pub(super) fn Terminal(props: &TerminalProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_shown(&theatre, (), progress);
    let back = use_mut_ref(Back::default);
    let (input, output) = (use_node_ref(), use_node_ref());
    let line = Line(input.clone());
    {
        let line = line.clone();
        use_effect_with((), move |()| line.restore());
    }
    {
        let line = line.clone();
        use_effect_with(props.composed.clone(), move |composed| {
            if let Some(composed) = composed {
                line.put(composed);
                line.focus();
            }
        });
    }
    use_session(&theatre, |session| session.answer().map(|answer| answer.client));
    let session = theatre.session();
    let mut commands: Vec<CommandView> = session.timeline().at(theatre.playhead().sim()).commands().collect();
    if let Some(answer) = session.answer()
        && let Some(given) = commands.iter_mut().find(|given| given.client == answer.client)
    {
        *given = answer;
    }
    let first = commands.len().saturating_sub(MOST);
    {
        let output = output.clone();
        let last = (
            progress(session.timeline().at(theatre.playhead().sim()), &()),
            session.answer().map(|a| a.client),
        );
        use_effect_with(last, move |_| {
            if let Some(output) = output.cast::<Element>() {
                output.set_scroll_top(output.scroll_height());
                // What a command has printed at once is read from its head; what prints as it goes, at its end.
                let is_whole =
                    |last: &Element| last.has_attribute("data-exit") && !last.has_attribute("data-streams");
                if let Some(last) = output.last_element_child().filter(is_whole) {
                    let above =
                        last.get_bounding_client_rect().top() - output.get_bounding_client_rect().top();
                    if above < 0.0 {
                        output.set_scroll_top(output.scroll_top() + above.floor() as i32);
                    }
                }
            }
        });
    }

    let offers = use_state_eq(Vec::<String>::new);
    let oninput = {
        let (line, offers, back) = (line.clone(), offers.clone(), back.clone());
        move |_| {
            offers.set(Vec::new());
            *back.borrow_mut() = Back::default();
            line.keep();
        }
    };
    let give = {
        let (line, theatre, back, shell) = (line.clone(), theatre.clone(), back.clone(), props.shell.clone());
        let offers = offers.clone();
        move || {
            let Some(command) = command_of(&line.text()) else { return };
            line.put("");
            *back.borrow_mut() = Back::default();
            offers.set(Vec::new());
            shell.emit(ShellAction::Compose(None));
            theatre.perform(Action::Command(command.into()));
        }
    };
    let interrupt = {
        let theatre = theatre.clone();
        Callback::from(move |client: ClientId| theatre.perform(Action::Interrupt(client)))
    };
    let onkeydown = {
        let (line, theatre, back, offers) = (line.clone(), theatre.clone(), back, offers.clone());
        let (give, interrupt) = (give.clone(), interrupt.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            let typed = line.text();
            let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key());
            let taken = match key.as_str() {
                // A syllable that is still being composed ends with the same key.
                "Enter" if is_plain && !event.is_composing() && !is_unfinished(&typed) => {
                    give();
                    true
                }
                "Tab" if is_plain && !typed.trim().is_empty() => complete_line(&theatre, &line, &offers),
                "ArrowUp" | "ArrowDown" if is_plain && (!typed.contains('\n') || back.borrow().steps > 0) => {
                    let further = key == "ArrowUp";
                    if let Some(other) = back.borrow_mut().go(&given(&theatre), &typed, further, false) {
                        line.put(&other);
                    }
                    true
                }
                "r" if event.ctrl_key() && !typed.contains('\n') => {
                    let mut back = back.borrow_mut();
                    let found = back.go(&given(&theatre), &typed, true, true);
                    // As bash says it, in either language.
                    let failed = if found.is_none() { "failed " } else { "" };
                    offers.set(vec![format!("({failed}reverse-i-search)`{}'", back.stem)]);
                    if let Some(other) = found {
                        line.put(&other);
                    }
                    true
                }
                "c" if event.ctrl_key() && !has_selection(&event) => {
                    match running(&theatre) {
                        Some(client) => interrupt.emit(client),
                        None => line.put(""),
                    }
                    true
                }
                _ => false,
            };
            if taken {
                event.prevent_default();
            }
        })
    };
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        give();
    });
    let stop = words.say(msg!("page.kubectl-interrupt"));
    let last = running(&theatre);
    let shown = commands[first..].iter().map(|shown| {
        let onclick = interrupt.reform({
            let client = shown.client;
            move |_| client
        });
        let stop = (last == Some(shown.client) && shown.ended.is_none()).then(|| {
            html! { <button class="terminal-stop" type="button" title={stop.clone()} aria-label={stop.clone()} {onclick}>{ "^C" }</button> }
        });
        command(words, shown, stop)
    });
    let wider = words.say(msg!("page.terminal-wider"));
    html! {
        <form class="terminal" {onsubmit}>
            if !commands.is_empty() {
                <button class="terminal-wider" type="button" data-act="wider" title={wider.clone()} aria-label={wider}
                    onclick={props.shell.reform(|_| ShellAction::EditorWider)}>
                    { icons::across() }
                </button>
                <Splitter edge={Edge::Terminal} size={props.size} shell={props.shell.clone()} />
                <div class="terminal-output" ref={output} role="log" tabindex="0" aria-label={words.say(msg!("page.kubectl-output"))}>
                    { for shown }
                </div>
            }
            <label class="terminal-line">
                <span class="terminal-prompt" aria-hidden="true">{ "$" }</span>
                <span class="visually-hidden">{ words.say(msg!("page.kubectl-bar")) }</span>
                <textarea ref={input} rows="1" placeholder={words.say(msg!("page.kubectl-placeholder"))}
                    spellcheck="false" autocomplete="off" autocapitalize="off" autocorrect="off" enterkeyhint="send"
                    {oninput} {onkeydown} />
            </label>
            <div class="terminal-offers" role="status" hidden={offers.is_empty()}>
                { for offers.iter().map(|offer| html! { <span>{ offer.clone() }</span> }) }
            </div>
        </form>
    }
}

/// What is typed. The field itself holds it, and nothing that is drawn: a key that follows quickly counts for all before it.
#[derive(Clone)]
struct Line(NodeRef);

impl Line {
    fn field(&self) -> Option<HtmlTextAreaElement> {
        self.0.cast()
    }
    fn text(&self) -> AttrValue {
        self.field().map(|field| field.value()).unwrap_or_default().into()
    }
    fn put(&self, text: &str) {
        if let Some(field) = self.field() {
            field.set_value(text);
        }
        self.keep();
    }
    fn focus(&self) {
        if let Some(field) = self.field() {
            _ = field.focus();
        }
    }
    /// Keeps what is typed for a reload of this tab.
    fn keep(&self) {
        if let Some(tab) = storage::of_tab() {
            _ = tab.set_item(TYPED, &self.text());
        }
    }
    /// Shows what was typed before a reload.
    fn restore(&self) {
        let kept = storage::of_tab().and_then(|tab| tab.get_item(TYPED).ok()?);
        if let (Some(field), Some(kept)) = (self.field(), kept) {
            field.set_value(&kept);
        }
    }
}

/// How many words Tab shows at most.
const MOST_OFFERS: usize = 60;

/// Goes on with the line as far as what there is says, or shows what it may become. False where nothing fits: then Tab goes
/// on to the next control.
fn complete_line(theatre: &Theatre, line: &Line, offers: &UseStateHandle<Vec<String>>) -> bool {
    let typed = line.text();
    let completion = complete(&typed, &Stage(theatre));
    let word = &typed[completion.from..];
    let common = completion.common();
    let ready = completion.words.len() == 1 && !common.ends_with(['=', '/']);
    match completion.words.len() {
        0 => return false,
        _ if common.len() > word.len() => {
            let end = if ready { " " } else { "" };
            line.put(&format!("{}{common}{end}", &typed[..completion.from]));
            offers.set(Vec::new());
        }
        _ => offers.set(completion.words.into_iter().take(MOST_OFFERS).collect()),
    }
    true
}

/// What completion knows: the objects on the stage, and the files of the editor.
struct Stage<'a>(&'a Theatre);

impl Known for Stage<'_> {
    fn objects(&self, kind: Kind, namespace: Option<&str>) -> Vec<Object> {
        let session = self.0.session();
        session.timeline().at(self.0.playhead().sim()).objects(kind, namespace).cloned().collect()
    }
    fn namespace(&self) -> Str {
        self.0.session().timeline().namespace().clone()
    }
    fn files(&self) -> Vec<Str> {
        self.0.session().files().iter().map(|file| file.name.clone()).collect()
    }
}

/// The command that was given last of those that run.
fn running(theatre: &Theatre) -> Option<ClientId> {
    let session = theatre.session();
    let commands = session.timeline().at(theatre.playhead().sim()).commands();
    commands.filter(|command| command.ended.is_none()).map(|command| command.client).last()
}

/// Whether a text is selected, which Ctrl+C copies.
fn has_selection(event: &KeyboardEvent) -> bool {
    let input: HtmlTextAreaElement = event.target_unchecked_into();
    let own = input.selection_start().ok().flatten() != input.selection_end().ok().flatten();
    let page = gloo::utils::window().get_selection().ok().flatten();
    own || page.is_some_and(|selection| !selection.is_collapsed())
}

/// Where the arrows are in what was given before.
#[derive(Default)]
struct Back {
    /// How far back; 0 is the line itself.
    steps: usize,
    /// The line as it was before the first of them: only what begins with it counts, or has it anywhere.
    stem: AttrValue,
    /// Whether it counts anywhere.
    anywhere: bool,
}

impl Back {
    /// The line to show, one further back or one nearer. Nothing where there is no other.
    fn go(
        &mut self,
        given: &[AttrValue],
        line: &AttrValue,
        further: bool,
        anywhere: bool,
    ) -> Option<AttrValue> {
        if self.steps == 0 {
            (self.stem, self.anywhere) = (line.clone(), anywhere);
        }
        let fits = |given: &str| match self.anywhere {
            true => given.contains(&*self.stem),
            false => is_begun(given, &self.stem),
        };
        let fitting: Vec<&AttrValue> = given.iter().filter(|given| fits(given)).collect();
        let steps = if further { (self.steps + 1).min(fitting.len()) } else { self.steps.saturating_sub(1) };
        if steps == self.steps {
            return None;
        }
        self.steps = steps;
        let at = fitting.len().checked_sub(steps)?;
        Some(fitting.get(at).map_or_else(|| self.stem.clone(), |line| (*line).clone()))
    }
}

/// Whether a command begins with what was typed, where `kubectl` may have been left out.
fn is_begun(given: &str, stem: &str) -> bool {
    given.starts_with(stem) || given.strip_prefix("kubectl ").is_some_and(|given| given.starts_with(stem))
}

/// What was given as a command: nothing for an empty line; before a word of kubectl's, `kubectl` may be left out.
fn command_of(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("$ ");
    let first = line.split_whitespace().next()?;
    Some(if is_command(first) { format!("kubectl {line}") } else { line.to_owned() })
}

/// The commands that were given, in order, without those that follow themselves.
fn given(theatre: &Theatre) -> Vec<AttrValue> {
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

fn command(words: Words, command: &CommandView, stop: Option<Html>) -> Html {
    let printed: Vec<(bool, &Str)> = command.printed().collect();
    let left_out = printed.len().saturating_sub(MOST_PIECES) / PIECES_TOGETHER;
    let blocks = printed.chunks(PIECES_TOGETHER).enumerate().skip(left_out).map(|(at, block)| {
        // What goes to one stream is one text.
        let texts = block.chunk_by(|a, b| a.0 == b.0).map(|pieces| {
            let text: String = pieces.iter().map(|(_, text)| &***text).collect();
            let text = said(words.0, &text).into_owned();
            html! { <span class={pieces[0].0.then_some("terminal-error")}>{ text }</span> }
        });
        let is_one_of_many = printed.len() > PIECES_TOGETHER;
        html! { <div key={at} class={is_one_of_many.then_some("terminal-block")}>{ for texts }</div> }
    });
    html! {
        <div class="terminal-command" key={command.client.0} data-exit={command.ended.map(|(_, exit)| exit.to_string())} data-streams={command.streams().then_some("")}>
            <p><span class="terminal-prompt" aria-hidden="true">{ "$ " }</span>{ command.line.to_string() }</p>
            if left_out > 0 { <p>{ "…" }</p> }
            { for blocks }
            if command.ended.is_none() { <span class="terminal-waits">{ "…" }</span> }
            { for stop }
            <Explained client={command.client} line={command.line.to_string()} progress={(printed.len(), command.ended.is_some())} />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{Back, command_of};
    use yew::AttrValue;

    #[test]
    fn arrows_go_through_what_begins_so() {
        let given: Vec<AttrValue> =
            ["kubectl get po", "ls", "kubectl get deploy"].map(AttrValue::from).to_vec();
        let (mut back, mut line) = (Back::default(), AttrValue::from("get"));
        let mut seen = Vec::new();
        for further in [true, true, true, false, false] {
            if let Some(other) = back.go(&given, &line, further, false) {
                line = other;
                seen.push(line.to_string());
            }
        }
        assert_eq!(seen, ["kubectl get deploy", "kubectl get po", "kubectl get deploy", "get"]);
    }

    #[test]
    fn a_search_finds_what_has_it_anywhere() {
        let given: Vec<AttrValue> =
            ["kubectl rollout undo deploy web", "kubectl get po", "k rollout status deploy web"]
                .map(AttrValue::from)
                .to_vec();
        let (mut back, mut line) = (Back::default(), AttrValue::from("rollout"));
        let mut seen = Vec::new();
        for _ in 0..3 {
            let found = back.go(&given, &line, true, true);
            seen.push(found.as_deref().map(str::to_owned));
            line = found.unwrap_or(line);
        }
        let expected = [Some("k rollout status deploy web"), Some("kubectl rollout undo deploy web"), None];
        assert_eq!(seen, expected.map(|line| line.map(str::to_owned)));
    }

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
