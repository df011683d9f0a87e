//! What objects are called.

use boatyard_plan::digest::Digest;

/// The longest name of an object that is also a label's value or a host name (RFC 1123).
const LONGEST: usize = 63;

/// Characters of a digest that tell shortened names apart.
const MARK: usize = 8;

/// `PROJECT-PART`, shortened where it is too long.
pub(super) fn object(project: &str, part: &str) -> String {
    fit(format!("{project}-{part}"))
}

/// The same for a Service, whose name has to begin with a letter (RFC 1035).
pub(super) fn service(project: &str, part: &str) -> String {
    let name = format!("{project}-{part}");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        fit(format!("svc-{name}"))
    } else {
        fit(name)
    }
}

fn fit(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let digest = Digest::of(name.as_bytes());
    let head = name[..LONGEST - MARK - 1].trim_end_matches('-');
    format!("{head}-{}", &digest.hex()[..MARK])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ() {
        assert_eq!(object("guestbook", "web"), "guestbook-web");
        assert_eq!(service("2048", "web"), "svc-2048-web");
        let (a, b) = ("a".repeat(63), "b".repeat(63));
        for name in [object(&a, &b), service(&a, &b)] {
            assert_eq!(name.len(), LONGEST, "{name}");
        }
        assert_ne!(object(&a, &b), object(&a, "c"));
    }
}
