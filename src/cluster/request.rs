//! What is asked of the API server, and what it answers.

use super::time::SimTime;
use crate::api::{Object, ObjectKey};
use crate::value::{Str, Value};
use std::rc::Rc;

/// Where discovery tells of the groups with their kinds. The answer holds the definitions of those that are no built-in ones.
pub const GROUPS: &str = "/apis?";

/// A request to the API server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// What is done.
    pub verb: Verb,
    /// To what. The name is empty for a list, a collection and a create with `generateName`.
    pub key: Rc<ObjectKey>,
    /// A part of the object that is asked for in its stead.
    pub subresource: Subresource,
    /// Whether nothing is kept (`dryRun=All`).
    pub dry_run: bool,
    /// Who writes (`fieldManager`).
    pub field_manager: Option<Str>,
}

/// A part of an object with a life of its own in the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Subresource {
    /// The object itself.
    #[default]
    None,
    /// Its status alone.
    Status,
    /// Its number of replicas alone: an `autoscaling/v1` Scale.
    Scale,
    /// A Pod's node: what the scheduler posts.
    Binding,
    /// A Pod's eviction.
    Eviction,
    /// A Namespace's finalizers.
    Finalize,
    /// A Pod's ephemeral containers alone.
    EphemeralContainers,
    /// The resources of a Pod's containers alone.
    Resize,
    /// What a container has printed; answered by its kubelet.
    Log,
    /// A command in a container; answered by its kubelet.
    Exec,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Reads one object.
    Get,
    /// Reads those that match.
    List(Filter),
    /// Is told of changes to those that match, after a revision.
    Watch(Filter, u64),
    /// Makes an object.
    Create(Body),
    /// Replaces an object.
    Update(Body),
    /// Changes an object.
    Patch(PatchKind, Value),
    /// Server-side apply: the object, and whether conflicts are overruled.
    Apply(Value, bool),
    /// Deletes one object.
    Delete(DeleteOptions),
    /// Deletes those that match.
    DeleteCollection(Filter, DeleteOptions),
    /// Runs a command in a container (none: the only one) or reads its log.
    Connect(Rc<Connect>),
    /// Asks for what is no object: what the server has, its OpenAPI documents, whether something is allowed. The
    /// method and the path.
    Raw(&'static str, Str),
}

/// What is asked of a kubelet through the API server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connect {
    /// The container; empty for the first.
    pub container: Str,
    /// The command's words; empty for a log.
    pub command: Vec<Str>,
    /// Of a log: the one before the last restart.
    pub previous: bool,
    /// Of a log: only so many of its last lines.
    pub tail: Option<u32>,
    /// Of a log: without so many of its first lines, which are known.
    pub skip: u32,
    /// Of a log: only lines since this moment.
    pub since: Option<SimTime>,
    /// Of a log: each line behind its time.
    pub timestamps: bool,
}

/// An object in a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// From a component that knows the type.
    Typed(Object),
    /// From outside, to be decoded and checked strictly.
    Value(Value),
}

/// Which objects are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// A label selector in kubectl's writing (`a=b,c in (d,e),!f`); empty for all.
    pub labels: Str,
    /// A field selector (`metadata.name=web,status.phase!=Running`); empty for all.
    pub fields: Str,
}

/// The three kinds of patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatchKind {
    /// RFC 6902: a list of operations.
    Json,
    /// RFC 7396: keys replace, null removes.
    Merge,
    /// Merge that knows lists' keys.
    Strategic,
}

/// How to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeleteOptions {
    /// In place of the object's own, in seconds.
    pub grace_period_seconds: Option<i64>,
    /// What happens to what the object owns; the kind's default where none is said.
    pub propagation: Option<Propagation>,
    /// Only the object with this uid.
    pub uid: Option<Str>,
    /// Only this version of it.
    pub resource_version: Option<Str>,
}

/// What happens to what a deleted object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Propagation {
    /// It is deleted afterwards.
    Background,
    /// It is deleted before.
    Foreground,
    /// It stays.
    Orphan,
}

/// The answer to a request, with the words of `Warning` headers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// What came of it.
    pub result: ApiResult,
    /// Warnings.
    pub warnings: Vec<Str>,
}

/// An answer or an error.
pub type ApiResult = Result<Reply, Rc<Status>>;

/// What a request gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// One object; of a delete its last state, where deletion has only begun its new one.
    Object(Object),
    /// A list and the revision that it was read at.
    List(Vec<Object>, u64),
    /// A watch stands: what it sees now (upstream: `sendInitialEvents`); the changes from here on come one
    /// by one (see `task::Call::WatchNext`).
    Watching(WatchId, Vec<Object>),
    /// `Success` without an object.
    Success,
    /// A number of replicas (subresource `scale`): wanted, and as the status has it.
    Scale(Box<ScaleReply>),
    /// What a container printed (standard output, standard error) and its exit code; of a log 1 where the container
    /// goes on.
    Text(Str, Str, i32),
}

/// The scale of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScaleReply {
    /// Replicas wanted.
    pub spec: i32,
    /// Replicas that are.
    pub status: i32,
    /// Which Pods are counted.
    pub selector: Str,
    /// The workload.
    pub of: Object,
}

impl ScaleReply {
    /// The `autoscaling/v1` Scale, as it travels.
    pub fn encode(&self) -> Value {
        let mut scale = Value::object();
        scale.set(&["apiVersion"], "autoscaling/v1");
        scale.set(&["kind"], "Scale");
        let workload = self.of.encode();
        for field in ["creationTimestamp", "name", "namespace", "resourceVersion", "uid"] {
            let path = ["metadata", field];
            scale.set(&path, workload.at(&path).cloned().unwrap_or_default());
        }
        scale.set(&["spec"], Value::object());
        if self.spec != 0 {
            scale.set(&["spec", "replicas"], self.spec);
        }
        scale.set(&["status", "replicas"], self.status);
        scale.set(&["status", "selector"], self.selector.clone());
        scale
    }
}

impl Reply {
    /// The object of an answer that has one.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

/// A watch that a client has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId(pub u32);

crate::words_enum! {
    /// Why a request failed, in one word (upstream: metav1.StatusReason).
    pub enum Reason {
        /// 400
        BadRequest = "BadRequest",
        /// 403
        Forbidden = "Forbidden",
        /// 404
        NotFound = "NotFound",
        /// 405
        MethodNotAllowed = "MethodNotAllowed",
        /// 409: the name is taken.
        AlreadyExists = "AlreadyExists",
        /// 409: the object has changed.
        Conflict = "Conflict",
        /// 422
        Invalid = "Invalid",
        /// 429
        TooManyRequests = "TooManyRequests",
        /// 500
        InternalError = "InternalError",
        /// 503, or no API server at all.
        ServiceUnavailable = "ServiceUnavailable",
        /// 504
        Timeout = "Timeout",
    }
}

impl Reason {
    /// The HTTP code.
    pub const fn code(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyExists | Self::Conflict => 409,
            Self::Invalid => 422,
            Self::TooManyRequests => 429,
            Self::InternalError => 500,
            Self::ServiceUnavailable => 503,
            Self::Timeout => 504,
        }
    }
}

/// The cause that upstream's NamespaceLifecycle puts into its refusal.
const NAMESPACE_TERMINATING: &str = "NamespaceTerminating";

/// An error (upstream: metav1.Status).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// One word.
    pub reason: Reason,
    /// The whole sentence, as upstream words it.
    pub message: String,
    /// For `Invalid`: each error, as `spec.replicas: Invalid value: -1: must be ...`.
    pub causes: Vec<String>,
}

impl Status {
    /// An error with its sentence.
    pub fn new(reason: Reason, message: impl Into<String>) -> Rc<Self> {
        Rc::new(Self { reason, message: message.into(), causes: Vec::new() })
    }
    /// `pods "web" not found`
    pub fn not_found(key: &ObjectKey) -> Rc<Self> {
        Self::new(Reason::NotFound, format!("{} \"{}\" not found", key.kind.resource(), key.name))
    }
    /// `pods "web" already exists`
    pub fn already_exists(key: &ObjectKey) -> Rc<Self> {
        Self::new(Reason::AlreadyExists, format!("{} \"{}\" already exists", key.kind.resource(), key.name))
    }
    /// `Operation cannot be fulfilled on pods "web": ...`
    pub fn conflict(key: &ObjectKey, why: &str) -> Rc<Self> {
        let message =
            format!("Operation cannot be fulfilled on {} \"{}\": {why}", key.kind.resource(), key.name);
        Self::new(Reason::Conflict, message)
    }
    /// `pods "web" is forbidden: ...`
    pub fn forbidden(key: &ObjectKey, why: &str) -> Rc<Self> {
        let message = format!("{} \"{}\" is forbidden: {why}", key.kind.resource(), key.name);
        Self::new(Reason::Forbidden, message)
    }
    /// The refusal of anything new in a Namespace that is being deleted.
    pub fn namespace_terminating(key: &ObjectKey) -> Rc<Self> {
        let why = format!(
            "unable to create new content in namespace {} because it is being terminated",
            key.namespace
        );
        let mut status = Status::clone(&Self::forbidden(key, &why));
        status.causes.push(NAMESPACE_TERMINATING.into());
        Rc::new(status)
    }
    /// Whether it is that refusal.
    pub fn is_namespace_terminating(&self) -> bool {
        self.reason == Reason::Forbidden && self.causes.iter().any(|cause| cause == NAMESPACE_TERMINATING)
    }
    /// `Pod "web" is invalid: ...`: one error as it is, several in brackets.
    pub fn invalid(key: &ObjectKey, causes: Vec<String>) -> Rc<Self> {
        let info = key.kind.info();
        let kind = if info.group.is_empty() {
            info.name.to_string()
        } else {
            format!("{}.{}", info.name, info.group)
        };
        let all = match &causes[..] {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        Rc::new(Self {
            reason: Reason::Invalid,
            message: format!("{kind} \"{}\" is invalid: {all}", key.name),
            causes,
        })
    }
}

impl Request {
    /// A request for an object itself.
    pub fn new(verb: Verb, key: ObjectKey) -> Self {
        Self { verb, key: Rc::new(key), subresource: Subresource::None, dry_run: false, field_manager: None }
    }
    /// Asks for what is no object.
    pub fn raw(method: &'static str, path: impl Into<Str>) -> Self {
        Self::new(Verb::Raw(method, path.into()), ObjectKey::new(crate::api::Kind::APIService, "", ""))
    }
    /// Reads an object.
    pub fn get(key: ObjectKey) -> Self {
        Self::new(Verb::Get, key)
    }
    /// Makes an object.
    pub fn create(object: impl Into<Object>) -> Self {
        let object = object.into();
        Self::new(Verb::Create(Body::Typed(object.clone())), object.key())
    }
    /// Replaces an object; refused where it has changed since it was read.
    pub fn update(object: impl Into<Object>) -> Self {
        let object = object.into();
        Self::new(Verb::Update(Body::Typed(object.clone())), object.key())
    }
    /// Replaces an object's status.
    pub fn update_status(object: impl Into<Object>) -> Self {
        Self::update(object).at(Subresource::Status)
    }
    /// Deletes an object.
    pub fn delete(key: ObjectKey, options: DeleteOptions) -> Self {
        Self::new(Verb::Delete(options), key)
    }
    /// The same at a subresource.
    pub fn at(mut self, subresource: Subresource) -> Self {
        self.subresource = subresource;
        self
    }
    /// Whether it changes anything.
    pub fn is_write(&self) -> bool {
        let reads = matches!(
            self.verb,
            Verb::Get | Verb::List(_) | Verb::Watch(..) | Verb::Connect(_) | Verb::Raw(..)
        );
        !self.dry_run && !reads
    }
}

/// A change that a watch tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WatchEvent {
    /// How the object changed, as this watch sees it: one that no longer matches its filter is `Deleted`.
    pub change: super::record::Change,
    /// The object.
    pub object: Object,
    /// When the watcher got it.
    pub at: SimTime,
}
