//! Limits of resources (`setrlimit(2)`).

use boatyard_plan::dockerfile::{Limit, Resource as Named};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::error::SandboxError;

/// A limit as far as this machine permits it: raising a hard limit needs `CAP_SYS_RESOURCE`, which containers and user
/// namespaces do not have. Found by trying it in this process, whose limits are afterwards as they were; no other thread
/// should change them meanwhile.
pub fn permitted(limit: Limit) -> Limit {
    let resource = resource(limit.resource);
    let before = getrlimit(resource);
    let wanted = Rlimit {
        current: before.current,
        maximum: limit.hard,
    };
    if is_within(limit.hard, before.maximum) {
        return limit;
    }
    if setrlimit(resource, wanted).is_ok() {
        // Lowering is always permitted.
        let _ = setrlimit(resource, before);
        return limit;
    }
    let hard = before.maximum;
    let soft = if is_within(limit.soft, hard) {
        limit.soft
    } else {
        hard
    };
    Limit {
        soft,
        hard,
        ..limit
    }
}

/// Whether a limit is not above another one; none is above all.
fn is_within(limit: Option<u64>, other: Option<u64>) -> bool {
    match (limit, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(limit), Some(other)) => limit <= other,
    }
}

/// Limits this process and what it becomes.
pub(super) fn apply(limits: &[Limit]) -> Result<(), SandboxError> {
    for limit in limits {
        let wanted = Rlimit {
            current: limit.soft,
            maximum: limit.hard,
        };
        setrlimit(resource(limit.resource), wanted).map_err(|error| SandboxError::Confine {
            what: format!("limit of {}", limit.resource.name()),
            cause: error.into(),
        })?;
    }
    Ok(())
}

/// Whether there is a limit of `resource`.
pub(super) fn has(limits: &[Limit], wanted: Resource) -> bool {
    limits
        .iter()
        .any(|limit| resource(limit.resource) == wanted)
}

fn resource(named: Named) -> Resource {
    match named {
        Named::Core => Resource::Core,
        Named::Cpu => Resource::Cpu,
        Named::Data => Resource::Data,
        Named::Fsize => Resource::Fsize,
        Named::Locks => Resource::Locks,
        Named::Memlock => Resource::Memlock,
        Named::Msgqueue => Resource::Msgqueue,
        Named::Nice => Resource::Nice,
        Named::Nofile => Resource::Nofile,
        Named::Nproc => Resource::Nproc,
        Named::Rss => Resource::Rss,
        Named::Rtprio => Resource::Rtprio,
        Named::Rttime => Resource::Rttime,
        Named::Sigpending => Resource::Sigpending,
        Named::Stack => Resource::Stack,
    }
}
