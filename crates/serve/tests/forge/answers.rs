//! What is asked of a forge, and how often.

use boatyard_preview::config::Concealed;
use boatyard_serve::forge::{Pace, Secrets, Watchers};

use super::mock::Mock;
use super::yard::{Yard, config, map};

fn text(kind: &str, url: &str, more: &str) -> String {
    format!(
        "[forge.mock]\nkind = \"{kind}\"\nurl = \"{url}\"\nhooks = false\npoll = \"1h\"\ntoken = {{ value = \"a token\" }}\n\
         [[repository]]\nname = \"acme/shop\"\n{more}"
    )
}

/// Without patterns it is the default branch, and no list of branches is asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_branch_alone() {
    for kind in ["github", "gitea", "gitlab"] {
        let mock = Mock::new(kind);
        let mut yard = Yard::new(&text(kind, &mock.url, "pull-requests = false\n"));
        yard.until("the first list", |state| state.lists > 0).await;
        assert_eq!(yard.open(), map("main=1"), "{kind}");
        let asked = mock.look(|model| model.asked.clone());
        assert!(
            !asked.iter().any(|one| one.contains("page=")),
            "{kind} {asked:?}"
        );
    }
}

/// What has not changed is not sent again, and a permission is asked for once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_is_not_asked_again() {
    let mock = Mock::new("github");
    let mut yard = Yard::new(&text("github", &mock.url, "branches = \"**\"\n"));
    yard.until("the first list", |state| state.lists > 0).await;
    let first = mock.look(|model| model.asked.len());
    assert_eq!(mock.look(|model| model.not_modified), 0);
    yard.list().await;
    let (asked, not_modified) = mock.look(|model| (model.asked.len() - first, model.not_modified));
    let permissions = mock.look(|model| {
        model
            .asked
            .iter()
            .filter(|one| one.ends_with("/permission"))
            .count()
    });
    assert_eq!(not_modified, asked, "the second time nothing is sent");
    assert_eq!(permissions, 2, "one for each author of a fork");
}

/// Secrets are read from where they are, and what is not there is told.
#[test]
fn where_secrets_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hook"), "from a file\n").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let config = |secret: &str| {
        config(&format!(
            "[forge.hub]\nkind = \"github\"\ntoken = {{ env = \"TOKEN\" }}\nsecret = {secret}\n[[repository]]\nname = \"a/b\"\n"
        ))
    };
    let read = |secret: &str, token: Option<&str>| {
        let variable = |name: &str| token.filter(|_| name == "TOKEN").map(str::to_owned);
        Secrets::read(&config(secret), folder.path(), &variable)
    };
    let secrets = read("{ file = \"hook\" }", Some("t")).unwrap();
    assert_eq!(secrets.keys("hub"), [b"from a file".to_vec()]);
    assert_eq!(secrets.token("hub").map(Concealed::reveal), Some("t"));
    assert!(secrets.keys("other").is_empty());
    let printed = format!("{secrets:?}");
    assert!(
        !printed.contains("from a file") && !printed.contains("\"t\""),
        "{printed}"
    );
    for (secret, token, expected) in [
        (
            "{ file = \"hook\" }",
            None,
            "the token of forge hub is to be in TOKEN, which is not set",
        ),
        (
            "{ file = \"hook\" }",
            Some(""),
            "the token of forge hub is to be in TOKEN, which is not set",
        ),
        (
            "{ file = \"none\" }",
            Some("t"),
            "the secret of forge hub cannot be read from ",
        ),
        (
            "{ file = \"empty\" }",
            Some("t"),
            "the secret of forge hub cannot be read from ",
        ),
    ] {
        let error = read(secret, token).expect_err(secret).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

/// A certificate that is not there is told at the start: whose it is and where it was looked for.
#[tokio::test]
async fn an_authority_that_is_none() {
    let yard = Yard::new(
        "[forge.hub]\nkind = \"git\"\nurl = \"file:///nowhere\"\n[[repository]]\nname = \"b\"\n",
    );
    let config = config(
        "[forge.hub]\nkind = \"github\"\nauthority = \"ca.pem\"\nhooks = false\n[[repository]]\nname = \"a/b\"\n",
    );
    let folder = yard.folder.path();
    let start = || {
        let secrets = Secrets::default();
        let started = Watchers::start(&config, &secrets, folder, &yard.keeper, Pace::default());
        started.map(drop).unwrap_err()
    };
    let file = folder.join("ca.pem");
    let expected = format!(
        "cannot read the certificates of forge hub from {}",
        file.display()
    );
    let error = start();
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.source.kind(), std::io::ErrorKind::NotFound);
    std::fs::write(&file, "nothing").unwrap();
    let error = start();
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.source.to_string(), "there is no certificate in it");
}
