//! What forges are told, row by row.

use boatyard_preview::config::{self, Config};
use boatyard_preview::environment::{Environment, Leaving};
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use boatyard_preview::report::{
    End, MARK, Seen, State, comment, contexts, gone, last_status, status,
};
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::time::Time;

fn config(more: &str) -> Config {
    let text = format!(
        "{more}\n[forge.local]\nkind = \"git\"\nurl = \"file:///srv\"\n[[repository]]\nname = \"acme/shop\"\n"
    );
    config::parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn environment(digit: &str, phase: Phase, reason: Option<&str>) -> Environment {
    let repository = Repository {
        forge: "/srv".to_owned(),
        name: "acme/shop".to_owned(),
    };
    let place = Place {
        repository,
        subject: Subject::PullRequest(5),
    };
    let revision = Revision {
        place,
        commit: digit.repeat(40),
    };
    let created = Time(digit.parse().expect("a digit"));
    let id = Id::of(&revision, "");
    Environment {
        phase,
        reason: reason.map(str::to_owned),
        ..Environment::new(id, revision, true, created)
    }
}

/// Who looks at the commit is warned as well, until somebody uses it.
#[test]
fn a_warning_is_told() {
    let config = config("");
    let mut one = environment("3", Phase::Asleep, None);
    let of = |one: &Environment| {
        let seen = Seen {
            one,
            turn: None,
            links: config.links(one),
        };
        let seen = [seen];
        let comment = comment(&seen).expect("it has one");
        let status = status(&seen[0]).expect("it has one");
        (status.text, status.key, comment.key)
    };
    let before = of(&one);
    one.warned = Some(Time(7));
    let warned = of(&one);
    assert!(warned.0.contains("undeployed soon"), "{}", warned.0);
    assert_ne!(
        (&warned.1, &warned.2),
        (&before.1, &before.2),
        "both are told anew"
    );
    one.warned = None;
    assert_eq!(of(&one), before);
}

const READY: &str = "Success ready: open it, it wakes up by itself";

#[test]
fn statuses() {
    let config =
        config("[server]\nurl = \"https://preview.example.org\"\ndomain = \"p.example.org\"\n");
    let long = "x".repeat(200);
    let cut = format!("failed: {}…", "x".repeat(131));
    let rows = [
        (
            Phase::Unapproved,
            None,
            None,
            "Waiting somebody has to approve this commit",
        ),
        (
            Phase::Queued,
            None,
            Some((3, 7)),
            "Waiting waits for its turn: 3 of 7",
        ),
        (
            Phase::Queued,
            None,
            Some((1, 1)),
            "Waiting waits for its turn",
        ),
        (Phase::Preparing, None, None, "Working is being prepared"),
        (Phase::Asleep, None, None, READY),
        (Phase::Starting, None, None, READY),
        (Phase::Running, None, None, READY),
        (Phase::Stopping, None, None, READY),
        (
            Phase::Failed,
            Some("pip said\n\tno\u{1b}[0m"),
            None,
            "Failure failed: pip said no [0m",
        ),
        (Phase::Failed, None, None, "Failure failed"),
        (
            Phase::Failed,
            Some(long.as_str()),
            None,
            &format!("Failure {cut}"),
        ),
        (
            Phase::Stuck,
            Some("it does not end"),
            None,
            "Failure failed: it does not end",
        ),
        (Phase::Removing, None, None, "Working is being made anew"),
        (Phase::Saving, None, None, READY),
        (
            Phase::Restoring,
            Some("it ended"),
            None,
            "Failure failed: it ended",
        ),
    ];
    for (phase, reason, turn, expected) in rows {
        let one = environment("1", phase, reason);
        let links = config.links(&one);
        let seen = |turn| Seen {
            one: &one,
            turn,
            links: links.clone(),
        };
        let found = status(&seen(turn)).expect("there is something to tell");
        assert_eq!(format!("{:?} {}", found.state, found.text), expected);
        assert!(found.text.chars().count() <= 140);
        let leads_to_it = found.url == links.address;
        assert_eq!(leads_to_it, expected.starts_with("Success"), "{expected}");
        let later = status(&seen(Some((1, 2))));
        assert_eq!(
            later.unwrap().key,
            found.key,
            "a step in the queue is nothing new"
        );
    }
    let mut leaving = environment("1", Phase::Removing, None);
    leaving.leaving = Some(Leaving::ForGood);
    let links = config.links(&leaving);
    let seen = Seen {
        one: &leaving,
        turn: None,
        links,
    };
    assert_eq!(status(&seen), None);
}

#[test]
fn where_links_lead() {
    let one = environment("1", Phase::Asleep, None);
    let label = boatyard_preview::id::label(&one.revision);
    for (server, address, page) in [
        (
            "",
            format!("http://{label}.preview.localhost:8000/"),
            "http://preview.localhost:8000",
        ),
        (
            "[server]\nurl = \"https://preview.example.org/\"\ndomain = \"p.example.org\"\n",
            format!("https://{label}.p.example.org/"),
            "https://preview.example.org",
        ),
        (
            "[server]\nurl = \"https://boats.example.org:8443\"\ndomain = \"p.example.org\"\n",
            format!("https://{label}.p.example.org:8443/"),
            "https://boats.example.org:8443",
        ),
    ] {
        let links = config(server).links(&one);
        assert_eq!(links.address, address);
        assert_eq!(links.page, format!("{page}/environments/{}", one.id));
    }
}

fn seen<'a>(config: &Config, one: &'a Environment) -> Seen<'a> {
    let links = config.links(one);
    Seen {
        one,
        turn: None,
        links,
    }
}

#[test]
fn comments() {
    let config = config("");
    let text = |all: &[&Environment]| {
        comment(&all.iter().map(|one| seen(&config, one)).collect::<Vec<_>>())
            .map(|comment| comment.text)
    };
    let mut old = environment("1", Phase::Asleep, None);
    old.is_good = true;
    let links = config.links(&old);
    let logs = |one: &Environment| format!("[Phases and logs]({})", config.links(one).page);
    assert_eq!(
        text(&[&old]),
        Some(format!(
            "{MARK}\n**[Open the preview]({})** of 111111111111: it wakes up by itself.\n\n{}\n",
            links.address,
            logs(&old)
        ))
    );
    let new = environment("2", Phase::Preparing, None);
    assert_eq!(
        text(&[&old, &new]),
        Some(format!(
            "{MARK}\nThe preview of 222222222222 is being prepared.\n\n{} · Meanwhile [111111111111 is shown]({}).\n",
            logs(&new),
            links.address
        ))
    );
    let failed = environment("2", Phase::Failed, Some("`@anne` said\n# no"));
    assert_eq!(
        text(&[&failed]),
        Some(format!(
            "{MARK}\nThe preview of 222222222222 failed:\n\n`'@anne' said # no`\n\n{}\n",
            logs(&failed)
        ))
    );
    let stranger = environment("2", Phase::Unapproved, None);
    assert_eq!(
        text(&[&stranger]),
        Some(format!(
            "{MARK}\nThe preview of 222222222222 waits until somebody who may write here has read this commit and approves it, \
             for example with this comment:\n\n```text\n/preview approve {}\n```\n\n{}\n",
            "2".repeat(40),
            logs(&stranger)
        ))
    );
    old.leaving = Some(Leaving::ForGood);
    assert_eq!(text(&[&old]), None);
    assert_eq!(text(&[]), None);
    assert!(gone().text.starts_with(MARK));
}

/// Whoever shows a commit, the forge has one status of a name for it.
#[test]
fn names_of_statuses() {
    let config = config("");
    let one = |subject: Subject, is_trusted: bool, created: u64| {
        let mut one = environment("1", Phase::Asleep, None);
        one.revision.place.subject = subject;
        one.id = Id::of(&one.revision, &created.to_string());
        Environment {
            is_trusted,
            created: Time(created),
            ..one
        }
    };
    let branch = |name: &str| Subject::Branch(name.to_owned());
    let all = [
        one(branch("main"), true, 1),
        one(Subject::PullRequest(4), false, 2),
        one(Subject::PullRequest(7), true, 3),
        one(Subject::PullRequest(5), true, 4),
        // By another recipe: the newest is what people see.
        one(Subject::PullRequest(5), true, 5),
    ];
    let names = |all: &[Environment]| -> Vec<String> {
        let seen: Vec<Seen<'_>> = all.iter().map(|one| seen(&config, one)).collect();
        let named = contexts(&seen.iter().collect::<Vec<_>>());
        named
            .into_iter()
            .map(|(name, seen)| {
                format!(
                    "{name} = {:?} {}",
                    seen.one.revision.place.subject, seen.one.created.0
                )
            })
            .collect()
    };
    assert_eq!(names(&all[..1]), ["boatyard/preview = Branch(\"main\") 1"]);
    assert_eq!(
        names(&all),
        [
            "boatyard/preview = PullRequest(5) 5",
            "boatyard/preview #7 = PullRequest(7) 3",
            "boatyard/preview main = Branch(\"main\") 1",
            "boatyard/preview #4 = PullRequest(4) 2",
        ]
    );
}

#[test]
fn how_statuses_end() {
    for (before, end, expected) in [
        (State::Success, End::Gone, "Success the preview is gone"),
        (
            State::Failure,
            End::Replaced,
            "Failure replaced by a newer commit",
        ),
        (
            State::Working,
            End::Replaced,
            "Dropped replaced by a newer commit",
        ),
        (State::Waiting, End::Gone, "Dropped the preview is gone"),
        (State::Success, End::Renamed, "Success see the other status"),
    ] {
        let last = last_status(before, end, "https://preview.example.org".to_owned());
        assert_eq!(format!("{:?} {}", last.state, last.text), expected);
    }
}
