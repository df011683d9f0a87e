//! T1 for the server as it is: the real keeper, journal, backend and sweep, the real command and real containers. Whatever the
//! server has done by another program (Git, our command), it is killed before it, in the middle of it and after it, each once.

mod server;
mod shop;

use crate::support::{Traces, alone, busybox, kept_home, not_run};
use crate::{missing, nothing_is_left};

use server::Server;
use shop::Shop;

/// What it is killed at, at least, by how each begins.
const COMMANDS: [&str; 14] = [
    "boatyard down --all: before",
    "boatyard down --all: after",
    "boatyard up --preview --timeout 24h --publish web=0 --until-ready: before",
    "boatyard up --preview --timeout 24h --publish web=0 --until-ready: after",
    "boatyard up --preview --timeout 24h --publish web=0 --until-ready: after 10 lines",
    "boatyard up --preview --timeout 24h --publish web=0 --detach --prepared: before",
    "boatyard up --preview --timeout 24h --publish web=0 --detach --prepared: after",
    "boatyard ps: after",
    "boatyard down: before",
    "boatyard down: after",
    "boatyard ps --all: after",
    "boatyard data save",
    "git fetch",
    "git gc",
];

#[test]
fn killed_at_each_command_it_ends_as_if_it_never_was() {
    let _alone = alone();
    let home = kept_home();
    if let Some(why) = missing(&home) {
        return not_run(&why);
    }
    let Some(busybox) = busybox() else {
        return not_run("busybox is not installed");
    };
    let _ = std::fs::remove_dir_all(home.join("serve"));
    let before = Traces::now(&home);
    let shop = Shop::new(&busybox);
    // What nobody knows is to be taken away, by a server that is killed at that, too.
    let orphan = home.join("serve/environment/aaaaaaaaaaaaaaaa");
    std::fs::create_dir_all(&orphan).unwrap();

    let mut server = Server::start(&home, &shop.file(), shop.folder());
    let first = shop.push("main", "first");
    server.phase(&first, "running");
    server.shows(&first, "first", "");

    // A commit takes the place of the one before; the server is asked to end while it does, too.
    let second = shop.push("main", "second");
    server.until("it to be known", |server| {
        let all = server.list()?;
        all.iter().any(|one| one["commit"] == second).then_some(())
    });
    server.again();
    let one = server.phase(&second, "running");
    assert!(server.shows(&second, "second", "hello").contains("hello"));

    // It sleeps, a request wakes it, and what was written into it is there, once. Made anew, it has nothing.
    shop.idle("2s");
    server.phase(&second, "asleep");
    shop.idle("1h");
    let entries = server.shows(&second, "second", "");
    assert_eq!(entries.matches("hello").count(), 1, "{entries}");
    server.ask("reset", &one["id"]);
    let what = format!("{second} to have nothing in it");
    server.until(&what, |server| {
        let entries = server.shown(&second, "second", "")?;
        (!entries.contains("hello")).then_some(())
    });

    shop.delete("main");
    server.until("everything to be gone", |server| {
        let all = server.list()?;
        (all.is_empty() && !orphan.exists()).then_some(())
    });
    let struck = server.struck();
    println!("{} deaths: {struck:#?}", server.deaths);
    for command in COMMANDS {
        assert!(
            struck.iter().any(|one| one.starts_with(command)),
            "{command}"
        );
    }
    server.end();
    nothing_is_left(&home, &before);
}
