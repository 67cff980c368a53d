//! The first visit: what this is, and one clear thing to do.

use super::icons;
use super::paste::to_text;
use super::shell::ShellAction;
use super::theatre::{use_session, use_shown, use_theatre};
use super::words::use_words;
use gloo::timers::callback::Timeout;
use podium::api::objects::Pod;
use podium::api::{Kind, conditions};
use podium::msg;
use podium::session::Action;
use podium::timeline::View;
use podium::value::Str;
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_mut_ref};

#[derive(Properties, PartialEq)]
pub(super) struct WelcomeProps {
    pub(super) shell: Callback<ShellAction>,
}

/// The command that deletes the first Pod that is ready: by then there is something to see.
fn delete(view: View, _: &()) -> Option<Str> {
    let pods = view.objects(Kind::Pod, None).filter_map(|object| object.get::<Pod>());
    let mut ready = pods.filter(|pod| conditions::is_pod_ready(pod) && !pod.metadata.is_terminating());
    let meta = &ready.next()?.metadata;
    let namespace =
        if &*meta.namespace == "default" { String::new() } else { format!(" -n {}", meta.namespace) };
    Some(format!("kubectl delete pod {}{namespace}", meta.name).into())
}

#[component]
pub(super) fn Welcome(props: &WelcomeProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_shown(&theatre, (), delete);
    let command = delete(theatre.session().timeline().at(theatre.playhead().sim()), &());
    let title = command.as_ref().map(|command| command.to_string());
    let done = props.shell.reform(|()| ShellAction::WelcomeDone);
    // Whoever does something of their own needs no invitation any more.
    let acts = use_session(&theatre, |session| session.timeline().acts().len());
    let begun = use_mut_ref(|| acts);
    {
        let (begun, done) = (*begun.borrow(), done.clone());
        use_effect_with(acts, move |acts| {
            if *acts > begun {
                done.emit(());
            }
        });
    }
    let onclick = {
        let (command, theatre, done) = (command.clone(), theatre.clone(), done.clone());
        Callback::from(move |_| {
            if let Some(command) = &command {
                theatre.perform(Action::Command(command.clone()));
                done.emit(());
            }
        })
    };
    let own = {
        let (theatre, shell, done) = (theatre.clone(), props.shell.clone(), done.clone());
        Callback::from(move |_| {
            // What an example has brought stays in its own file.
            theatre.act(Action::AddFile("new.yaml".into(), Str::default()));
            let view = theatre.session().view();
            shell.emit(ShellAction::EditorClosed(view, false));
            shell.emit(ShellAction::EditorOpen(true));
            done.emit(());
            // Somebody pastes at once; the text may have been on its way into the page's own editor meanwhile.
            to_text();
            Timeout::new(0, to_text).forget();
        })
    };
    let close = words.say(msg!("page.welcome-dismiss"));
    html! {
        <aside class="welcome" aria-label={words.say(msg!("page.tagline"))}>
            <p>{ words.say(msg!("page.welcome")) }</p>
            <div class="welcome-deeds">
                <button class="button button-bold" type="button" data-act="welcome" disabled={command.is_none()}
                    title={title} aria-describedby={command.is_none().then_some("welcome-wait")} {onclick}>
                    { words.say(msg!("page.welcome-start")) }
                </button>
                <button class="button" type="button" onclick={own}>{ words.say(msg!("page.welcome-own")) }</button>
            </div>
            // The reason why the button does nothing yet.
            if command.is_none() {
                <p class="welcome-wait" id="welcome-wait">{ words.say(msg!("page.welcome-wait")) }</p>
            }
            <button class="tool welcome-close" type="button" title={close.clone()} aria-label={close} onclick={done.reform(|_| ())}>
                { icons::cross() }
            </button>
        </aside>
    }
}
