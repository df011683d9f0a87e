//! Shows events on a thread of its own, so that a slow terminal never slows a build.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use boatyard_plan::event::Event;

use super::json::Json;
use super::log::Roster;
use super::origin::Origins;
use super::plain::Plain;
use super::quiet::Quiet;
use super::terminal;
use super::tree::Tree;
use super::view::{Streams, View};
use crate::args::Progress;
use crate::voice::Voice;

/// At most twelve pictures a second.
const PICTURE: Duration = Duration::from_millis(84);

/// Takes events, from any thread.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// Shows events until it is finished.
pub struct Reporter {
    sender: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Event(Event),
    /// Nothing comes any more. The engine may keep clones of the sink, so the channel does not close by itself.
    End,
}

impl Reporter {
    /// Begins to show events in the way that `voice` wants. Starts a thread.
    pub fn start(voice: &Voice, roster: Roster, origins: Origins) -> Self {
        let view = view(voice, roster, origins);
        let (sender, receiver) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("reporter".to_owned())
            .spawn(move || show(view, &receiver))
            // The words by which `diagnose` knows a machine that permits no more of them.
            .expect("failed to spawn thread");
        Self {
            sender,
            thread: Some(thread),
        }
    }

    /// Where the engine sends its events. Events sent after [`Reporter::finish`] are dropped.
    pub fn sink(&self) -> Sink {
        let sender = self.sender.clone();
        Arc::new(move |event| {
            // The reporter is gone: nobody wants to know.
            let _ = sender.send(Message::Event(event));
        })
    }

    /// Shows what is left, and the last picture.
    pub fn finish(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        let _ = self.sender.send(Message::End);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.stop();
    }
}

fn view(voice: &Voice, roster: Roster, origins: Origins) -> Box<dyn View> {
    match voice.progress {
        Progress::Json => Box::new(Json),
        Progress::Quiet => Box::new(Quiet::new(voice, roster, origins)),
        Progress::Tree => Box::new(Tree::new(voice, roster, origins, terminal::size)),
        Progress::Auto | Progress::Plain => Box::new(Plain::new(voice, roster, origins)),
    }
}

fn show(mut view: Box<dyn View>, receiver: &Receiver<Message>) {
    let mut streams = Streams {
        out: Box::new(io::stdout()),
        err: Box::new(io::stderr()),
    };
    // A stream that is closed ends the view, not the work: the exit code still tells how that went.
    let _ = pump(view.as_mut(), receiver, &mut streams);
}

fn pump(
    view: &mut dyn View,
    receiver: &Receiver<Message>,
    streams: &mut Streams,
) -> io::Result<()> {
    let began = Instant::now();
    let mut due = began;
    let mut changed = false;
    loop {
        let message = if changed || view.is_moving() {
            receiver.recv_timeout(due.saturating_duration_since(Instant::now()))
        } else {
            // Nothing moves: sleep until something happens.
            receiver.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match message {
            Ok(Message::Event(event)) => {
                view.event(&event, began.elapsed(), streams)?;
                changed = true;
            }
            Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => changed = true,
        }
        if changed && Instant::now() >= due {
            view.draw(began.elapsed(), streams)?;
            due = Instant::now() + PICTURE;
            changed = false;
        }
    }
    view.end(began.elapsed(), streams)
}
