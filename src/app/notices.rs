//! What is told over the stage: what has just happened and can be undone, and what is so as long as it is so.

use super::icons;
use super::shell::{Notice, Offer, ShellAction};
use super::storage::NotKept;
use super::theatre::{use_revision, use_session, use_shown, use_theatre};
use super::transport::branch_name;
use super::words::use_words;
use gloo::timers::callback::Timeout;
use podium::api::{Kind, ObjectKey};
use podium::cluster::record::RecordId;
use podium::manifest::Arg;
use podium::msg;
use podium::session::Action;
use podium::timeline::{RowKey, View};
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_memo, use_mut_ref};

/// How long a notice stays, in milliseconds.
const STAYS: u32 = 12_000;

#[derive(Properties, PartialEq)]
pub(super) struct NoticesProps {
    pub(super) notice: Option<Notice>,
    /// A message about the session that was kept.
    pub(super) trouble: Option<&'static str>,
    pub(super) shell: Callback<ShellAction>,
}

/// The objects that were applied from a file: kubectl leaves a note in each.
fn applied(view: View, _: &()) -> Vec<(ObjectKey, RecordId)> {
    const NOTE: &str = "kubectl.kubernetes.io/last-applied-configuration";
    let objects = Kind::all().flat_map(|kind| view.objects(kind, None));
    let applied = objects
        .filter(|object| object.meta().annotations.contains_key(NOTE) && !object.meta().is_terminating());
    applied
        .filter_map(|object| {
            let key = object.key();
            let record = view.row(&RowKey::Object(key.clone()))?.id;
            Some((key, record))
        })
        .collect()
}

#[component]
pub(super) fn Notices(props: &NoticesProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_shown(&theatre, (), applied);
    use_revision(&theatre);
    {
        let shell = props.shell.clone();
        use_effect_with(props.notice.clone(), move |notice| {
            let timer =
                notice.is_some().then(|| Timeout::new(STAYS, move || shell.emit(ShellAction::Notice(None))));
            move || drop(timer)
        });
    }
    let branches = use_session(&theatre, |session| session.timeline().branches());
    let known = use_mut_ref(|| branches);
    {
        let shell = props.shell.clone();
        use_effect_with(branches, move |branches| {
            if *branches > known.replace(*branches) {
                let branch = branch_name(words, branches - 1).to_string();
                let args = vec![("branch", branch.into())];
                shell.emit(ShellAction::Notice(Some(Notice {
                    message: msg!("page.branch-new"),
                    args,
                    offer: None,
                })));
            }
        });
    }
    let session = theatre.session();
    let texts: Vec<_> = session.files().iter().map(|file| file.text.clone()).collect();
    let written = use_memo(texts, |texts| {
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        let reads = podium::api::read::read_all(&texts, &[]);
        reads
            .iter()
            .flat_map(|read| &read.documents)
            .filter_map(|document| document.key.clone())
            .collect::<Vec<_>>()
    });
    let applied = applied(session.timeline().at(theatre.playhead().sim()), &());
    let gone = applied.iter().map(|(key, _)| key).filter(|key| !written.contains(key));
    let gone = gone.map(|key| {
        let args: [(&str, Arg); 2] = [("kind", key.kind.info().name.into()), ("name", (&key.name).into())];
        words.with(msg!("page.document-deleted"), &args)
    });
    let storage = match theatre.kept() {
        Ok(()) => None,
        Err(NotKept::Off) => Some(msg!("page.storage-off")),
        Err(NotKept::Full) => Some(msg!("page.storage-full")),
    };
    let standing =
        [storage, props.trouble].into_iter().flatten().map(|message| words.say(message)).chain(gone);
    let just = props.notice.as_ref().map(|notice| {
        let undo = notice.offer.clone().map(|offer| {
            let (theatre, shell) = (theatre.clone(), props.shell.clone());
            let onclick = move |_| {
                match offer.clone() {
                    Offer::UndoStartOver => theatre.begin(Action::UndoStartOver),
                    Offer::UndoFixes(file, text) => theatre.act(Action::EditFile(file, text)),
                }
                shell.emit(ShellAction::Notice(None));
            };
            html! { <button class="button" type="button" {onclick}>{ words.say(msg!("page.undo")) }</button> }
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
            { for just }
        </div>
    }
}
