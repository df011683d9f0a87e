//! A call, as far as it matters on the way.

use axum::http::{Method, Uri};

/// A call.
pub struct Call {
    /// Of what: `pods`, `deployments`; of what is not of the API nothing.
    pub plural: String,
    pub asks: Asks,
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    Read,
    /// A list that goes on.
    Continued,
    Watch,
    /// A watch that lists first.
    Streamed,
    Write,
}

impl Call {
    pub fn of(method: &Method, uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let says = |name: &str| query.split('&').any(|one| one.starts_with(name));
        let asks = if *method != Method::GET {
            Asks::Write
        } else if says("sendInitialEvents=true") {
            Asks::Streamed
        } else if says("watch=true") || says("watch=1") {
            Asks::Watch
        } else if says("continue=") {
            Asks::Continued
        } else {
            Asks::Read
        };
        Self {
            plural: plural(uri.path()).to_owned(),
            asks,
        }
    }

    pub fn is_watch(&self) -> bool {
        matches!(self.asks, Asks::Watch | Asks::Streamed)
    }
}

/// `/api/v1/namespaces/a/pods/b/log` is of pods.
fn plural(path: &str) -> &str {
    let mut parts = path.split('/').skip(1);
    match parts.next() {
        Some("api") => drop(parts.next()),
        Some("apis") => drop((parts.next(), parts.next())),
        _ => return "",
    }
    match (parts.next(), parts.nth(1)) {
        (Some("namespaces"), Some(inside)) => inside,
        (Some(plural), _) => plural,
        (None, _) => "",
    }
}

/// The same address with lists in pages of so many, where it asks for pages.
pub fn paged(uri: &Uri, size: usize) -> String {
    let parts = uri.query().unwrap_or_default().split('&').map(|one| {
        if one.starts_with("limit=") {
            format!("limit={size}")
        } else {
            one.to_owned()
        }
    });
    format!("{}?{}", uri.path(), parts.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_of_what_its_path_names() {
        for (path, expected) in [
            ("/api/v1/namespaces", "namespaces"),
            ("/api/v1/namespaces/a", "namespaces"),
            ("/api/v1/namespaces/a/pods/b/log", "pods"),
            ("/apis/apps/v1/deployments", "deployments"),
            ("/apis/batch/v1/namespaces/a/jobs/b", "jobs"),
            ("/apis/batch/v1", ""),
            ("/version", ""),
        ] {
            assert_eq!(plural(path), expected, "{path}");
        }
    }

    #[test]
    fn pages_are_made_smaller() {
        let uri: Uri = "/api/v1/pods?limit=100&continue=a".parse().unwrap();
        assert_eq!(paged(&uri, 2), "/api/v1/pods?limit=2&continue=a");
        assert_eq!(Call::of(&Method::GET, &uri).asks, Asks::Continued);
    }
}
