//! What containers printed, for the API server, which asks the node.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, io};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::exec;
use super::volume::Volumes;

/// How long a question and its answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Logs by namespace and pod; all containers of a pod say the same.
#[derive(Clone, Default)]
pub struct Logs {
    said: Arc<Mutex<BTreeMap<(String, String), String>>>,
}

impl Logs {
    /// What `pod` printed.
    pub fn keep(&self, namespace: &str, pod: &str, log: &str) {
        let mut said = self.said.lock().expect("nothing panics inside");
        said.insert((namespace.to_owned(), pod.to_owned()), log.to_owned());
    }

    /// The pod is gone.
    pub fn forget(&self, namespace: &str, pod: &str) {
        let mut said = self.said.lock().expect("nothing panics inside");
        said.remove(&(namespace.to_owned(), pod.to_owned()));
    }

    /// Answers on the port that this returns; starts programs in pods that have some of `volumes`.
    pub async fn serve(&self, folder: &Path, volumes: &Volumes) -> io::Result<u16> {
        let certificate = CertificateDer::from_pem_slice(&fs::read(folder.join("kubelet.crt"))?)
            .map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(&fs::read(folder.join("kubelet.key"))?)
            .map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (logs, volumes) = (self.clone(), volumes.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (logs, acceptor) = (logs.clone(), acceptor.clone());
                let volumes = volumes.clone();
                // Who asks and then says nothing does not keep us for ever.
                let answer = async move { logs.answer(stream, &acceptor, &volumes).await };
                tokio::spawn(tokio::time::timeout(PATIENCE, answer));
            }
        });
        Ok(port)
    }

    async fn answer(
        &self,
        stream: TcpStream,
        acceptor: &TlsAcceptor,
        volumes: &Volumes,
    ) -> io::Result<()> {
        let mut stream = acceptor.accept(stream).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && head.len() < 65536 {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head);
        let target = head.split(' ').nth(1).unwrap_or_default();
        if let Some(program) = exec::Program::asked(target, volumes) {
            return exec::answer(stream, &head, program).await;
        }
        let (status, body) = match self.find(target) {
            Some(log) => ("200 OK", log),
            None => ("404 Not Found", format!("nothing is known of {target}")),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    }

    /// The log that `/containerLogs/NAMESPACE/POD/CONTAINER?tailLines=N&timestamps=true` asks for.
    fn find(&self, target: &str) -> Option<String> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut parts = path.strip_prefix("/containerLogs/")?.split('/');
        let key = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let log = self
            .said
            .lock()
            .expect("nothing panics inside")
            .get(&key)?
            .clone();
        let wanted = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("tailLines=")?.parse().ok());
        let lines: Vec<&str> = log.lines().collect();
        let first = wanted.map_or(0, |wanted: usize| lines.len().saturating_sub(wanted));
        let is_timed = query.split('&').any(|pair| pair == "timestamps=true");
        let whole = |(index, line): (usize, &&str)| {
            if is_timed {
                // Each a millisecond after the one before.
                format!("2026-01-01T00:00:00.{index:03}Z {line}\n")
            } else {
                format!("{line}\n")
            }
        };
        Some(lines.iter().enumerate().skip(first).map(whole).collect())
    }
}
