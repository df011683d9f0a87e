//! Which server is asked, and as whom.

use std::fs;
use std::path::Path;

use boatyard_preview::config::Address;
use boatyard_serve::server::Operator;

use super::failure::PreviewError;
use crate::args::preview;

/// Which server is asked, and as whom.
#[derive(Debug)]
pub struct Server {
    /// Where it is, without a slash at its end.
    pub url: String,
    /// The same, in its parts.
    pub address: Address,
    /// The token; none: as anybody.
    pub token: Option<String>,
}

impl Server {
    /// The one that is named, by flags or by variables; else the one that runs here for the same user, with `home`.
    pub fn find(
        words: &preview::Named,
        variable: &dyn Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, PreviewError> {
        let set = |name| variable(name).filter(|text| !text.is_empty());
        let token = match &words.token_file {
            None => set("BOATYARD_TOKEN"),
            Some(file) => Some(read(file)?),
        };
        let named = words.server.clone().or_else(|| set("BOATYARD_SERVER"));
        let Some(server) = named else {
            let operator = operator(home)?.ok_or(PreviewError::NoServer)?;
            let token = token.unwrap_or(operator.token);
            // What is sent there does not leave the machine.
            return Self::at(&operator.server, Some(token));
        };
        let server = Self::at(&server, token)?;
        if server.token.is_some() && !server.address.is_private() && !words.plain_http {
            let host = server.address.host;
            return Err(PreviewError::InTheClear { host });
        }
        Ok(server)
    }

    fn at(url: &str, token: Option<String>) -> Result<Self, PreviewError> {
        let url = url.trim_end_matches('/');
        match Address::parse(url) {
            Ok(address) if matches!(address.scheme.as_str(), "http" | "https") => Ok(Self {
                url: address.with(""),
                address,
                token,
            }),
            Ok(_) | Err(_) => Err(PreviewError::NoAddress {
                url: url.to_owned(),
            }),
        }
    }
}

fn read(file: &Path) -> Result<String, PreviewError> {
    let text = fs::read_to_string(file).map_err(|source| PreviewError::Token {
        file: file.display().to_string(),
        source,
    })?;
    Ok(text.trim().to_owned())
}

fn operator(home: Option<&Path>) -> Result<Option<Operator>, PreviewError> {
    let Some(home) = home else { return Ok(None) };
    Operator::find(home).map_err(|source| PreviewError::Token {
        file: Operator::file(home).display().to_string(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::Server;
    use crate::args::preview;

    /// Where it is asked, and with which token.
    fn found(
        [server, variable, token]: [Option<&str>; 3],
        plain_http: bool,
    ) -> Result<String, String> {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(home.path().join("serve")).expect("a folder");
        let local = r#"{ "server": "http://127.0.0.1:8000", "token": "local" }"#;
        std::fs::write(home.path().join("serve/operator.json"), local).expect("a file");
        let words = preview::Named {
            server: server.map(str::to_owned),
            token_file: None,
            plain_http,
        };
        let variable = |name: &str| match name {
            "BOATYARD_SERVER" => variable.map(str::to_owned),
            "BOATYARD_TOKEN" => token.map(str::to_owned),
            _ => None,
        };
        let found = Server::find(&words, &variable, Some(home.path()));
        found
            .map(|found| format!("{} {}", found.url, found.token.unwrap_or_default()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn which_server_and_as_whom() {
        let named = Some("https://a.test/");
        let clear = Some("http://a.test:8000");
        let told = "the token would be sent to a.test:8000 in the clear";
        let wrong = "\"a.test\" is no address of a server";
        for (words, plain_http, expected) in [
            ([None, None, None], false, Ok("http://127.0.0.1:8000 local")),
            (
                [None, Some(""), Some("x")],
                false,
                Ok("http://127.0.0.1:8000 x"),
            ),
            ([named, None, None], false, Ok("https://a.test ")),
            ([None, named, Some("x")], false, Ok("https://a.test x")),
            ([named, clear, Some("x")], false, Ok("https://a.test x")),
            ([None, clear, Some("x")], false, Err(told)),
            ([clear, None, Some("x")], true, Ok("http://a.test:8000 x")),
            ([clear, None, None], false, Ok("http://a.test:8000 ")),
            (
                [Some("http://localhost:8000"), None, Some("x")],
                false,
                Ok("http://localhost:8000 x"),
            ),
            ([Some("a.test"), None, None], false, Err(wrong)),
            (
                [Some("ssh://a.test"), None, None],
                false,
                Err("\"ssh://a.test\" is no address of a server"),
            ),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(found(words, plain_http), expected, "{words:?}");
        }
    }
}
