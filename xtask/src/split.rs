//! Cuts the page's wasm in two: what a first visit comes to, and the rest, which the page fetches when it first needs it.
//!
//! `first-load.txt` beside the sources lists the functions that a first visit calls, and of each the parts that it does not
//! come to, by hashes of names and operators. What the list does not know works all the same: a new function comes later (a
//! browser test says when a first visit needs one), a new part of a listed one stays with it. `cargo xtask first-load` makes
//! the list anew. Reading and writing wasm needs crates that no other chore needs, so they wait behind the feature `split`,
//! and the chores run themselves again with it.

#[cfg(feature = "split")]
mod body;
#[cfg(feature = "split")]
mod cut;
#[cfg(feature = "split")]
mod data;
#[cfg(feature = "split")]
mod listing;
#[cfg(feature = "split")]
mod live;
#[cfg(feature = "split")]
mod module;
#[cfg(feature = "split")]
mod part;
#[cfg(feature = "split")]
mod parts;
#[cfg(feature = "split")]
mod watch;
#[cfg(feature = "split")]
mod write;

use crate::{Command, Outcome, process, project};
use std::path::PathBuf;

/// Makes the list.
pub(crate) const FIRST_LOAD: Command = Command {
    name: "first-load",
    arguments: "",
    about: "lists again what a first visit comes to; the rest loads when it is first needed",
    run: |arguments| {
        crate::nothing_left(arguments)?;
        crate::stage::stage("the page, for release", crate::page::build_if_stale)?;
        crate::stage::stage("a page that tells what it calls", || again("watch"))?;
        crate::stage::stage("a first visit", || {
            let mut node = crate::e2e::with_page(&project::e2e().join("first-load.mjs"))?;
            node.env("PODIUM_WATCHED", watched()).env("PODIUM_CALLED", called());
            node.env("PODIUM_WATCHED_SCRIPT", whole().with_extension("js"));
            process::run_as_ours(&mut node)
        })?;
        crate::stage::stage("the list", || again("list"))?;
        cut_page()?;
        crate::page::note_list()
    },
};

/// What the chores with the feature do; nobody calls it by hand.
pub(crate) const SPLIT: Command = Command {
    name: "split",
    arguments: "cut|watch|list",
    about: "a step of first-load and of building the page",
    run,
};

/// Cuts the page in `dist/`.
pub(crate) fn cut_page() -> Outcome {
    again("cut")?;
    crate::page::list_files()
}

/// Keeps the wasm and the script of a page that has just been built, before it is cut.
pub(crate) fn keep_whole() -> Outcome {
    let script = whole().with_extension("js");
    for (from, to) in [(find("_bg.wasm")?, whole()), (find(".js")?, script), (built(), linked())] {
        std::fs::copy(&from, &to).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    let page = project::dist().join("index.html");
    std::fs::copy(&page, whole().with_extension("html"))
        .map_err(|error| format!("{}: {error}", page.display()))?;
    Ok(())
}

/// The list.
pub(crate) fn listing() -> PathBuf {
    project::root().join("xtask/first-load.txt")
}

/// The module as it was built.
fn whole() -> PathBuf {
    project::target().join("podium-whole.wasm")
}

/// The module as the linker wrote it, with what it knows of constants.
fn linked() -> PathBuf {
    project::target().join("podium-linked.wasm")
}

/// Where the linker wrote it.
fn built() -> PathBuf {
    project::target().join("wasm32-unknown-unknown/page/podium.wasm")
}

/// The module that tells what was reached of it.
fn watched() -> PathBuf {
    project::target().join("podium-watched.wasm")
}

/// What it told: the places that were reached, a line each.
fn called() -> PathBuf {
    project::target().join("podium-called.txt")
}

/// The second half of the wasm in `dist/`.
pub(crate) fn rest() -> Outcome<PathBuf> {
    let files = project::files_under(&project::dist())?;
    let is_it = |path: &PathBuf| path.file_name().is_some_and(|name| is_rest(&name.to_string_lossy()));
    files.into_iter().find(is_it).ok_or_else(|| "no second half of the wasm in dist/".into())
}

fn is_rest(name: &str) -> bool {
    name.starts_with("podium-rest-")
}

/// The page's own file in `dist/` that ends so: Trunk alone knows its whole name.
fn find(end: &str) -> Outcome<PathBuf> {
    let files = project::files_under(&project::dist())?;
    let is_it = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("podium-") && name.ends_with(end) && !is_rest(&name)
        })
    };
    files.into_iter().find(is_it).ok_or_else(|| format!("no podium-*{end} in dist/").into())
}

#[cfg(not(feature = "split"))]
fn again(step: &str) -> Outcome {
    let mut cargo = process::cargo();
    cargo.args(["run", "--quiet", "--package", "xtask", "--features", "split", "--", "split", step]);
    process::run_as_ours(&mut cargo)
}

#[cfg(feature = "split")]
fn again(step: &str) -> Outcome {
    run(&[step.to_owned()])
}

#[cfg(not(feature = "split"))]
fn run(arguments: &[String]) -> Outcome {
    again(arguments.first().map_or("cut", String::as_str))
}

#[cfg(feature = "split")]
fn run(arguments: &[String]) -> Outcome {
    with_feature::run(arguments)
}

#[cfg(feature = "split")]
mod with_feature {
    use super::data::Data;
    use super::listing::{Hash, Listing};
    use super::module::Module;
    use super::{called, cut, find, is_rest, linked, listing, watch, watched, whole};
    use crate::{Failure, Outcome, project};
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    /// The line of the script that gathers what the wasm imports; wasm-bindgen writes it twice.
    const IMPORTS: &str = "const imports = __wbg_get_imports();";

    pub(super) fn run(arguments: &[String]) -> Outcome {
        let bytes = std::fs::read(whole()).map_err(|error| format!("{}: {error}", whole().display()))?;
        let module = Module::read(&bytes).map_err(told)?;
        match arguments {
            [step] if step == "cut" => cut_page(&module),
            [step] if step == "watch" => write(&watched(), &watch::watched(&module).map_err(told)?),
            [step] if step == "list" => list(&module),
            _ => Err("it takes cut, watch or list".into()),
        }
    }
    fn cut_page(module: &Module) -> Outcome {
        let listing = Listing::read(&project::read(&listing())?).map_err(told)?;
        let hosts = module.defined.iter().map(|function| listing.host(module, function));
        let hosts: Vec<_> = hosts.collect::<Result<_, _>>().map_err(told)?;
        let linked = std::fs::read(linked()).map_err(|error| format!("{}: {error}", linked().display()))?;
        let data = Data::read(&linked).map_err(told)?;
        let halves = cut::cut(module, &data, &hosts).map_err(told)?;
        for old in project::files_under(&project::dist())? {
            if old.file_name().is_some_and(|name| is_rest(&name.to_string_lossy())) {
                std::fs::remove_file(&old).map_err(|error| format!("{}: {error}", old.display()))?;
            }
        }
        let name = format!("podium-rest-{:08x}.wasm", Hash::default().on(&halves.rest).folded());
        write(&project::dist().join(&name), &halves.rest)?;
        write(&find("_bg.wasm")?, &halves.first)?;
        write(&find(".js")?, script(module)?.as_bytes())?;
        let page = project::read(&whole().with_extension("html"))?;
        let named = format!("<meta name=\"page-rest\" content=\"./{name}\"></head>");
        write(&project::dist().join("index.html"), page.replace("</head>", &named).as_bytes())?;
        let stay = hosts.iter().flatten().count();
        println!(
            "{stay} of {} functions are in the first load, without {} of their parts: {} of {} bytes of wasm.",
            hosts.len(),
            hosts.iter().flatten().map(|host| host.parts.len()).sum::<usize>(),
            halves.first.len(),
            halves.first.len() + halves.rest.len()
        );
        Ok(())
    }
    /// wasm-bindgen's script, with what loads the rest and with short names.
    fn script(module: &Module) -> Outcome<String> {
        let mut script = project::read(&whole().with_extension("js"))?;
        if script.matches(IMPORTS).count() == 0 {
            return Err(format!("wasm-bindgen's script has no line `{IMPORTS}` any more").into());
        }
        let with_rest = "const imports = { ...__wbg_get_imports(), rest: { load: () => globalThis.podiumLoadRest(wasm) } };";
        script = script.replace(IMPORTS, with_rest);
        for (n, (_, name)) in module.imports.iter().enumerate() {
            let named = format!(" {name}: ");
            if script.matches(&named).count() != 1 {
                return Err(format!("wasm-bindgen's script does not say once what `{name}` is").into());
            }
            script = script.replace(&named, &format!(" {}: ", cut::short(n)));
        }
        Ok(script)
    }
    fn list(module: &Module) -> Outcome {
        let places = project::read(&called())?;
        let reached = places.lines().map(str::parse).collect::<Result<BTreeSet<usize>, _>>();
        let reached = reached.map_err(|error| format!("{}: {error}", called().display()))?;
        let listed = Listing::make(module, &reached).map_err(told)?;
        project::write(&listing(), &listed.text())
    }
    fn write(path: &PathBuf, bytes: &[u8]) -> Outcome {
        std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()).into())
    }
    #[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
    fn told(error: super::module::Error) -> Failure {
        Failure::Told(error.to_string())
    }
}
