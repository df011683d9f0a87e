//! Hooks, signed as forges sign them.

use std::fmt::Write as _;

use boatyard_preview::config::Config;
use boatyard_preview::forge::{Delivery, Headers, Hook, Trouble, deliver, sign};
use serde_json::Value;

pub const KEY: &str = "a secret";
pub const NOW: u64 = 1_700_000_000;
/// A signing token of GitLab: base64 of "standard webhooks".
const TOKEN: &str = "whsec_c3RhbmRhcmQgd2ViaG9va3M=";

pub struct Signed<'a> {
    forge: &'a str,
    case: &'a Value,
    pub keys: Vec<Vec<u8>>,
    pub body: Vec<u8>,
    headers: Vec<(String, String)>,
}

pub fn none() -> Headers {
    Headers::from_iter::<[(&str, &str); 0]>([])
}

impl<'a> Signed<'a> {
    pub fn of(forge: &'a str, case: &'a Value) -> Self {
        Self::with(forge, case, KEY)
    }

    pub fn with(forge: &'a str, case: &'a Value, key: &str) -> Self {
        let json = case["body"].to_string();
        let body = if case["form"] == true {
            let escape = |byte: u8| format!("%{byte:02X}");
            format!("payload={}", json.bytes().map(escape).collect::<String>())
        } else {
            json
        };
        let mut signed = Self {
            forge,
            case,
            keys: vec![KEY.into(), TOKEN.into()],
            body: body.into_bytes(),
            headers: Vec::new(),
        };
        signed.sign(key);
        signed
    }

    /// The headers that the forge sends.
    pub fn sign(&mut self, key: &str) {
        let case = self.case;
        let event = case["event"].as_str().expect("a case has an event");
        let is_signed = case["unsigned"] != true;
        let id = format!("{:x}", self.body.len()) + event + &sign(b"", &self.body)[..8];
        let time = (NOW.cast_signed() + case["time"].as_i64().unwrap_or(0)).to_string();
        let digest = sign(key.as_bytes(), &self.body);
        let mut headers = match self.forge {
            "github" => vec![
                ("X-GitHub-Event", event.to_owned()),
                ("X-GitHub-Delivery", id),
                ("X-Hub-Signature-256", format!("sha256={digest}")),
            ],
            "gitea" if case["forgejo"] == true => vec![
                ("X-Forgejo-Event", event.to_owned()),
                ("X-GitHub-Event", event.to_owned()),
                ("X-Gitea-Event", event.to_owned()),
                ("X-Forgejo-Delivery", id),
                ("X-Forgejo-Signature", digest),
            ],
            "gitea" => vec![
                ("X-GitHub-Event", event.to_owned()),
                ("X-Gitea-Event", event.to_owned()),
                ("X-Gitea-Delivery", id),
                ("X-Gitea-Signature", digest),
            ],
            "gitlab" => match case["standard"].as_i64() {
                None => vec![
                    ("X-Gitlab-Event-UUID", id),
                    ("X-Gitlab-Token", key.to_owned()),
                ],
                Some(late) => {
                    let time = (NOW.cast_signed() + late).to_string();
                    let text = format!("{id}.{time}.{}", String::from_utf8_lossy(&self.body));
                    let digest = sign(b"standard webhooks", text.as_bytes());
                    vec![
                        ("webhook-id", id),
                        ("webhook-timestamp", time),
                        (
                            "webhook-signature",
                            format!("v1,AAAA v1,{}", base64(&digest)),
                        ),
                    ]
                }
            },
            _ => {
                let text = [format!("{time}.").as_bytes(), &self.body].concat();
                let digest = sign(key.as_bytes(), &text);
                vec![
                    ("X-Boatyard-Timestamp", time),
                    ("X-Boatyard-Signature", format!("sha256={digest}")),
                ]
            }
        };
        if self.forge == "gitlab" {
            headers.push(("X-Gitlab-Event", event.to_owned()));
        }
        if case["form"] == true {
            headers.push((
                "Content-Type",
                "application/x-www-form-urlencoded".to_owned(),
            ));
        }
        let is_of_signature = |name: &str| {
            ["Signature", "Token", "signature", "Timestamp"]
                .iter()
                .any(|word| name.contains(word))
        };
        headers.retain(|(name, _)| is_signed || !is_of_signature(name));
        self.headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for (name, value) in case["headers"].as_object().into_iter().flatten() {
            self.headers
                .push((name.clone(), value.as_str().expect("a text").to_owned()));
        }
    }

    /// Changes one letter of what proves who it is from, to one that differs in more than its case.
    pub fn bend(&mut self, at: usize) {
        let proofs = ["Signature", "signature", "Token", "Timestamp"];
        let mut proofs = self
            .headers
            .iter_mut()
            .filter(|(name, _)| proofs.iter().any(|proof| name.contains(proof)));
        let (_, value) = proofs.next().expect("it is signed");
        // `sha256=` may be left out, and GitLab sends several.
        let start = value.rfind([',', '=']).map_or(0, |start| start + 1);
        let start = if start == value.len() { 0 } else { start };
        let at = start + at % (value.len() - start);
        let new = if &value[at..=at] == "0" { "1" } else { "0" };
        value.replace_range(at..=at, new);
    }

    pub fn deliver(&self, config: &Config) -> Result<Delivery, Trouble> {
        let headers: Headers = self.headers.iter().cloned().collect();
        deliver(
            config,
            &Hook {
                forge: self.forge,
                keys: &self.keys,
                headers: &headers,
                body: &self.body,
                now_seconds: NOW,
            },
        )
    }
}

/// Base64 of the bytes that hexadecimal digits stand for.
fn base64(digits: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = String::new();
    for digit in digits.chars() {
        let value = digit.to_digit(16).expect("a digit");
        write!(bits, "{value:04b}").expect("a text takes everything");
    }
    let letter = |chunk: &[u8]| {
        let text = format!("{:0<6}", String::from_utf8_lossy(chunk));
        char::from(ALPHABET[usize::from_str_radix(&text, 2).expect("six bits")])
    };
    bits.as_bytes().chunks(6).map(letter).collect()
}
