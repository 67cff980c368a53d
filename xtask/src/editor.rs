//! Bundles the editor from npm (`editor/`) into one script, which the page fetches after its first picture.

use std::path::PathBuf;

use crate::{Outcome, process, project, tools};

/// Where the editor's sources and packages are.
pub(crate) fn folder() -> PathBuf {
    project::root().join("editor")
}

/// Writes the script into `dist/` under a name with its hash, and the name into the page.
pub(crate) fn bundle() -> Outcome {
    tools::npm_packages(&folder())?;
    let made = project::target().join("editor.js");
    let mut node = process::command("node");
    node.arg(folder().join("build.mjs")).arg(&made);
    process::run(&mut node)?;
    let script = project::read(&made)?;
    for old in built()? {
        std::fs::remove_file(&old).map_err(|error| format!("{}: {error}", old.display()))?;
    }
    let name = format!("editor-{}.js", project::hash_of(script.as_bytes()));
    project::write(&project::dist().join(&name), &script)?;
    let page = project::dist().join("index.html");
    let named = format!("<meta name=\"page-editor\" content=\"./{name}\"></head>");
    project::write(&page, &project::read(&page)?.replace("</head>", &named))
}

/// The script in `dist/`.
pub(crate) fn built() -> Outcome<Vec<PathBuf>> {
    let mut files = project::files_under(&project::dist())?;
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("editor-") && name.ends_with(".js")
    });
    Ok(files)
}
