//! What the page does: a text read, applied by the session and played, and every view of it drawn.

use crate::{Measured, cpu_millis, note_ready, peak_bytes, setup, text};
use podium::api::memory::Memory;
use podium::cluster::time::SimTime;
use podium::scene::views::{self, Stage};
use podium::session::{Action, File, Session, reading};
use podium::words::Language;
use std::collections::BTreeSet;
use std::time::Instant;

/// A session in which a text was pasted and applied, run until all Pods are Ready; and how many are.
fn played(text: &str, pods: u32, nodes: u32) -> (Session, usize) {
    let file = File { name: "web.yaml".into(), text: text.into() };
    let mut session = Session::new(setup(nodes), "default", vec![file]);
    session.apply(Action::Apply);
    let (mut ready, mut seen) = (BTreeSet::new(), 0);
    while ready.len() < pods as usize {
        let (is_more, _) = session.run(session.at(), 2_000);
        let records = session.timeline().history().records();
        records[seen..].iter().for_each(|record| note_ready(record, &mut ready));
        seen = records.len();
        if !is_more {
            break;
        }
    }
    (session, ready.len())
}

/// From the paste of a text to all its Pods Ready, by the session as the page plays it.
pub(crate) fn page(text: &str, pods: u32, nodes: u32) -> Measured {
    let begun = Instant::now();
    let cpu = cpu_millis(begun);
    let read = podium::api::read(text);
    let read_millis = begun.elapsed().as_secs_f64() * 1e3;
    let (session, ready) = played(text, pods, nodes);
    let measured = vec![
        ("ready", ready as f64),
        ("millis", begun.elapsed().as_secs_f64() * 1e3),
        ("cpuMillis", cpu_millis(begun) - cpu),
        ("readMillis", read_millis),
        ("diagnostics", read.diagnostics.len() as f64),
        ("records", session.timeline().history().records().len() as f64),
        ("peakBytes", peak_bytes()),
    ];
    std::mem::forget(session);
    measured
}

/// How long a scene takes: each view at many times.
pub(crate) fn scenes(pods: u32, nodes: u32) -> Measured {
    const TIMES: u64 = 20;
    let (session, ready) = played(&text::deployment(pods), pods, nodes);
    let timeline = session.timeline();
    let end = timeline.history().end();
    let (mut worst, mut sum, mut drawn, mut shapes) = (0f64, 0f64, 0u32, 0usize);
    for n in 1..=TIMES {
        let at = SimTime(end.0 * n / TIMES);
        for entry in views::all() {
            let begun = Instant::now();
            let scene = (entry.draw)(&Stage {
                view: timeline.at(at),
                story: timeline.story(),
                at: timeline.story().tempo.stage(at),
                size: [1_600.0, 900.0],
                selection: None,
                language: Language::En,
                compare: None,
            });
            let millis = begun.elapsed().as_secs_f64() * 1e3;
            (worst, sum, drawn) = (worst.max(millis), sum + millis, drawn + 1);
            shapes = shapes.max(scene.count());
        }
    }
    let measured = vec![
        ("ready", ready as f64),
        ("sceneMillis", sum / f64::from(drawn)),
        ("worstSceneMillis", worst),
        ("shapes", shapes as f64),
    ];
    std::mem::forget(session);
    measured
}

/// A text read and checked whole.
pub(crate) fn read(text: &str) -> Measured {
    let begun = Instant::now();
    let cpu = cpu_millis(begun);
    let read = podium::api::read(text);
    vec![
        ("millis", begun.elapsed().as_secs_f64() * 1e3),
        ("cpuMillis", cpu_millis(begun) - cpu),
        ("bytes", text.len() as f64),
        ("diagnostics", read.diagnostics.len() as f64),
        ("peakBytes", peak_bytes()),
    ]
}

/// A text read again after each key, as the editor does it: what was read before is not read again.
pub(crate) fn keys(text: &str) -> Measured {
    const KEYS: u32 = 10;
    let at = text.find("kind: ").map_or(0, |at| at + "kind: ".len());
    let mistaken = format!("{}x{}", &text[..at], &text[at..]);
    let file = |text: &str| [File { name: "web.yaml".into(), text: text.into() }];
    let (whole, mistaken) = (file(text), file(&mistaken));
    let session = Session::default();
    let existing = reading::existing(&session.timeline().at(session.at()));
    let mut memory = Memory::default();
    reading::read(&whole, 0, &existing, &mut memory);
    let begun = Instant::now();
    let cpu = cpu_millis(begun);
    let mut found = 0;
    for key in 0..KEYS {
        let files = if key % 2 == 0 { &mistaken } else { &whole };
        found += reading::read(files, 0, &existing, &mut memory).open.diagnostics.len();
    }
    vec![
        ("keyMillis", begun.elapsed().as_secs_f64() * 1e3 / f64::from(KEYS)),
        ("keyCpuMillis", (cpu_millis(begun) - cpu) / f64::from(KEYS)),
        ("diagnostics", found as f64),
    ]
}
