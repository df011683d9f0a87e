//! Whether who gave an order is still there: he says something now and then.

use std::io::Read;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How often who gives an order says something.
pub const PULSE: Duration = Duration::from_secs(5);
/// After how long of silence he is gone: a machine that is cut off closes nothing.
const SILENCE: Duration = Duration::from_secs(60);

/// Calls `gone` once nothing comes from there any more, on a thread of its own.
pub fn watch(from: impl Read + Send + 'static, gone: impl FnOnce() + Send + 'static) {
    watch_for(SILENCE, from, gone);
}

fn watch_for(
    silence: Duration,
    mut from: impl Read + Send + 'static,
    gone: impl FnOnce() + Send + 'static,
) {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut bytes = [0; 512];
        while matches!(from.read(&mut bytes), Ok(1..)) && tell.send(()).is_ok() {}
    });
    thread::spawn(move || {
        loop {
            match told.recv_timeout(silence) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return gone(),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn who_closes_or_says_nothing_is_gone() {
        let long = Duration::from_secs(60);
        for (silence, closes) in [(long, true), (Duration::from_millis(50), false)] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            let (tell, told) = channel();
            watch_for(silence, reader, move || tell.send(()).unwrap());
            writer.write_all(b"\n").unwrap();
            let writer = (!closes).then_some(writer);
            told.recv_timeout(Duration::from_secs(30)).unwrap();
            drop(writer);
        }
    }
}
