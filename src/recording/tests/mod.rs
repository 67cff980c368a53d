//! The reader on texts, and recordings of `tests/truth` from the text to what is told.

mod live;
mod look;
mod parts;
mod reasons;
mod truth;

use super::{MAX_BYTES, ReadError, Reader, Recording, Source, is_recorded, part};
use crate::words::{Language, text};

/// Reads a text to its end.
fn read(text: &str) -> Result<Recording, ReadError> {
    let mut reader = Reader::new(vec![("watch.jsonl".into(), text.into())])?;
    while reader.step()? {}
    Ok(reader.finish().expect("it is read"))
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n","creationTimestamp":"2026-01-02T03:04:05Z"}}"#;

#[test]
fn what_cannot_be_played_says_why() {
    let said = |text: &str| match read(text) {
        Ok(recording) => format!("{} objects, {} left out", recording.objects, recording.left_out),
        Err(error) => {
            let (id, args) = error.told();
            crate::words::text(Language::En, id, &args)
        }
    };
    for (text, expected) in [
        (" \n", "There is nothing in it."),
        ("hello", "There is no object of Kubernetes in it."),
        ("{\"t\":1,\"cmd\":\"kubectl get po\"}", "There is no object of Kubernetes in it."),
        ("{\"kind\":\"Pod\"", "watch.jsonl cannot be read: at line 1"),
        (
            r#"{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"creationTimestamp":"2026-01-02T03:04:05Z"}}"#,
            "There are only objects of kinds that Podium does not know.",
        ),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#, "Its objects tell no time"),
        (POD, "1 objects, 0 left out"),
    ] {
        assert!(said(text).starts_with(expected), "{text}: {}", said(text));
    }
    assert!(said(&format!("{POD}\n\n{{\"kind\": }}")).contains("at line 3"));
    let long = Reader::new(vec![("a".into(), "x".repeat(MAX_BYTES + 1).into())]).map(|_| ());
    assert_eq!(long, Err(ReadError::TooLarge(MAX_BYTES + 1)));
    let told = text(Language::Ko, ReadError::Empty.told().0, &[]);
    assert!(told.starts_with("내용이 없습니다"), "{told}");
}

#[test]
fn what_stands_around_objects_is_left_out() {
    let event = format!("{{\"type\":\"ADDED\",\"object\":{POD}}}");
    let cut = read(&format!("Warning: old\n{event}\n{{\"type\":\"MODIFIED\",\"obj")).expect("one is whole");
    assert_eq!((cut.objects, cut.left_out, cut.is_cut, cut.source), (1, 1, true, Source::Look));
    let timed = format!("{{\"t\":3,\"type\":\"ADDED\",\"resource\":\"pods\",\"object\":{POD}}}\n{POD}");
    let timed = read(&timed).expect("it can be read");
    assert_eq!(
        (timed.source, timed.objects, timed.left_out, timed.end.as_seconds()),
        (Source::Timed, 1, 1, 3.0)
    );
}

#[test]
fn a_text_is_offered_where_objects_have_been_in_a_cluster() {
    let list = |item: &str| {
        format!("{{\n  \"apiVersion\": \"v1\",\n  \"items\": [{item}],\n  \"kind\": \"List\"\n}}\n")
    };
    let manifest = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#;
    for (text, is) in [
        (list(POD), true),
        (POD.to_owned(), true),
        (format!("{{\"type\":\"ADDED\",\"object\":{POD}}}"), true),
        (list(manifest), false),
        (manifest.to_owned(), false),
        (list(""), false),
        ("kind: Pod\n".to_owned(), false),
        ("{\"podium\":1}".to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(is_recorded(&text), is, "{text}");
    }
    let below = format!("kind: Pod\n---\n{}", list(POD));
    assert_eq!(part(&below), Some(&*list(POD)));
    assert_eq!(part("kind: Pod\n"), None);
}
