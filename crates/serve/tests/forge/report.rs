//! What a forge is told, when it listens, and how often.

use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::report::MARK;
use boatyard_preview::revision::Subject;
use boatyard_serve::backend::Told;
use boatyard_serve::forge::{Reporter, Rhythm, Secrets};
use serde_json::Value;

use super::mock::{Mock, commit};
use super::model::Mood;
use super::yard::{Yard, config};

/// How long anything may take on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

pub fn text(kind: &str, url: &str) -> String {
    format!(
        "[limits]\npreparing = 5\n[times]\nsettle = \"0s\"\n[forge.mock]\nkind = \"{kind}\"\nurl = \"{url}\"\nhooks = false\n\
         poll = \"1h\"\ntoken = {{ value = \"a token\" }}\n[[repository]]\nname = \"acme/shop\"\n"
    )
}

/// What keeps a reporter from telling.
type Trouble = tokio::sync::watch::Receiver<Option<String>>;

/// Begins to report; it ends when the answer is dropped.
pub fn report(yard: &Yard, text: &str) -> (tokio::task::JoinSet<()>, Trouble) {
    let config = config(text);
    let secrets = Secrets::read(&config, yard.folder.path(), &|_| None).unwrap();
    let rhythm = Rhythm {
        settle: Duration::from_millis(1),
        back_off: Duration::from_millis(20),
    };
    let folder = yard.folder.path();
    let reporter =
        Reporter::new(&config, &secrets, [folder, folder], &yard.keeper, rhythm).unwrap();
    let (reporter, _) = reporter;
    let trouble = reporter.trouble();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(reporter.run());
    (tasks, trouble)
}

/// Waits until the trouble is such a one.
async fn until_trouble(trouble: &mut Trouble, what: &str, is: impl Fn(Option<&str>) -> bool) {
    let wait = trouble.wait_for(|trouble| is(trouble.as_deref()));
    let found = tokio::time::timeout(LIMIT, wait).await;
    let found = found.unwrap_or_else(|_| panic!("waited for {what}"));
    drop(found.expect("the reporter lives"));
}

pub fn environment(yard: &Yard, subject: &Subject) -> Option<Environment> {
    yard.keeper.look(|known| {
        let mut all = known.inventory.all();
        all.find(|one| one.revision.place.subject == *subject)
            .cloned()
    })
}

/// Waits until the environment of a subject is in that phase.
pub async fn until_phase(yard: &Yard, subject: &Subject, phase: Phase) -> Environment {
    let mut changes = yard.keeper.feed().follow();
    let wait = async {
        loop {
            let one = environment(yard, subject).filter(|one| one.phase == phase);
            if let Some(one) = one {
                return one;
            }
            changes.changed().await.expect("the keeper lives");
        }
    };
    let found = tokio::time::timeout(LIMIT, wait).await;
    found.unwrap_or_else(|_| panic!("waited for {subject:?} to be {phase:?}"))
}

/// Waits for that phase, then what was begun is done.
pub async fn done(yard: &Yard, subject: &Subject, phase: Phase, event: Event) {
    let one = until_phase(yard, subject, phase).await;
    let (id, attempt) = (one.id, one.attempt);
    yard.keeper.tell(Told { id, attempt, event });
}

/// Waits until the forge has been told such a thing.
pub async fn until(mock: &Mock, what: &str, is: impl Fn(&(String, Value)) -> bool) {
    let wait = async {
        while !mock.look(|model| model.posted.iter().any(&is)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(LIMIT, wait).await;
    let posted = mock.look(|model| model.posted.clone());
    assert!(found.is_ok(), "waited for {what}: {posted:?}");
}

/// Waits until the forge has been asked so often.
async fn until_tried(mock: &Mock, count: usize) {
    let wait = async {
        while mock.look(|model| model.asked.len()) < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(LIMIT, wait).await;
    assert!(found.is_ok(), "waited for {count} requests");
}

/// The text of a comment has that.
fn comments(words: &str) -> impl Fn(&(String, Value)) -> bool {
    move |(_, body)| {
        body["body"]
            .as_str()
            .is_some_and(|text| text.contains(words))
    }
}

/// The states that the forge was told of a commit.
fn states(mock: &Mock, digit: char) -> Vec<String> {
    let end = format!("/statuses/{}", commit(digit));
    mock.look(|model| {
        let of_commit = model.posted.iter().filter(|(path, _)| path.ends_with(&end));
        of_commit
            .map(|(_, body)| body["state"].as_str().unwrap().to_owned())
            .collect()
    })
}

fn is_status(digit: char, state: &str) -> impl Fn(&(String, Value)) -> bool + use<> {
    let end = format!("/statuses/{}", commit(digit));
    let state = state.to_owned();
    move |(path, body)| path.ends_with(&end) && body["state"] == state.as_str()
}

/// The newest status of that name which a commit has: state, words, where it leads to.
fn newest(mock: &Mock, digit: char, context: &str) -> Option<[String; 3]> {
    let end = format!("/statuses/{}", commit(digit));
    mock.look(|model| {
        let is =
            |(path, body): &&(String, Value)| path.ends_with(&end) && body["context"] == context;
        let (_, body) = model.posted.iter().rfind(is)?;
        Some(
            ["state", "description", "target_url"]
                .map(|key| body[key].as_str().unwrap().to_owned()),
        )
    })
}

/// A branch and a pull request that show the same commit do not overwrite what the forge was told of the other; what is left
/// takes the name that rules ask for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_show_one_commit() {
    let mock = Mock::new("gitea");
    mock.set(|model| model.requests = [(6, (commit('1'), "anne".to_owned(), false))].into());
    let text = text("gitea", &mock.url);
    let mut yard = Yard::new(&text);
    yard.until("the first list", |state| state.lists > 0).await;
    let (_reporter, _) = report(&yard, &text);
    let (six, main) = (Subject::PullRequest(6), Subject::Branch("main".to_owned()));
    done(&yard, &six, Phase::Preparing, Event::Done).await;
    done(
        &yard,
        &main,
        Phase::Preparing,
        Event::Fail("no pip".to_owned()),
    )
    .await;
    let links = |subject: &Subject| config(&text).links(&environment(&yard, subject).unwrap());
    let [of_six, of_main] = [links(&six), links(&main)];
    let is = |context: &str, state: &str| {
        let is = is_status('1', state);
        let context = context.to_owned();
        move |said: &(String, Value)| is(said) && said.1["context"] == context.as_str()
    };
    until(&mock, "the pull request", is("boatyard/preview", "success")).await;
    until(&mock, "the branch", is("boatyard/preview main", "failure")).await;
    let [_, _, url] = newest(&mock, '1', "boatyard/preview").unwrap();
    assert_eq!(url, of_six.address);

    mock.set(|model| model.requests.clear());
    yard.list().await;
    done(&yard, &six, Phase::Removing, Event::Done).await;
    until(&mock, "the branch alone", is("boatyard/preview", "failure")).await;
    let [_, _, url] = newest(&mock, '1', "boatyard/preview").unwrap();
    assert_eq!(url, of_main.page);
    until(&mock, "the other name to end", |(_, body)| {
        body["context"] == "boatyard/preview main" && body["description"] == "see the other status"
    })
    .await;
}

/// A forge that was away hears how it is now, once; a new reporter tells nothing twice; the comment is one, and nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_is_told_once() {
    for (kind, place) in [
        ("github", "/repos/acme/shop/issues/5/comments"),
        ("gitea", "/repos/acme/shop/issues/5/comments"),
        ("gitlab", "/projects/acme/shop/merge_requests/5/notes"),
    ] {
        let mock = Mock::new(kind);
        let foreign = (place.to_owned(), "eve".to_owned(), format!("{MARK} mine"));
        mock.set(|model| {
            model.comments.insert(1, foreign.clone());
        });
        let text = text(kind, &mock.url);
        let mut yard = Yard::new(&text);
        yard.until("the first list", |state| state.lists > 0).await;
        let [five, six] = [5, 6].map(Subject::PullRequest);
        let main = Subject::Branch("main".to_owned());

        mock.set(|model| model.mood = Mood::Error);
        let (reporter, mut trouble) = report(&yard, &text);
        done(&yard, &five, Phase::Preparing, Event::Done).await;
        until_phase(&yard, &five, Phase::Asleep).await;
        // Those that were on their way before, and more.
        let asked = mock.look(|model| model.asked.len());
        until_tried(&mock, asked + 9).await;
        let cannot = format!("cannot tell {}: ", mock.url.trim_start_matches("http://"));
        let is_told = |trouble: Option<&str>| trouble.is_some_and(|text| text.starts_with(&cannot));
        until_trouble(&mut trouble, "trouble", is_told).await;
        mock.set(|model| model.mood = Mood::Well);
        until(&mock, "success", is_status('5', "success")).await;
        until(&mock, "a stranger's", is_status('7', "pending")).await;
        assert_eq!(
            states(&mock, '5'),
            ["success"],
            "{kind}: nothing of what was before"
        );
        until_trouble(&mut trouble, "no trouble", |trouble| trouble.is_none()).await;

        // It runs and is asleep again, which is nothing to tell; another one fails, which is.
        let one = environment(&yard, &five).unwrap();
        let address = config(&text).links(&one).address;
        let id = one.id;
        yard.keeper.ask(&id, Event::Start, "anne").await.unwrap();
        done(&yard, &five, Phase::Starting, Event::Done).await;
        done(
            &yard,
            &six,
            Phase::Preparing,
            Event::Fail("no pip".to_owned()),
        )
        .await;
        let failure = if kind == "gitlab" {
            "failed"
        } else {
            "failure"
        };
        until(&mock, "failure", is_status('6', failure)).await;
        drop(reporter);
        let (reporter, _) = report(&yard, &text);
        done(&yard, &main, Phase::Preparing, Event::Done).await;
        until(&mock, "main", is_status('1', "success")).await;
        assert_eq!(states(&mock, '5'), ["success"], "{kind}");

        // Closed: the comment says so. Then all that was told is lost, and the comment is found again.
        let opens = format!("**[Open the preview]({address})** of 555555555555");
        until(&mock, "a comment", comments(&opens)).await;
        mock.set(|model| {
            model.requests.remove(&5);
        });
        yard.list().await;
        done(&yard, &five, Phase::Removing, Event::Done).await;
        until(&mock, "the end", comments("is gone")).await;
        drop(reporter);
        drop(yard);
        mock.set(|model| {
            model
                .requests
                .insert(5, (commit('8'), "anne".to_owned(), false));
        });
        let mut yard = Yard::new(&text);
        yard.until("a list", |state| state.lists > 0).await;
        let (reporter, _) = report(&yard, &text);
        until(
            &mock,
            "the comment again",
            comments("of 888888888888 is being prepared"),
        )
        .await;
        let of_five = mock.look(|model| {
            let here = model.comments.values().filter(|(found, ..)| found == place);
            here.cloned().collect::<Vec<_>>()
        });
        assert_eq!(of_five.len(), 2, "{kind}: {of_five:?}");
        assert_eq!(of_five[0], foreign, "{kind}: it is not ours");
        drop(reporter);
    }
}
