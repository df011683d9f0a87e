//! The node's name server: Services have names, `NAME.NAMESPACE.svc.cluster.local`, and nothing else has.
//!
//! As much of RFC 1035 as resolvers of C libraries ask for: one question in a datagram, one address in the answer.

use std::io;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::Service;
use kube::{Api, Client};
use tokio::net::UdpSocket;

use super::settings::ADDRESS;

/// The domain that names end with.
pub const DOMAIN: &str = "cluster.local";

const PORT: u16 = 53;
const HEADER: usize = 12;
const LONGEST: usize = 512;
/// What is asked for: an address of four bytes.
const A: u16 = 1;
/// A name that there is not.
const NO_NAME: u8 = 3;
/// The API server was not reached.
const NO_ANSWER: u8 = 2;
/// An answer may be kept for so many seconds: none, as tests make and remove Services.
const LIVES: [u8; 4] = [0; 4];

/// Where pods ask.
pub async fn listen() -> io::Result<UdpSocket> {
    UdpSocket::bind((ADDRESS, PORT)).await
}

/// Answers for ever.
pub async fn serve(socket: UdpSocket, client: Client) {
    let mut bytes = [0; LONGEST];
    loop {
        let Ok((count, whom)) = socket.recv_from(&mut bytes).await else {
            continue;
        };
        let Some(question) = Question::read(&bytes[..count]) else {
            continue;
        };
        let found = find(&client, &question.name).await;
        // Whoever asked and is gone needs no answer.
        let _ = socket.send_to(&question.answered(found), whom).await;
    }
}

/// The address of a Service; an error is a code of RFC 1035, 4.1.1.
async fn find(client: &Client, name: &str) -> Result<Ipv4Addr, u8> {
    let rest = name.strip_suffix(DOMAIN).ok_or(NO_NAME)?;
    let rest = rest.strip_suffix(".svc.").ok_or(NO_NAME)?;
    let (service, namespace) = rest.split_once('.').ok_or(NO_NAME)?;
    let services = Api::<Service>::namespaced(client.clone(), namespace);
    let found = services.get_opt(service).await.map_err(|_| NO_ANSWER)?;
    let address = found.and_then(|found| found.spec?.cluster_ip);
    address.and_then(|text| text.parse().ok()).ok_or(NO_NAME)
}

struct Question<'a> {
    /// Header and question, as they came.
    asked: &'a [u8],
    /// In lower case, without the dot at its end.
    name: String,
    kind: u16,
}

impl<'a> Question<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut labels: Vec<String> = Vec::new();
        let mut at = HEADER;
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            let label = bytes.get(at..at + length)?;
            labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]);
        Some(Self {
            asked: bytes.get(..at + 4)?,
            name: labels.join("."),
            kind,
        })
    }

    fn answered(&self, found: Result<Ipv4Addr, u8>) -> Vec<u8> {
        let address = found.ok().filter(|_| self.kind == A);
        let mut bytes = self.asked.to_vec();
        // An answer, of one who is in charge; whether recursion was wished for stays.
        bytes[2] = 0x84 | (self.asked[2] & 1);
        bytes[3] = found.err().unwrap_or(0);
        // One question, and nothing beside it but the answer.
        bytes[4..HEADER].copy_from_slice(&[0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
        if let Some(address) = address {
            // The name is that of the question, 12 bytes in; an address; of the Internet.
            bytes.extend([0xc0, 12, 0, 1, 0, 1]);
            bytes.extend(LIVES);
            bytes.extend([0, 4]);
            bytes.extend(address.octets());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_and_its_answers() {
        let mut asked = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        for label in ["DB", "shop", "svc", "cluster", "local"] {
            asked.push(u8::try_from(label.len()).unwrap());
            asked.extend(label.as_bytes());
        }
        asked.extend([0, 0, 1, 0, 1]);
        let end = asked.len();
        // What comes after it (RFC 6891) is not answered.
        asked.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        let question = Question::read(&asked).unwrap();
        assert_eq!(question.name, "db.shop.svc.cluster.local");
        let answer = question.answered(Ok(Ipv4Addr::new(10, 96, 0, 9)));
        assert_eq!(answer[..HEADER], [7, 7, 0x85, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
        assert_eq!(answer[HEADER..end], asked[HEADER..end]);
        assert_eq!(answer[end + 12..], [10, 96, 0, 9]);
        let nobody = question.answered(Err(NO_NAME));
        assert_eq!(
            (nobody.len(), nobody[3], nobody[7]),
            (end, NO_NAME, 0),
            "{nobody:?}"
        );
        assert!(Question::read(&asked[..end - 1]).is_none());
    }
}
