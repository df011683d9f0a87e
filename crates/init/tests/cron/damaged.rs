//! Damaged crontabs do no harm: each ends with a table or with mistakes whose places are in the text, and each job of a
//! table is due after now or never.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::mistakes::read;

const GOOD: &str = "CRON_TZ=Europe/Paris\nA='b c'\n*/5 1-7/2 * jan,mar mon#2 run\n# boatyard: timeout=1h30m retries=2\n\
                    @every 5m x\n0 59 23 LW 12 5L 2024-2030/2 y % z\n0 0 31W 2 ? never\n@midnight é\n";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 6000, ..ProptestConfig::default() })]

    #[test]
    fn of_all_kinds(edits in vec((any::<prop::sample::Index>(), 0..4_u8, prop_oneof![any::<u8>(), prop::sample::select(&b"*/-,#@LW=0129?\n \t'\"%"[..])]), 1..12)) {
        let mut bytes = GOOD.as_bytes().to_vec();
        for (at, kind, byte) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => { bytes.remove(at); }
                _ => { let copy = bytes[at..].iter().take(20).copied().collect::<Vec<_>>(); bytes.extend(copy); }
            }
        }
        check(&bytes);
    }

    #[test]
    fn of_no_kind(bytes in vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }
}

fn check(bytes: &[u8]) {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    match read(bytes) {
        Ok(table) => {
            for job in table.jobs {
                let zone = job.zone.unwrap_or(TimeZone::UTC);
                assert!(job.schedule.next(now, &zone).is_none_or(|next| next > now));
            }
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let lines = bytes.split(|&byte| byte == b'\n').count();
            for mistake in mistakes {
                let line: usize = mistake.split(':').next().unwrap().parse().unwrap();
                assert!(line >= 1 && line <= lines, "{mistake}");
            }
        }
    }
}
