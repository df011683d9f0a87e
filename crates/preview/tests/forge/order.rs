//! Hooks in any order, then the list of the forge: what is known is what the forge has (T21, T22).

use boatyard_preview::forge::doubtful;
use boatyard_preview::news::{About, Abouts, News, hear};
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::wanted::{Head, Wanted};
use serde_json::{Value, json};

use super::signed::Signed;
use super::{cases, config};

/// Every order of `0..count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let shorter = orders(last);
    let inserted = shorter.iter().flat_map(|order| {
        (0..count).map(move |at| {
            let mut order = order.clone();
            order.insert(at, last);
            order
        })
    });
    inserted.collect()
}

/// What the forge is asked after the hooks: the list, then what is not in it.
fn settle(
    wanted: &mut Wanted,
    abouts: &mut Abouts,
    repository: &Repository,
    open: Vec<(Subject, Head, About)>,
) {
    let listed: Vec<Subject> = open.iter().map(|(subject, ..)| subject.clone()).collect();
    let repository = repository.clone();
    let doubtful = doubtful(wanted, &repository, &listed);
    hear(
        wanted,
        abouts,
        &News::Listing {
            repository: repository.clone(),
            open,
        },
    );
    for subject in doubtful {
        let place = Place {
            repository: repository.clone(),
            subject,
        };
        hear(wanted, abouts, &News::Closed { place });
    }
}

#[test]
fn whatever_the_order_the_forge_is_right() {
    let config = config();
    let (_, case) = cases("github")
        .iter()
        .find(|(path, _)| path.ends_with("/pr_opened.json"))
        .unwrap();
    let hook = |action: &str, state: &str, digit: char| -> Value {
        let mut hook = case.clone();
        hook["body"]["action"] = json!(action);
        let request = &mut hook["body"]["pull_request"];
        request["state"] = json!(state);
        request["head"]["sha"] = json!(digit.to_string().repeat(40));
        hook
    };
    let story = [
        hook("opened", "open", '1'),
        hook("synchronize", "open", '2'),
        hook("synchronize", "open", '3'),
        hook("closed", "closed", '3'),
        hook("reopened", "open", '3'),
    ];
    let repository = Repository {
        forge: "github.com".to_owned(),
        name: "acme/shop".to_owned(),
    };
    let subject = Subject::PullRequest(5);
    let mut count = 0;
    // The forge's own state after all five, and after the first four.
    for (hooks, is_open) in [(5, true), (4, false)] {
        for order in orders(hooks) {
            let (mut wanted, mut abouts) = (Wanted::new(), Abouts::new());
            for at in &order {
                let delivery = Signed::of("github", &story[*at])
                    .deliver(&config)
                    .expect("it is signed");
                assert!(
                    delivery.repositories.contains(&repository),
                    "it is asked again"
                );
                for news in &delivery.news {
                    hear(&mut wanted, &mut abouts, news);
                }
            }
            let head = Head {
                commit: "3".repeat(40),
                is_trusted: true,
                is_draft: false,
                source: None,
            };
            let open = if is_open {
                vec![(subject.clone(), head, About::default())]
            } else {
                Vec::new()
            };
            settle(&mut wanted, &mut abouts, &repository, open);
            let listing = &wanted[&repository];
            let commit = listing.open.get(&subject).map(|head| head.commit.clone());
            assert_eq!(commit, is_open.then(|| "3".repeat(40)), "{order:?}");
            assert_eq!(listing.closed.contains(&subject), !is_open, "{order:?}");
            count += 1;
        }
    }
    assert_eq!(count, 120 + 24);
}
