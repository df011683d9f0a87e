//! What objects are called.

use boatyard_plan::digest::Digest;
use boatyard_plan::project::{Project, Schedule};

/// The longest name of an object that is also a label's value or a host name (RFC 1123).
const LONGEST: usize = 63;

/// The longest name of a `CronJob`: its controller adds 11 characters for each Job.
const LONGEST_CRON: usize = 52;

/// Characters of a digest that tell shortened names apart.
const MARK: usize = 8;

/// What stands behind the name of a schedule that something else has already.
const ALSO: &str = "-schedule";

/// `PROJECT-PART`, shortened where it is too long.
pub(super) fn object(project: &str, part: &str) -> String {
    fit(format!("{project}-{part}"), LONGEST)
}

/// The same for a Service, whose name has to begin with a letter (RFC 1035).
pub(super) fn service(project: &str, part: &str) -> String {
    let name = format!("{project}-{part}");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        fit(format!("svc-{name}"), LONGEST)
    } else {
        fit(name, LONGEST)
    }
}

/// The same for a `CronJob`.
pub(super) fn cron(project: &str, part: &str) -> String {
    fit(format!("{project}-{part}"), LONGEST_CRON)
}

/// A name that changes with `content`: an object that cannot be changed is made anew for it.
pub(super) fn changing(project: &str, part: &str, content: &str) -> String {
    let digest = Digest::of(content.as_bytes());
    let mark = &digest.hex()[..MARK];
    // Whatever is shortened, the mark stays.
    let head = fit(format!("{project}-{part}"), LONGEST - MARK - 1);
    format!("{head}-{mark}")
}

/// The part of `schedule` in names and labels: its own name, unless a role or a job has that, too.
pub(super) fn scheduled(project: &Project, schedule: &Schedule) -> String {
    let mut name = schedule.name.clone();
    let roles = || project.roles.iter().map(|role| &role.name);
    let jobs = || project.jobs.iter().map(|job| &job.name);
    let others = || project.schedules.iter().map(|other| &other.name);
    while roles().chain(jobs()).any(|taken| *taken == name)
        || (name != schedule.name && others().any(|taken| *taken == name))
    {
        name.push_str(ALSO);
    }
    name
}

fn fit(name: String, longest: usize) -> String {
    if name.len() <= longest {
        return name;
    }
    let digest = Digest::of(name.as_bytes());
    let head = name[..longest - MARK - 1].trim_end_matches('-');
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
        for name in [object(&a, &b), service(&a, &b), changing(&a, &b, "x")] {
            assert_eq!(name.len(), LONGEST, "{name}");
        }
        assert_eq!(cron(&a, &b).len(), LONGEST_CRON);
        assert_ne!(object(&a, &b), object(&a, "c"));
        assert_ne!(changing("a", "b", "1"), changing("a", "b", "2"));
    }
}
