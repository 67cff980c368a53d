//! What fields mean: which line of `static/fields-en.txt`, or of the same file in another language, tells of a field.
//!
//! The files are no part of the program: the page fetches one when somebody first asks for what is in it. A file has a line for
//! each field, sorted by the names that [`name`] gives, and comments that begin with `#`:
//!
//! ```text
//! apps.v1.DeploymentSpec.replicas = How many Pods there are to be.
//! ```

use crate::schema::Definition;

/// What every kind has, told once for all of them.
const OF_EVERY_KIND: &[&str] = &["apiVersion", "kind", "metadata", "status"];

/// The name that the meaning of a field stands under: `core.v1.Container.image`, and `*.metadata` for what every kind has.
pub fn name(owner: &Definition, field: &str) -> String {
    let is_kind = ["apiVersion", "kind", "metadata"].iter().all(|head| owner.field(head).is_some());
    if is_kind && OF_EVERY_KIND.contains(&field) { format!("*.{field}") } else { format!("{owner}.{field}") }
}

/// What stands in a file under a name; nothing for a field that it does not tell of.
///
/// ```
/// let file = "core.v1.Pod.spec = Which containers run.\n";
/// assert_eq!(podium::words::fields::meaning(file, "core.v1.Pod.spec"), Some("Which containers run."));
/// assert_eq!(podium::words::fields::meaning(file, "core.v1.Pod"), None);
/// ```
pub fn meaning<'a>(file: &'a str, name: &str) -> Option<&'a str> {
    file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
}

#[cfg(test)]
mod tests {
    use super::{OF_EVERY_KIND, meaning, name};
    use crate::schema::{Definition, Schema};
    use crate::words::Language;

    /// The least number of fields that are told of.
    const LEAST: usize = 150;

    fn file(language: Language) -> &'static str {
        match language {
            Language::Ko => include_str!("../../static/fields-ko.txt"),
            Language::En => include_str!("../../static/fields-en.txt"),
        }
    }

    fn entries(language: Language) -> Vec<(&'static str, &'static str)> {
        let lines = file(language).lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split_once(" = ").expect("a name, an equals sign and a text")).collect()
    }

    fn definition(short_name: &str) -> &'static Definition {
        Schema::definition(short_name).unwrap_or_else(|| panic!("there is no definition {short_name}"))
    }

    #[test]
    fn every_name_is_that_of_a_field() {
        for (entry, _) in entries(Language::En) {
            let (owner, field) = entry.rsplit_once('.').expect("a definition and a field");
            if owner == "*" {
                assert!(OF_EVERY_KIND.contains(&field), "{entry} is not what every kind has");
                continue;
            }
            let owner = definition(owner);
            assert!(owner.field(field).is_some(), "{owner} has no field {field}");
            assert_eq!(name(owner, field), entry, "nobody asks for {entry}");
        }
    }

    #[test]
    fn languages_tell_of_the_same_fields_in_order() {
        let names = |language| entries(language).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let english = names(Language::En);
        assert!(english.is_sorted_by(|a, b| a < b), "sort the names, each once");
        assert!(english.len() >= LEAST, "{} fields are told of", english.len());
        for language in Language::ALL {
            assert_eq!(names(*language), english, "{language}");
        }
    }

    #[test]
    fn meanings_are_sentences_of_their_language() {
        for language in Language::ALL {
            for (name, text) in entries(*language) {
                let hangul = text.chars().any(|sign| ('가'..='힣').contains(&sign));
                assert_eq!(hangul, *language == Language::Ko, "{language} {name}: {text}");
                assert!(
                    text.ends_with('.') && text.trim() == text,
                    "{language} {name} is no sentence: {text}"
                );
                assert!(
                    !text.contains(['\u{2013}', '\u{2014}']) && !text.contains("  "),
                    "{language} {name}: {text}"
                );
                assert!(text.chars().count() <= 180, "{language} {name} is too long for a hover: {text}");
            }
        }
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        let replicas = name(definition("apps.v1.DeploymentSpec"), "replicas");
        assert!(meaning(file(Language::En), &replicas).is_some_and(|text| text.contains("How many Pods")));
        assert!(meaning(file(Language::Ko), &replicas).is_some_and(|text| text.contains("몇 개")));
        assert_eq!(name(definition("core.v1.Secret"), "kind"), "*.kind");
        assert_eq!(name(definition("rbac.v1.RoleRef"), "kind"), "rbac.v1.RoleRef.kind");
        assert_eq!(
            name(definition("core.v1.PodTemplateSpec"), "metadata"),
            "core.v1.PodTemplateSpec.metadata"
        );
        assert_eq!(meaning(file(Language::En), "core.v1.Container"), None);
    }
}
