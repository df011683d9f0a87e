//! What went wrong, for programs.

use serde::Serialize;

use super::chain;
use super::mistakes::Place;
use crate::stopped::Stopped;

#[derive(Serialize)]
struct Line {
    error: Body,
}

#[derive(Serialize)]
struct Body {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    exit_code: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnostics: Vec<Place>,
}

/// One line of JSON, without its end.
pub fn line(stopped: &Stopped) -> String {
    let exit_code = stopped.exit_code();
    let error = match stopped {
        Stopped::Failed(failure) | Stopped::Told(failure) => Body {
            message: failure.to_string(),
            causes: chain::causes(failure.as_ref()),
            help: failure.help(),
            exit_code,
            diagnostics: Vec::new(),
        },
        Stopped::Mistaken(mistakes) => Body {
            message: mistakes.summary(),
            causes: mistakes.causes.clone(),
            help: None,
            exit_code,
            diagnostics: mistakes.places(),
        },
        Stopped::Ended(_) | Stopped::Unheard => Body {
            message: "standard output is closed".to_owned(),
            causes: Vec::new(),
            help: None,
            exit_code,
            diagnostics: Vec::new(),
        },
    };
    serde_json::to_string(&Line { error }).expect("strings and numbers only")
}
