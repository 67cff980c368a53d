//! Where things are in the project.

use std::path::{Path, PathBuf};

use crate::{Failure, Outcome};

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    // xtask is a folder of the workspace, so its parent is always there.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The finished page.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// What the chores have installed; ignored by git, whole when copied elsewhere, and shared by the worktrees of
/// a clone.
pub(crate) fn tools() -> PathBuf {
    let own = root().join(".tools");
    if own.exists() {
        return own;
    }
    let git = std::fs::read_to_string(root().join(".git")).unwrap_or_default();
    main_worktree(&git).map_or(own, |main| main.join(".tools"))
}

/// The folder of the clone that a worktree belongs to, told by the file `.git` that a worktree has.
fn main_worktree(git: &str) -> Option<&Path> {
    let git = Path::new(git.trim().strip_prefix("gitdir: ")?).parent()?;
    if git.ends_with(".git/worktrees") { git.parent()?.parent() } else { None }
}

/// The browser tests and the packages from npm.
pub(crate) fn e2e() -> PathBuf {
    root().join("e2e")
}

/// Cargo's folder for what it builds.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The version of a crate in Cargo.lock.
pub(crate) fn locked_version(name: &str) -> Outcome<String> {
    let lock = read(&root().join("Cargo.lock"))?;
    find_locked_version(&lock, name)
        .ok_or_else(|| Failure::Told(format!("Cargo.lock has no version of {name}")))
}

fn find_locked_version(lock: &str, name: &str) -> Option<String> {
    let start = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != start);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}

/// Reads a file of the project; the error names it.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| Failure::Told(format!("{}: {error}", path.display())))
}

/// Writes a file of the project and the folders above it; the error names it.
pub(crate) fn write(path: &Path, contents: &str) -> Outcome {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, contents))
        .map_err(|error| Failure::Told(format!("{}: {error}", path.display())))
}

/// Every file under a folder.
pub(crate) fn files_under(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let told = |error| Failure::Told(format!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            files.extend(files_under(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A hash for the name of a file, FNV-1a folded to 32 bits: enough to tell some thousand contents apart.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    let wide = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{:08x}", (wide ^ (wide >> 32)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_crate_with_exactly_this_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(find_locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(find_locked_version(lock, "bindgen"), None);
    }

    #[test]
    fn a_worktree_knows_its_clone_and_a_submodule_has_none() {
        assert_eq!(main_worktree("gitdir: /a/b/.git/worktrees/c\n"), Some(Path::new("/a/b")));
        assert_eq!(main_worktree("gitdir: /a/b/.git/modules/c\n"), None);
        assert_eq!(main_worktree(""), None);
    }
}
