//! What people have happen to an environment.

use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::step;

/// What people have happen to an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is to run, once there is room.
    Start,
    /// It is to run no more.
    Stop,
    /// Everything is made anew.
    Reset,
    /// It keeps its place.
    Pin,
    /// It may lose it.
    Unpin,
    /// This commit of a stranger may be run.
    Approve,
    /// Everything is taken away, until it is reset or there is another commit.
    Undeploy,
}

impl Action {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Approve,
        Self::Start,
        Self::Stop,
        Self::Pin,
        Self::Unpin,
        Self::Reset,
        Self::Undeploy,
    ];

    /// As in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Reset => "reset",
            Self::Pin => "pin",
            Self::Unpin => "unpin",
            Self::Approve => "approve",
            Self::Undeploy => "undeploy",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// What one has to be allowed.
    pub fn scope(self) -> Scope {
        match self {
            Self::Start => Scope::Use,
            Self::Approve | Self::Stop | Self::Reset | Self::Pin | Self::Unpin | Self::Undeploy => {
                Scope::Operate
            }
        }
    }

    /// What happens then. Who starts something asks for it: the limits hold for everybody.
    pub fn event(self) -> Event {
        match self {
            Self::Start => Event::Use,
            Self::Stop => Event::Stop,
            Self::Reset => Event::Reset,
            Self::Pin => Event::Pin(true),
            Self::Unpin => Event::Pin(false),
            Self::Approve => Event::Approve,
            Self::Undeploy => Event::Undeploy,
        }
    }

    /// Whether it is offered: it can happen, and something is different then.
    pub fn is_offered(self, environment: &Environment) -> bool {
        match self {
            Self::Start => {
                environment.phase != Phase::Running && self.refusal(environment).is_none()
            }
            Self::Pin => !environment.is_pinned && !environment.is_leaving(),
            Self::Unpin => environment.is_pinned,
            Self::Undeploy => !environment.is_leaving() && self.refusal(environment).is_none(),
            Self::Stop | Self::Reset | Self::Approve => {
                !self.is_so(environment) && self.refusal(environment).is_none()
            }
        }
    }

    /// Why it cannot happen now; none: it can. What is already so is no reason.
    pub fn refusal(self, environment: &Environment) -> Option<String> {
        let phase = environment.phase;
        match (self, phase) {
            (Self::Start, Phase::Unapproved) => {
                Some("nobody has approved this commit yet".to_owned())
            }
            (Self::Start, Phase::Undeployed) => {
                Some("it was undeployed: reset it, so that it is prepared anew".to_owned())
            }
            (Self::Start, Phase::Failed) if !environment.is_prepared => {
                Some("it could not be prepared: reset it, so that it is prepared anew".to_owned())
            }
            (Self::Start, Phase::Removing | Phase::Stuck) if environment.is_leaving() => {
                Some("it is being taken away".to_owned())
            }
            (Self::Start | Self::Pin | Self::Unpin, _)
            | (Self::Stop, Phase::Asleep | Phase::Stopping | Phase::Saving | Phase::Restoring) => {
                None
            }
            _ => step(environment, &self.event(), None, environment.since)
                .err()
                .map(|refused| refused.to_string()),
        }
    }

    /// Whether it is so already, and there is nothing to do.
    pub fn is_so(self, environment: &Environment) -> bool {
        match self {
            Self::Stop => {
                let is_at_rest = matches!(
                    environment.phase,
                    Phase::Asleep | Phase::Stopping | Phase::Saving | Phase::Restoring
                );
                is_at_rest && environment.asked.is_none()
            }
            Self::Pin => environment.is_pinned,
            Self::Unpin => !environment.is_pinned,
            Self::Start | Self::Reset | Self::Approve | Self::Undeploy => false,
        }
    }
}
