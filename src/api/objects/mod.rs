//! The objects: a typed struct for each simulated kind, `Dynamic` for the others.

mod apps;
mod batch;
mod coordination;
mod core;
mod label_map;
mod meta;
mod pod;
mod policy;
mod scheduling;
mod storage;
mod workloads;

pub use self::core::*;
pub use apps::*;
pub use batch::*;
pub use coordination::*;
pub use meta::*;
pub use pod::*;
pub use policy::*;
pub use scheduling::*;
pub use storage::*;
pub use workloads::*;

use super::kinds::{Kind, ObjectKey};
use crate::value::typed::{TypeError, Typed};
use crate::value::{Map, Str, Value};
use std::rc::Rc;

/// An object of a kind that is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dynamic {
    /// Its kind.
    pub kind: Kind,
    /// As it was written: not always the version that the table prefers.
    pub api_version: Str,
    /// Its metadata.
    pub metadata: Rc<ObjectMeta>,
    /// All but `apiVersion`, `kind` and `metadata`.
    pub content: Rc<Map>,
}

crate::stored! {
    struct Dynamic { kind, api_version, metadata, content };
}

macro_rules! objects {
    ($( $kind:ident ),+ $(,)?) => {
        /// Any object of the cluster. Cloning is a reference count.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Object { $( $kind(Rc<$kind>), )+ Dynamic(Rc<Dynamic>) }

        $( impl From<$kind> for Object {
            fn from(object: $kind) -> Self { Self::$kind(Rc::new(object)) }
        }
        impl From<Rc<$kind>> for Object {
            fn from(object: Rc<$kind>) -> Self { Self::$kind(object) }
        }
        impl Simulated for $kind {
            const KIND: Kind = Kind::$kind;
            fn from_object(object: &Object) -> Option<&Rc<Self>> {
                match object { Object::$kind(inner) => Some(inner), _ => None }
            }
            fn metadata(&self) -> &Rc<ObjectMeta> { &self.metadata }
            fn metadata_mut(&mut self) -> &mut ObjectMeta { Rc::make_mut(&mut self.metadata) }
        } )+

        crate::stored! {
            enum Object { $( $kind(object), )+ Dynamic(object) }
        }

        impl Object {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $( Self::$kind(_) => Kind::$kind, )+ Self::Dynamic(inner) => inner.kind }
            }
            /// Its metadata.
            pub fn meta(&self) -> &Rc<ObjectMeta> {
                match self { $( Self::$kind(inner) => &inner.metadata, )+ Self::Dynamic(inner) => &inner.metadata }
            }
            /// Its metadata to be changed; the object is copied first where it is shared.
            pub fn meta_mut(&mut self) -> &mut ObjectMeta {
                match self {
                    $( Self::$kind(inner) => Rc::make_mut(&mut Rc::make_mut(inner).metadata), )+
                    Self::Dynamic(inner) => Rc::make_mut(&mut Rc::make_mut(inner).metadata),
                }
            }
            /// Whether the cluster gives life to this kind.
            pub fn is_simulated(kind: Kind) -> bool {
                matches!(kind, $( Kind::$kind )|+)
            }
            fn typed(kind: Kind, content: &Value) -> Result<Option<Self>, TypeError> {
                Ok(match kind { $( Kind::$kind => Some(Self::$kind(Rc::new($kind::decode(content)?))), )+ _ => None })
            }
            fn content(&self) -> Value {
                match self {
                    $( Self::$kind(inner) => inner.encode(), )+
                    Self::Dynamic(inner) => {
                        let mut map = Map::clone(&inner.content);
                        map.insert("metadata", inner.metadata.encode());
                        Value::from(map)
                    }
                }
            }
        }
    };
}

/// A kind with a typed struct.
pub trait Simulated: Typed + Clone + Into<Object> {
    /// The kind.
    const KIND: Kind;
    /// The typed object in `object`, where it is of this kind.
    fn from_object(object: &Object) -> Option<&Rc<Self>>;
    /// Its metadata.
    fn metadata(&self) -> &Rc<ObjectMeta>;
    /// Its metadata to be changed.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;
}

objects!(
    Namespace,
    Node,
    Pod,
    Service,
    Endpoints,
    ConfigMap,
    Secret,
    ServiceAccount,
    Event,
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    DaemonSet,
    ControllerRevision,
    EndpointSlice,
    Job,
    CronJob,
    PriorityClass,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    ResourceQuota,
    LimitRange,
    PodDisruptionBudget,
    HorizontalPodAutoscaler,
    Lease,
);

impl Object {
    /// Reads an object whose `apiVersion` and `kind` are known to be those of `kind`.
    pub fn decode(kind: Kind, value: &Value) -> Result<Self, TypeError> {
        let map = value.as_object().ok_or_else(|| TypeError::new("object", value))?;
        let mut content = map.clone();
        let api_version = content.remove("apiVersion");
        content.remove("kind");
        if let Some(object) = Self::typed(kind, &Value::from(content.clone()))? {
            return Ok(object);
        }
        let metadata = match content.remove("metadata") {
            Some(meta) if !meta.is_null() => {
                ObjectMeta::decode(&meta).map_err(|error| error.under("metadata"))?
            }
            _ => ObjectMeta::default(),
        };
        let api_version =
            api_version.as_ref().and_then(Value::as_str).map_or_else(|| kind.api_version().into(), Str::from);
        Ok(Self::Dynamic(Rc::new(Dynamic {
            kind,
            api_version,
            metadata: Rc::new(metadata),
            content: Rc::new(content),
        })))
    }
    /// Writes it whole, `apiVersion` and `kind` first.
    pub fn encode(&self) -> Value {
        let mut map = Map::new();
        map.push("apiVersion", self.api_version());
        map.push("kind", self.kind().info().name);
        if let Value::Object(content) = self.content() {
            for (key, value) in content.iter() {
                map.push(key.clone(), value.clone());
            }
        }
        Value::from(map)
    }
    /// Its `apiVersion`.
    pub fn api_version(&self) -> Str {
        match self {
            Self::Dynamic(inner) => inner.api_version.clone(),
            other => other.kind().api_version().into(),
        }
    }
    /// What it is called.
    pub fn key(&self) -> ObjectKey {
        let meta = self.meta();
        ObjectKey { kind: self.kind(), namespace: meta.namespace.clone(), name: meta.name.clone() }
    }
    /// The typed object, where it is of kind `T`.
    pub fn get<T: Simulated>(&self) -> Option<&Rc<T>> {
        T::from_object(self)
    }
}
