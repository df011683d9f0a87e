//! Where the server is.

use std::net::{Ipv4Addr, SocketAddr};

use boatyard_plan::document::{Findings, Section};

use crate::config::{Address, Server};

const DOMAIN: &str = "preview.localhost";
const PORT: u16 = 8000;

/// `[server]`
pub(super) fn read(top: &Section<'_>, findings: &mut Findings) -> Server {
    let mut server = Server {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
        domain: DOMAIN.to_owned(),
        url: None,
    };
    let Some(table) = top.section("server", findings) else {
        return server;
    };
    table.only(&["listen", "domain", "url", "proxies"], findings);
    if let Some(text) = table.string("listen", findings) {
        match text.parse() {
            Ok(listen) => server.listen = listen,
            Err(_) => {
                findings
                    .value(
                        &table.path("listen"),
                        format!("\"{text}\" is not an address to listen at"),
                    )
                    .with_label("an IP address and a port")
                    .with_help(listen_help(&text));
            }
        }
    }
    if let Some(text) = table.string("domain", findings) {
        server.domain = domain(&text, &table.path("domain"), findings);
    }
    if let Some(text) = table.string("url", findings) {
        server.url = Some(web_address("url", &text, &table.path("url"), findings));
    }
    server
}

fn listen_help(text: &str) -> String {
    match text.trim_start_matches(':').parse::<u16>() {
        Ok(port) => format!("\"127.0.0.1:{port}\" for this machine only, \"[::]:{port}\" for all"),
        Err(_) => format!("for example \"127.0.0.1:{PORT}\""),
    }
}

/// Notes what cannot be a domain. 63 bytes are left for the label of an environment, of 253 for a name (RFC 1035).
fn domain(text: &str, path: &str, findings: &mut Findings) -> String {
    let text = text.strip_prefix("*.").unwrap_or(text);
    let domain = text.trim_matches('.').to_lowercase();
    let label = |label: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() > 253 - 64 || !domain.split('.').all(label) {
        findings
            .value(path, format!("\"{text}\" is not a domain"))
            .with_label("environments are LABEL.DOMAIN")
            .with_help("for example \"preview.example.org\", without a port");
    }
    domain
}

/// Notes what is not the address of a web server. Answers it without a slash at its end.
pub(super) fn web_address(what: &str, text: &str, path: &str, findings: &mut Findings) -> String {
    let reason = match Address::parse(text) {
        Ok(address) if matches!(address.scheme.as_str(), "http" | "https") => {
            return address.with("");
        }
        Ok(address) => format!("{} is not for the web", address.scheme),
        Err(reason) => reason.to_owned(),
    };
    findings
        .value(
            path,
            format!("{what} is not the address of a web server: {reason}"),
        )
        .with_label("http:// or https:// and a host");
    String::new()
}
