//! The project's own text files.

use std::path::Path;

/// A file of the project.
pub(crate) struct Source {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Folders that hold what was built or installed, and no source.
const BUILT: &[&str] = &["target", "dist", "node_modules"];

/// Every text file of the project, by path; hidden folders and what git ignores are not looked into.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut found);
    assert!(found.len() > 10, "the project's files were not found");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            if !BUILT.contains(&name.as_str())
                && (!name.starts_with('.') || name == ".ci" || name == ".cargo")
            {
                collect(&entry.path(), &format!("{path}/"), found);
            }
        } else if name != ".git"
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            // What is not text, fonts and pictures, holds no sentences and no code.
            found.push(Source { path, text });
        }
    }
}
