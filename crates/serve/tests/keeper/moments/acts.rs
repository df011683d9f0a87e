//! What happens in the story, one after another. Whoever does not know whether he was heard does it again.

use std::time::Duration;

use boatyard_preview::news::{About, News};
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::{Limits, Policy};
use boatyard_preview::revision::{Place, Revision, Subject};
use boatyard_preview::wanted::Head;
use boatyard_preview::watch::{Branches, Watch};

use super::super::yard::repository;

/// A branch and its commit.
pub type Which = (&'static str, &'static str);

#[derive(Clone, Debug)]
pub enum Act {
    /// Somebody who is trusted pushes.
    Push(Which),
    /// A stranger does.
    Offer(Which),
    /// A branch is deleted.
    Close(&'static str),
    /// Somebody asks for that.
    Ask(Which, Event),
    /// Its processes end by themselves.
    Crash(Which),
    /// A visitor writes that into it.
    Sign(Which, &'static str),
    /// From now on what nobody uses is put to sleep at once; or it is not.
    Idle(bool),
    /// The server is stopped, and begins again.
    Again,
    /// It is so and there is nothing more to be done about it; none: it is gone.
    Until(Which, Option<Phase>),
}

const ONE: Which = ("one", "one1");
const NEXT: Which = ("one", "one2");
const TWO: Which = ("two", "two1");
const THREE: Which = ("three", "three1");
const OTHER: Which = ("other", "other1");

pub fn story() -> Vec<Act> {
    use Act::{Again, Ask, Close, Crash, Idle, Offer, Push, Sign, Until};
    let asleep = |which| Until(which, Some(Phase::Asleep));
    let running = |which| Until(which, Some(Phase::Running));
    let gone = |which| Until(which, None);
    vec![
        Push(ONE),
        Push(TWO),
        asleep(ONE),
        asleep(TWO),
        // There is room for one that runs: the first gives way to the second.
        Ask(ONE, Event::Use),
        running(ONE),
        Sign(ONE, "hello"),
        Ask(TWO, Event::Use),
        running(TWO),
        asleep(ONE),
        Crash(TWO),
        Ask(TWO, Event::Use),
        running(TWO),
        Again,
        Idle(true),
        asleep(TWO),
        Idle(false),
        Ask(ONE, Event::Use),
        running(ONE),
        Sign(ONE, "hello again"),
        // A commit takes the place of the one before once it is prepared.
        Push(NEXT),
        gone(ONE),
        asleep(NEXT),
        Ask(TWO, Event::Pin(true)),
        Ask(TWO, Event::Reset),
        asleep(TWO),
        Ask(TWO, Event::Undeploy),
        Until(TWO, Some(Phase::Undeployed)),
        Ask(TWO, Event::Reset),
        asleep(TWO),
        Ask(TWO, Event::Use),
        running(TWO),
        Sign(TWO, "anew"),
        // It goes back to what it was.
        Ask(TWO, Event::Save("s1".into())),
        running(TWO),
        Sign(TWO, "later"),
        Ask(TWO, Event::Restore("s1".into())),
        running(TWO),
        // Closed while it is prepared.
        Push(THREE),
        Close("three"),
        gone(THREE),
        Offer(OTHER),
        Until(OTHER, Some(Phase::Unapproved)),
        Ask(OTHER, Event::Approve),
        asleep(OTHER),
        Close("one"),
        gone(NEXT),
    ]
}

/// What holds after these.
pub fn policy(acts: &[Act]) -> Policy {
    let is_idle = acts.iter().rev().find_map(|act| match act {
        Act::Idle(is_idle) => Some(*is_idle),
        _ => None,
    });
    let mut policy = Policy::default();
    let watch = Watch {
        branches: Branches::named(["**"]),
        ..Watch::default()
    };
    policy.repositories.insert(repository(), watch);
    policy.limits = Limits {
        preparing: 1,
        running: 1,
        kept: 4,
        ..policy.limits
    };
    let times = &mut policy.times;
    times.settle = Duration::ZERO;
    times.residence = Duration::ZERO;
    times.back_off = Duration::ZERO;
    times.idle = (is_idle == Some(true)).then_some(Duration::ZERO);
    policy
}

pub fn place(branch: &str) -> Place {
    Place {
        repository: repository(),
        subject: Subject::Branch(branch.into()),
    }
}

pub fn revision((branch, commit): Which) -> Revision {
    Revision {
        place: place(branch),
        commit: commit.into(),
    }
}

pub fn head((branch, commit): Which, is_trusted: bool) -> News {
    let head = Head {
        commit: commit.into(),
        is_trusted,
        is_draft: false,
        source: None,
    };
    News::Head {
        place: place(branch),
        head,
        about: About::default(),
    }
}
