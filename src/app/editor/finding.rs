//! One finding: what is wrong, what comes of it, and a button for each way to mend it.

use super::example::Example;
use super::reading::severity_code;
use crate::app::icons;
use crate::app::words::Words;
use podium::manifest::Diagnostic;
use podium::words::mistakes::CODES;
use web_sys::MouseEvent;
use yew::{Callback, Html, html};

/// Draws a finding. `place` is its place among those of the file; `mend` takes that and the fix's.
pub(super) fn finding(
    words: Words,
    place: usize,
    diagnostic: &Diagnostic,
    mend: &Callback<(usize, usize)>,
) -> Html {
    // The text keeps the focus, so that nothing moves away from under the pointer before the click.
    let keep_focus = |event: MouseEvent| event.prevent_default();
    let fixes = diagnostic.fixes.iter().enumerate().map(|(number, fix)| {
        let onclick = mend.reform(move |_| (place, number));
        html! {
            <button class="finding-fix" type="button" {onclick}>{ words.with(fix.label, &fix.args) }</button>
        }
    });
    let has_example = CODES.contains(&diagnostic.code);
    html! {
        <div class="finding" data-severity={severity_code(diagnostic.severity)} data-code={diagnostic.code}
            onmousedown={keep_focus}>
            <p class="finding-text">{ words.with(diagnostic.code, &diagnostic.args) }</p>
            if let Some(consequence) = diagnostic.consequence {
                <p class="finding-more">{ words.with(consequence, &diagnostic.args) }</p>
            }
            if !diagnostic.fixes.is_empty() || has_example {
                <div class="finding-fixes">
                    { for fixes }
                    if has_example { <Example code={diagnostic.code} /> }
                </div>
            }
        </div>
    }
}

/// The button that makes every certain fix.
pub(super) fn fix_all(words: Words, count: usize, mend_all: &Callback<()>) -> Html {
    let onclick = mend_all.reform(|_| ());
    html! {
        <button class="button button-quiet" type="button" {onclick}>
            { icons::pencil() }
            { words.with(podium::msg!("page.fix-all"), &[("count", count.into())]) }
        </button>
    }
}
