//! What people say in comments on pull requests, on each forge.

use std::cell::Cell;
use std::time::{Duration, Instant};

use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::{Place, Subject};
use boatyard_serve::forge::{Commander, Reaction, Secrets};
use boatyard_serve::journal::Reader;
use boatyard_serve::keeper::Heard;
use boatyard_serve::logs::{Logs, Part};

use super::mock::{Mock, commit};
use super::model::Mood;
use super::yard::{Yard, config};

/// Whether it asks who may write.
fn is_about_trust(asked: &str) -> bool {
    asked.ends_with("/permission") || asked.contains("/members/all")
}

fn one(yard: &Yard, number: u64) -> Option<Environment> {
    yard.keeper.look(|known| {
        let mut all = known.inventory.all();
        all.find(|one| one.revision.place.subject == Subject::PullRequest(number))
            .cloned()
    })
}

/// Where that forge is told reactions, before and after the number of the comment, and what they are called there.
fn reactions_of(kind: &str) -> ([&'static str; 2], [&'static str; 3]) {
    match kind {
        "gitlab" => (
            [
                "POST /api/v4/projects/acme%2Fshop/merge_requests/7/notes/",
                "/award_emoji",
            ],
            ["no_entry_sign", "confused", "thumbsup"],
        ),
        "github" => (
            [
                "POST /api/v3/repos/acme/shop/issues/comments/",
                "/reactions",
            ],
            ["-1", "confused", "+1"],
        ),
        _ => (
            [
                "POST /api/v1/repos/acme/shop/issues/comments/",
                "/reactions",
            ],
            ["-1", "confused", "+1"],
        ),
    }
}

fn text(kind: &str, url: &str) -> String {
    format!(
        "[times]\nsettle = \"1h\"\n[forge.code]\nkind = \"{kind}\"\nurl = \"{url}\"\ntoken = {{ value = \"a token\" }}\nhooks = false\npoll = \"1h\"\n\
         [[repository]]\nname = \"acme/shop\"\n"
    )
}

/// When nothing is left alone any more.
fn later() -> Instant {
    Instant::now() + Duration::from_secs(60 * 60)
}

fn commander(yard: &Yard, text: &str, logs: &Logs) -> Commander {
    let config = config(text);
    let folder = yard.folder.path();
    let secrets = Secrets::read(&config, folder, &|_| None).unwrap();
    let made = Commander::new(&config, &secrets, [folder, folder], (&yard.keeper, logs));
    made.unwrap().0
}

/// Somebody says that in the comment of that number, and a hook tells of it.
async fn comment(yard: &Yard, number: u64, author: &str, words: &str) {
    let mut words = words.split(' ').map(str::to_owned);
    let command = Command {
        place: Place {
            repository: yard.repository.clone(),
            subject: Subject::PullRequest(7),
        },
        verb: words.next().unwrap_or_default(),
        word: words.next(),
        author: author.to_owned(),
        comment: number,
    };
    let heard = Heard {
        commands: vec![command],
        ..Heard::default()
    };
    assert!(yard.keeper.hear(heard).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_write_may_say() {
    for kind in ["github", "gitlab", "gitea"] {
        let mock = Mock::new(kind);
        let text = text(kind, &mock.url);
        let mut yard = Yard::new(&text);
        yard.until("the first list", |state| state.lists > 0).await;
        let logs = Logs::new(&yard.folder.path().join("log"));
        let commander = commander(&yard, &text, &logs);
        let number = Cell::new(200);
        let say = async |author: &str, words: &str| {
            number.set(number.get() + 1);
            comment(&yard, number.get(), author, words).await;
            let round = commander.round(later()).await;
            let [(answered, reaction)] = round[..] else {
                panic!("{kind}: {words}: {round:?}");
            };
            assert_eq!(answered, number.get(), "{kind}: {words}");
            reaction
        };
        let phase = || one(&yard, 7).map(|one| one.phase);
        assert_eq!(phase(), Some(Phase::Unapproved), "{kind}: eve's");
        // Eve may not, nor may anybody while the forge does not say who may.
        let approve = format!("approve {}", commit('7'));
        assert_eq!(say("eve", &approve).await, Some(Reaction::No));
        mock.set(|model| model.mood = Mood::Error);
        assert_eq!(say("carol", "pin").await, None, "{kind}");
        assert!(one(&yard, 7).is_some_and(|one| !one.is_pinned), "{kind}");
        mock.set(|model| model.mood = Mood::Well);
        let again = [(number.get(), Some(Reaction::Done))];
        assert_eq!(commander.round(later()).await, again, "{kind}");
        assert!(one(&yard, 7).is_some_and(|one| one.is_pinned), "{kind}");
        assert_eq!(commander.round(later()).await, [], "{kind}: once");
        let (most, other) = (&approve[..approve.len() - 1], commit('8'));
        let other = format!("approve {other}");
        for unclear in ["approve", "approve 7777777", most, &other, "dance", "stop"] {
            let said = say("carol", unclear).await;
            assert_eq!(said, Some(Reaction::What), "{kind}: {unclear}");
        }
        assert_eq!(phase(), Some(Phase::Unapproved), "{kind}");
        // What may change in a minute is asked anew each time before something is approved, and only then.
        let asked =
            || mock.look(|model| model.asked.iter().filter(|at| is_about_trust(at)).count());
        let before = asked();
        mock.set(|model| model.writers = Vec::new());
        assert_eq!(say("carol", &approve).await, Some(Reaction::No), "{kind}");
        mock.set(|model| model.writers = vec!["carol".to_owned()]);
        assert_eq!(say("carol", &approve).await, Some(Reaction::Done), "{kind}");
        assert_eq!(phase(), Some(Phase::Queued), "{kind}");
        assert_eq!(asked(), before + 2, "{kind}");
        assert_eq!(say("carol", "unpin").await, Some(Reaction::Done));
        assert!(one(&yard, 7).is_some_and(|one| !one.is_pinned), "{kind}");
        assert_eq!(say("carol", "undeploy").await, Some(Reaction::Done));
        assert_eq!(phase(), Some(Phase::Undeployed), "{kind}");
        assert_eq!(asked(), before + 2, "{kind}");

        let ([begin, end], [no, what, done]) = reactions_of(kind);
        let posted = mock.look(|model| model.posted.clone());
        let (said, reactions): (Vec<_>, Vec<_>) = posted
            .iter()
            .partition(|(_, body)| body["body"].is_string());
        let reactions: Vec<&str> = reactions
            .iter()
            .map(|(at, body)| {
                assert!(at.starts_with(begin) && at.ends_with(end), "{at}");
                let said = body["content"].as_str().or_else(|| body["name"].as_str());
                said.unwrap_or_default()
            })
            .collect();
        let expected = [
            no, done, what, what, what, what, what, what, no, done, done, done,
        ];
        assert_eq!(reactions, expected, "{kind}");
        // Why nothing is approved is said where it was asked for.
        let why: Vec<bool> = said
            .iter()
            .map(|(at, body)| {
                assert!(
                    at.ends_with("/7/comments") || at.ends_with("/7/notes"),
                    "{at}"
                );
                let text = body["body"].as_str().unwrap();
                assert!(text.starts_with("Nothing is approved: "), "{text}");
                text.contains("the whole id")
            })
            .collect();
        assert_eq!(why, [true, true, true, false], "{kind}");
    }
}

/// What was heard is done, whatever ends in between, and never twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_is_done_once() {
    let mock = Mock::new("github");
    let text = text("github", &mock.url);
    let mut yard = Yard::new(&text);
    yard.until("the first list", |state| state.lists > 0).await;
    let logs = Logs::new(&yard.folder.path().join("log"));
    let undeployed = |yard: &Yard| {
        let reader = Reader::open(yard.folder.path()).unwrap();
        let all = reader.audit(None, u64::MAX, 1000).unwrap().into_iter();
        let by_carol = all.filter(|entry| entry.by.starts_with("carol on "));
        by_carol.map(|entry| entry.why).collect::<Vec<_>>()
    };
    // Heard, and ended before anything came of it.
    comment(&yard, 1, "carol", "pin").await;
    yard.restart(&text);
    let first = commander(&yard, &text, &logs);
    assert_eq!(first.round(later()).await, [(1, Some(Reaction::Done))]);
    assert_eq!(undeployed(&yard), ["pinned"]);
    // The same comment again, in another delivery.
    comment(&yard, 1, "carol", "pin").await;
    assert_eq!(first.round(later()).await, []);

    // Done, and ended before it could be answered.
    mock.set(|model| model.mood = Mood::FirstPageOnly);
    comment(&yard, 2, "carol", "unpin").await;
    comment(&yard, 3, "carol", "pin").await;
    assert_eq!(
        first.round(later()).await,
        [(2, None), (3, None)],
        "in their order"
    );
    assert_eq!(undeployed(&yard), ["no longer pinned", "pinned"]);
    mock.set(|model| model.mood = Mood::Well);
    yard.restart(&text);
    // Two who do it at the same time, as while the configuration is read again.
    let (one, other) = (
        commander(&yard, &text, &logs),
        commander(&yard, &text, &logs),
    );
    let both = tokio::join!(one.round(later()), other.round(later()));
    assert!(both.0.contains(&(3, Some(Reaction::Done))), "{both:?}");
    assert_eq!(undeployed(&yard), ["pinned", "no longer pinned", "pinned"]);
    assert_eq!(commander(&yard, &text, &logs).round(later()).await, []);
}

/// The last lines of a log, of which nothing can get out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_are_shown_where_they_are_asked_for() {
    for kind in ["github", "gitlab"] {
        let mock = Mock::new(kind);
        let text = text(kind, &mock.url);
        let mut yard = Yard::new(&text);
        yard.until("the first list", |state| state.lists > 0).await;
        let logs = Logs::new(&yard.folder.path().join("log"));
        let commander = commander(&yard, &text, &logs);
        let id = one(&yard, 7).unwrap().id;
        comment(&yard, 1, "eve", "logs").await;
        comment(&yard, 2, "carol", "logs").await;
        commander.round(later()).await;
        let lines = ["```", "@anne, \u{1b}[31mlook\u{1b}[0m", "with hunter2"];
        for line in lines {
            logs.append(&id, Part::Prepare, line);
        }
        // It is a secret since.
        logs.conceal(vec!["hunter2".into()]);
        comment(&yard, 3, "carol", "logs").await;
        comment(&yard, 4, "carol", "logs run").await;
        comment(&yard, 5, "carol", "logs 7777777").await;
        let round = commander.round(later()).await;
        assert!(
            round.iter().all(|(_, one)| *one == Some(Reaction::Done)),
            "{round:?}"
        );
        let posted = mock.look(|model| model.posted.clone());
        let said: Vec<&str> = posted
            .iter()
            .filter_map(|(_, body)| body["body"].as_str())
            .collect();
        let prepared = "How the preview of 777777777777 was prepared, the end of it";
        let excerpt = format!("{prepared}:\n\n````text\n  ```\n  @anne, look\n  with ***\n````\n");
        let expected = [
            &format!("{prepared}: nothing.\n"),
            &excerpt,
            "What the preview of 777777777777 printed last: nothing.\n",
            &excerpt,
        ];
        assert_eq!(said, expected, "{kind}");
    }
}

/// What goes wrong is told, a forge is asked again when it says, and who may not answer does what is said all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_wrong_with_comments_is_told() {
    let mock = Mock::new("github");
    let text = text("github", &mock.url);
    let mut yard = Yard::new(&text);
    yard.until("the first list", |state| state.lists > 0).await;
    let logs = Logs::new(&yard.folder.path().join("log"));
    let config = config(&text);
    let folder = yard.folder.path().to_owned();
    let secrets = Secrets::read(&config, &folder, &|_| None).unwrap();
    let begin = Instant::now();
    let made = Commander::new(&config, &secrets, [&folder, &folder], (&yard.keeper, &logs));
    let (commander, mut left) = made.unwrap();
    let trouble = commander.trouble();
    let told = || trouble.borrow().clone();
    let asked = || mock.look(|model| model.asked.len());
    let is_pinned = |yard: &Yard| one(yard, 7).is_some_and(|one| one.is_pinned);

    // It wants to be left alone for a second, and is: also if somebody says something else there meanwhile.
    mock.set(|model| model.mood = Mood::Limited);
    comment(&yard, 1, "carol", "pin").await;
    assert_eq!(commander.round(Instant::now()).await, [(1, None)]);
    let why = told().expect("it is told");
    assert!(
        why.contains("acme/shop") && why.contains("wants to be asked again in 1 s only"),
        "{why}"
    );
    mock.set(|model| model.mood = Mood::Well);
    comment(&yard, 2, "carol", "unpin").await;
    let before = asked();
    let waiting = [(1, None), (2, None)];
    assert_eq!(commander.round(begin).await, waiting);
    assert_eq!(asked(), before, "it is left alone");
    assert!(told().is_some());
    let done = [(1, Some(Reaction::Done)), (2, Some(Reaction::Done))];
    let limit = begin + Duration::from_secs(60);
    loop {
        // A second of the forge is over sooner than what is waited for without a word.
        let round = commander.round(Instant::now()).await;
        if round == done {
            break;
        }
        assert_eq!(round, waiting);
        assert!(
            Instant::now() < limit,
            "waited for the forge to be asked again"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told(), None, "nothing is in the way any more");
    assert!(!is_pinned(&yard));

    // Carol is believed to for a minute; that the answer is refused is said once.
    mock.set(|model| model.mood = Mood::Forbidden);
    for (number, verb, pinned) in [(3, "pin", true), (4, "unpin", false)] {
        comment(&yard, number, "carol", verb).await;
        let round = commander.round(later()).await;
        assert_eq!(round, [(number, Some(Reaction::Done))], "{:?}", told());
        assert_eq!(is_pinned(&yard), pinned, "{verb}");
    }
    let said = left.try_recv().expect("it is said");
    assert!(
        said.contains("done without an answer") && said.contains("403"),
        "{said}"
    );
    assert!(left.try_recv().is_err(), "once");
    assert_eq!(told(), None);
}
