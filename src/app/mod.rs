//! The Yew components, one a file. They decide nothing about Kubernetes.

mod desk;
mod editor;
mod header;
mod icons;
mod menu;
mod prefs;
mod shell;
mod size;
mod splitter;
mod storage;
mod views;
mod words;

use desk::{Desk, File};
use editor::Editor;
use header::Header;
use prefs::Prefs;
use shell::Shell;
use splitter::Splitter;
use web_sys::HtmlElement;
use words::Words;
use yew::{ContextProvider, Html, component, html, use_effect_with, use_node_ref, use_reducer};

/// The width of the editor in pixels until somebody moves its edge.
const EDITOR_WIDTH: i32 = 430;

/// The whole page.
#[component]
pub(crate) fn App() -> Html {
    let shell = use_reducer(|| {
        let prefs = Prefs::load();
        Shell {
            view: views::VIEWS[0].id,
            chosen: None,
            editor_open: false,
            help: false,
            welcome: !prefs.visited,
            prefs,
        }
    });
    let desk = use_reducer(|| Desk::load(|| vec![File { name: "myapp.yaml".into(), text: "".into() }]));
    let work = use_node_ref();

    use_effect_with((*shell).prefs.clone(), |prefs| {
        dress(prefs);
        _ = prefs.save();
    });
    use_effect_with((*desk).clone(), |desk| _ = desk.save());
    let width = shell.prefs.editor_width.unwrap_or(EDITOR_WIDTH);
    {
        let work = work.clone();
        use_effect_with(width, move |width| {
            if let Some(work) = work.cast::<HtmlElement>() {
                _ = work.style().set_property("--editor-width", &format!("{width}px"));
            }
        });
    }
    let act = shell.dispatcher().to_callback();
    html! {
        <ContextProvider<Words> context={Words(shell.prefs.language)}>
            <div class="app">
                <Header view={shell.view} prefs={shell.prefs.clone()} shell={act.clone()} />
                <main class="work" ref={work} data-editor={shell.prefs.editor_closed.then_some("closed")}>
                    <Editor desk={std::rc::Rc::new((*desk).clone())} open={shell.editor_open} act={desk.dispatcher().to_callback()} shell={act.clone()} />
                    <Splitter {width} shell={act.clone()} />
                    <section class="stage" />
                </main>
            </div>
        </ContextProvider<Words>>
    }
}

/// Gives the page its language and its theme.
fn dress(prefs: &Prefs) {
    if let Some(root) = gloo::utils::document().document_element() {
        _ = root.set_attribute("lang", prefs.language.code());
        _ = root.set_attribute("data-theme", prefs.theme.code());
    }
}
