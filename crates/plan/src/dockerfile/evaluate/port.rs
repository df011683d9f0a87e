//! `EXPOSE`: `[[address:]port:]port[-port][/protocol]`, of which only the last port and the protocol say something.

use super::history::list;
use super::state::{State, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Word, expand};
use crate::document::suggestion;

const HELP: &str = "write a port or a range, with /tcp, /udp or /sctp: 8080, 8000-8010/udp";

impl State {
    /// `EXPOSE`.
    pub(super) fn expose(&mut self, words: &[Word]) -> Result<(), Vec<Diagnostic>> {
        let mut ports = Vec::new();
        let mut mistakes = Vec::new();
        // Docker sorts them as they are written, and the history shows it.
        let mut sorted: Vec<&Word> = words.iter().collect();
        sorted.sort_by(|one, other| one.text.cmp(&other.text));
        for word in sorted {
            let lookup = self.scope.env.lookup();
            match expand::words(&word.text, self.escape, &lookup) {
                Err(mistake) => mistakes.push(mistake.diagnostic(word)),
                Ok(list) => {
                    for text in list {
                        match read(&text, word) {
                            Ok(read) => ports.extend(read),
                            Err(mistake) => mistakes.push(mistake),
                        }
                    }
                }
            }
        }
        if !mistakes.is_empty() {
            mistakes.sort_by_key(|mistake| mistake.span.start);
            return Err(mistakes);
        }
        self.note(format!("EXPOSE {}", list(&ports)), true);
        for port in ports {
            self.config.exposed_ports.entry(port).or_default();
        }
        Ok(())
    }
}

/// `port/protocol`, one for each port of a range.
fn read(text: &str, word: &Word) -> Result<Vec<String>, Diagnostic> {
    let (host, container) = match text.rsplit_once(':') {
        Some((host, container)) => (Some(host), container),
        None => (None, text),
    };
    let (range, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = match protocol.to_lowercase() {
        empty if empty.is_empty() => "tcp".to_owned(),
        known if ["tcp", "udp", "sctp"].contains(&known.as_str()) => known,
        other => {
            let message = format!("EXPOSE {text}: unknown protocol \"{other}\"");
            let mut mistake = wrong(word, message, "");
            mistake.help = suggestion("protocols", &other, ["tcp", "udp", "sctp"]);
            return Err(mistake);
        }
    };
    let not_a_port = || {
        wrong(
            word,
            format!("EXPOSE {text}: \"{range}\" is not a port"),
            HELP,
        )
    };
    let (first, last) = ports(range).ok_or_else(not_a_port)?;
    if let Some(host) = host {
        // A port of the machine means nothing here; Docker checks it all the same.
        let (address, port) = host.rsplit_once(':').unwrap_or(("", host));
        let address = address.trim_start_matches('[').trim_end_matches(']');
        let fits = match ports(port) {
            _ if port.is_empty() => true,
            Some((low, high)) => first == last || high - low == last - first,
            None => false,
        };
        if !fits || (!address.is_empty() && address.parse::<std::net::IpAddr>().is_err()) {
            let message = format!("EXPOSE {text}: \"{host}\" is not a port of a machine");
            return Err(wrong(word, message, HELP));
        }
    }
    Ok((first..=last)
        .map(|port| format!("{port}/{protocol}"))
        .collect())
}

/// The first and the last port.
fn ports(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| -> Option<u16> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}
