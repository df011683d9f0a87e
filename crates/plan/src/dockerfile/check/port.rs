//! `ExposeInvalidFormat`, `ExposeProtoCasing`.

use super::finding::Report;
use super::rule::Rule;
use super::scope::Scope;
use crate::dockerfile::Word;

/// Checks the ports of `EXPOSE`.
pub(super) fn check(ports: &[Word], scope: &Scope, escape: char, report: &mut Report) {
    for word in ports {
        for said in scope
            .expand(&word.text, escape)
            .iter()
            .flat_map(|said| said.split_whitespace())
        {
            port(said, word, report);
        }
    }
}

fn port(said: &str, word: &Word, report: &mut Report) {
    let (outside, inside) = match said.rsplit_once(':') {
        Some((outside, inside)) => (!outside.trim_matches(':').is_empty(), inside),
        None => (false, said),
    };
    let (number, protocol) = inside.split_once('/').unwrap_or((inside, ""));
    let small = protocol.to_lowercase();
    if number.is_empty() || !["", "tcp", "udp", "sctp"].contains(&small.as_str()) {
        // A mistake, which is told where it is carried out.
        return;
    }
    if protocol != small {
        report.add(
            Rule::ExposeProtoCasing,
            word.span.clone(),
            format!("the protocol \"{protocol}\" has capitals"),
            format!("write {number}/{small}"),
        );
    }
    if outside {
        report.add(
            Rule::ExposeInvalidFormat,
            word.span.clone(),
            format!("\"{said}\" is more than a port of the container"),
            format!("write {inside}: addresses and ports of the machine are chosen when it runs"),
        );
    }
}
