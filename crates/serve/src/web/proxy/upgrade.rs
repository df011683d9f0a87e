//! Connections that become something else, such as a websocket: bytes both ways until one side ends.

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;

use super::usage::Open;

/// Joins both sides until one ends or the server does. It counts as use as long.
pub async fn join(
    here: OnUpgrade,
    there: OnUpgrade,
    open: Open,
    mut ending: watch::Receiver<bool>,
) {
    tokio::select! {
        () = both(here, there) => {}
        _ = ending.changed() => {}
    }
    drop(open);
}

/// Joins both sides until one ends.
pub async fn both(here: OnUpgrade, there: OnUpgrade) {
    // A side that is gone before it became anything has nothing to be told.
    if let (Ok(here), Ok(there)) = tokio::join!(here, there) {
        let (mut here, mut there) = (TokioIo::new(here), TokioIo::new(there));
        let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
    }
}
