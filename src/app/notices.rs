//! What is told over the stage: what has just happened and can be undone, and what is so as long as it is so.

use super::give;
use super::icons;
use super::shell::{Notice, Offer, ShellAction};
use super::storage::NotKept;
use super::theatre::{Theatre, use_revision, use_session, use_theatre};
use super::transport::branch_name;
use super::words::use_words;
use gloo::timers::callback::Timeout;
use podium::cluster::record::ClientId;
use podium::msg;
use podium::session::{Action, Session};
use yew::{
    AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_mut_ref, use_state_eq,
};

/// How long a notice stays, in milliseconds.
const STAYS: u32 = 12_000;

#[derive(Properties, PartialEq)]
pub(super) struct NoticesProps {
    pub(super) notice: Option<Notice>,
    /// A message about the session that was kept.
    pub(super) trouble: Option<&'static str>,
    /// On a phone: whether the editor lies over the stage, with what commands have printed.
    pub(super) editor_open: bool,
    pub(super) shell: Callback<ShellAction>,
}

/// The command that was given last, where it has failed, and what it has printed about that.
fn failure(session: &Session) -> Option<(ClientId, AttrValue)> {
    let answer = session.answer()?;
    answer.ended.filter(|(_, exit)| *exit != 0)?;
    let said: String = answer.printed().filter(|(is_error, _)| *is_error).map(|(_, text)| &**text).collect();
    (!said.trim().is_empty()).then(|| (answer.client, AttrValue::from(said.trim().to_owned())))
}

/// Begins with an empty cluster and the same files, and offers to take that back.
pub(super) fn start_over(theatre: &Theatre, shell: &Callback<ShellAction>) {
    theatre.begin(Action::StartOver);
    let offer = Some(Offer::UndoStartOver);
    let notice = Notice { message: msg!("page.started-over"), args: Vec::new(), offer };
    shell.emit(ShellAction::Notice(Some(notice)));
    shell.emit(ShellAction::Inspect(None));
}

/// The command that was given last, where it has applied what is there already.
fn unchanged(session: &Session) -> Option<ClientId> {
    let answer = session.answer()?;
    answer.ended.filter(|(_, exit)| *exit == 0)?;
    let said: String = answer.printed().map(|(_, text)| &**text).collect();
    let is_so = !said.is_empty() && said.lines().all(|line| line.ends_with(" unchanged"));
    is_so.then_some(answer.client)
}

#[component]
pub(super) fn Notices(props: &NoticesProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    {
        let shell = props.shell.clone();
        use_effect_with(props.notice.clone(), move |notice| {
            let timer =
                notice.is_some().then(|| Timeout::new(STAYS, move || shell.emit(ShellAction::Notice(None))));
            move || drop(timer)
        });
    }
    {
        // Once something is done in the new cluster, it is no news.
        let (shell, notice) = (props.shell.clone(), props.notice.clone());
        let acts = use_session(&theatre, |session| session.timeline().acts().len());
        use_effect_with(acts, move |acts| {
            if *acts > 0 && notice.is_some_and(|notice| notice.offer == Some(Offer::UndoStartOver)) {
                shell.emit(ShellAction::Notice(None));
            }
        });
    }
    let branches = use_session(&theatre, |session| session.timeline().branches());
    // What another session has brought along nobody has begun here.
    let opened = theatre.opened();
    let known = use_mut_ref(|| (opened, branches));
    {
        let (shell, theatre) = (props.shell.clone(), theatre.clone());
        use_effect_with((opened, branches), move |(opened, branches)| {
            let (before, known) = known.replace((*opened, *branches));
            if *opened == before && *branches > known {
                let branch = branch_name(words, theatre.session().timeline(), branches - 1).to_string();
                let args = vec![("branch", branch.into())];
                shell.emit(ShellAction::Notice(Some(Notice {
                    message: msg!("page.branch-new"),
                    args,
                    offer: None,
                })));
            }
        });
    }
    let storage = match theatre.kept() {
        Ok(()) => None,
        Err(NotKept::Off) => Some(msg!("page.storage-off")),
        Err(NotKept::Full) => Some(msg!("page.storage-full")),
    };
    // On a phone the command line lies below the stage: why a command has failed is told above.
    let failed = use_session(&theatre, failure);
    let seen = use_state_eq(|| None::<ClientId>);
    {
        // Who opens the editor reads it at the command line.
        let (seen, client) = (seen.clone(), failed.as_ref().map(|(client, _)| *client));
        use_effect_with(props.editor_open, move |is_open| {
            if *is_open && client.is_some() {
                seen.set(client);
            }
        });
    }
    let failed = failed.filter(|(client, _)| *seen != Some(*client));
    let close_failed = {
        let client = failed.as_ref().map(|(client, _)| *client);
        Callback::from(move |_| seen.set(client))
    };
    let unchanged = use_session(&theatre, unchanged);
    let heard = use_state_eq(|| None::<ClientId>);
    let is_unchanged = unchanged.is_some() && *heard != unchanged;
    let close_unchanged = Callback::from(move |_| heard.set(unchanged));
    let again = {
        let (theatre, shell) = (theatre.clone(), props.shell.clone());
        move |_| start_over(&theatre, &shell)
    };
    let full = use_session(&theatre, |session| session.timeline().story().is_full);
    let full = full.then_some(msg!("fidelity.run-full"));
    let standing = [storage, props.trouble, full].into_iter().flatten().map(|message| words.say(message));
    let just = props.notice.as_ref().map(|notice| {
        let undo = notice.offer.clone().map(|offer| {
            let (theatre, shell) = (theatre.clone(), props.shell.clone());
            let onclick = move |_| {
                match offer.clone() {
                    Offer::Earlier => return give::back(&theatre, &shell),
                    Offer::UndoStartOver => theatre.begin(Action::UndoStartOver),
                    Offer::UndoFixes(file, text) => theatre.act(Action::EditFile(file, text)),
                    Offer::Reopen(file, text) => theatre.act(Action::AddFile(file, text)),
                }
                shell.emit(ShellAction::Notice(None));
            };
            let name =
                if notice.offer == Some(Offer::Earlier) { msg!("give.back") } else { msg!("page.undo") };
            html! { <button class="button" type="button" {onclick}>{ words.say(name) }</button> }
        });
        html! {
            <div class="notice" key={notice.message}>
                <span>{ words.with(notice.message, &notice.args) }</span>
                { for undo }
                <button class="tool" type="button" aria-label={words.say(msg!("page.close"))}
                    onclick={props.shell.reform(|_| ShellAction::Notice(None))}>
                    { icons::cross() }
                </button>
            </div>
        }
    });
    html! {
        <div class="notices" role="status">
            { for standing.map(|text| html! { <div class="notice notice-standing"><span>{ text }</span></div> }) }
            if let Some((_, text)) = failed {
                <div class="notice notice-failed">
                    <span>{ text }</span>
                    <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} onclick={close_failed}>
                        { icons::cross() }
                    </button>
                </div>
            }
            if is_unchanged {
                <div class="notice notice-standing">
                    <span>{ words.say(msg!("editor.unchanged")) }</span>
                    <button class="button" type="button" onclick={again}>{ words.say(msg!("page.start-over")) }</button>
                    <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} onclick={close_unchanged}>
                        { icons::cross() }
                    </button>
                </div>
            }
            { for just }
        </div>
    }
}
