//! `boatyard preview` against a real server, whose environments do at once what they are asked for.

mod boatyard;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use boatyard::{Boatyard, Said};
use boatyard_preview::config;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::news::{About, News};
use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::wanted::Head;
use boatyard_serve::backend::{Backend, Order, Told};
use boatyard_serve::forge::Secrets;
use boatyard_serve::journal::{Logins, Reader};
use boatyard_serve::keeper::{Heard, Keeper};
use boatyard_serve::logs::{Logs, Part};
use boatyard_serve::web::settings::Settings;
use boatyard_serve::web::{self, Hooks, Parts, Site};
use tokio::runtime::Runtime;

/// The token is "abc": FIPS 180-2, appendix B.1.
const CONFIG: &str = r#"
[times]
settle = "0s"
[access]
anonymous = "view"
[[access.token]]
name = "anne"
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
scopes = ["operate"]
[forge.code]
kind = "git"
url = "https://code.test"
[[repository]]
name = "acme/shop"
branches = "**"
"#;

/// A branch whose environment never gets ready.
const SLOW: &str = "slow";

struct Obedient(Keeper);

impl Backend for Obedient {
    fn begin(&self, order: Order) {
        let subject = &order.environment.revision.place.subject;
        if order.effect == Effect::Start && *subject == Subject::Branch(SLOW.into()) {
            return;
        }
        let id = order.environment.id;
        self.0.tell(Told {
            id,
            attempt: order.attempt,
            event: Event::Done,
        });
    }

    fn address(&self, _: &Id) -> Option<SocketAddr> {
        None
    }
}

struct Server {
    boatyard: Boatyard,
    address: SocketAddr,
    keeper: Keeper,
    logs: Logs,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Server {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let config = Arc::new(config::parse(CONFIG).unwrap());
        let mut backend = None;
        let (keeper, _) = Keeper::open(folder.path(), config.policy(), |keeper| {
            let obedient = Arc::new(Obedient(keeper.clone()));
            backend = Some(Arc::clone(&obedient));
            obedient
        })
        .unwrap();
        let logs = Logs::new(&folder.path().join("log"));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let secrets = Secrets::read(&config, folder.path(), &|_| None).unwrap();
        let site = Site::new(Parts {
            keeper: keeper.clone(),
            backend: backend.unwrap(),
            journal: Reader::open(folder.path()).unwrap(),
            logins: Logins::open(folder.path()).unwrap(),
            logs: logs.clone(),
            warn: Arc::new(|_| {}),
            settings: Settings::of(&config).unwrap(),
            hooks: Hooks { config, secrets },
            mark: Arc::new(|_| {}),
        });
        runtime.spawn(web::serve(site, listener, std::future::pending()));
        Self {
            boatyard: Boatyard::new(),
            address,
            keeper,
            logs,
            runtime,
            _folder: folder,
        }
    }

    /// A branch is pushed, and is asleep.
    fn push(&self, branch: &str) -> Environment {
        let repository = Repository {
            forge: "code.test".into(),
            name: "acme/shop".into(),
        };
        let place = Place {
            repository,
            subject: Subject::Branch(branch.into()),
        };
        let head = Head {
            commit: "c0ffee".repeat(7)[..40].into(),
            is_trusted: true,
            is_draft: false,
            source: None,
        };
        let about = About {
            title: format!("All about {branch}"),
            ..About::default()
        };
        let news = vec![News::Head {
            place: place.clone(),
            head,
            about,
        }];
        let delivery = Heard {
            delivery: None,
            by: "test".into(),
            news,
            ..Heard::default()
        };
        self.runtime.block_on(self.keeper.hear(delivery)).unwrap();
        self.until(&place, Phase::Asleep)
    }

    /// What shows that place, once it is so far.
    fn until(&self, place: &Place, phase: Phase) -> Environment {
        self.runtime.block_on(async {
            let mut changed = self.keeper.feed().follow();
            loop {
                changed.mark_unchanged();
                let there = self.keeper.look(|known| {
                    let mut all = known.inventory.all();
                    all.find(|one| one.revision.place == *place && one.phase == phase)
                        .cloned()
                });
                if let Some(there) = there {
                    return there;
                }
                let limit = Duration::from_secs(60);
                tokio::time::timeout(limit, changed.changed())
                    .await
                    .expect("waited for a change")
                    .unwrap();
            }
        })
    }

    fn command(&self, words: &[&str], token: &str) -> Command {
        let mut command = self.boatyard.command([&["preview"], words].concat());
        command
            .env("BOATYARD_SERVER", format!("http://{}", self.address))
            .env("BOATYARD_TOKEN", token);
        command
    }

    fn ask(&self, words: &[&str], token: &str) -> Said {
        self.boatyard.said(&mut self.command(words, token))
    }
}

#[test]
fn environments_are_listed_shown_and_acted_on() {
    let server = Server::new();
    let id = server.push("main").id.to_string();
    server.push("other");
    let fine = |words: &[&str]| {
        let said = server.ask(words, "abc");
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
        said.out
    };
    let list = fine(&["ls"]);
    let first: Vec<&str> = list.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        first[..5],
        [id.as_str(), "asleep", "acme/shop", "main", "c0ffeec0ffee"],
        "{list}"
    );
    assert_eq!(
        fine(&["ls", "about", "other", "--phase", "asleep"])
            .lines()
            .count(),
        2
    );
    assert_eq!(fine(&["ls", "--branch", "nothing"]), "no environment\n");
    let json: serde_json::Value = serde_json::from_str(&fine(&["ls", "--json"])).unwrap();
    assert_eq!(json["environments"].as_array().unwrap().len(), 2);

    assert_eq!(
        fine(&["pin", &id]),
        "acme/shop main is asleep, and is pinned\n"
    );
    let url = fine(&["open", &id]);
    assert!(url.starts_with("http://shop-main-"), "{url}");
    let shown = fine(&["show", url.trim()]);
    assert!(
        shown.contains("phase        running, since") && shown.contains("(anne)"),
        "{shown}"
    );
    assert!(fine(&["stop", &id]).starts_with("acme/shop main is stopping"));

    let silent = server.ask(&["logs", &id], "abc");
    assert_eq!((silent.code, silent.out.as_str()), (0, ""));
    assert_eq!(
        silent.err,
        "note: nothing is logged of how it runs; --prepare shows how it was prepared\n"
    );
    let parsed = id.parse().unwrap();
    server.logs.append_at(&parsed, Part::Run, 0, "listens");
    server.logs.append_at(&parsed, Part::Prepare, 0, "built");
    assert_eq!(fine(&["logs", &id]), "listens\n");
    assert_eq!(fine(&["logs", "--prepare", &id]), "built\n");
    assert_eq!(
        fine(&["logs", "--json", &id]),
        "{\"at\":\"1970-01-01T00:00:00Z\",\"text\":\"listens\"}\n"
    );
}

#[test]
fn who_opens_what_somebody_else_stops_is_told() {
    let server = Server::new();
    let slow = server.push(SLOW);
    let id = slow.id.to_string();
    let mut open = server
        .command(&["open", &id], "abc")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    server.until(&slow.revision.place, Phase::Starting);
    assert_eq!(server.ask(&["stop", &id], "abc").code, 0);
    let begin = Instant::now();
    while open.try_wait().unwrap().is_none() {
        let waited = begin.elapsed();
        assert!(waited.as_secs() < 60, "it waits for what was stopped");
        std::thread::sleep(Duration::from_millis(20));
    }
    let said = open.wait_with_output().unwrap();
    let err = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(1), "{err}");
    assert!(err.contains(&format!("{id} does not run: ")), "{err}");
}

#[test]
fn what_a_server_refuses_is_told() {
    let server = Server::new();
    let one = server.push("main");
    let (id, commit) = (one.id.to_string(), one.revision.commit);
    let cases: [(&[&str], &str, i32, &str); 6] = [
        (
            &["show", "nothing"],
            "abc",
            2,
            "answers 404: there is no such environment",
        ),
        (
            &["approve", &id, &commit[..12]],
            "abc",
            2,
            "approving needs the whole id of the commit that was read",
        ),
        (
            &["approve", &id, &commit],
            "abc",
            2,
            "answers 409: Approve does not happen to what is asleep",
        ),
        (
            &["stop", &id],
            "",
            3,
            "answers 401: this needs a token with the scope \"operate\"",
        ),
        (
            &["ls"],
            "wrong",
            3,
            "answers 401: the token is not known here",
        ),
        (
            &["ls", "--phase", "dancing"],
            "abc",
            2,
            "they are unapproved, undeployed",
        ),
    ];
    for (words, token, code, expected) in cases {
        let said = server.ask(words, token);
        assert_eq!(
            (said.code, said.out.as_str()),
            (code, ""),
            "{words:?}: {}",
            said.err
        );
        assert!(said.err.contains(expected), "{words:?}: {}", said.err);
    }
    let boatyard = Boatyard::new();
    let said = boatyard.run_with(&["preview", "ls"], &[("BOATYARD_SERVER", "")]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("no server is named, and none runs here")
            && said.err.contains("BOATYARD_SERVER"),
        "{}",
        said.err
    );
    let said = boatyard.run(["preview", "ls", "--server", "http://127.0.0.1:1"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(
        said.err.contains("cannot reach http://127.0.0.1:1")
            && said.err.contains("the right --server"),
        "{}",
        said.err
    );
}
