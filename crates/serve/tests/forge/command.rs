//! What people say in comments on pull requests, on each forge.

use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::{Place, Subject};
use boatyard_serve::forge::{Commander, Reaction, Secrets};

use super::mock::Mock;
use super::model::Mood;
use super::yard::{Yard, config};

fn one(yard: &Yard, number: u64) -> Option<Environment> {
    yard.keeper.look(|known| {
        let mut all = known.inventory.all();
        all.find(|one| one.revision.place.subject == Subject::PullRequest(number))
            .cloned()
    })
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
        assert_eq!(say("eve", "approve 7777777").await, Some(Reaction::No));
        mock.set(|model| model.mood = Mood::Error);
        assert_eq!(say("carol", "approve 7777777").await, None, "{kind}");
        mock.set(|model| model.mood = Mood::Well);
        for unclear in ["approve", "approve 777", "approve 8888888", "dance", "stop"] {
            let said = say("carol", unclear).await;
            assert_eq!(said, Some(Reaction::What), "{kind}: {unclear}");
        }
        assert_eq!(phase(), Some(Phase::Unapproved), "{kind}");
        assert_eq!(say("carol", "approve 7777777").await, Some(Reaction::Done));
        assert_eq!(phase(), Some(Phase::Queued), "{kind}");
        assert_eq!(say("carol", "pin").await, Some(Reaction::Done));
        assert!(one(&yard, 7).is_some_and(|one| one.is_pinned), "{kind}");
        assert_eq!(say("carol", "undeploy").await, Some(Reaction::Done));
        assert_eq!(phase(), Some(Phase::Undeployed), "{kind}");

        let (path, no, what, done) = match kind {
            "gitlab" => (
                "POST /api/v4/projects/acme%2Fshop/merge_requests/7/notes/99/award_emoji",
                "no_entry_sign",
                "confused",
                "thumbsup",
            ),
            "github" => (
                "POST /api/v3/repos/acme/shop/issues/comments/99/reactions",
                "-1",
                "confused",
                "+1",
            ),
            _ => (
                "POST /api/v1/repos/acme/shop/issues/comments/99/reactions",
                "-1",
                "confused",
                "+1",
            ),
        };
        let posted = mock.look(|model| model.posted.clone());
        let reactions: Vec<&str> = posted
            .iter()
            .map(|(at, body)| {
                assert_eq!(at, path);
                let said = body["content"].as_str().or_else(|| body["name"].as_str());
                said.unwrap_or_default()
            })
            .collect();
        let expected = [no, what, what, what, what, what, done, done, done];
        assert_eq!(reactions, expected, "{kind}");
    }
}
