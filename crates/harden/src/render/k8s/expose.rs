//! Which roles are reached from outside, under which host name.

use boatyard_plan::project::Role;

use super::object::Frame;

/// The role that is reached from outside if nobody says another one.
const WEB: &str = "web";

/// A role that is reached from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exposed<'a> {
    /// The role; it has a port.
    pub role: &'a Role,
    /// The host name; none: only a chart's values will say it.
    pub host: Option<&'a str>,
}

/// The roles that are reached from outside, in the order of the file.
pub(super) fn all<'a>(frame: &Frame<'a>) -> Vec<Exposed<'a>> {
    let front = front(frame).map(|role| role.name.as_str());
    let mut exposed = Vec::new();
    for role in frame
        .project
        .roles
        .iter()
        .filter(|role| role.port.is_some())
    {
        let own = role.placement.host.as_deref();
        let is_front = front == Some(role.name.as_str());
        let host = if is_front {
            let said = frame.options.host.as_deref();
            said.or(own).or(frame.project.deploy.host.as_deref())
        } else {
            own
        };
        if host.is_some() || (is_front && frame.is_chart()) {
            exposed.push(Exposed { role, host });
        }
    }
    exposed
}

/// The role that `[deploy] host` and `--host` are for: `web`, else the first that listens.
pub(super) fn front<'a>(frame: &Frame<'a>) -> Option<&'a Role> {
    let listening = || {
        frame
            .project
            .roles
            .iter()
            .filter(|role| role.port.is_some())
    };
    listening()
        .find(|role| role.name == WEB)
        .or_else(|| listening().next())
}
