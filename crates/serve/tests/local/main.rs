//! The backend of this machine with real repositories, and a script in the place of our command.

mod cleanup;
mod snapshots;
mod yard;

use std::time::Duration;

use boatyard_preview::config::Begin;
use boatyard_preview::environment::Wishes;
use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_serve::logs::Part;

use yard::Yard;

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_prepared_and_taken_away() {
    let mut yard = Yard::new();
    let one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    let file = yard.source(&one).join("boatyard.toml");
    assert!(std::fs::read_to_string(&file).unwrap().contains("shop"));
    assert!(!yard.source(&one).join(".git").exists());
    let said = yard.said();
    assert!(said.contains("--publish web=0 --until-ready"), "{said}");
    assert!(!said.contains("isolated"), "{said}");
    yard.order(&one, Effect::Remove, 2);
    assert_eq!(yard.told().await, (2, Event::Done));
    assert!(!yard.source(&one).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_has_a_home_of_its_own_and_no_way_out() {
    let mut yard = Yard::new();
    let mut one = Yard::environment(&yard.commit);
    one.is_trusted = false;
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    let up = yard.said();
    let up = up.lines().find(|line| line.contains(" up ")).unwrap();
    assert!(up.contains("--network isolated"), "{up}");
    let place = one.revision.place.to_string();
    let confined = format!("--confined={place} --source=npm.example.org --registry=10.0.0.5:5000");
    assert!(up.contains(&confined), "{up}");
    assert!(up.contains("/strangers "), "{up}");
    // Nor does it know what the server was started with.
    let knows = "/strangers, was made in nowhere\n";
    assert!(yard.said().contains(knows), "{}", yard.said());
    // We read its sources as we are: what links to files of ours is not built, but for those who are trusted.
    let commit = yard.commit_a_way_out();
    let mut other = Yard::environment(&commit);
    yard.order(&other, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    other.is_trusted = false;
    yard.order(&other, Effect::Prepare, 2);
    let (_, event) = yard.told().await;
    let Event::Fail(why) = event else {
        panic!("it was prepared");
    };
    assert!(
        why.contains("the link requirements.txt leads out of the repository"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_begin_with_the_data_of_the_base() {
    let up = "up --preview --timeout 24h --publish web=0 --until-ready";
    let template = || "template_1".to_owned();
    let mut base = Yard::beginning(Begin::Makes(template()));
    base.order(&Yard::environment(&base.commit), Effect::Prepare, 1);
    assert_eq!(base.told().await, (1, Event::Done));
    let save = "data save template_1 --replace";
    assert_eq!(base.asked(), ["down --all", up, save]);

    // Before the base was prepared there is nothing to begin with.
    let mut yard = Yard::beginning(Begin::With(template()));
    let one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    assert_eq!(yard.asked(), ["down --all", up]);

    yard.has_saved(&["template_1"]);
    yard.order(&one, Effect::Prepare, 2);
    assert_eq!(yard.told().await, (2, Event::Done));
    let (restore, filled) = ("data restore template_1", format!("{up} --skip setup"));
    assert_eq!(yard.asked()[2..], ["down --all", restore, &filled]);

    // Data of a base that is ahead may fit no more: then it begins with nothing.
    yard.refuse_data();
    yard.order(&one, Effect::Prepare, 3);
    assert_eq!(yard.told().await, (3, Event::Done));
    let again = ["down --all", restore, &filled, "down --volumes", up];
    assert_eq!(yard.asked()[5..], again);

    // A stranger's begins with nothing.
    let mut other = Yard::beginning(Begin::With(template()));
    other.has_saved(&["template_1"]);
    let mut one = Yard::environment(&other.commit);
    one.is_trusted = false;
    other.order(&one, Effect::Prepare, 1);
    assert_eq!(other.told().await, (1, Event::Done));
    assert!(!other.said().contains("data "), "{}", other.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_overtaken_is_given_up() {
    let mut yard = Yard::new();
    let one = Yard::environment(&yard.commit);
    yard.hang();
    yard.order(&one, Effect::Prepare, 1);
    yard.until_said(" up ").await;
    // The same once more is the same work, and who asked last is told.
    yard.order(&one, Effect::Prepare, 2);
    yard.let_go();
    assert_eq!(yard.told().await, (2, Event::Done));

    yard.hang();
    yard.order(&one, Effect::Prepare, 3);
    yard.until_said_again(" up ").await;
    yard.order(&one, Effect::Cancel, 4);
    let (attempt, event) = yard.told().await;
    assert_eq!(attempt, 4);
    assert!(matches!(event, Event::Fail(_)), "{event:?}");
    yard.until_said("ended by a signal").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_prepared_says_why() {
    let mut yard = Yard::new();
    let link = yard.commit_link();
    let rows = [
        (
            "0123456789012345678901234567890123456789".to_owned(),
            "0123456789",
        ),
        ("--upload-pack=sh".to_owned(), "is no commit"),
        (link, "leads out of the repository"),
        (yard.commit_nothing(), "there is no boatyard.toml"),
    ];
    for (commit, expected) in rows {
        let one = Yard::environment(&commit);
        yard.order(&one, Effect::Prepare, 1);
        let (_, event) = yard.told().await;
        let Event::Fail(why) = event else {
            panic!("{commit} was prepared");
        };
        assert!(why.contains(expected), "{commit}: {why}");
    }
    // What our command complains about is the reason, and in the log.
    yard.complain();
    let one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    let (_, event) = yard.told().await;
    assert_eq!(
        event,
        Event::Fail("no room: the disk is full\nhelp: make some".into())
    );
    let last = yard.logs.last(&one.id, Part::Prepare, 2);
    assert_eq!(
        last,
        ["error: no room: the disk is full", "help: make some"]
    );
}

/// A start that is given up may have been carried out all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_runs_though_it_is_asleep_is_stopped() {
    let mut yard = Yard::new();
    let mut one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    one.phase = Phase::Running;
    assert_eq!(yard.sweep(&one).await, Vec::<String>::new());
    one.phase = Phase::Asleep;
    let said = format!("stopped {}, which ran though it was asleep", one.id);
    assert_eq!(yard.sweep(&one).await, [said]);
    let last = yard.said();
    let last = last.lines().rfind(|line| line.contains(" down")).unwrap();
    assert!(!last.contains("--all"), "its data stays: {last}");
}

/// A commit says which roles run, and shortens its times; that it wishes for more than is permitted is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_says_how_it_is_previewed() {
    let mut yard = Yard::new();
    let commit = yard.commit_more(
        "[role.admin]\ncommand = \"serve\"\nport = 9090\n\
         [preview]\nroles = [\"web\"]\nidle = \"2h\"\nlifetime = \"7d\"\n",
    );
    let one = Yard::environment(&commit);
    yard.order(&one, Effect::Prepare, 1);
    let wishes = Wishes {
        idle: Some(Duration::from_secs(2 * 60 * 60)),
        lifetime: Some(Duration::from_secs(7 * 24 * 60 * 60)),
    };
    assert_eq!(yard.told().await, (1, Event::Wish(wishes)));
    assert_eq!(yard.told().await, (1, Event::Done));
    let said = yard.said();
    assert!(
        said.contains(" up --preview ") && said.contains("--publish web=0 --until-ready"),
        "{said}"
    );
    assert!(!said.contains("admin=0"), "{said}");
    let last = yard.logs.last(&one.id, Part::Prepare, 1);
    let expected = "idle of [preview] is 7200 s; the server permits 1800 s, which holds";
    assert_eq!(last, [expected]);
}

/// What is in the log already is not copied again; what is new is, also where the clock of the machine has gone back meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn what_it_prints_is_copied_once_whatever_the_clock_says() {
    let mut yard = Yard::new();
    let one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    yard.logs.append_at(&one.id, Part::Run, 5000, "web | known");
    yard.has_printed(&[(5000, "known"), (5001, "new"), (1400, "an hour ago")]);
    yard.order(&one, Effect::Start, 2);
    assert_eq!(yard.told().await, (2, Event::Done));
    let mut log = yard.logs.follow(&one.id, Part::Run);
    let expected = ["web | known", "web | new", "web | an hour ago"];
    let all = async {
        while yard.logs.last(&one.id, Part::Run, 9) != expected {
            log.changed().await.unwrap();
        }
    };
    let all = tokio::time::timeout(Duration::from_secs(60), all).await;
    all.expect("all of it is in the log");
}
