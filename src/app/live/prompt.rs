//! The command line beside a cluster that is watched: kubectl of the library, whose requests go to the real API server. It reads;
//! what it would write is first shown, and sent only where changes are allowed and somebody says so.

use super::bar::LiveProps;
use super::net;
use super::watching::Watching;
use crate::app::theatre::{Theatre, use_session, use_theatre};
use crate::app::words::{Words, use_words};
use gloo::timers::future::TimeoutFuture;
use podium::cluster::request::{Reason, Request, Response, Status};
use podium::cluster::task::{Answer, Answered, Call, Issued};
use podium::cluster::time::MILLI;
use podium::kubectl::{Environment, Kept, Process};
use podium::msg;
use podium::recording::asked::{Sent, answered, joined, next_page, not_live, sent};
use podium::value::Str;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlInputElement, SubmitEvent};
use yew::{
    AttrValue, Callback, Html, component, html, use_effect_with, use_memo, use_mut_ref, use_node_ref,
    use_state_eq,
};

/// How many commands the output goes back.
const MOST: usize = 20;
/// How many pages of a list are read at most.
const PAGES: usize = 20;

/// A command, and what it has printed.
#[derive(Clone, Default, PartialEq)]
struct Given {
    line: AttrValue,
    /// Each with whether it is an error.
    printed: Vec<(bool, AttrValue)>,
}

/// What is asked before something is written.
#[derive(Clone, PartialEq)]
struct Question {
    line: AttrValue,
    request: AttrValue,
}

/// What the command line does, outside of what is drawn.
struct Desk {
    watching: Rc<Watching>,
    theatre: Theatre,
    words: Cell<Words>,
    kept: RefCell<Option<Kept>>,
    given: RefCell<Vec<Given>>,
    question: RefCell<Option<Question>>,
    answer: RefCell<Option<js_sys::Function>>,
    runs: Cell<bool>,
    draw: Callback<()>,
}

#[component]
pub(in crate::app) fn Prompt(LiveProps { watching }: &LiveProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_session(&theatre, |session| session.files_revision());
    let drawn = use_state_eq(|| 0_u32);
    let count = use_mut_ref(|| 0_u32);
    let draw = {
        let drawn = drawn.clone();
        Callback::from(move |()| {
            *count.borrow_mut() += 1;
            drawn.set(*count.borrow());
        })
    };
    let desk = use_memo(watching.clone(), |watching| {
        Rc::new(Desk {
            watching: watching.clone(),
            theatre: theatre.clone(),
            words: Cell::new(words),
            kept: RefCell::default(),
            given: RefCell::default(),
            question: RefCell::default(),
            answer: RefCell::default(),
            runs: Cell::default(),
            draw,
        })
    });
    desk.words.set(words);
    let (input, output, no) = (use_node_ref(), use_node_ref(), use_node_ref());
    let question = desk.question.borrow().clone();
    {
        let no = no.clone();
        // What changes a cluster is not sent by a key that was meant for the line.
        use_effect_with(question.clone(), move |question| {
            if question.is_some()
                && let Some(no) = no.cast::<web_sys::HtmlElement>()
            {
                _ = no.focus();
            }
        });
    }
    {
        let output = output.clone();
        use_effect_with(*drawn, move |_| {
            if let Some(output) = output.cast::<Element>() {
                output.set_scroll_top(output.scroll_height());
            }
        });
    }
    let onsubmit = {
        let (desk, input) = (desk.clone(), input.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            let line = field.value().trim().to_owned();
            if line.is_empty() || desk.runs.get() {
                return;
            }
            field.set_value("");
            let desk = Rc::clone(&desk);
            yew::platform::spawn_local(async move { desk.give(&line).await });
        })
    };
    let answers = |yes: bool| {
        let (desk, input) = (desk.clone(), input.clone());
        Callback::from(move |_: web_sys::MouseEvent| {
            if let Some(answer) = desk.answer.take() {
                _ = answer.call1(&JsValue::NULL, &JsValue::from_bool(yes));
            }
            if let Some(input) = input.cast::<HtmlInputElement>() {
                _ = input.focus();
            }
        })
    };
    let given = desk.given.borrow().clone();
    html! {
        <form class="terminal live-terminal" {onsubmit}>
            if !given.is_empty() {
                <div class="terminal-output" ref={output} role="log" tabindex="0" aria-label={words.say(msg!("page.kubectl-output"))}>
                    { for given.iter().map(command) }
                </div>
            }
            if let Some(Question { line, request }) = question {
                <div class="live-question" role="alertdialog" aria-label={words.say(msg!("live.asks"))}>
                    <p>{ words.say(msg!("live.asks")) }</p>
                    <pre><code>{ line }</code></pre>
                    <p class="live-request">{ request }</p>
                    <div class="live-answers">
                        <button class="button" type="button" ref={no} data-act="live-no" onclick={answers(false)}>{ words.say(msg!("live.do-not-send")) }</button>
                        <button class="button button-bold" type="button" data-act="live-yes" onclick={answers(true)}>{ words.say(msg!("live.send")) }</button>
                    </div>
                </div>
            }
            <label class="terminal-line">
                <span class="terminal-prompt" aria-hidden="true">{ "$" }</span>
                <span class="visually-hidden">{ words.say(msg!("live.prompt")) }</span>
                <input type="text" ref={input} placeholder={words.say(msg!("live.prompt"))} spellcheck="false"
                    autocomplete="off" autocapitalize="off" autocorrect="off" enterkeyhint="send" />
            </label>
        </form>
    }
}

fn command(given: &Given) -> Html {
    html! {
        <div class="terminal-command">
            <p><span class="terminal-prompt" aria-hidden="true">{ "$ " }</span><span>{ given.line.clone() }</span></p>
            { for given.printed.iter().map(|(is_error, text)| html! {
                <pre class={is_error.then_some("terminal-error")}>{ text.clone() }</pre>
            }) }
        </div>
    }
}

impl Desk {
    fn print(&self, is_error: bool, text: impl Into<AttrValue>) {
        if let Some(given) = self.given.borrow_mut().last_mut() {
            given.printed.push((is_error, text.into()));
        }
        self.draw.emit(());
    }
    /// Gives a command, and sees to it that its questions are answered.
    async fn give(&self, line: &str) {
        {
            let mut given = self.given.borrow_mut();
            given.push(Given { line: line.to_owned().into(), printed: Vec::new() });
            let first = given.len().saturating_sub(MOST);
            given.drain(..first);
        }
        if let Some(word) = not_live(line) {
            return self.print(true, self.words.get().with(msg!("live.cannot"), &[("word", word.into())]));
        }
        self.runs.set(true);
        self.draw.emit(());
        self.run(line).await;
        self.runs.set(false);
        self.question.take();
        self.draw.emit(());
    }
    async fn run(&self, line: &str) {
        let (wall, now) = self.watching.time();
        let files = {
            let session = self.theatre.session();
            session.files().iter().map(|file| (file.name.clone(), file.text.clone())).collect()
        };
        // As kubectl without a context's Namespace: what is written goes nowhere that nobody has named.
        let namespace = match &**self.watching.namespace() {
            "" => "default".into(),
            chosen => chosen.into(),
        };
        let kept = self.kept.borrow().clone().unwrap_or_else(|| Kept::within(namespace));
        let environment = Environment { kept, files, wall, chance: now.0 };
        let mut process = Process::start(line, environment, now, None);
        let mut may_write = false;
        loop {
            let progress = process.run();
            for printed in progress.printed {
                self.print(printed.is_error, printed.text.to_string());
            }
            if progress.exit.is_some() || progress.issued.is_empty() {
                *self.kept.borrow_mut() = process.kept().cloned().or(self.kept.take());
                return;
            }
            for Issued { call, what, .. } in progress.issued {
                let Some(call) = call else { continue };
                let answer = match what {
                    Call::Api(request) => {
                        // What is only tried is sent to the cluster all the same, and asks as well.
                        if sent(&request).is_some_and(|sent| sent.method != "GET") {
                            if !may_write && !self.may_write(line, &request).await {
                                return;
                            }
                            may_write = true;
                            // It may have been forbidden meanwhile, or the watch ended.
                            if !self.watching.allows() {
                                return self.print(true, self.words.get().say(msg!("live.not-allowed")));
                            }
                        }
                        match self.ask(&request).await {
                            Some(response) => Answer::Api(response),
                            // What comes of it is seen on the stage.
                            None => return self.print(true, self.words.get().say(msg!("live.not-waited"))),
                        }
                    }
                    Call::Sleep(micros) => {
                        TimeoutFuture::new(u32::try_from(micros / MILLI).unwrap_or(u32::MAX)).await;
                        Answer::Slept
                    }
                    _ => return,
                };
                let at = self.watching.time().1;
                process.answer(call, Answered { at, cause: None, answer });
            }
        }
    }
    /// Asks whoever has given the command whether it is to be sent.
    async fn may_write(&self, line: &str, request: &Request) -> bool {
        if !self.watching.allows() {
            self.print(true, self.words.get().say(msg!("live.not-allowed")));
            return false;
        }
        let (method, path) = request.http();
        let request = format!("{method} {path}");
        *self.question.borrow_mut() =
            Some(Question { line: line.to_owned().into(), request: request.into() });
        self.draw.emit(());
        let promise = js_sys::Promise::new(&mut |resolve, _| *self.answer.borrow_mut() = Some(resolve));
        let answer = wasm_bindgen_futures::JsFuture::from(promise).await;
        self.question.take();
        let yes = answer.ok().and_then(|answer| answer.as_bool()) == Some(true);
        if !yes {
            self.print(true, self.words.get().say(msg!("live.not-sent")));
        }
        self.draw.emit(());
        yes
    }
    /// Sends a request. None where it is no request and answer.
    async fn ask(&self, request: &Request) -> Option<Response> {
        let Some(first) = sent(request) else {
            if matches!(request.verb, podium::cluster::request::Verb::Raw(..)) {
                return Some(Response {
                    result: Ok(podium::cluster::request::Reply::Success),
                    warnings: Vec::new(),
                });
            }
            return None;
        };
        let (mut bodies, mut next): (Vec<String>, Option<Sent>) = (Vec::new(), Some(first));
        let mut status = 0;
        while let Some(sent) = next.take().filter(|_| bodies.len() < PAGES) {
            let Some((code, body)) = net::send(&sent).await else {
                let why: Str = self.words.get().say(msg!("live.no-answer")).as_str().into();
                let refused = Status::new(Reason::ServiceUnavailable, why.to_string());
                return Some(Response { result: Err(refused), warnings: Vec::new() });
            };
            status = code;
            let is_list = matches!(request.verb, podium::cluster::request::Verb::List(_)) && code == 200;
            next = if is_list { next_page(&sent, &body) } else { None };
            bodies.push(body);
        }
        Some(answered(request, status, &joined(&bodies)))
    }
}
