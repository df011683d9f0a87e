//! What is told on the cluster of what was done, in words. Pure.

use boatyard_cluster::namespace::Happening;
use boatyard_preview::phase::{Effect, Event};

/// What is told of what has come of an order; nothing of what is not worth it.
pub(super) fn of(effect: Effect, event: &Event) -> Option<Happening> {
    let (action, done, failed) = words(effect)?;
    Some(match event {
        Event::Done => Happening {
            reason: done.0,
            action,
            note: done.1.to_owned(),
            is_bad: false,
        },
        Event::Fail(why) => Happening {
            reason: failed,
            action,
            note: why.clone(),
            is_bad: true,
        },
        _ => return None,
    })
}

/// What is told of one that ran and has ended by itself.
pub(super) fn ended(why: &str) -> Happening {
    Happening {
        reason: "Ended",
        action: "Start",
        note: why.to_owned(),
        is_bad: true,
    }
}

/// What is told of one that is begun: it takes a while, and there is nothing else to see.
pub(super) fn begun(commit: &str) -> Happening {
    Happening {
        reason: "Preparing",
        action: "Prepare",
        note: format!("{commit} is built and deployed"),
        is_bad: false,
    }
}

/// What an effect is called, and what it is once it is done, or has failed.
fn words(effect: Effect) -> Option<(&'static str, (&'static str, &'static str), &'static str)> {
    Some(match effect {
        Effect::Prepare => (
            "Prepare",
            ("Prepared", "it has answered, and sleeps"),
            "PrepareFailed",
        ),
        Effect::Start => ("Start", ("Started", "it answers"), "StartFailed"),
        Effect::Stop => ("Stop", ("Stopped", "it sleeps"), "StopFailed"),
        // Of one that is gone there is nowhere to tell it.
        Effect::Remove => ("Remove", ("Removed", "it is gone"), "RemoveFailed"),
        Effect::Cancel | Effect::Save | Effect::Restore => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told() {
        let failed = Event::Fail("no room".to_owned());
        for (effect, event, expected) in [
            (Effect::Prepare, &Event::Done, Some(("Prepared", false))),
            (Effect::Prepare, &failed, Some(("PrepareFailed", true))),
            (Effect::Start, &Event::Done, Some(("Started", false))),
            (Effect::Stop, &failed, Some(("StopFailed", true))),
            (Effect::Remove, &failed, Some(("RemoveFailed", true))),
            (Effect::Cancel, &failed, None),
            (Effect::Save, &Event::Saved(1), None),
        ] {
            let told = of(effect, event);
            let told = told.as_ref().map(|told| (told.reason, told.is_bad));
            assert_eq!(told, expected, "{effect:?} {event:?}");
        }
        assert_eq!(of(Effect::Start, &failed).expect("told").note, "no room");
    }
}
