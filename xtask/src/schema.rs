//! `cargo xtask schema`: makes the structure of the built-in kinds from Kubernetes' OpenAPI definitions.
//!
//! The definitions come from the PyPI package kubernetes-validate, which carries those of each version of
//! Kubernetes. Reading a wheel and its JSON needs two crates that no other chore needs, so they wait behind
//! the feature `schema`, and the chore runs itself again with it.

#[cfg(feature = "schema")]
mod common;
#[cfg(feature = "schema")]
mod generate;

use crate::{Command, Outcome};

/// The chore.
pub(crate) const COMMAND: Command = Command {
    name: "schema",
    arguments: "[--check] [WHEEL]",
    about: "makes src/schema's data again from kubernetes-validate, or checks that it is the same",
    run,
};

#[cfg(not(feature = "schema"))]
fn run(arguments: &[String]) -> Outcome {
    let mut cargo = crate::process::cargo();
    cargo.args(["run", "--quiet", "--package", "xtask", "--features", "schema", "--", "schema"]);
    crate::process::run_as_ours(cargo.args(arguments))
}

#[cfg(feature = "schema")]
fn run(arguments: &[String]) -> Outcome {
    with_feature::run(arguments)
}

#[cfg(feature = "schema")]
mod with_feature {
    use super::{common, generate};
    use crate::{Failure, Outcome, process, project, take_flag};
    use std::io::Read;
    use std::path::{Path, PathBuf};

    /// The package and the version of Kubernetes in it.
    const PACKAGE: &str = "kubernetes-validate";
    const VERSION: &str = "1.37.0";

    /// What is made.
    const DATA: &str = "src/schema/kubernetes-1.37.txt";
    const COMMON: &str = "src/schema/kubernetes-1.37-common.txt";

    pub(super) fn run(arguments: &[String]) -> Outcome {
        let mut arguments = arguments.to_vec();
        let check = take_flag(&mut arguments, "--check");
        let wheel = match arguments.as_slice() {
            [] => download()?,
            [wheel] => PathBuf::from(wheel),
            [_, more, ..] => return Err(format!("`{more}` is one argument too many").into()),
        };
        let made = generate::generate(&definitions(&wheel)?, &format!("{PACKAGE} {VERSION}"))?;
        for (data, made) in [(COMMON, common::common(&made)?), (DATA, made)] {
            if check {
                same(data, &made)?;
            } else {
                project::write(&project::root().join(data), &made)?;
                println!("{data}: {} bytes, {} lines", made.len(), made.lines().count());
            }
        }
        Ok(())
    }

    fn same(data: &str, made: &str) -> Outcome {
        let committed = project::read(&project::root().join(data))?;
        match committed.lines().zip(made.lines()).position(|(committed, made)| committed != made) {
            None if committed.len() == made.len() => {
                println!("{data} is what {PACKAGE} {VERSION} makes.");
                Ok(())
            }
            None => {
                Err(format!("{data} has {} bytes and should have {}", committed.len(), made.len()).into())
            }
            Some(at) => Err(format!("{data} differs in line {}: run `cargo xtask schema`", at + 1).into()),
        }
    }

    /// Fetches the wheel with pip and leaves it among what cargo builds.
    fn download() -> Outcome<PathBuf> {
        let folder = project::target().join("schema");
        let wheel = folder.join(format!("{}-{VERSION}-py3-none-any.whl", PACKAGE.replace('-', "_")));
        if !wheel.exists() {
            println!("Fetching {PACKAGE} {VERSION} from PyPI.");
            let mut pip = process::command("python3");
            pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]).arg(&folder);
            process::run(pip.arg(format!("{PACKAGE}=={VERSION}")))?;
        }
        Ok(wheel)
    }

    /// The text of the definitions inside the wheel, which is a ZIP archive.
    fn definitions(wheel: &Path) -> Outcome<String> {
        let name = format!("kubernetes_validate/kubernetes-json-schema/v{VERSION}-local/_definitions.json");
        let told = |error: &dyn std::fmt::Display| Failure::Told(format!("{}: {error}", wheel.display()));
        let file = std::fs::File::open(wheel).map_err(|error| told(&error))?;
        let mut archive = zip::ZipArchive::new(file).map_err(|error| told(&error))?;
        let mut entry = archive.by_name(&name).map_err(|error| told(&error))?;
        let mut text = String::new();
        entry.read_to_string(&mut text).map_err(|error| told(&error))?;
        Ok(text)
    }
}
