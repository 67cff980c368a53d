//! How true the simulation is: what agrees with the recordings of a real cluster, and what is simplified. The table is a file
//! that is fetched when somebody asks for it.

use super::words::use_words;
use gloo::net::http::Request;
use podium::msg;
use podium::words::fidelity::SIMPLIFIED;
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::{Callback, Html, component, html, use_state_eq};

/// Beside the page.
const TABLE: &str = "fidelity.tsv";

/// A scenario: its name, and what agrees, is on time, and agrees between two recordings, in percent. The last is a dash where the
/// scenario was recorded once.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    lanes: String,
    on_time: String,
    itself: String,
}

/// What has come of asking.
#[derive(Clone, Debug, PartialEq)]
enum Asked {
    NotYet,
    Came(Rc<Vec<Row>>),
    Failed,
}

fn rows(text: &str) -> Vec<Row> {
    let percent = |tallies: &str| {
        let sums = tallies
            .split(' ')
            .filter_map(|tally| tally.split_once('/'))
            .fold((0.0, 0.0), |sum, (good, all)| {
                (sum.0 + good.parse().unwrap_or(0.0), sum.1 + all.parse().unwrap_or(0.0))
            });
        format!("{:.1} %", 100.0 * sums.0 / f64::max(sums.1, 1.0))
    };
    let row = |line: &str| {
        let mut cells = line.split('\t');
        Some(Row {
            name: cells.next()?.to_owned(),
            lanes: percent(cells.next()?),
            on_time: percent(cells.next()?),
            itself: match cells.next()? {
                "-" => "-".to_owned(),
                itself => format!("{itself} %"),
            },
        })
    };
    text.lines().filter_map(row).collect()
}

#[component]
pub(super) fn Fidelity() -> Html {
    let words = use_words();
    let asked = use_state_eq(|| Asked::NotYet);
    let ontoggle = {
        let asked = asked.clone();
        Callback::from(move |_| {
            if matches!(*asked, Asked::Came(_)) {
                return;
            }
            let asked = asked.clone();
            spawn_local(async move {
                let text = match Request::get(TABLE).send().await {
                    Ok(answer) if answer.ok() => answer.text().await.ok(),
                    _ => None,
                };
                asked.set(text.map_or(Asked::Failed, |text| Asked::Came(Rc::new(rows(&text)))));
            });
        })
    };
    let table = match &*asked {
        Asked::NotYet => html! {},
        Asked::Failed => html! { <p>{ words.say(msg!("page.fidelity-failed")) }</p> },
        Asked::Came(rows) => html! {
            <table class="fidelity-table">
                <thead><tr>
                    <th scope="col">{ words.say(msg!("page.fidelity-scenario")) }</th>
                    <th scope="col">{ words.say(msg!("page.fidelity-agrees")) }</th>
                    <th scope="col">{ words.say(msg!("page.fidelity-on-time")) }</th>
                    <th scope="col">{ words.say(msg!("page.fidelity-itself")) }</th>
                </tr></thead>
                <tbody>{ for rows.iter().map(|row| html! {
                    <tr>
                        <th scope="row">{ words.say(&format!("fidelity.{}", row.name)) }</th>
                        <td>{ &row.lanes }</td><td>{ &row.on_time }</td><td>{ &row.itself }</td>
                    </tr>
                }) }</tbody>
            </table>
        },
    };
    html! {
        <details class="fidelity" {ontoggle}>
            <summary>{ words.say(msg!("page.fidelity")) }</summary>
            <p>{ words.say(msg!("page.fidelity-measure")) }</p>
            { table }
            <h3>{ words.say(msg!("page.fidelity-simplified")) }</h3>
            <ul>{ for SIMPLIFIED.iter().map(|id| html! { <li>{ words.say(id) }</li> }) }</ul>
        </details>
    }
}
