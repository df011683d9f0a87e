//! The address of a forge.

/// A URL, in the parts that matter here: `https://git.example.org:8443/gitea`, `file:///srv/git`, `ssh://git@host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `https`, `http`, `ssh`, `git` or `file`, in small letters.
    pub scheme: String,
    /// `git` of `git@host`; empty: none.
    pub user: String,
    /// The host with its port, in small letters; empty for a file.
    pub host: String,
    /// The path, without a slash at its end: `/gitea`.
    pub path: String,
}

impl Address {
    /// Reads a URL; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("it has no scheme such as https://")?;
        let scheme = scheme.to_lowercase();
        if !matches!(scheme.as_str(), "https" | "http" | "ssh" | "git" | "file") {
            return Err("only https, http, ssh, git and file are known");
        }
        if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("it has blanks");
        }
        if rest.contains(['?', '#']) {
            return Err("it has a query or a fragment");
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let is_file = scheme == "file";
        if user.contains(':') {
            return Err("it has a password, which belongs into token");
        }
        if is_file != host.is_empty() {
            return Err("it has no host, or a file has one");
        }
        if host.starts_with('-') || user.starts_with('-') {
            return Err("a host cannot begin with -");
        }
        if path.split('/').any(|part| part == "..") {
            return Err("its path has ..");
        }
        let path = path.trim_end_matches('/').to_owned();
        if is_file && path.is_empty() {
            return Err("it names no folder");
        }
        Ok(Self {
            scheme,
            user: user.to_owned(),
            host: host.to_lowercase(),
            path,
        })
    }

    /// What people call the place, and what it is known by: `github.com`, `git.example.org/gitea`, `/srv/git`.
    pub fn name(&self) -> String {
        format!("{}{}", self.host, self.path)
    }

    /// The host without its port.
    pub fn bare_host(&self) -> &str {
        if let Some(rest) = self.host.strip_prefix('[') {
            return rest.split_once(']').map_or(rest, |(host, _)| host);
        }
        self.host
            .split_once(':')
            .map_or(self.host.as_str(), |(host, _)| host)
    }

    /// Whether it is on this machine: no proxy leads there.
    pub fn is_loopback(&self) -> bool {
        let host = self.bare_host();
        host == "localhost"
            || host.ends_with(".localhost")
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|host| host.is_loopback())
    }

    /// Whether nobody else can read what is sent there.
    pub fn is_private(&self) -> bool {
        !matches!(self.scheme.as_str(), "http" | "git") || self.is_loopback()
    }

    /// The whole URL, with more of a path.
    pub fn with(&self, more: &str) -> String {
        let user = if self.user.is_empty() {
            String::new()
        } else {
            format!("{}@", self.user)
        };
        format!("{}://{user}{}{}{more}", self.scheme, self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses() {
        for (text, expected) in [
            (
                "https://GitHub.com/",
                Ok(("github.com", "https://github.com/x", true)),
            ),
            (
                "http://git.example.org:3000/gitea",
                Ok((
                    "git.example.org:3000/gitea",
                    "http://git.example.org:3000/gitea/x",
                    false,
                )),
            ),
            (
                "http://127.0.0.1:3000",
                Ok(("127.0.0.1:3000", "http://127.0.0.1:3000/x", true)),
            ),
            (
                "http://[::1]:3000",
                Ok(("[::1]:3000", "http://[::1]:3000/x", true)),
            ),
            (
                "file:///srv/git/",
                Ok(("/srv/git", "file:///srv/git/x", true)),
            ),
            (
                "ssh://git@host/base",
                Ok(("host/base", "ssh://git@host/base/x", true)),
            ),
            ("github.com", Err("it has no scheme such as https://")),
            (
                "ext::sh -c true://",
                Err("only https, http, ssh, git and file are known"),
            ),
            (
                "https://user:secret@host",
                Err("it has a password, which belongs into token"),
            ),
            ("https:///x", Err("it has no host, or a file has one")),
            ("ssh://-oProxyCommand=x/", Err("a host cannot begin with -")),
            ("file:///srv/../etc", Err("its path has ..")),
            ("file:///", Err("it names no folder")),
            ("https://host/a b", Err("it has blanks")),
        ] {
            let found = Address::parse(text)
                .map(|found| (found.name(), found.with("/x"), found.is_private()));
            let expected = expected
                .map(|(name, with, is_private)| (name.to_owned(), with.to_owned(), is_private));
            assert_eq!(found, expected, "{text}");
        }
    }
}
