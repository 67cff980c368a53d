//! What a lesson is made of, to be looked up while one writes.

use crate::app::words::use_words;
use podium::msg;
use yew::{Html, component, html};

#[component]
pub(super) fn Parts() -> Html {
    let words = use_words();
    let parts = [
        ("---", msg!("writing.part-front")),
        ("## …", msg!("writing.part-step")),
        ("> …", msg!("writing.part-aside")),
        ("```yaml file=web.yaml", msg!("writing.part-yaml")),
        ("```command", msg!("writing.part-command")),
        ("```question", msg!("writing.part-question")),
        ("```goal", msg!("writing.part-goal")),
        ("```hint", msg!("writing.part-hint")),
        ("```solution", msg!("writing.part-solution")),
    ];
    let row = |(sign, about): (&'static str, &'static str)| {
        html! { <><dt><code>{ sign }</code></dt><dd>{ words.say(about) }</dd></> }
    };
    html! {
        <details class="write-help write-parts">
            <summary>{ words.say(msg!("writing.parts")) }</summary>
            <dl>{ for parts.into_iter().map(row) }</dl>
        </details>
    }
}
