//! Whether a lease may be taken. Pure.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::LeaseSpec;

/// For how long a lease holds without being renewed.
pub const SECONDS: i32 = 30;

/// What to do about a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Take it: nobody holds it, or its holder is gone.
    Take,
    /// Somebody has it.
    Held {
        /// Who.
        by: String,
        /// Since when.
        since: Option<Timestamp>,
    },
}

/// Whether the lease may be taken by who has seen it `unchanged` for so long.
pub fn decide(lease: Option<&LeaseSpec>, unchanged: Duration) -> Decision {
    let Some((lease, by)) = lease.and_then(|lease| Some((lease, lease.holder_identity.clone()?)))
    else {
        return Decision::Take;
    };
    let seconds = lease.lease_duration_seconds.unwrap_or(SECONDS);
    if unchanged >= Duration::from_secs(u64::try_from(seconds).unwrap_or(0)) {
        return Decision::Take;
    }
    Decision::Held {
        by,
        since: lease.acquire_time.as_ref().map(|time| time.0),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;

    use super::*;

    /// Times in the lease are those of another machine: they take no part.
    #[test]
    fn what_was_seen_counts_and_no_time_that_is_written() {
        let after = |by: Option<&str>, unchanged: u64, renewed: Timestamp| {
            let spec = LeaseSpec {
                holder_identity: by.map(str::to_owned),
                renew_time: Some(MicroTime(renewed)),
                lease_duration_seconds: Some(SECONDS),
                ..LeaseSpec::default()
            };
            decide(Some(&spec), Duration::from_secs(unchanged))
        };
        let held = Decision::Held {
            by: "ann".to_owned(),
            since: None,
        };
        for renewed in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert_eq!(after(Some("ann"), 0, renewed), held);
            assert_eq!(after(Some("ann"), 29, renewed), held);
            assert_eq!(after(Some("ann"), 30, renewed), Decision::Take);
            assert_eq!(after(None, 0, renewed), Decision::Take);
        }
        assert_eq!(decide(None, Duration::ZERO), Decision::Take);
    }
}
