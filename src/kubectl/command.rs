//! A kubectl that runs: what its verbs need to ask, to print and to fail.

use super::fields::text;
use super::flags::Arguments;
use super::resources::Info;
use super::shell::Shell;
use super::verbs::Verb;
use crate::api::check::warnings;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::chance::scale;
use crate::cluster::outage::API_SERVER;
use crate::cluster::request::{
    ApiResult, Body, DeleteOptions, Filter, PatchKind, Reason, Reply, Request, Status, Verb as Asked,
};
use crate::cluster::task::Suspended;
use crate::cluster::time::MILLI;
use crate::value::{Str, Value};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::rc::Rc;

/// A kubectl that runs.
pub(crate) struct Kubectl<'s, 'a> {
    /// The shell that runs it.
    pub(crate) shell: &'s mut Shell<'a>,
    /// What it does.
    pub(crate) verb: &'static Verb,
    /// With what.
    pub(crate) arguments: Arguments,
    /// How many documents it has printed.
    pub(crate) documents: usize,
    /// What the server has warned of.
    pub(crate) warned: Vec<String>,
}

/// Why a verb does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It waits for an answer.
    Suspended,
    /// It has said what it had to say and ends with this code.
    Exit(i32),
}

impl From<Suspended> for Stop {
    fn from(_: Suspended) -> Self {
        Self::Suspended
    }
}

/// What a step of a verb gives.
pub(crate) type Outcome<T = ()> = Result<T, Stop>;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// kubectl itself says so.
    Own(String),
    /// The API server says so; with what kubectl was about, as `error when creating "web.yaml": `.
    Server(String, Rc<Status>),
    /// Several that were gathered into one (upstream: `utilerrors.Aggregate`).
    Several(Vec<String>),
}

impl From<Rc<Status>> for Problem {
    fn from(status: Rc<Status>) -> Self {
        Self::Server(String::new(), status)
    }
}

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self::Own(message)
    }
}

impl Problem {
    /// All of them as one, each of the same words once; nothing where there is none.
    pub(crate) fn gathered(problems: &[Problem]) -> Option<Problem> {
        let (mut all, mut said) = (Vec::new(), BTreeSet::new());
        for problem in problems {
            let own = match problem {
                Self::Several(several) => several.clone(),
                Self::Own(message) => vec![message.clone()],
                Self::Server(about, status) => vec![format!("{about}{}", status.message)],
            };
            for message in own {
                if said.insert(message.clone()) {
                    all.push(message);
                }
            }
        }
        (!all.is_empty()).then_some(Self::Several(all))
    }
    /// As one of several (upstream: `messageForError`).
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Own(message) => message.clone(),
            Self::Several(several) => match &several[..] {
                [one] => one.clone(),
                many => format!("[{}]", many.join(", ")),
            },
            // Nothing but a server that is down refuses with this reason.
            Self::Server(_, status) if status.reason == Reason::ServiceUnavailable => format!(
                "The connection to the server {API_SERVER} was refused - did you specify the right host or port?"
            ),
            Self::Server(about, status) => {
                format!("Error from server ({}): {about}{}", status.reason, status.message)
            }
        }
    }
    /// As the only one (upstream: `checkErr`).
    fn alone(&self) -> String {
        match self {
            Self::Own(message) if message.starts_with("error: ") || message.starts_with("podium: ") => {
                message.clone()
            }
            Self::Own(message) => format!("error: {message}"),
            Self::Server(_, status) if status.reason == Reason::Invalid => invalid(status),
            Self::Server(..) => self.message(),
            Self::Several(_) => format!("error: {}", self.message()),
        }
    }
}

/// How a patch is sent: a strategic one only where kubectl has the types of the kind.
pub(crate) fn kind_of_patch(kind: Kind, wished: PatchKind) -> PatchKind {
    if kind.is_custom() && wished == PatchKind::Strategic { PatchKind::Merge } else { wished }
}

/// `The Pod "web" is invalid: ...`; several causes as lines.
fn invalid(status: &Status) -> String {
    // Where the server names no object, only its sentence is there to be told.
    if !status.message.contains(" is invalid") {
        return format!("The request is invalid: {}", status.message);
    }
    // The sentence begins `Deployment.apps "web" is invalid: `.
    let subject = status.message.split(" is invalid").next().unwrap_or_default();
    let (kind, name) = subject.split_once(' ').unwrap_or((subject, ""));
    let kind = kind.split('.').next().unwrap_or(kind);
    let mut out = format!("The {kind} {name} is invalid");
    let mut causes: Vec<&String> = Vec::new();
    for cause in &status.causes {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    match &causes[..] {
        [] => {}
        [one] => _ = writeln!(out, ": {one}"),
        many => {
            out.push_str(": ");
            _ = many.iter().try_for_each(|cause| write!(out, "\n* {cause}"));
        }
    }
    out
}

impl Kubectl<'_, '_> {
    /// Prints.
    pub(crate) fn print(&mut self, text: &str) {
        self.shell.print(text);
    }
    /// Prints a line.
    pub(crate) fn line(&mut self, text: &str) {
        self.shell.print(&format!("{text}\n"));
    }
    /// Prints a line to standard error.
    pub(crate) fn complain(&mut self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        self.shell.print_error(&format!("{text}{end}"));
    }
    /// Says what went wrong; the command ends with 1.
    pub(crate) fn fail(&mut self, problem: impl Into<Problem>) -> Stop {
        let problem = problem.into();
        self.complain(&problem.alone());
        Stop::Exit(1)
    }
    /// Says all that went wrong, if anything did.
    pub(crate) fn fail_all(&mut self, problems: Vec<Problem>) -> Outcome {
        match &problems[..] {
            [] => Ok(()),
            [one] => Err(self.fail(one.clone())),
            many => {
                let lines: Vec<String> = many.iter().map(Problem::message).collect();
                self.complain(&lines.join("\n"));
                Err(Stop::Exit(1))
            }
        }
    }
    /// Says that it was called wrongly (upstream: `cmdutil.UsageErrorf`).
    pub(crate) fn misused(&mut self, why: &str) -> Stop {
        let verb = self.verb.name;
        self.fail(format!("{why}\nSee 'kubectl {verb} -h' for help and examples"))
    }
    /// Says in Podium's own voice that something of kubectl is not here.
    pub(crate) fn not_here(&mut self, what: &str) -> Stop {
        self.complain(&format!("podium: {what} is not simulated"));
        Stop::Exit(1)
    }
    /// The Namespace that the command is about.
    pub(crate) fn namespace(&self) -> Str {
        self.arguments.text("namespace").unwrap_or(&self.shell.kept.namespace).clone()
    }
    /// What an object is called: of a kind of the whole cluster without a Namespace.
    pub(crate) fn key(&self, kind: Kind, name: impl Into<Str>) -> ObjectKey {
        ObjectKey::new(kind, self.namespace(), name)
    }
    /// Asks the API server, and prints its warnings.
    pub(crate) fn ask(&mut self, request: Request) -> Outcome<ApiResult> {
        if self.verbosity() < 6 {
            let response = self.shell.ask.api_with_warnings(request)?;
            self.warn(response.warnings.iter().map(ToString::to_string).collect());
            return Ok(response.result);
        }
        let begun = self.shell.ask.now();
        self.log_request(&request);
        let response = self.shell.ask.api_with_warnings(request.clone())?;
        self.log_response(&request, begun, &response.result);
        self.warn(response.warnings.iter().map(ToString::to_string).collect());
        Ok(response.result)
    }
    /// Asks for something that gives an object.
    pub(crate) fn ask_object(&mut self, request: Request) -> Outcome<Result<Value, Rc<Status>>> {
        let result = self.ask(request)?;
        Ok(result.and_then(|reply| match reply {
            Reply::Object(object) => Ok(object.encode()),
            Reply::Scale(scale) => Ok(scale.encode()),
            _ => Err(Status::new(Reason::InternalError, "the server gave no object")),
        }))
    }
    /// Reads an object. Where there is none, it may be the Namespace that is missing.
    pub(crate) fn get(&mut self, key: ObjectKey) -> Outcome<Result<Value, Rc<Status>>> {
        let namespace = key.namespace.clone();
        let request = Request::get(key).at(self.subresource()?);
        let result = self.ask_object(request)?;
        if let Err(status) = &result
            && status.reason == Reason::NotFound
            && !matches!(&*namespace, "" | "default")
            && let Err(status) = self.ask(Request::get(ObjectKey::new(Kind::Namespace, "", namespace)))?
            && status.reason == Reason::NotFound
        {
            return Ok(Err(status));
        }
        Ok(result)
    }
    /// Lists the objects of a kind in a Namespace; an empty one stands for all.
    pub(crate) fn list(
        &mut self,
        kind: Kind,
        namespace: Str,
        filter: Filter,
    ) -> Outcome<Result<Vec<Value>, Rc<Status>>> {
        let key = ObjectKey::new(kind, namespace, "");
        let result = self.ask(Request::new(Asked::List(filter), key))?;
        Ok(result.map(|reply| match reply {
            Reply::List(objects, _) => objects.iter().map(Object::encode).collect(),
            _ => Vec::new(),
        }))
    }
    /// Who changes fields: the verb, or whom `--field-manager` names.
    fn manager(&self, own: &str) -> Str {
        let named = self.arguments.text("field-manager").filter(|named| !named.is_empty());
        named.cloned().unwrap_or_else(|| own.into())
    }
    /// Makes an object.
    pub(crate) fn create(
        &mut self,
        key: ObjectKey,
        value: Value,
        manager: &str,
    ) -> Outcome<Result<Value, Rc<Status>>> {
        let request = Request {
            field_manager: Some(self.manager(manager)),
            dry_run: self.is_server_dry_run(),
            ..Request::new(Asked::Create(Body::Value(value)), key)
        };
        let kind = request.key.kind;
        let answer = self.ask_object(request)?;
        if let Ok(object) = &answer {
            self.warn(warnings(kind, object));
        }
        Ok(answer)
    }
    /// Says what the server warns of, each warning once (upstream: client-go `WarningWriter`).
    fn warn(&mut self, warnings: Vec<String>) {
        for warning in warnings {
            let line = format!("Warning: {warning}\n");
            if !self.warned.contains(&line) {
                self.complain(&line);
                self.warned.push(line);
            }
        }
    }
    /// Patches an object.
    pub(crate) fn patch(
        &mut self,
        key: ObjectKey,
        kind: PatchKind,
        patch: Value,
        manager: &str,
    ) -> Outcome<Result<Value, Rc<Status>>> {
        let kind = kind_of_patch(key.kind, kind);
        let request = Request {
            field_manager: Some(self.manager(manager)),
            dry_run: self.is_server_dry_run(),
            ..Request::new(Asked::Patch(kind, patch), key)
        };
        self.ask_object(request)
    }
    /// Deletes an object.
    pub(crate) fn delete(&mut self, key: ObjectKey, options: DeleteOptions) -> Outcome<ApiResult> {
        let request = Request { dry_run: self.is_server_dry_run(), ..Request::delete(key, options) };
        self.ask(request)
    }
    /// Whether files are looked at before they are sent (`--validate`).
    pub(crate) fn validates(&self) -> bool {
        self.arguments.text("validate").is_none_or(|value| !matches!(&**value, "false" | "ignore"))
    }
    /// Fetches the server's OpenAPI documents, which objects are checked by: the list of them, and that of each
    /// group. A document takes its time to be read.
    pub(crate) fn download_schema(&mut self, infos: &[Info]) -> Outcome {
        let mut groups: Vec<String> = Vec::new();
        for info in infos {
            let version = text(info.value.as_ref().unwrap_or(&Value::Null), &["apiVersion"]);
            let folder = if version.contains('/') { "apis" } else { "api" };
            let group = format!("{folder}/{version}");
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        if groups.is_empty() {
            return Ok(());
        }
        self.raw("GET", "/openapi/v3?timeout=32s".to_owned())?;
        for group in groups {
            let hash = crate::cluster::chance::stable_hash(0, &group);
            self.raw("GET", format!("/openapi/v3/{group}?hash={hash:016X}&timeout=32s"))?;
        }
        let bits = self.shell.chance();
        self.shell.ask.sleep(30 * MILLI + scale(bits, 60 * MILLI))?;
        Ok(())
    }
    /// Asks for what is no object. A server that cannot be reached is an error.
    pub(crate) fn raw(&mut self, method: &'static str, path: String) -> Outcome {
        match self.ask(Request::raw(method, path))? {
            Ok(_) => Ok(()),
            Err(status) => Err(self.fail(Problem::from(status))),
        }
    }
    /// Refuses a `--dry-run` that means nothing (upstream: `cmdutil.GetDryRunStrategy`).
    pub(crate) fn check_dry_run(&mut self) -> Outcome {
        match self.arguments.text("dry-run").cloned() {
            Some(value)
                if !matches!(
                    &*value,
                    "none" | "client" | "server" | "unchanged" | "true" | "false" | "1" | "0" | "t" | "f"
                ) =>
            {
                let why =
                    format!("Invalid dry-run value ({value}). Must be \"none\", \"server\", or \"client\".");
                Err(self.fail(why))
            }
            _ => Ok(()),
        }
    }
    /// Whether nothing is kept (`--dry-run=server`).
    pub(crate) fn is_server_dry_run(&self) -> bool {
        self.arguments.text("dry-run").is_some_and(|value| &**value == "server")
    }
    /// Whether nothing is sent (`--dry-run=client`).
    pub(crate) fn is_client_dry_run(&self) -> bool {
        self.arguments
            .text("dry-run")
            .is_some_and(|value| matches!(&**value, "client" | "unchanged" | "true"))
    }
}
