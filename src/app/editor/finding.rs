//! One finding: what is wrong, what comes of it, and a button for each way to mend it.

use super::reading::{Alike, Placed, severity_code};
use crate::app::icons;
use crate::app::words::Words;
use podium::msg;
use podium::words::mistakes::CODES;
use web_sys::MouseEvent;
use yew::{Callback, Html, html};

/// So many findings are listed at once.
const MOST_FINDINGS: usize = 100;

/// What is done about a finding.
#[derive(Clone, PartialEq)]
pub(super) struct Ways {
    /// Mends: it takes the finding's place among those of the file, and the fix's.
    pub(super) mend: Callback<(usize, usize)>,
    /// Shows an example of the mistake, by its code.
    pub(super) show: Callback<&'static str>,
}

/// Draws a finding; nothing of one that is only marked.
pub(super) fn finding(words: Words, found: &Placed<'_>, ways: &Ways) -> Html {
    let Placed { place, diagnostic, alike: Alike::Told(further), .. } = *found else {
        return Html::default();
    };
    // The text keeps the focus, so that nothing moves away from under the pointer before the click.
    let keep_focus = |event: MouseEvent| event.prevent_default();
    let fixes = diagnostic.fixes.iter().enumerate().map(|(number, fix)| {
        let onclick = ways.mend.reform(move |_| (place, number));
        html! {
            <button class="finding-fix" type="button" {onclick}>{ words.with(fix.label, &fix.args) }</button>
        }
    });
    let has_example = CODES.contains(&diagnostic.code);
    let code = diagnostic.code;
    let show = ways.show.reform(move |_| code);
    html! {
        <div class="finding" data-severity={severity_code(diagnostic.severity)} data-code={diagnostic.code}
            onmousedown={keep_focus}>
            <p class="finding-text">{ words.with(diagnostic.code, &diagnostic.args) }</p>
            if let Some(consequence) = diagnostic.consequence {
                <p class="finding-more">{ words.with(consequence, &diagnostic.args) }</p>
            }
            if further > 0 {
                <p class="finding-more">{ words.with(msg!("editor.more-alike"), &[("count", further.into())]) }</p>
            }
            if !diagnostic.fixes.is_empty() || has_example {
                <div class="finding-fixes">
                    { for fixes }
                    if has_example {
                        <button class="finding-fix" type="button" onclick={show}>{ words.say(msg!("editor.example")) }</button>
                    }
                </div>
            }
        </div>
    }
}

/// What was found, one below the other, for a text that does not show it below its lines.
pub(super) fn findings(words: Words, placed: &[Placed<'_>], ways: &Ways) -> Html {
    let told = || placed.iter().filter(|found| found.is_told());
    let more = told().count().saturating_sub(MOST_FINDINGS);
    html! {
        <div class="findings" role="region" aria-label={words.say(msg!("page.problems"))}>
            { for told().take(MOST_FINDINGS).map(|found| finding(words, found, ways)) }
            if more > 0 {
                <p class="findings-more">{ words.with(msg!("page.problems-more"), &[("count", more.into())]) }</p>
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
            { words.with(msg!("page.fix-all"), &[("count", count.into())]) }
        </button>
    }
}
