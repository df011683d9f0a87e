//! The file of names of this machine (hosts(5)).

use std::net::IpAddr;

/// The addresses of a name in the text of `/etc/hosts`, in its order. Upper and lower case are the same.
pub fn addresses(hosts: &str, name: &str) -> Vec<IpAddr> {
    let of_line = |line: &str| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let address = words.next()?.parse().ok()?;
        words
            .any(|word| word.eq_ignore_ascii_case(name))
            .then_some(address)
    };
    hosts.lines().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn are_those_of_every_line_with_the_name() {
        let hosts = "127.0.0.1 localhost # not here\n::1\tlocalhost ip6-localhost\n\nbroken localhost\n10.0.0.7 DB db.shop\n";
        let told = |name| {
            let found = addresses(hosts, name);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(told("localhost"), ["127.0.0.1", "::1"]);
        assert_eq!(told("db"), ["10.0.0.7"]);
        assert_eq!(told("here"), [""; 0]);
    }
}
