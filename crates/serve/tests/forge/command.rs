//! What people say in comments on pull requests, on each forge.

use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::{Place, Subject};
use boatyard_serve::forge::{Commander, Reaction, Secrets};

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

/// Where that forge is told reactions, and what they are called there.
fn reactions_of(kind: &str) -> (&'static str, [&'static str; 3]) {
    match kind {
        "gitlab" => (
            "POST /api/v4/projects/acme%2Fshop/merge_requests/7/notes/99/award_emoji",
            ["no_entry_sign", "confused", "thumbsup"],
        ),
        "github" => (
            "POST /api/v3/repos/acme/shop/issues/comments/99/reactions",
            ["-1", "confused", "+1"],
        ),
        _ => (
            "POST /api/v1/repos/acme/shop/issues/comments/99/reactions",
            ["-1", "confused", "+1"],
        ),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_write_may_say() {
    for kind in ["github", "gitlab", "gitea"] {
        let mock = Mock::new(kind);
        let text = format!(
            "[times]\nsettle = \"1h\"\n[forge.code]\nkind = \"{kind}\"\nurl = \"{url}\"\ntoken = {{ value = \"a token\" }}\nhooks = false\npoll = \"1h\"\n\
             [[repository]]\nname = \"acme/shop\"\n",
            url = mock.url
        );
        let mut yard = Yard::new(&text);
        yard.until("the first list", |state| state.lists > 0).await;
        let config = config(&text);
        let secrets = Secrets::read(&config, yard.folder.path(), &|_| None).unwrap();
        let commander = Commander::new(&config, &secrets, yard.folder.path(), &yard.keeper);
        let say = |author: &str, words: &str| {
            let mut words = words.split(' ').map(str::to_owned);
            let command = Command {
                place: Place {
                    repository: yard.repository.clone(),
                    subject: Subject::PullRequest(7),
                },
                verb: words.next().unwrap_or_default(),
                word: words.next(),
                author: author.to_owned(),
                comment: 99,
            };
            commander.obey(command)
        };
        let phase = || one(&yard, 7).map(|one| one.phase);
        assert_eq!(phase(), Some(Phase::Unapproved), "{kind}: eve's");
        // Eve may not, nor may anybody while the forge does not say who may.
        let approve = format!("approve {}", commit('7'));
        assert_eq!(say("eve", &approve).await, Some(Reaction::No));
        mock.set(|model| model.mood = Mood::Error);
        assert_eq!(say("carol", &approve).await, None, "{kind}");
        mock.set(|model| model.mood = Mood::Well);
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
        assert_eq!(say("carol", "pin").await, Some(Reaction::Done));
        assert!(one(&yard, 7).is_some_and(|one| one.is_pinned), "{kind}");
        assert_eq!(say("carol", "undeploy").await, Some(Reaction::Done));
        assert_eq!(phase(), Some(Phase::Undeployed), "{kind}");
        assert_eq!(asked(), before + 2, "{kind}");

        let (path, [no, what, done]) = reactions_of(kind);
        let posted = mock.look(|model| model.posted.clone());
        let (said, reactions): (Vec<_>, Vec<_>) = posted
            .iter()
            .partition(|(_, body)| body["body"].is_string());
        let reactions: Vec<&str> = reactions
            .iter()
            .map(|(at, body)| {
                assert_eq!(at, path);
                let said = body["content"].as_str().or_else(|| body["name"].as_str());
                said.unwrap_or_default()
            })
            .collect();
        let expected = [no, what, what, what, what, what, what, no, done, done, done];
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
