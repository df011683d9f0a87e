//! One connection, to its end.

use std::io;
use std::time::Duration;

use futures_util::future::{Either, select};
use kube::api::Portforwarder;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How much is passed on at once, bytes.
const CHUNK: usize = 16 * 1024;
/// How long a pod may say nothing after all was said here: the protocol (`v4.channel.k8s.io`) cannot tell it that it was all.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long why it failed may take to come after it has.
const REASON: Duration = Duration::from_secs(1);

/// Passes on what is said on both sides until one of them has gone; what the cluster says of it is an error.
pub async fn carry(
    mut forwarder: Portforwarder,
    remote: u16,
    local: TcpStream,
) -> Result<(), String> {
    let said = forwarder.take_error(remote);
    let stream = forwarder.take_stream(remote);
    let stream = stream.expect("it was asked for, and is taken once");
    let ended = both(local, stream).await;
    let said = match said {
        // A connection that has ended well has nothing to say; that it has not is known at once.
        Some(said) if ended != Ended::Here => timeout(REASON, said).await.ok().flatten(),
        _ => None,
    };
    forwarder.abort();
    said.map_or(Ok(()), |said| Err(said.trim_end().to_owned()))
}

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Here,
    There,
}

async fn both(local: TcpStream, remote: impl AsyncRead + AsyncWrite + Send) -> Ended {
    let (mut typed, mut shown) = local.into_split();
    let (mut answers, mut asks) = tokio::io::split(remote);
    let ended = {
        let there = std::pin::pin!(copy(&mut typed, &mut asks, None));
        let here = std::pin::pin!(copy(&mut answers, &mut shown, None));
        match select(here, there).await {
            Either::Left(_) => Ended::There,
            Either::Right(_) => Ended::Here,
        }
    };
    if ended == Ended::Here {
        let _ = copy(&mut answers, &mut shown, Some(LAST_WORDS)).await;
    }
    let _ = shown.shutdown().await;
    ended
}

/// Until `from` ends, says nothing for `patience`, or `to` takes no more.
async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    patience: Option<Duration>,
) -> io::Result<()> {
    let mut bytes = vec![0; CHUNK];
    loop {
        let read = from.read(&mut bytes);
        let count = match patience {
            Some(patience) => timeout(patience, read).await??,
            None => read.await?,
        };
        if count == 0 {
            return Ok(());
        }
        to.write_all(&bytes[..count]).await?;
        to.flush().await?;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Two ends of a connection here.
    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        (near, listener.accept().await.unwrap().0)
    }

    #[test]
    fn an_answer_comes_after_all_was_said_here() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (mut client, local) = pair().await;
            let (remote, mut pod) = tokio::io::duplex(64);
            let carried = tokio::spawn(both(local, remote));
            client.write_all(b"ask").await.unwrap();
            client.shutdown().await.unwrap();
            let mut asked = [0; 3];
            pod.read_exact(&mut asked).await.unwrap();
            assert_eq!(&asked, b"ask");
            pod.write_all(b"answer").await.unwrap();
            drop(pod);
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, "answer");
            carried.await.unwrap();

            let (mut client, local) = pair().await;
            let (remote, pod) = tokio::io::duplex(64);
            let carried = tokio::spawn(both(local, remote));
            drop(pod);
            assert_eq!(client.read_to_string(&mut String::new()).await.unwrap(), 0);
            assert_eq!(carried.await.unwrap(), Ended::There);
        });
    }
}
