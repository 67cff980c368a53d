//! The order of the house: a module imports only from those above it.

use std::collections::BTreeMap;

use crate::code;
use crate::tree::Source;

/// The modules of the library, from the top down.
pub(crate) const HOUSE: [&str; 12] = [
    "value",
    "schema",
    "manifest",
    "api",
    "cluster",
    "kubectl",
    "words",
    "timeline",
    "recording",
    "scene",
    "lesson",
    "session",
];

/// The exported macros by their names, which stand at the root wherever they are written, with their modules.
pub(crate) fn macros(sources: &[Source]) -> BTreeMap<String, String> {
    let mut macros = BTreeMap::new();
    for source in sources {
        let module = source.path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default();
        for exported in code::only(&source.text).split("#[macro_export]").skip(1) {
            let name = exported.split("macro_rules!").nth(1).and_then(|rest| head(rest.trim_start(), 0));
            macros.extend(name.map(|(_, name)| (name, module.to_owned())));
        }
    }
    macros
}

/// What in a file of the library reaches below its own module, or to no module at all.
pub(crate) fn findings(path: &str, text: &str, macros: &BTreeMap<String, String>) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut folders: Vec<&str> = inside.split('/').collect();
    if folders.last() == Some(&"mod") {
        folders.pop();
    }
    let own = folders[0];
    let Some(floor) = HOUSE.iter().position(|module| *module == own) else {
        return if own == "lib" {
            Vec::new()
        } else {
            vec![format!("{path}:1: {own} is no module of the house")]
        };
    };
    let mut findings = Vec::new();
    for (line, module) in reached(&code::only(text), folders.len()) {
        let module = macros.get(&module).unwrap_or(&module);
        match HOUSE.iter().position(|known| known == module) {
            Some(level) if level <= floor => {}
            Some(_) => findings.push(format!("{path}:{line}: {own} is above {module} and must not know it")),
            None => findings.push(format!("{path}:{line}: {module} is no module of the house")),
        }
    }
    findings
}

/// The modules of the root that code reaches by `crate::` or by enough `super::`, with their lines.
fn reached(code: &str, depth: usize) -> Vec<(usize, String)> {
    let climb = "super::".repeat(depth);
    let mut found = Vec::new();
    for start in ["crate::", climb.as_str()] {
        for (at, _) in code.match_indices(start) {
            // One `super` more or a longer name before it is another path.
            if code[..at].ends_with(|c| code::is_name(c) || c == ':')
                || code[at + start.len()..].starts_with("super")
            {
                continue;
            }
            for (offset, module) in heads(&code[at + start.len()..]) {
                // Inside a module within a file, `super` climbs one less; what is no module of the house is that.
                if start == "crate::" || HOUSE.contains(&module.as_str()) {
                    let line = code[..at + start.len() + offset].matches('\n').count() + 1;
                    found.push((line, module));
                }
            }
        }
    }
    found
}

/// The first names of a path: one, or in braces those of each part.
fn heads(path: &str) -> Vec<(usize, String)> {
    if !path.starts_with('{') {
        return Vec::from_iter(head(path, 0));
    }
    let mut heads = Vec::new();
    let (mut depth, mut expected) = (0, false);
    for (at, c) in path.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && (c == ',' || c == '{') {
            expected = true;
        } else if expected && !c.is_whitespace() {
            heads.extend(head(path, at));
            expected = false;
        }
    }
    heads
}

fn head(path: &str, at: usize) -> Option<(usize, String)> {
    let name: String = path[at..].chars().take_while(|c| code::is_name(*c)).collect();
    if name.is_empty() { None } else { Some((at, name)) }
}

#[cfg(test)]
mod tests {
    use super::{findings, macros};
    use crate::tree::Source;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let exported = "#[macro_export]\nmacro_rules! typed { () => {} }".to_owned();
        let macros = macros(&[Source { path: "src/api/typed.rs".to_owned(), text: exported }]);
        assert_eq!(findings(path, text, &macros), expected);
    }

    #[test]
    fn what_is_above_may_be_known() {
        check("src/api/mod.rs", "use crate::manifest::Tree;\nuse crate::{api::Pod, value};", &[]);
        check("src/session.rs", "use crate::{cluster::{Cluster, time}, scene};", &[]);
        check("src/lib.rs", "pub mod session;", &[]);
    }

    #[test]
    fn what_is_below_must_not() {
        let below = ["src/api/a/b.rs:2: api is above cluster and must not know it"];
        check("src/api/a/b.rs", "\nuse crate::cluster::Cluster;", &below);
        check("src/api/a/b.rs", "use crate::{\n    cluster::{Cluster, value}, api};", &below);
        check("src/api/a/b.rs", "\nfn f() { super::super::super::cluster::run() }", &below);
        check(
            "src/value/mod.rs",
            "macro_rules! m { () => { $crate::api::f() } }",
            &["src/value/mod.rs:1: value is above api and must not know it"],
        );
    }

    #[test]
    fn an_exported_macro_is_where_it_is_written() {
        check("src/cluster/mod.rs", "use crate::typed;\ncrate::typed!();", &[]);
        check(
            "src/value/mod.rs",
            "crate::typed!();",
            &["src/value/mod.rs:1: value is above api and must not know it"],
        );
    }

    #[test]
    fn a_module_of_a_module_is_none_of_the_house() {
        check("src/cluster/mod.rs", "use super::store; use self::words::x; // crate::session", &[]);
        check(
            "src/cluster/mod.rs",
            "use crate::store::Store;",
            &["src/cluster/mod.rs:1: store is no module of the house"],
        );
        check("src/helpers.rs", "", &["src/helpers.rs:1: helpers is no module of the house"]);
    }
}
