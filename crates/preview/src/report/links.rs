//! Where things are that reports lead to.

use crate::config::{Address, Config};
use crate::environment::Environment;
use crate::id::label;

/// Where things are that reports lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The environment itself, which wakes up when it is asked for.
    pub address: String,
    /// The page about it: phases, logs, buttons.
    pub page: String,
}

impl Config {
    /// Where an environment and the page about it are.
    pub fn links(&self, one: &Environment) -> Links {
        let url = self.url();
        let page = format!("{url}/environments/{}", one.id);
        let Ok(server) = Address::parse(&url) else {
            return Links {
                address: page.clone(),
                page,
            };
        };
        let port = server.host.rsplit_once(':').map(|(_, port)| port);
        let port = port.filter(|port| port.parse::<u16>().is_ok());
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let (label, domain) = (label(&one.revision), &self.server.domain);
        let address = format!("{}://{label}.{domain}{port}/", server.scheme);
        Links { address, page }
    }
}
