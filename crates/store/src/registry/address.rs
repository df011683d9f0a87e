//! Where an image is: from its reference to URLs. Pure.

use boatyard_plan::reference::Reference;

/// A repository in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Host and port that we speak to.
    pub host: String,
    /// Path within the registry.
    pub repository: String,
    /// Without TLS.
    pub plain: bool,
}

impl Address {
    /// Without a registry it is Docker's, where one-word names are in `library/`. Loopback needs no TLS.
    pub(crate) fn of(reference: &Reference, plain_http: bool) -> Self {
        let docker = matches!(
            reference.registry.as_deref(),
            None | Some("docker.io" | "index.docker.io")
        );
        let (host, repository) = if docker {
            let path = &reference.repository;
            let full = if path.contains('/') {
                path.clone()
            } else {
                format!("library/{path}")
            };
            ("registry-1.docker.io".to_owned(), full)
        } else {
            let host = reference.registry.clone().unwrap_or_default();
            (host, reference.repository.clone())
        };
        Self {
            plain: plain_http || is_loopback(&host),
            host,
            repository,
        }
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.plain { "http" } else { "https" };
        format!("{scheme}://{}", self.host)
    }

    /// The URL of something in the repository, e.g. `blobs/sha256:...`.
    pub(crate) fn url(&self, rest: &str) -> String {
        format!("{}/v2/{}/{rest}", self.origin(), self.repository)
    }

    /// An absolute URL from a `Location` header.
    pub(crate) fn located(&self, location: &str) -> String {
        if location.starts_with('/') {
            format!("{}{location}", self.origin())
        } else {
            location.to_owned()
        }
    }

    /// Keys of this registry in saved credentials, the likeliest first.
    pub(crate) fn credential_keys(&self) -> Vec<String> {
        let mut keys = vec![
            self.host.clone(),
            format!("https://{}", self.host),
            format!("http://{}", self.host),
        ];
        if self.host == "registry-1.docker.io" {
            keys.insert(0, "https://index.docker.io/v1/".to_owned());
            keys.push("docker.io".to_owned());
        }
        keys
    }
}

/// Whether a host, with or without port, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = name_of(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A host without its port and brackets.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// Whether `NO_PROXY` exempts a host: names, their subdomains, `*`.
pub(crate) fn is_exempt(host: &str, no_proxy: &str) -> bool {
    let name = name_of(host).to_ascii_lowercase();
    no_proxy.split([',', ' ']).any(|rule| {
        let rule = rule.trim().to_ascii_lowercase();
        let rule = rule.trim_start_matches("*.").trim_start_matches('.');
        let rule = name_of(rule);
        rule == "*"
            || (!rule.is_empty()
                && (name == rule
                    || name
                        .strip_suffix(rule)
                        .is_some_and(|before| before.ends_with('.'))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_to_their_registries() {
        let cases = [
            (
                "debian:bookworm",
                "https://registry-1.docker.io/v2/library/debian/x",
            ),
            ("team/app", "https://registry-1.docker.io/v2/team/app/x"),
            (
                "docker.io/team/app",
                "https://registry-1.docker.io/v2/team/app/x",
            ),
            ("127.0.0.1:5000/a/b:1", "http://127.0.0.1:5000/v2/a/b/x"),
            ("localhost:5000/a", "http://localhost:5000/v2/a/x"),
            ("example.com/a", "https://example.com/v2/a/x"),
            (
                "localhost.example.com/a",
                "https://localhost.example.com/v2/a/x",
            ),
        ];
        for (reference, expected) in cases {
            let address = Address::of(&reference.parse().unwrap(), false);
            assert_eq!(address.url("x"), expected, "{reference}");
        }
    }

    #[test]
    fn some_hosts_need_no_proxy() {
        let cases = [
            ("example.com:443", "example.com", true),
            ("a.example.com", "example.com", true),
            ("a.example.com", ".example.com", true),
            ("a.example.com", "*.example.com", true),
            ("notexample.com", "example.com", false),
            ("example.com", "", false),
            ("example.com", "other, *", true),
            ("10.0.0.1:5000", "10.0.0.1", true),
        ];
        for (host, rules, expected) in cases {
            assert_eq!(is_exempt(host, rules), expected, "{host} {rules}");
        }
    }
}
