//! `--cache-to` and `--cache-from`: what one machine did, another need not do.

mod dockerfile;
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use dockerfile::{Context, Events};
use support::{alone, output, succeed, text};

/// A home that nothing was done in.
fn empty_home() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("home")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap()
}

/// A build in a home of its own; what it told.
fn build(context: &Context, home: &Path, args: &[&str]) -> Events {
    let mut args = args.to_vec();
    args.push("--json");
    Events::of(&succeed(context.command(&args).env("BOATYARD_HOME", home)))
}

/// What was said by the way, warnings only.
fn warnings(events: &Events) -> Vec<String> {
    let notices = events.0.iter().filter(|event| event["event"] == "notice");
    notices
        .filter(|event| event["level"] == "warning")
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .filter(|message| message.contains("cache"))
        .collect()
}

/// A file of the image that a home has.
fn shown(context: &Context, home: &Path, path: &str) -> String {
    let out = tempfile::tempdir().unwrap();
    let dest = out.path().display().to_string();
    succeed(context.command(&["-o", &dest]).env("BOATYARD_HOME", home));
    fs::read_to_string(out.path().join(path)).unwrap()
}

/// The blobs of a cache, largest last.
fn blobs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder.join("blobs/sha256"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort_by_key(|path| fs::metadata(path).unwrap().len());
    found
}

const STAGES: &str = "FROM debian:bookworm AS made\nRUN mkdir /at && echo WORD > /at/made\n\
    FROM debian:bookworm\nCOPY --from=made /at/made /made\nWORKDIR /new/WORD\n\
    RUN --mount=type=cache,id=WORD,target=/kept echo one >> /kept/log; cat /kept/log > /seen # WORD\n";

#[test]
fn a_new_machine_does_nothing_again_and_has_the_cache_mounts() {
    let _alone = alone();
    let context = Context::new(STAGES, &[]);
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache").display().to_string();
    let first = context.build(&["--cache-to", &cache]);
    assert_eq!(warnings(&first), Vec::<String>::new());
    // No draft is left, and the folder is an image layout.
    let mut names: Vec<String> = fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [".lock", "blobs", "index.json", "oci-layout"]);

    let home = empty_home();
    let second = build(&context, home.path(), &["--cache-from", &cache]);
    assert_eq!(second.ended("done"), Vec::<String>::new());
    assert!(second.ended("cached").len() >= 5);
    assert_eq!(second.digest(), first.digest());
    assert_eq!(warnings(&second), Vec::<String>::new());

    // A step that is new on this machine finds the mount as the other machine left it.
    let changed = STAGES.replace("echo one", "echo two");
    context.write("Dockerfile", &changed.replace("WORD", &context.word));
    let from = format!("type=local,src={cache}");
    let third = build(&context, home.path(), &["--cache-from", &from]);
    assert_eq!(third.ended("done").len(), 1, "{:?}", third.ended("done"));
    assert_eq!(shown(&context, home.path(), "seen"), "one\ntwo\n");
    // The local one is newer than the cache's, and stays.
    context.write(
        "Dockerfile",
        &changed
            .replace("two", "three")
            .replace("WORD", &context.word),
    );
    build(&context, home.path(), &["--cache-from", &cache]);
    assert_eq!(shown(&context, home.path(), "seen"), "one\ntwo\nthree\n");
}

#[test]
fn less_is_kept_where_less_is_asked_for() {
    let _alone = alone();
    let context = Context::new(STAGES, &[]);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, rest: &str| {
        format!(
            "type=local,dest={}{rest}",
            folder.path().join(name).display()
        )
    };
    let min = place("min", ",mode=min,mounts=false");
    let none = place("none", ",max-bytes=1");
    context.build(&["--cache-to", &min, "--cache-to", &none]);
    // Nothing fits into one byte: manifest and configuration are all there is.
    assert_eq!(blobs(&folder.path().join("none")).len(), 2);
    let from = folder.path().join("min").display().to_string();
    let home = empty_home();
    let events = build(&context, home.path(), &["--cache-from", &from]);
    let done = events.ended("done");
    // The stage that is in no image is done again, nothing else.
    assert_eq!(
        done,
        [format!("RUN mkdir /at && echo {} > /at/made", context.word)]
    );
    context.write(
        "Dockerfile",
        &STAGES.replace("one", "two").replace("WORD", &context.word),
    );
    build(&context, home.path(), &["--cache-from", &from]);
    assert_eq!(shown(&context, home.path(), "seen"), "two\n");
}

#[test]
fn what_is_damaged_is_refused_and_done_again() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN head -c 100000 /dev/zero | tr '\\0' WORD > /big; dd if=/dev/urandom of=/noise bs=1k count=300\n\
         RUN echo WORD > /after\n",
        &[],
    );
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().display().to_string();
    context.build(&["--cache-to", &cache]);
    // The base and its apt are the largest, the noise comes after them.
    let all = blobs(folder.path());
    let noise = &all[all.len() - 3];
    let mut bytes = fs::read(noise).unwrap();
    bytes[200_000] ^= 1;
    fs::write(noise, &bytes).unwrap();

    let home = empty_home();
    let again = build(
        &context,
        home.path(),
        &["--cache-from", &cache, "--cache-to", &cache],
    );
    let done = again.ended("done");
    assert!(done[0].contains("/noise"), "{done:?}");
    let said = warnings(&again);
    assert!(
        said.len() == 1 && said[0].contains("done again"),
        "{said:?}"
    );
    // Noise is never the same twice: what was made now is in the cache, and good.
    let third = build(&context, empty_home().path(), &["--cache-from", &cache]);
    assert_eq!(third.ended("done"), Vec::<String>::new());
    assert_eq!(third.digest(), again.digest());
}

#[test]
fn what_cannot_be_read_is_a_warning() {
    let _alone = alone();
    let context = Context::new("FROM scratch\nCOPY a /WORD\n", &[("a", "a")]);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let both = |name: &str| {
        let path = at(name).display().to_string();
        let args = ["--cache-from", &path, "--cache-to", &path];
        warnings(&build(&context, empty_home().path(), &args))
    };
    let said = both("absent");
    assert!(
        said.len() == 1 && said[0].contains("there is no cache"),
        "{said:?}"
    );
    // It is there now.
    assert_eq!(both("absent"), Vec::<String>::new());
    // Damaged: a warning, then a new one.
    let index = fs::read_to_string(at("absent/index.json")).unwrap();
    for blob in blobs(&at("absent")) {
        fs::write(blob, "garbage").unwrap();
    }
    let said = both("absent");
    assert!(
        said.len() == 1 && said[0].contains("is damaged"),
        "{said:?}"
    );
    assert_eq!(both("absent"), Vec::<String>::new());
    // Somebody else's image layout is not written over.
    fs::create_dir_all(at("other/blobs/sha256")).unwrap();
    fs::write(at("other/blobs/sha256/x"), "precious").unwrap();
    let foreign = index.replace("boatyard-cache", "their-image");
    fs::write(at("other/index.json"), &foreign).unwrap();
    let said = both("other");
    assert!(
        said.len() == 2 && said.iter().all(|line| line.contains("is not a cache")),
        "{said:?}"
    );
    assert_eq!(fs::read_to_string(at("other/index.json")).unwrap(), foreign);
    assert!(at("other/blobs/sha256/x").exists());
    // Words that make no sense are the user's mistake.
    let said = context.refuse(&["--cache-to", "type=s3,dest=x"], 2);
    assert!(said.contains("type is local or registry"), "{said}");
}

#[test]
fn two_machines_share_a_folder_at_once() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().display().to_string();
    let contexts = ["a", "b"].map(|name| {
        let file = format!("FROM scratch\nCOPY same /same/WORD\nCOPY {name} /WORD/{name}\n");
        Context::new(&file, &[("same", "same"), (name, name)])
    });
    let homes = [empty_home(), empty_home()];
    let args = ["--json", "--cache-from", &cache, "--cache-to", &cache];
    std::thread::scope(|scope| {
        for (context, home) in contexts.iter().zip(&homes) {
            scope.spawn(move || {
                for round in 0..4 {
                    context.write("same", &format!("same {round}"));
                    let mut command = context.command(&args);
                    succeed(command.env("BOATYARD_HOME", home.path()));
                }
            });
        }
    });
    // Both are in it, whoever was last, and all of it is whole.
    for context in &contexts {
        let third = build(context, empty_home().path(), &["--cache-from", &cache]);
        assert_eq!(third.ended("done"), Vec::<String>::new());
        assert_eq!(warnings(&third), Vec::<String>::new());
    }
}

#[test]
fn a_store_over_its_budget_is_pruned_and_says_so() {
    let _alone = alone();
    let context = Context::new("FROM scratch\nCOPY a /WORD\n", &[("a", "a")]);
    let home = empty_home();
    let noise = |seed: u64| -> String {
        let mut state = seed;
        let mut next = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
        };
        (0..50_000).map(|_| next()).collect()
    };
    for seed in 0..4 {
        context.write("a", &noise(seed));
        build(&context, home.path(), &[]);
    }
    let size = |home: &Path| -> u64 {
        blobs(home)
            .iter()
            .map(|path| fs::metadata(path).unwrap().len())
            .sum()
    };
    let before = size(home.path());
    let built = output(
        context
            .command(&["--progress=plain"])
            .env("BOATYARD_HOME", home.path())
            .env("BOATYARD_KEEP_BYTES", "100kB"),
    );
    assert!(built.status.success());
    let said = text(&built.stderr);
    assert!(
        said.contains("the store is over BOATYARD_KEEP_BYTES: removed"),
        "{said}"
    );
    let after = size(home.path());
    assert!(before > 150_000 && after <= 100_000, "{before} {after}");
    // What was built last is still there.
    let events = build(&context, home.path(), &[]);
    assert_eq!(events.ended("done"), Vec::<String>::new());
    succeed(support::boatyard(home.path(), context.folder.path()).args([
        "image",
        "prune",
        "--keep-bytes",
        "0",
    ]));
    assert!(size(home.path()) < after);
}
