//! What `kubectl debug` was told, held against each other as upstream does (`DebugOptions`: Complete and Validate).

use super::profiles::Profile;
use crate::cluster::runtime::check_image_name;
use crate::kubectl::command::{Kubectl, Outcome, Stop};
use crate::kubectl::fields::{list, object, text};
use crate::kubectl::manifests;
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// What is to be done.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// What is looked into.
    pub(super) targets: Vec<Str>,
    /// The command of the container.
    pub(super) words: Vec<Str>,
    pub(super) args_only: bool,
    pub(super) attaches: bool,
    pub(super) container: Str,
    pub(super) copy_to: Str,
    pub(super) image: Str,
    pub(super) images: BTreeMap<Str, Str>,
    pub(super) target: Str,
    pub(super) is_quiet: bool,
    pub(super) stdin: bool,
    pub(super) tty: bool,
    pub(super) profile: Profile,
    /// A part of a container that a file has.
    pub(super) custom: Option<Value>,
    env: BTreeMap<Str, Str>,
    pull_policy: Str,
}

impl Options {
    /// Reads the flags, and says what does not go together.
    pub(super) fn read(kubectl: &mut Kubectl) -> Outcome<Self> {
        let env = pairs(kubectl, "env")?;
        let images = pairs(kubectl, "set-image")?;
        let arguments = kubectl.arguments.clone();
        let flag = |name: &str| arguments.text(name).cloned().unwrap_or_default();
        let is_given = arguments.text("attach").is_some();
        let stdin = arguments.is("stdin");
        let (targets, words) = match arguments.before_dashes.filter(|place| *place < arguments.words.len()) {
            Some(place) => (arguments.words[..place].to_vec(), arguments.words[place..].to_vec()),
            None => (arguments.words.clone(), Vec::new()),
        };
        let name = arguments.text("profile").map_or("general", |name| name);
        let Some(profile) = Profile::named(name) else {
            return Err(kubectl.fail(format!("unknown profile: {name}")));
        };
        let options = Self {
            targets,
            words,
            args_only: arguments.is("arguments-only"),
            attaches: if is_given { arguments.is("attach") } else { stdin },
            container: flag("container"),
            copy_to: flag("copy-to"),
            image: flag("image"),
            images,
            target: flag("target"),
            is_quiet: arguments.is("quiet"),
            stdin,
            tty: arguments.is("tty"),
            profile,
            custom: custom(kubectl, &flag("custom"))?,
            env,
            pull_policy: flag("image-pull-policy"),
        };
        options.check(kubectl, is_given)?;
        if profile == Profile::Legacy {
            kubectl.complain(
                "--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other \
                 profile, for example \"--profile=general\".",
            );
        }
        Ok(options)
    }
    fn check(&self, kubectl: &mut Kubectl, is_given: bool) -> Outcome {
        let invalid = |image: &str| check_image_name(image).is_err();
        let arguments = &kubectl.arguments;
        let (has_image, has_words) = (!self.image.is_empty(), !self.words.is_empty());
        let copies = !self.copy_to.is_empty();
        let why = match () {
            () if self.attaches && is_given && !has_image && self.container.is_empty() => {
                "you must specify --container or create a new container using --image in order to attach."
            }
            () if copies && !has_image && self.images.is_empty() && !has_words => {
                "you must specify --image, --set-image or command arguments."
            }
            () if copies && has_words && self.container.is_empty() && !has_image => {
                "you must specify an existing container or a new image when specifying args."
            }
            () if !copies && arguments.is("replace") => "--replace may only be used with --copy-to.",
            () if !copies && arguments.is("same-node") => "--same-node may only be used with --copy-to.",
            () if !copies && !self.images.is_empty() => "--set-image may only be used with --copy-to.",
            () if !copies && !has_image => "you must specify --image when not using --copy-to.",
            () if has_image && invalid(&self.image) => {
                let why = format!("invalid image name {:?}: invalid reference format", &*self.image);
                return Err(kubectl.fail(why));
            }
            () if self.targets.is_empty() && arguments.text("filename").is_none() => {
                "NAME or filename is required for debug"
            }
            () => "",
        };
        if !why.is_empty() {
            return Err(kubectl.fail(why.to_owned()));
        }
        if !matches!(&*self.pull_policy, "" | "Always" | "IfNotPresent" | "Never") {
            return Err(kubectl.fail(format!("invalid image pull policy: {}", self.pull_policy)));
        }
        if let Some((container, image)) = self.images.iter().find(|(_, image)| invalid(image)) {
            let why = format!(
                "invalid image name {:?} for container {:?}: invalid reference format",
                &**image, &**container
            );
            return Err(kubectl.fail(why));
        }
        if !self.target.is_empty() {
            if copies {
                let why = "--target is incompatible with --copy-to. Use --share-processes instead.";
                return Err(kubectl.fail(why.to_owned()));
            }
            if !self.is_quiet {
                kubectl.line(&format!(
                    "Targeting container {:?}. If you don't see processes from this container it may be because the \
                     container runtime doesn't support this feature.",
                    &*self.target
                ));
            }
        }
        if self.tty && !self.stdin {
            let why = "-i/--stdin is required for containers with -t/--tty=true";
            return Err(kubectl.fail(why.to_owned()));
        }
        let changes_more = self.custom.as_ref().is_some_and(|custom| {
            ["name", "image"].iter().any(|field| !text(custom, &[field]).is_empty())
                || ["command", "volumeDevices"].iter().any(|field| !list(custom, &[field]).is_empty())
                || custom.get("lifecycle").is_some_and(|hooks| !hooks.is_null())
        });
        if changes_more {
            let why =
                "name, command, image, lifecycle and volume devices are not modifiable via custom profile";
            return Err(kubectl.fail(why.to_owned()));
        }
        Ok(())
    }
    /// Sets what of the flags is a container's own.
    pub(super) fn fill(&self, container: &mut Value) {
        if !self.words.is_empty() {
            let field = if self.args_only { "args" } else { "command" };
            container.set(&[field], self.words.iter().cloned().map(Value::from).collect::<Vec<_>>());
        }
        if !self.env.is_empty() {
            let env = self.env.iter().map(|(name, value)| {
                let mut variable = object([("name", name.clone())]);
                if !value.is_empty() {
                    variable.set(&["value"], value.clone());
                }
                variable
            });
            container.set(&["env"], env.collect::<Vec<_>>());
        }
        if !self.pull_policy.is_empty() {
            container.set(&["imagePullPolicy"], self.pull_policy.clone());
        }
        for (field, is_set) in [("stdin", self.stdin), ("tty", self.tty)] {
            if is_set {
                container.set(&[field], true);
            }
        }
    }
}

/// The pairs of a flag, as pflag reads them: several stand behind commas, unless the value has but one `=`. Go hands them on
/// in no order; here it is that of their names.
fn pairs(kubectl: &mut Kubectl, flag: &str) -> Outcome<BTreeMap<Str, Str>> {
    let mut out = BTreeMap::new();
    let given: Vec<Str> = kubectl.arguments.texts(flag).cloned().collect();
    for value in given {
        let several = value.matches('=').count() > 1;
        let all: Vec<&str> = if several { value.split(',').collect() } else { vec![value.trim_matches('"')] };
        for pair in all {
            let Some((key, text)) = pair.split_once('=') else {
                let why = format!(
                    "invalid argument {:?} for \"--{flag}\" flag: {pair} must be formatted as key=value\nSee \
                     'kubectl debug --help' for usage.",
                    &*value
                );
                return Err(kubectl.fail(why));
            };
            out.insert(key.into(), text.into());
        }
    }
    Ok(out)
}

/// The part of a container that a file has.
fn custom(kubectl: &mut Kubectl, file: &Str) -> Outcome<Option<Value>> {
    if file.is_empty() {
        return Ok(None);
    }
    let failed: Stop = match kubectl.shell.read(file) {
        Ok(text) => match manifests::one(&text) {
            Ok(value) if value.as_object().is_some() => return Ok(Some(value)),
            Ok(_) => {
                let why = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go value of type \
                           v1.Container";
                kubectl.fail(format!("{file} does not contain a valid container spec: {why}"))
            }
            Err(why) => kubectl.fail(format!("{file} does not contain a valid container spec: {why}")),
        },
        Err(_) => {
            let why = "no such file or directory";
            kubectl
                .fail(format!("must pass a container spec json file for custom profile: open {file}: {why}"))
        }
    };
    Err(failed)
}
