//! Lease.

use super::meta::ObjectMeta;
use crate::typed;
use crate::value::Str;
use std::rc::Rc;

typed! {
    /// A lease: somebody says again and again that he is there.
    pub struct Lease {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// Who, since when, until when.
        spec: "spec" => LeaseSpec,
    }
    /// A Lease's spec.
    pub struct LeaseSpec {
        /// Who holds it.
        holder_identity: "holderIdentity" => Str,
        /// How long it holds after it was renewed, in seconds.
        lease_duration_seconds: "leaseDurationSeconds" => Option<i32>,
        /// When it was taken.
        acquire_time: "acquireTime" => Option<Str>,
        /// When it was renewed.
        renew_time: "renewTime" => Option<Str>,
    }
}
