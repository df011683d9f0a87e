//! Whatever a forge answers, only a positive word takes anything away (T25).

use super::mock::{Mock, commit};
use super::model::Mood;
use super::yard::{Yard, map};

const ALL: &str = "main=1 a/b=2 release/1=3 #5=5 #6=6 #7=7?";

fn text(kind: &str, url: &str) -> String {
    format!(
        "[forge.mock]\nkind = \"{kind}\"\nurl = \"{url}\"\nhooks = false\npoll = \"1h\"\ntoken = {{ value = \"a token\" }}\n\
         [[repository]]\nname = \"acme/shop\"\nbranches = \"**\"\n"
    )
}

/// With each kind of forge in each mood nothing goes; then what is closed goes, and what is new comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_positive_word_takes_away() {
    for kind in ["github", "gitea", "gitlab"] {
        let mock = Mock::new(kind);
        let mut yard = Yard::new(&text(kind, &mock.url));
        yard.until("the first list", |state| state.lists > 0).await;
        assert_eq!(yard.open(), map(ALL), "{kind}");
        yard.until_environments(6).await;
        for mood in Mood::BAD {
            mock.set(|model| model.mood = mood);
            match mood {
                // What is not in the list is there when it is asked for.
                Mood::EmptyLists | Mood::FirstPageOnly => {
                    yard.list().await;
                }
                _ => {
                    let trouble = yard.fail().await;
                    assert!(trouble.contains(&mock.url), "{kind} {mood:?}: {trouble}");
                }
            }
            assert_eq!(yard.open(), map(ALL), "{kind} {mood:?}");
            assert_eq!(yard.environments(), 6, "{kind} {mood:?}");
        }
        let lists = yard.watchers.states()[&yard.repository].lists;
        mock.set(|model| {
            model.mood = Mood::Well;
            model.requests.remove(&5);
            model.branches.remove("a/b");
            model.branches.insert("a/b/c".to_owned(), commit('4'));
        });
        // It was told to wait for a second, and asks again by itself.
        let state = yard
            .until("a list after the limit", |state| state.lists > lists)
            .await;
        assert_eq!(state.trouble, None, "{kind}");
        assert_eq!(
            yard.open(),
            map("main=1 a/b/c=4 release/1=3 #6=6 #7=7?"),
            "{kind}"
        );
        yard.until_environments(5).await;
    }
}

/// Many go at once: they are asked for in portions, without waiting for the next poll.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_are_closed() {
    let mock = Mock::new("gitea");
    mock.set(|model| {
        model.requests = (1..=130)
            .map(|number| (number, (commit('5'), "anne".to_owned(), false)))
            .collect();
    });
    let mut yard = Yard::new(&text("gitea", &mock.url));
    yard.until("the first list", |state| state.lists > 0).await;
    yard.until_environments(133).await;
    mock.set(|model| model.requests.retain(|number, _| *number == 7));
    yard.list().await;
    yard.until_environments(4).await;
    assert_eq!(yard.open(), map("main=1 a/b=2 release/1=3 #7=5"));
}
