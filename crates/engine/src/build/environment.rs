//! What a build step may see of the host's surroundings: certificate authorities, proxies, package indexes.
//!
//! All of it is shown to the step while it runs and none of it is written into the image.

use std::path::PathBuf;

use boatyard_plan::build::PASSED;

/// Where the host's certificate bundle is shown to a step.
pub(super) const CA_IN_STEP: &str = "/run/boatyard/ca.pem";

/// Where distributions keep the bundle: Debian, Fedora, SUSE, Alpine.
const CA_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Variables that programs read the bundle's place from.
const CA_VARIABLES: [&str; 6] = [
    "SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
];

/// The index that is used where nobody names another.
const PUBLIC_INDEX: &str = "https://pypi.org/simple";

/// The host's certificate bundle, if there is one: `SSL_CERT_FILE`, else where distributions keep it.
pub fn ca_bundle() -> Option<PathBuf> {
    std::env::var_os("SSL_CERT_FILE")
        .map(PathBuf::from)
        .into_iter()
        .chain(CA_BUNDLES.iter().map(PathBuf::from))
        .find(|path| path.is_file())
}

/// Variables that let a step work in the host's surroundings: proxies, indexes, and, if the bundle is shown to it,
/// where the bundle is.
pub fn outside(with_bundle: bool) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = PASSED
        .iter()
        .filter_map(|name| {
            Some((
                (*name).to_owned(),
                std::env::var(name).ok().filter(|value| !value.is_empty())?,
            ))
        })
        .collect();
    if with_bundle {
        variables.extend(
            CA_VARIABLES
                .iter()
                .map(|name| ((*name).to_owned(), CA_IN_STEP.to_owned())),
        );
    }
    variables
}

/// The Python index: the variables of uv and pip, pip's configuration files, else the public one. May hold
/// credentials: never show it, see [`without_password`](boatyard_plan::release::without_password).
pub(super) fn python_index() -> String {
    ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .or_else(from_pip_configuration)
        .unwrap_or_else(|| PUBLIC_INDEX.to_owned())
}

/// `index-url` of pip's configuration files; the user's wins over the machine's.
fn from_pip_configuration() -> Option<String> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let mut files: Vec<PathBuf> = std::env::var_os("PIP_CONFIG_FILE")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    files.extend(home.iter().flat_map(|home| {
        [
            home.join(".config/pip/pip.conf"),
            home.join(".pip/pip.conf"),
        ]
    }));
    files.push(PathBuf::from("/etc/pip.conf"));
    files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .find_map(|text| index_in(&text))
}

fn index_in(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        matches!(key.trim(), "index-url" | "index_url").then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::index_in;

    #[test]
    fn the_index_in_a_pip_configuration() {
        assert_eq!(
            index_in("[global]\nindex-url = https://i.example/simple\n").as_deref(),
            Some("https://i.example/simple")
        );
        assert_eq!(index_in("[global]\ncert = /x\n"), None);
    }
}
