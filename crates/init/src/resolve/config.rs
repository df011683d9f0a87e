//! Whom to ask for names, and which (resolv.conf(5)).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// As many servers as the C library asks.
const MOST_SERVERS: usize = 3;

/// The file, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The servers, in order; never empty.
    pub servers: Vec<IpAddr>,
    /// The domains that names are completed with.
    pub search: Vec<String>,
    /// A name with so many dots is tried as it is first.
    pub dots: usize,
    /// How long a server may take.
    pub timeout: Duration,
    /// How often all servers are asked.
    pub attempts: usize,
}

impl Config {
    /// Reads the text of `/etc/resolv.conf`. What is not understood is passed over, as everybody does.
    pub fn parse(text: &str) -> Self {
        let mut config = Self {
            servers: Vec::new(),
            search: Vec::new(),
            dots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
        };
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") => {
                    // A zone of a link-local address cannot be given to std, and such servers are not in containers.
                    let address = words.next().and_then(|word| word.parse::<IpAddr>().ok());
                    config.servers.extend(address);
                }
                // The last one counts.
                Some("search") => config.search = words.map(str::to_owned).collect(),
                Some("domain") => config.search = words.take(1).map(str::to_owned).collect(),
                Some("options") => words.for_each(|word| config.option(word)),
                _ => {}
            }
        }
        config.servers.truncate(MOST_SERVERS);
        if config.servers.is_empty() {
            config.servers.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        config
    }

    fn option(&mut self, word: &str) {
        let Some((name, number)) = word.split_once(':') else {
            return;
        };
        let Ok(number) = number.parse::<u8>() else {
            return;
        };
        // The limits are those of the C library.
        match name {
            "ndots" => self.dots = number.min(15).into(),
            "timeout" => self.timeout = Duration::from_secs(number.clamp(1, 30).into()),
            "attempts" => self.attempts = number.clamp(1, 5).into(),
            _ => {}
        }
    }

    /// The full names that a name may mean, in the order in which they are tried.
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(full) = name.strip_suffix('.') {
            return vec![full.to_owned()];
        }
        let mut all: Vec<String> = self
            .search
            .iter()
            .map(|domain| format!("{name}.{}", domain.trim_matches('.')))
            .collect();
        let is_first = name.matches('.').count() >= self.dots;
        let place = if is_first { 0 } else { all.len() };
        all.insert(place, name.to_owned());
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Duration};

    #[test]
    fn is_what_a_pod_has() {
        let config = Config::parse(
            "# made by the kubelet\nsearch shop.svc.cluster.local svc.cluster.local.\nnameserver 10.96.0.10\n\
             nameserver fd00::10\nnameserver broken\noptions ndots:5 timeout:1 attempts:9 edns0\n",
        );
        let servers: Vec<String> = config.servers.iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["10.96.0.10", "fd00::10"]);
        assert_eq!(
            (config.timeout, config.attempts),
            (Duration::from_secs(1), 5)
        );
        let all = ["db.shop.svc.cluster.local", "db.svc.cluster.local", "db"];
        assert_eq!(config.candidates("db"), all);
        assert_eq!(config.candidates("db."), ["db"]);
        assert_eq!(config.candidates("a.b.c.d.e.f")[0], "a.b.c.d.e.f");
    }

    #[test]
    fn of_nothing_asks_this_machine() {
        let config = Config::parse("");
        assert_eq!(config.servers.len(), 1);
        assert_eq!(config.candidates("db"), ["db"]);
    }
}
