//! Who we are at which registry: what `docker login` and `podman login` saved.
//!
//! ```text
//! {"auths":{"example.com":{"auth":"<base64 of user:password>"}},
//!  "credHelpers":{"other.example.com":"pass"},"credsStore":"secretservice"}
//! ```

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fmt, fs};

use boatyard_plan::reference::Reference;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::failure::RegistryError;

/// Name and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub user: String,
    pub password: String,
}

/// Files in which logins are saved, the first one that knows a registry counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `config.json` of Docker, `auth.json` of Podman; files that do not exist are fine.
    pub files: Vec<PathBuf>,
    /// What counts before them.
    pub given: Logins,
}

/// Logins that were handed over by somebody who has them: by registry, as one of the files has them (`auth`).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Logins(BTreeMap<String, String>);

impl Logins {
    /// Whether there is one for the registry of that image.
    pub fn know(&self, name: &Reference) -> bool {
        self.0.contains_key(&Address::of(name, false).host)
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Saved {
    auths: BTreeMap<String, Auth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    auth: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// The files that Docker and Podman use, from the variables of a process.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let below = |name: &str, rest: &str| Some(Path::new(&variable(name)?).join(rest));
        let files = [
            variable("REGISTRY_AUTH_FILE").map(PathBuf::from),
            below("DOCKER_CONFIG", "config.json"),
            below("XDG_RUNTIME_DIR", "containers/auth.json"),
            below("HOME", ".docker/config.json"),
        ];
        Self {
            files: files.into_iter().flatten().collect(),
            given: Logins::default(),
        }
    }

    /// What is known of the registries of these images, to be handed over.
    pub fn of<'a>(
        &self,
        names: impl IntoIterator<Item = &'a Reference>,
    ) -> Result<Logins, RegistryError> {
        let mut logins = Logins::default();
        for name in names {
            let address = Address::of(name, false);
            if let Some(Login { user, password }) = self.find(&address.credential_keys())? {
                let auth = encode_base64(format!("{user}:{password}").as_bytes());
                logins.0.insert(address.host, auth);
            }
        }
        Ok(logins)
    }

    /// The login for a registry that is known by `keys`.
    pub(crate) fn find(&self, keys: &[String]) -> Result<Option<Login>, RegistryError> {
        let given = keys.iter().find_map(|key| self.given.0.get(key));
        if let Some(login) = given.and_then(|auth| decode(auth)) {
            return Ok(Some(login));
        }
        for path in &self.files {
            let Ok(bytes) = fs::read(path) else {
                continue;
            };
            let saved: Saved =
                serde_json::from_slice(&bytes).map_err(|source| RegistryError::Credentials {
                    path: path.clone(),
                    source,
                })?;
            for key in keys {
                if let Some(helper) = saved.cred_helpers.get(key) {
                    return ask(helper, key);
                }
                let auth = saved.auths.get(key).map(|auth| auth.auth.as_str());
                if let Some(login) = auth.and_then(decode) {
                    return Ok(Some(login));
                }
                // An entry without content says that the store of credentials has it.
                if let (Some(_), Some(store)) = (auth, &saved.creds_store) {
                    return ask(store, key);
                }
            }
        }
        Ok(None)
    }
}

/// Asks a credential helper; it answers `credentials not found` where it knows nothing.
fn ask(helper: &str, key: &str) -> Result<Option<Login>, RegistryError> {
    let program = format!("docker-credential-{helper}");
    let failed = |said: String| RegistryError::Helper {
        helper: program.clone(),
        said,
    };
    let mut child = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that ends without reading says why in its answer.
        let _ = stdin.write_all(key.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return if said.contains("not found") {
            Ok(None)
        } else {
            Err(failed(said.trim().to_owned()))
        };
    }
    // The answer holds a secret, so it is not repeated in the error.
    let answer: Helped =
        serde_json::from_str(&said).map_err(|_| failed("its answer makes no sense".to_owned()))?;
    Ok(Some(Login {
        user: answer.username,
        password: answer.secret,
    }))
}

fn decode(auth: &str) -> Option<Login> {
    let text = String::from_utf8(decode_base64(auth)?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Login {
        user: user.to_owned(),
        password: password.trim_end_matches('\0').to_owned(),
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 (RFC 4648) with padding.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for index in 0..4 {
            if index <= group.len() {
                let digit = bits >> (18 - 6 * index) & 63;
                text.push(char::from(ALPHABET[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim().trim_end_matches('=').bytes() {
        let digit = ALPHABET.iter().position(|&known| known == byte)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_there_and_back() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("user:pä", "dXNlcjpww6Q="),
        ];
        for (plain, encoded) in cases {
            assert_eq!(encode_base64(plain.as_bytes()), encoded);
            assert_eq!(decode_base64(encoded).unwrap(), plain.as_bytes());
        }
        assert_eq!(decode_base64("!"), None);
    }

    #[test]
    fn logins_are_found_by_any_key_of_their_registry() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("config.json");
        let auth = encode_base64(b"me:secret");
        fs::write(
            &file,
            format!("{{\"auths\":{{\"https://example.com\":{{\"auth\":\"{auth}\"}}}}}}"),
        )
        .unwrap();
        let credentials = Credentials {
            files: vec![home.path().join("missing"), file.clone()],
            ..Credentials::default()
        };
        let keys = ["example.com".to_owned(), "https://example.com".to_owned()];
        let login = credentials.find(&keys).unwrap().unwrap();
        assert_eq!(
            (login.user.as_str(), login.password.as_str()),
            ("me", "secret")
        );
        assert!(
            credentials
                .find(&["other.com".to_owned()])
                .unwrap()
                .is_none()
        );
        // Whoever it is handed over to knows the same, and shows it to nobody.
        let name = "example.com/team/app:1".parse().unwrap();
        let handed = Credentials {
            given: credentials.of([&name]).unwrap(),
            ..Credentials::default()
        };
        assert!(handed.find(&keys).unwrap() == Some(login));
        assert!(!format!("{handed:?}").contains(&auth), "{handed:?}");
        fs::write(&file, "{").unwrap();
        let refused = credentials.find(&keys).err().unwrap();
        assert!(matches!(refused, RegistryError::Credentials { .. }));
        fs::write(
            &file,
            "{\"credHelpers\":{\"example.com\":\"no-such-helper\"}}",
        )
        .unwrap();
        let refused = credentials.find(&keys).err().unwrap();
        assert!(matches!(refused, RegistryError::Helper { .. }));
    }
}
