//! Where commits can be seen, as forges are told: deployments of GitHub, environments of GitLab.

use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::report::Links;
use boatyard_preview::revision::Subject;
use boatyard_serve::forge::{Reporter, Rhythm, Secrets};
use serde_json::{Value, json};

use super::mock::{Mock, commit};
use super::report::{LIMIT, done, environment, report, text, until, until_phase};
use super::yard::{Yard, config};

/// What was told of deployments and environments.
fn told(mock: &Mock) -> Vec<(String, Value)> {
    let posted = mock.look(|model| model.posted.clone());
    let is = |(path, _): &(String, Value)| {
        path.contains("/deployments") || path.contains("/environments")
    };
    posted.into_iter().filter(is).collect()
}

/// How many deployments were made.
fn made(mock: &Mock) -> usize {
    mock.look(|model| model.deployments.len())
}

fn is(method_and_end: &str, key: &'static str, value: Value) -> impl Fn(&(String, Value)) -> bool {
    let (method, end) = method_and_end.split_once(' ').unwrap();
    let (method, end) = (method.to_owned(), end.to_owned());
    move |(path, body)| path.starts_with(&method) && path.ends_with(&end) && body[key] == value
}

/// A forge, and how deployments are told there.
struct Scene<'a> {
    mock: &'a Mock,
    is_hub: bool,
}

impl Scene<'_> {
    /// What is asked to tell how far it is with a commit.
    fn number(&self, digit: char) -> String {
        let at = self.mock.look(|model| {
            let mut all = model.deployments.iter();
            all.position(|(sha, _)| *sha == commit(digit)).unwrap()
        });
        let (method, end) = if self.is_hub {
            ("POST", "/statuses")
        } else {
            ("PUT", "")
        };
        format!("{method} /deployments/{}{end}", 500 + at)
    }

    /// What was told of main, which can be seen, and of 6, which cannot: as it is documented.
    async fn payloads(&self, links: &Links) {
        if self.is_hub {
            let of_main = self.number('1').replace("POST ", "");
            let told = told(self.mock);
            let last = told
                .iter()
                .rfind(|(path, _)| path.ends_with(&of_main))
                .unwrap();
            let expected = json!({
                "state": "success", "environment_url": links.address, "log_url": links.page, "auto_inactive": false,
                "description": "ready: open it, it wakes up by itself",
            });
            assert_eq!(last.1, expected);
            let first = told
                .iter()
                .find(|(_, body)| body["ref"] == commit('1').as_str());
            let expected = json!({
                "ref": commit('1'), "environment": "preview/main", "description": "a preview of this commit",
                "required_contexts": [], "auto_merge": false, "transient_environment": true, "production_environment": false,
            });
            assert_eq!(first.unwrap().1, expected);
        } else {
            let url = json!(links.address);
            until(self.mock, "the address", |(path, body)| {
                path.starts_with("PUT")
                    && path.contains("/environments/9")
                    && body["external_url"] == url
            })
            .await;
            let told = told(self.mock);
            let first = told
                .iter()
                .find(|(_, body)| body["sha"] == commit('6').as_str());
            let expected = json!({
                "sha": commit('6'), "ref": "refs/merge-requests/6/head", "tag": false, "environment": "preview/pr-6",
                "status": "running",
            });
            assert_eq!(first.unwrap().1, expected);
        }
    }

    /// The pull request 5 can be seen no more, and everything else can.
    async fn end(&self) {
        if self.is_hub {
            until(
                self.mock,
                "the end",
                is(&self.number('5'), "state", json!("inactive")),
            )
            .await;
        } else {
            until(self.mock, "the end", |(path, _)| path.ends_with("/stop")).await;
            let stopped = self.mock.look(|model| {
                let mut all = model.environments.iter();
                all.position(|(name, _)| name == "preview/pr-5").unwrap()
            });
            let stop = format!("/environments/{}/stop", 900 + stopped);
            let stops = told(self.mock)
                .into_iter()
                .filter(|(path, _)| path.ends_with("/stop"));
            let stops: Vec<_> = stops
                .map(|(path, body)| (path.ends_with(&stop), body))
                .collect();
            assert_eq!(stops, [(true, json!({"force": true}))], "this one only");
        }
    }
}

/// The documented payloads, one deployment for a commit however often somebody begins anew, and its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forge_shows_where_commits_can_be_seen() {
    for kind in ["github", "gitlab"] {
        let mock = Mock::new(kind);
        let text = text(kind, &mock.url);
        let mut yard = Yard::new(&text);
        yard.until("the first list", |state| state.lists > 0).await;
        let [five, six] = [5, 6].map(Subject::PullRequest);
        let main = Subject::Branch("main".to_owned());
        let (reporter, _) = report(&yard, &text);
        let is_hub = kind == "github";
        let working = if is_hub { "in_progress" } else { "running" };
        let status = if is_hub { "state" } else { "status" };
        let scene = Scene {
            mock: &mock,
            is_hub,
        };
        let number = |digit| scene.number(digit);
        // What can be seen, what is being made, what failed; a stranger's waits, and is not told of.
        let made_key = if is_hub { "ref" } else { "sha" };
        until(
            &mock,
            "main",
            is("POST /deployments", made_key, json!(commit('1'))),
        )
        .await;
        until(&mock, "work", is(&number('1'), status, json!(working))).await;
        done(&yard, &main, Phase::Preparing, Event::Done).await;
        until(&mock, "success", is(&number('1'), status, json!("success"))).await;
        until(
            &mock,
            "6",
            is("POST /deployments", made_key, json!(commit('6'))),
        )
        .await;
        done(
            &yard,
            &six,
            Phase::Preparing,
            Event::Fail("no pip".to_owned()),
        )
        .await;
        let failure = if is_hub { "failure" } else { "failed" };
        until(&mock, "failure", is(&number('6'), status, json!(failure))).await;
        let links = config(&text).links(&environment(&yard, &main).unwrap());
        scene.payloads(&links).await;
        assert_eq!(
            environment(&yard, &Subject::PullRequest(7)).unwrap().phase,
            Phase::Unapproved
        );
        let none = mock.look(|model| model.deployments.iter().all(|(sha, _)| *sha != commit('7')));
        assert!(none, "{kind}: nothing of it can be seen");

        // Whoever begins anew tells nothing twice, and finds what was made before it could be written down.
        until(
            &mock,
            "5",
            is("POST /deployments", made_key, json!(commit('5'))),
        )
        .await;
        until(&mock, "5 at work", is(&number('5'), status, json!(working))).await;
        drop(reporter);
        let before = made(&mock);
        let journal = yard.folder.path().join("journal.sqlite");
        let journal = rusqlite::Connection::open(journal).unwrap();
        let forgotten = journal.execute(
            "DELETE FROM reported WHERE about LIKE '%deployment%' AND about LIKE ?1",
            [format!("%{}%", commit('5'))],
        );
        assert!(forgotten.unwrap() <= 1, "it may not be written down yet");
        let (reporter, _) = report(&yard, &text);
        done(&yard, &five, Phase::Preparing, Event::Done).await;
        until(&mock, "5", is(&number('5'), status, json!("success"))).await;
        assert_eq!(made(&mock), before, "{kind}");

        // Closed: nothing can be seen there any more.
        mock.set(|model| {
            model.requests.remove(&5);
        });
        yard.list().await;
        done(&yard, &five, Phase::Removing, Event::Done).await;
        scene.end().await;
        drop(reporter);
    }
}

/// A token that may not is no trouble: it is said once, and statuses are told all the same. Who does not want them has none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_may_not_is_left_alone() {
    let mock = Mock::new("github");
    mock.set(|model| model.may_deploy = false);
    let text = text("github", &mock.url);
    let mut yard = Yard::new(&text);
    yard.until("the first list", |state| state.lists > 0).await;
    let secrets = Secrets::read(&config(&text), yard.folder.path(), &|_| None).unwrap();
    let folders = [yard.folder.path(), yard.folder.path()];
    let rhythm = Rhythm {
        settle: std::time::Duration::from_millis(1),
        ..Rhythm::default()
    };
    let reporter =
        |text: &str| Reporter::new(&config(text), &secrets, folders, &yard.keeper, rhythm).unwrap();
    let (first, mut leaves) = reporter(&text);
    let trouble = first.trouble();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(first.run());
    let main = Subject::Branch("main".to_owned());
    done(&yard, &main, Phase::Preparing, Event::Done).await;
    until_phase(&yard, &main, Phase::Asleep).await;
    let status = format!("POST /statuses/{}", commit('1'));
    until(&mock, "the status", is(&status, "state", json!("success"))).await;
    let said = tokio::time::timeout(LIMIT, leaves.recv()).await;
    let said = said.expect("waited for a word").unwrap();
    assert!(
        said.contains("is not told of deployments") && said.contains("403"),
        "{said}"
    );
    assert_eq!(*trouble.borrow(), None);
    drop(tasks);
    let tried = |mock: &Mock| {
        let is = |asked: &&String| asked.starts_with("POST") && asked.contains("/deployments");
        mock.look(|model| model.asked.iter().filter(is).count())
    };
    assert!(
        (1..=4).contains(&tried(&mock)),
        "those that were on their way together"
    );

    let before = tried(&mock);
    let unwanted = text.replace("hooks = false", "hooks = false\ndeployments = false");
    let (second, _) = reporter(&unwanted);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(second.run());
    let five = Subject::PullRequest(5);
    done(&yard, &five, Phase::Preparing, Event::Done).await;
    let status = format!("POST /statuses/{}", commit('5'));
    until(
        &mock,
        "another status",
        is(&status, "state", json!("success")),
    )
    .await;
    assert_eq!(tried(&mock), before);
}
