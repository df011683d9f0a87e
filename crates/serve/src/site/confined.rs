//! What keeps the builds of strangers from the world.

use std::ffi::OsString;

use boatyard_preview::config::Reach;
use boatyard_preview::environment::Environment;

use super::place::Site;

impl Site {
    /// The words for our command that keep the build of a stranger's environment from the world.
    pub(crate) fn confined(&self, one: &Environment) -> Vec<OsString> {
        let place = &one.revision.place;
        let reach = (self.settings.origin)(place).map(|origin| origin.reach);
        let words = words(&place.to_string(), &reach.unwrap_or_default());
        words.into_iter().map(OsString::from).collect()
    }
}

/// Its caches are those of its branch or pull request.
fn words(place: &str, reach: &Reach) -> Vec<String> {
    let mut words = vec![format!("--confined={place}")];
    match &reach.sources {
        Some(hosts) => words.extend(hosts.iter().map(|host| format!("--source={host}"))),
        None => words.push("--source=none".to_owned()),
    }
    let registries = reach.registries.iter();
    words.extend(registries.map(|host| format!("--registry={host}")));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_may_reach_is_said() {
        let hosts = |all: &[&str]| all.iter().map(|host| host.parse().unwrap()).collect();
        let own = Reach::default();
        assert_eq!(words("a/b#1", &own), ["--confined=a/b#1"]);
        let more = Reach {
            sources: Some(hosts(&["npm.example.org", "[2001:db8::1]:81"])),
            registries: hosts(&["10.0.0.5:5000"]),
        };
        assert_eq!(
            words("a/b#1", &more),
            [
                "--confined=a/b#1",
                "--source=npm.example.org",
                "--source=[2001:db8::1]:81",
                "--registry=10.0.0.5:5000"
            ]
        );
        let none = Reach {
            sources: None,
            ..own
        };
        assert_eq!(words("a/b#1", &none), ["--confined=a/b#1", "--source=none"]);
    }
}
