//! What a builder says: events, what it has built, why it has not.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use boatyard_plan::event::Event;
use serde::Deserialize;
use serde_json::Value;

use crate::diagnose::Relayed;
use crate::progress::Sink;

/// How much of what is no word of ours is remembered, bytes.
const WORDS: usize = 2000;

/// What was said, besides events.
#[derive(Default)]
pub struct Said {
    /// What was built.
    pub built: Option<Value>,
    /// Why it failed.
    pub error: Option<Relayed>,
    /// The end of what else it said.
    pub rest: String,
}

/// Takes what a builder says, line by line; events go on to `sink`.
pub struct Ear {
    sink: Sink,
    line: Vec<u8>,
    said: Arc<Mutex<Said>>,
}

#[derive(Deserialize)]
struct Built {
    built: Value,
}

/// An ear, and what it has heard.
pub fn ear(sink: &Sink) -> (Ear, Arc<Mutex<Said>>) {
    let said = Arc::<Mutex<Said>>::default();
    let ear = Ear {
        sink: Arc::clone(sink),
        line: Vec::new(),
        said: Arc::clone(&said),
    };
    (ear, said)
}

/// What was heard so far.
pub fn heard(said: &Mutex<Said>) -> MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ear {
    fn hear(&self, line: &str) {
        if let Ok(event) = serde_json::from_str::<Event>(line) {
            return (self.sink)(event);
        }
        let mut said = heard(&self.said);
        if let Some(error) = Relayed::parse(line) {
            said.error = Some(error);
        } else if let Ok(Built { built }) = serde_json::from_str(line) {
            said.built = Some(built);
        } else {
            said.rest.push_str(line);
            said.rest.push('\n');
            let mut begin = said.rest.len().saturating_sub(WORDS);
            while !said.rest.is_char_boundary(begin) {
                begin += 1;
            }
            said.rest.drain(..begin);
        }
    }
}

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.hear(&String::from_utf8_lossy(&line));
            } else {
                self.line.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_events_results_errors_or_the_rest() {
        let events = Arc::<Mutex<Vec<Event>>>::default();
        let into = Arc::clone(&events);
        let sink: Sink = Arc::new(move |event| into.lock().unwrap().push(event));
        let (mut ear, said) = ear(&sink);
        let text = concat!(
            r#"{"event":"up","processes":1}"#,
            "\n",
            r#"{"built":{"app-k8s":{}}}"#,
            "\nkilled\n",
            r#"{"error":{"message":"no","exit_code":2,"diagnostics":[{"file":"Dockerfile","line":2,"column":6,"message":"what"}]}}"#,
            "\n",
        );
        let (first, second) = text.as_bytes().split_at(40);
        ear.write_all(first).unwrap();
        ear.write_all(second).unwrap();
        assert_eq!(*events.lock().unwrap(), [Event::Up { processes: 1 }]);
        let said = heard(&said);
        assert_eq!(said.built, Some(serde_json::json!({"app-k8s": {}})));
        assert_eq!(said.rest, "killed\n");
        let error = said.error.as_ref().unwrap();
        let cause = std::error::Error::source(error).unwrap().to_string();
        assert_eq!(
            (error.to_string().as_str(), cause.as_str()),
            ("no", "Dockerfile:2:6: what")
        );
    }
}
