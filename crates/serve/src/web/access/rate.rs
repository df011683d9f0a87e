//! How often somebody may do what costs something, and guess what only some know. Each is counted by itself: who has woken too
//! much may still show a token.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::neighbours::Neighbours;

/// Of whom it is remembered at most; with more of them, who was counted longest ago is forgotten.
const KNOWN: usize = 10_000;
/// How many times as often as one customer all may together who have the same 48 bits of IPv6.
const TOGETHER: f64 = 8.0;
/// After that, everybody has everything left again.
const MINUTE: Duration = Duration::from_secs(60);

/// So many at once, refilled evenly in a minute.
#[derive(Debug)]
pub struct Rate {
    asked: Mutex<Count>,
    guessed: Mutex<Count>,
}

/// So many wrong ones came from there that no more are looked at for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften;

impl Rate {
    /// So many in a minute from one address.
    pub fn new(per_minute: u32) -> Self {
        Self {
            asked: Mutex::new(Count::new(per_minute)),
            guessed: Mutex::new(Count::new(per_minute)),
        }
    }

    /// Counts one from there at `now`; false: that is too many.
    pub fn allows(&self, from: IpAddr, now: Instant) -> bool {
        let mut asked = locked(&self.asked);
        let may = asked.has_left(from, now);
        if may {
            asked.add(from, now);
        }
        may
    }

    /// What `look` finds for what somebody there shows at `now`. What is found costs nothing; what is not was a guess, and counts.
    ///
    /// # Errors
    /// If too many guesses came from there: then it is not looked, for a right one would be as good as told.
    pub fn guess<T>(
        &self,
        from: IpAddr,
        now: Instant,
        look: impl FnOnce() -> Option<T>,
    ) -> Result<Option<T>, TooOften> {
        // Held while it is looked: else many at once would all be the last one.
        let mut guessed = locked(&self.guessed);
        if !guessed.has_left(from, now) {
            return Err(TooOften);
        }
        let found = look();
        if found.is_none() {
            guessed.add(from, now);
        }
        Ok(found)
    }
}

fn locked(count: &Mutex<Count>) -> MutexGuard<'_, Count> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Count {
    per_minute: f64,
    /// What each had left when he was counted last.
    known: HashMap<Neighbours, (f64, Instant)>,
}

impl Count {
    fn new(per_minute: u32) -> Self {
        Self {
            per_minute: f64::from(per_minute),
            known: HashMap::new(),
        }
    }

    fn has_left(&self, from: IpAddr, now: Instant) -> bool {
        Neighbours::of(from).all(|one| self.left(one, now) >= 1.0)
    }

    fn left(&self, one: Neighbours, now: Instant) -> f64 {
        let full = match one {
            Neighbours::One(_) | Neighbours::Few(_) => self.per_minute,
            Neighbours::Many(_) => TOGETHER * self.per_minute,
        };
        let Some((left, at)) = self.known.get(&one) else {
            return full;
        };
        let passed = now.saturating_duration_since(*at);
        (left + passed.as_secs_f64() * full / MINUTE.as_secs_f64()).min(full)
    }

    fn add(&mut self, from: IpAddr, now: Instant) {
        let counted: Vec<_> = Neighbours::of(from)
            .map(|one| (one, (self.left(one, now) - 1.0, now)))
            .collect();
        self.make_room(now);
        self.known.extend(counted);
    }

    /// Forgets who has everything left anyway, then who was counted longest ago: a tenth at once, so that it is seldom looked.
    fn make_room(&mut self, now: Instant) {
        if self.known.len() < KNOWN {
            return;
        }
        self.known
            .retain(|_, (_, at)| now.saturating_duration_since(*at) < MINUTE);
        let too_many = self.known.len().saturating_sub(KNOWN - KNOWN / 10);
        if too_many == 0 {
            return;
        }
        let mut times: Vec<Instant> = self.known.values().map(|(_, at)| *at).collect();
        let (_, last, _) = times.select_nth_unstable(too_many - 1);
        let last = *last;
        self.known.retain(|_, (_, at)| *at > last);
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Rate, TooOften};
    use std::net::{IpAddr, Ipv4Addr};
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
        // Who has 48 bits has many times 64, and may eight times as much.
        let allowed = (1..100).filter(|part| allows(&format!("2001:db8:0:{part:x}::1"), 31));
        assert_eq!(allowed.count(), 14);
        assert!(allows("2001:db8:1::1", 31), "a neighbour's");
    }

    #[test]
    fn with_many_addresses_the_newest_are_counted() {
        let (rate, start) = (Rate::new(1), Instant::now());
        let allows = |number: u32| {
            let from = IpAddr::V4(Ipv4Addr::from(number));
            rate.allows(from, start + Duration::from_millis(u64::from(number)))
        };
        let many = 2 * u32::try_from(KNOWN).expect("a number");
        for number in 0..many {
            assert!(allows(number), "{number}");
        }
        let last = IpAddr::V4(Ipv4Addr::from(many - 1));
        let now = start + Duration::from_millis(u64::from(many));
        assert!(!rate.allows(last, now), "who was counted is not forgotten");
    }

    #[test]
    fn guesses_count_and_what_is_right_does_not() {
        let (rate, start) = (Rate::new(2), Instant::now());
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let show = |second, found| {
            let now = start + Duration::from_secs(second);
            rate.guess(from, now, || found)
        };
        for _ in 0..5 {
            assert_eq!(show(0, Some("anne")), Ok(Some("anne")));
        }
        for _ in 0..2 {
            assert_eq!(show(0, None), Ok(None));
        }
        assert_eq!(show(1, None), Err(TooOften));
        assert_eq!(show(1, Some("anne")), Err(TooOften), "it is not told");
        assert!(rate.allows(from, start), "who guessed may do other things");
        assert_eq!(show(31, Some("anne")), Ok(Some("anne")));
    }
}
