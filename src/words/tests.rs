//! The messages of all languages against each other. That code names them is held in `tests/words.rs`.

use std::collections::BTreeSet;

use super::*;

fn table(language: Language) -> Table {
    Table::read(&language.files()).0
}

#[track_caller]
fn none(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[test]
fn message_files_are_well_formed() {
    for language in Language::ALL {
        let (_, problems) = Table::read(&language.files());
        none(&problems, &format!("malformed in {language}"));
    }
}

#[test]
fn languages_have_the_same_messages_with_the_same_arguments() {
    let en = table(Language::En);
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let other = table(*language);
        for id in other.ids().chain(en.ids()).collect::<BTreeSet<_>>() {
            match (other.get(id).map(Message::arguments), en.get(id).map(Message::arguments)) {
                (Some(args), Some(english)) if args == english => {}
                (Some(args), Some(english)) => {
                    wrong.push(format!("{id} takes {args:?} in {language}, {english:?} in en"));
                }
                (None, _) => wrong.push(format!("{id} is missing in {language}")),
                (_, None) => wrong.push(format!("{id} is in {language} alone")),
            }
        }
    }
    none(&wrong, "the languages differ");
}

#[test]
fn messages_are_written_as_the_design_says() {
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let table = table(*language);
        for id in table.ids() {
            let text = table.get(id).map(Message::literals).unwrap_or_default();
            let mut refuse = |why: &str| wrong.push(format!("{language} {id} {why}: {text}"));
            if text.contains(['\u{2013}', '\u{2014}']) {
                refuse("has a dash");
            }
            if text.contains("  ") {
                refuse("has two spaces");
            }
            let hangul = text.chars().any(|sign| ('가'..='힣').contains(&sign));
            let ends = text.ends_with(['.', '!', '?']);
            if *language != Language::Ko && hangul {
                refuse("has Hangul");
            }
            if *language == Language::Ko && ends && !hangul {
                refuse("is a sentence without Hangul");
            }
            let lower = text.replace("Linux namespace", "");
            if lower.contains("namespaces") || lower.contains("namespace ") {
                refuse("does not say which namespace it means");
            }
        }
    }
    none(&wrong, "not as the design says");
}

#[test]
fn lengths_of_time_are_printed_for_people() {
    let cases = [
        (0, "0 ms", "0밀리초"),
        (340, "340 ms", "340밀리초"),
        (1_000, "1 s", "1초"),
        (1_249, "1.2 s", "1.2초"),
        (11_600, "11.6 s", "11.6초"),
        (30_000, "30 s", "30초"),
        (59_949, "59.9 s", "59.9초"),
        (59_950, "1 min", "1분"),
        (90_000, "1 min 30 s", "1분 30초"),
        (3_599_499, "59 min 59 s", "59분 59초"),
        (3_599_500, "1 h", "1시간"),
        (7_500_000, "2 h 5 min", "2시간 5분"),
        (86_369_000, "23 h 59 min", "23시간 59분"),
        (86_370_000, "1 d", "1일"),
        (93_600_000, "1 d 2 h", "1일 2시간"),
        (2_592_000_000, "30 d", "30일"),
        (u64::MAX, "213503982334 d 14 h", "213503982334일 14시간"),
    ];
    for (duration, en, ko) in cases {
        assert_eq!(millis(Language::En, duration), en);
        assert_eq!(millis(Language::Ko, duration), ko);
    }
}

#[test]
fn sizes_are_printed_for_people() {
    let cases = [
        (0, "0 bytes", "0바이트"),
        (1, "one byte", "1바이트"),
        (1_023, "1023 bytes", "1023바이트"),
        (1_024, "1 KiB", "1KiB"),
        (1_250, "1.2 KiB", "1.2KiB"),
        (3 << 20, "3 MiB", "3MiB"),
        (u64::MAX, "17592186044416 MiB", "17592186044416MiB"),
    ];
    for (size, en, ko) in cases {
        assert_eq!(bytes(Language::En, size), en);
        assert_eq!(bytes(Language::Ko, size), ko);
    }
}

#[test]
fn what_is_unknown_is_shown_not_lost() {
    assert_eq!(text(Language::Ko, "no-such", &[]), "[no-such]");
    assert_eq!(text(Language::En, "unit.seconds", &[]), "{seconds} s");
    let itself = [("seconds", Arg::Message("unit.seconds"))];
    assert_eq!(text(Language::En, "unit.seconds", &itself), "[unit.seconds] s s s s", "endless nesting ends");
}

#[test]
fn tags_are_languages() {
    let cases = [
        ("ko-KR", Some(Language::Ko)),
        ("KO", Some(Language::Ko)),
        ("en_US", Some(Language::En)),
        ("fr", None),
    ];
    for (tag, language) in cases {
        assert_eq!(Language::from_tag(tag), language, "{tag}");
    }
}
