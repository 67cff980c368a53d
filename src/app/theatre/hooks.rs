//! How components read the theatre: each is drawn again when the part of it that it shows differs.

use super::Theatre;
use crate::app::now::now;
use gloo::events::EventListener;
use podium::cluster::time::SimTime;
use podium::scene::lanes::passed;
use podium::session::Session;
use podium::timeline::{Playhead, View};
use std::cell::RefCell;
use std::rc::Rc;
use yew::{Callback, hook, use_context, use_effect_with, use_force_update, use_mut_ref, use_state_eq};

/// The theatre of the page. It is always the same, so nobody is drawn again because of it.
#[hook]
pub(in crate::app) fn use_theatre() -> Theatre {
    // The page puts it into the context before anything else.
    use_context().unwrap_or_else(|| Theatre::new(Session::default()))
}

/// Keeps what is still to be kept when the page goes: a reload right after a letter loses nothing.
#[hook]
pub(in crate::app) fn use_keeping(theatre: &Theatre) {
    let theatre = theatre.clone();
    use_effect_with((), move |()| {
        let listener = EventListener::new(&gloo::utils::window(), "pagehide", move |_| theatre.keep_due());
        move || drop(listener)
    });
}

/// The playhead. The component is drawn again whenever it moves, sixty times a second.
#[hook]
pub(in crate::app) fn use_playhead(theatre: &Theatre) -> Playhead {
    let shown = use_state_eq(|| theatre.playhead());
    {
        let (theatre, shown) = (theatre.clone(), shown.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.playhead_watchers.clone();
            // Between drawing and listening it may have changed.
            shown.set(theatre.playhead());
            watchers.add(Callback::from(move |()| shown.set(theatre.playhead())))
        });
    }
    // What is drawn is where it is now, not where it was when it was told of last.
    theatre.playhead()
}

/// A picture that takes longer than half of a frame is dear, in milliseconds.
const DEAR: f64 = 8.0;
/// After a dear one of a large cluster nothing is drawn for so long while it plays: of twenty frames the others are quick.
const DEAR_EVERY: f64 = 360.0;

/// The playhead as the stage draws it: sixty times a second, and of a large cluster, of which a picture takes long, three times a
/// second while it plays, so that the bar and the page keep pace. `cost` is how long the last picture took, in milliseconds.
#[hook]
pub(in crate::app) fn use_drawn_playhead(theatre: &Theatre, cost: &Rc<RefCell<f64>>) -> Playhead {
    let again = use_force_update();
    // What was drawn last, and when, whoever asked for it.
    let drawn = use_mut_ref(|| (theatre.playhead(), 0.0));
    {
        let (theatre, drawn, cost) = (theatre.clone(), drawn.clone(), cost.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.playhead_watchers.clone();
            let look = move || {
                let (playhead, (before, at)) = (theatre.playhead(), *drawn.borrow());
                let is_dear = *cost.borrow() > DEAR && theatre.is_large();
                // Where it stands, or went back, nothing else has it drawn.
                let goes_on =
                    playhead.sim() >= before.sim() && playhead.moves(theatre.session().timeline().story());
                if playhead != before && !(is_dear && goes_on && now() < at + *cost.borrow() + DEAR_EVERY) {
                    again.force_update();
                }
            };
            look();
            watchers.add(Callback::from(move |()| look()))
        });
    }
    *drawn.borrow_mut() = (theatre.playhead(), now());
    theatre.playhead()
}

/// Where the last wait ended that is over. The component is drawn again when that is another one.
#[hook]
pub(in crate::app) fn use_passed(theatre: &Theatre) -> SimTime {
    let now = |theatre: &Theatre| passed(theatre.session().timeline().story(), theatre.playhead().sim());
    let shown = use_state_eq(|| now(theatre));
    {
        let (theatre, shown) = (theatre.clone(), shown.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.playhead_watchers.clone();
            shown.set(now(&theatre));
            watchers.add(Callback::from(move |()| shown.set(now(&theatre))))
        });
    }
    now(theatre)
}

/// Whether the stage waits for what is being computed.
#[hook]
pub(in crate::app) fn use_computing(theatre: &Theatre) -> bool {
    let shown = use_state_eq(|| theatre.is_computing());
    {
        let (theatre, shown) = (theatre.clone(), shown.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.session_watchers.clone();
            shown.set(theatre.is_computing());
            watchers.add(Callback::from(move |()| shown.set(theatre.is_computing())))
        });
    }
    theatre.is_computing()
}

/// Has the component drawn again whenever the session changes, by anything but typing.
#[hook]
pub(in crate::app) fn use_revision(theatre: &Theatre) -> u64 {
    let shown = use_state_eq(|| theatre.0.revision.get());
    {
        let (theatre, shown) = (theatre.clone(), shown.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.session_watchers.clone();
            shown.set(theatre.0.revision.get());
            watchers.add(Callback::from(move |()| shown.set(theatre.0.revision.get())))
        });
    }
    theatre.0.revision.get()
}

/// A part of the session. The component is drawn again when that part differs.
#[hook]
pub(in crate::app) fn use_session<T: PartialEq + Clone + 'static>(
    theatre: &Theatre,
    read: fn(&Session) -> T,
) -> T {
    let shown = use_state_eq(|| read(&theatre.session()));
    {
        let (theatre, shown) = (theatre.clone(), shown.clone());
        use_effect_with((), move |()| {
            let watchers = theatre.0.session_watchers.clone();
            let look = move |()| {
                let part = read(&theatre.session());
                shown.set(part);
            };
            look(());
            watchers.add(Callback::from(look))
        });
    }
    (*shown).clone()
}

/// Has the component drawn again when a part of what is shown differs, be it that the playhead has moved or that
/// more has been recorded. `about` is what the part is told of.
#[hook]
pub(in crate::app) fn use_shown<A, T>(theatre: &Theatre, about: A, read: fn(View, &A) -> T)
where
    A: Clone + PartialEq + 'static,
    T: PartialEq + 'static,
{
    let update = use_force_update();
    let now = {
        let theatre = theatre.clone();
        move |about: &A| read(theatre.session().timeline().at(theatre.playhead().sim()), about)
    };
    let drawn = use_mut_ref(|| None);
    *drawn.borrow_mut() = Some(now(&about));
    {
        let theatre = theatre.clone();
        use_effect_with(about, move |about| {
            // The effect outlives the borrow of its dependency, which is the component's own.
            let about = about.clone();
            let look = move |()| {
                let part = Some(now(&about));
                if *drawn.borrow() != part {
                    drawn.replace(part);
                    update.force_update();
                }
            };
            // Between drawing and listening it may have changed.
            look(());
            let look = Callback::from(look);
            let (session, playhead) =
                (theatre.0.session_watchers.clone(), theatre.0.playhead_watchers.clone());
            let (session, playhead) = (session.add(look.clone()), playhead.add(look));
            move || {
                session();
                playhead();
            }
        });
    }
}
