//! What etcd is told by its own gateway.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cluster::Cluster;

/// How long etcd may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

impl Cluster {
    /// Lets etcd forget what was before now: who watches from before then gets 410 from an API server that does not know it
    /// either.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or etcd does not answer.
    pub fn compact(&self) {
        let address = self.etcd().expect("the cluster is ours");
        let ask = |path: &str, question: &Value| {
            ask(&address, path, question).expect("etcd answers in JSON")
        };
        let found = ask("/v3/kv/range", &json!({"key": "YQ=="}));
        let revision = &found["header"]["revision"];
        assert!(revision.is_string(), "no revision in {found}");
        let done = ask(
            "/v3/kv/compaction",
            &json!({"revision": revision, "physical": true}),
        );
        assert!(done["header"].is_object(), "{done}");
    }
}

/// Asks etcd's gateway for JSON (its API v3) at `address`.
fn ask(address: &str, path: &str, question: &Value) -> io::Result<Value> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = question.to_string();
    write!(
        stream,
        "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    serde_json::from_str(body).map_err(io::Error::other)
}
