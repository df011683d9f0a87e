//! People who log in somewhere else: at a real provider of OIDC, and at a forge that follows a script.

mod forge;
mod provider;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::http::Method;
use boatyard_preview::config::Anonymous;
use boatyard_serve::forge::Secrets;
use boatyard_serve::login::Provider;
use boatyard_serve::web::settings::Settings;

use crate::reply::Reply;
use crate::yard::{HOST, Yard};

/// Has people log in as that configuration says; `ADDRESS` in it is where somebody answers.
fn set(settings: &mut Settings, config: &str, address: &str) {
    let config = boatyard_preview::config::parse(&config.replace("ADDRESS", address)).unwrap();
    let secrets = Secrets::read(&config, Path::new("/"), &|_| None).unwrap();
    settings.access.anonymous = Anonymous::None;
    settings.logins = Arc::new(Provider::all(&config, Path::new("/"), |name| {
        secrets.login(name)
    }));
}

/// A browser: it goes where it is sent, with its cookies.
struct Browser<'a> {
    yard: &'a Yard,
    cookies: HashMap<String, String>,
}

impl<'a> Browser<'a> {
    fn new(yard: &'a Yard) -> Self {
        let cookies = HashMap::new();
        Self { yard, cookies }
    }

    async fn ask(&mut self, method: Method, path: &str) -> Reply {
        let mut cookie = "cookie: ".to_owned();
        for (name, value) in &self.cookies {
            cookie.extend([name, "=", value, "; "]);
        }
        let headers = [cookie.as_str(), "sec-fetch-site: same-origin"];
        let reply = self.yard.ask(method, HOST, path, &headers, "").await;
        for set in reply.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            assert!(
                set.contains("HttpOnly") && set.contains("SameSite=Lax"),
                "{set}"
            );
            let (pair, _) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    async fn get(&mut self, path: &str) -> Reply {
        self.ask(Method::GET, path).await
    }
}

/// The path and query on our host.
fn path_of(location: &str) -> String {
    let own = format!("http://{HOST}");
    location
        .strip_prefix(&own)
        .unwrap_or_else(|| panic!("{location}"))
        .to_owned()
}

fn query(location: &str) -> HashMap<String, String> {
    let (_, query) = location.split_once('?').unwrap();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}
