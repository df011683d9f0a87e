//! A crontab that has changed: when it is tried, and when not.

use std::io::ErrorKind;
use std::time::Duration;

use boatyard_init::cron::Retry;

/// What happens at a millisecond.
enum What {
    /// An event in the folder; then the loop looks.
    Change,
    /// Nothing; the loop looks.
    Look,
    /// Somebody asks.
    Ask,
}

use What::{Ask, Change, Look};

/// Rows: the time, what happens, what the file is then, whether it is tried.
fn check(rows: &[(u64, What, Result<&str, ErrorKind>, bool)]) {
    let mut retry = Retry::new(b"one".to_vec());
    for (millis, what, file, tried) in rows {
        let now = Duration::from_millis(*millis);
        if matches!(what, Change) {
            retry.changed(now);
        }
        let asked = matches!(what, Ask);
        let tries = retry.begin(now, asked) && retry.found(file.map(Vec::from), asked);
        assert_eq!(tries, *tried, "at {millis} ms");
    }
}

#[test]
fn a_change_is_tried_once_however_many_events_it_makes() {
    check(&[
        (0, Change, Ok("two"), false),
        (1, Change, Ok("two"), false),
        (249, Look, Ok("two"), false),
        (250, Look, Ok("two"), true),
        (251, Look, Ok("two"), false),
        // A straggler.
        (260, Change, Ok("two"), false),
        (600, Look, Ok("two"), false),
    ]);
}

#[test]
fn one_that_is_made_empty_and_filled_is_never_seen_empty() {
    check(&[
        (0, Change, Ok(""), false),
        (9, Change, Ok("two"), false),
        (250, Look, Ok("two"), true),
    ]);
}

#[test]
fn events_without_end_do_not_put_it_off() {
    check(&[
        (0, Change, Ok("two"), false),
        (200, Change, Ok("two"), false),
        (250, Change, Ok("two"), true),
    ]);
}

#[test]
fn back_to_the_first_is_a_change_after_a_bad_one() {
    check(&[
        (0, Change, Ok("bad"), false),
        (300, Look, Ok("bad"), true),
        (400, Change, Ok("one"), false),
        (700, Look, Ok("one"), true),
    ]);
}

#[test]
fn one_that_is_gone_is_told_once_and_may_come_back() {
    check(&[
        (0, Change, Err(ErrorKind::NotFound), false),
        (300, Look, Err(ErrorKind::NotFound), true),
        (400, Change, Err(ErrorKind::NotFound), false),
        (700, Look, Err(ErrorKind::NotFound), false),
        (800, Change, Ok("one"), false),
        (1100, Look, Ok("one"), true),
    ]);
}

#[test]
fn who_asks_has_it_tried_at_once() {
    check(&[
        (0, Ask, Ok("one"), true),
        (1, Change, Ok("two"), false),
        (2, Ask, Ok("two"), true),
        // What was to be tried has been.
        (300, Look, Ok("two"), false),
        (301, Ask, Ok("two"), true),
    ]);
}

#[test]
fn it_sleeps_when_nothing_has_changed() {
    let mut retry = Retry::new(b"one".to_vec());
    assert_eq!(retry.deadline(), None);
    retry.changed(Duration::from_secs(7));
    assert_eq!(retry.deadline(), Some(Duration::from_millis(7250)));
    assert!(retry.begin(Duration::from_secs(8), false));
    assert_eq!(retry.deadline(), None);
}
