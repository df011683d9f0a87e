//! What objects are called.

use boatyard_plan::digest::Digest;

pub(super) use crate::render::name::scheduled;
use crate::render::name::{LONGEST, MARK, fit};

/// The longest name of a `CronJob`: its controller adds 11 characters for each Job.
const LONGEST_CRON: usize = 52;

/// `PROJECT-PART`, shortened where it is too long.
pub(super) fn object(project: &str, part: &str) -> String {
    fit(&format!("{project}-{part}"), LONGEST)
}

/// The same for a Service, whose name has to begin with a letter (RFC 1035).
pub(super) fn service(project: &str, part: &str) -> String {
    let name = format!("{project}-{part}");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        fit(&format!("svc-{name}"), LONGEST)
    } else {
        fit(&name, LONGEST)
    }
}

/// The claim of a backing service; those of `[deploy.volume.NAME]` are called `PROJECT-NAME`.
pub(super) fn claim(project: &str, backing: &str) -> String {
    fit(&format!("data-{project}-{backing}"), LONGEST)
}

/// The same for a `CronJob`.
pub(super) fn cron(project: &str, part: &str) -> String {
    fit(&format!("{project}-{part}"), LONGEST_CRON)
}

/// A name that changes with `content`: an object that cannot be changed is made anew for it.
pub(super) fn changing(project: &str, part: &str, content: &str) -> String {
    let digest = Digest::of(content.as_bytes());
    let mark = &digest.hex()[..MARK];
    // Whatever is shortened, the mark stays.
    let head = fit(&format!("{project}-{part}"), LONGEST - MARK - 1);
    format!("{head}-{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ() {
        assert_eq!(object("guestbook", "web"), "guestbook-web");
        assert_eq!(service("2048", "web"), "svc-2048-web");
        let (a, b) = ("a".repeat(63), "b".repeat(63));
        for name in [object(&a, &b), service(&a, &b), changing(&a, &b, "x")] {
            assert_eq!(name.len(), LONGEST, "{name}");
        }
        assert_eq!(cron(&a, &b).len(), LONGEST_CRON);
        assert_ne!(object(&a, &b), object(&a, "c"));
        assert_ne!(changing("a", "b", "1"), changing("a", "b", "2"));
    }
}
