//! How often somebody may do what costs something.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that are remembered at most; more of them in a minute are not people.
const KNOWN: usize = 10_000;

/// So many at once, refilled evenly in a minute.
#[derive(Debug)]
pub struct Rate {
    per_minute: u32,
    left: Mutex<HashMap<IpAddr, (f64, Instant)>>,
}

impl Rate {
    /// So many in a minute from one address.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            left: Mutex::default(),
        }
    }

    /// Counts one from there at `now`; false: that is too many.
    pub fn allows(&self, from: IpAddr, now: Instant) -> bool {
        let full = f64::from(self.per_minute);
        let per_second = full / 60.0;
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= KNOWN {
            left.retain(|_, (_, at)| now.saturating_duration_since(*at) < Duration::from_secs(60));
            if left.len() >= KNOWN {
                return false;
            }
        }
        let (tokens, at) = left.entry(network(from)).or_insert((full, now));
        let passed = now.saturating_duration_since(*at).as_secs_f64();
        *tokens = (*tokens + passed * per_second).min(full);
        *at = now;
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

/// One address of IPv4, or the 64 bits of IPv6 that one customer has.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(four) => IpAddr::V4(four),
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;
    use std::time::{Duration, Instant};

    #[test]
    fn so_many_in_a_minute() {
        let (rate, start) = (Rate::new(2), Instant::now());
        let allows = |from: &str, second| {
            let from = from.parse().expect("an address");
            rate.allows(from, start + Duration::from_secs(second))
        };
        let cases = [
            ("10.0.0.1", 0, true),
            ("10.0.0.1", 0, true),
            ("10.0.0.1", 1, false),
            ("10.0.0.2", 1, true),
            ("10.0.0.1", 31, true),
            ("10.0.0.1", 31, false),
            ("2001:db8::1", 31, true),
            ("2001:db8::2", 31, true),
            ("2001:db8::3", 31, false),
        ];
        for (from, second, expected) in cases {
            assert_eq!(allows(from, second), expected, "{from} at {second} s");
        }
    }
}
