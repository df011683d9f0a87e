//! Limits and times.

use std::time::Duration;

use boatyard_plan::document::{Findings, Section};

use crate::policy::{Limits, Policy, Times};

/// `[limits]`
pub(super) fn limits(top: &Section<'_>, findings: &mut Findings) -> Limits {
    let mut limits = Policy::default().limits;
    let Some(table) = top.section("limits", findings) else {
        return limits;
    };
    table.only(
        &[
            "preparing",
            "running",
            "kept",
            "snapshots",
            "snapshot-megabytes",
            "cleanup-tries",
            "held",
            "per-minute",
        ],
        findings,
    );
    for (key, limit) in [
        ("preparing", &mut limits.preparing),
        ("running", &mut limits.running),
        ("kept", &mut limits.kept),
        ("snapshot-megabytes", &mut limits.snapshot_megabytes),
    ] {
        if let Some(number) = positive(&table, key, findings) {
            *limit = usize::try_from(number).unwrap_or(usize::MAX);
        }
    }
    if let Some(number) = positive(&table, "cleanup-tries", findings) {
        limits.cleanup_tries = number;
    }
    // Where nobody is to make any, there are none.
    if let Some(number) = whole(&table, ("snapshots", 0), findings) {
        limits.snapshots = usize::try_from(number).unwrap_or(usize::MAX);
    }
    let [kept, least] = [limits.kept, limits.running.max(limits.preparing)];
    if kept < least {
        let at = if table.has("kept") {
            table.path("kept")
        } else {
            table.path.clone()
        };
        findings
            .value(
                &at,
                format!("kept is {kept}, and {least} may be prepared or run at once"),
            )
            .with_label("those count too")
            .with_help(format!("keep {least} or more, or lower the other limits"));
    }
    limits
}

/// A whole number of at least 1.
pub(super) fn positive(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<u32> {
    whole(table, (key, 1), findings)
}

/// A whole number of at least so much.
fn whole(table: &Section<'_>, (key, least): (&str, u32), findings: &mut Findings) -> Option<u32> {
    let number = table.integer(key, findings)?;
    let fits = u32::try_from(number).ok().filter(|number| *number >= least);
    if fits.is_none() {
        findings
            .value(&table.path(key), format!("{key} cannot be {number}"))
            .with_label(format!("at least {least}"));
    }
    fits
}

/// `[times]`
pub(super) fn times(top: &Section<'_>, findings: &mut Findings) -> Times {
    let mut times = Policy::default().times;
    let Some(table) = top.section("times", findings) else {
        return times;
    };
    table.only(
        &[
            "settle",
            "images",
            "preparing",
            "starting",
            "cleanup",
            "idle",
            "residence",
            "back-off",
            "lifetime",
            "warning",
            "snapshots",
            "hold",
            "noted",
        ],
        findings,
    );
    for (key, time) in [
        ("settle", &mut times.settle),
        ("images", &mut times.images),
        ("preparing", &mut times.preparing),
        ("starting", &mut times.starting),
        ("cleanup", &mut times.cleanup),
        ("residence", &mut times.residence),
        ("back-off", &mut times.back_off),
        ("warning", &mut times.warning),
        ("snapshots", &mut times.snapshots),
    ] {
        if let Some(found) = duration(&table, key, findings) {
            *time = found;
        }
    }
    for (key, time) in [("idle", &mut times.idle), ("lifetime", &mut times.lifetime)] {
        if table.value(key).and_then(|value| value.as_str()) == Some("never") {
            *time = None;
        } else if let Some(found) = duration(&table, key, findings) {
            *time = Some(found);
        }
    }
    for (key, time) in [
        ("images", times.images),
        ("preparing", times.preparing),
        ("starting", times.starting),
        ("cleanup", times.cleanup),
    ] {
        if time.is_zero() {
            findings
                .value(&table.path(key), format!("{key} is no time at all"))
                .with_label("nothing is ready at once")
                .with_help("for example \"20m\"");
        }
    }
    times
}

/// A duration.
pub(super) fn duration(
    table: &Section<'_>,
    key: &str,
    findings: &mut Findings,
) -> Option<Duration> {
    table.seconds(key, findings).map(Duration::from_secs)
}
