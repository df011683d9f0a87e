//! Dockerfiles from end to end: stages, arguments, what is done again and what is not.

mod dockerfile;
mod support;

use dockerfile::Context;
use support::{alone, boatyard, fail, kept_home, succeed};

#[test]
fn a_step_finds_apt_and_itself() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN apt-get update --print-uris | cut -d\\' -f2 | grep InRelease > /apt # WORD\n\
         RUN getent hosts $(hostname) > /name # WORD\n\
         RUN --network=none getent hosts $(hostname) >> /name # WORD\nCMD cat /apt /name\n",
        &[],
    );
    context.build(&[]);
    assert_eq!(
        context.run(&[]),
        "http://deb.debian.org/debian/dists/bookworm/InRelease\n\
         http://deb.debian.org/debian/dists/bookworm-updates/InRelease\n\
         http://deb.debian.org/debian-security/dists/bookworm-security/InRelease\n\
         127.0.0.1       build\n127.0.0.1       build\n"
    );
}

#[test]
fn what_the_image_is_and_runs() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nARG GREETING=hello\nENV NAME=world SHOWN=\"$GREETING to all\"\nRUN echo $GREETING $NAME WORD > /greeting\n\
         WORKDIR /srv/app\nCOPY file .\nLABEL a=b\nEXPOSE 80\nUSER nobody\nCMD cat /greeting file && id -un && pwd\n",
        &[("file", "from the context\n")],
    );
    context.build(&["--build-arg", "GREETING=good day", "--label", "c=d"]);
    assert_eq!(
        context.run(&[]),
        format!(
            "good day world {}\nfrom the context\nnobody\n/srv/app\n",
            context.word
        )
    );
    let config = &context.config();
    let run = &config["config"];
    assert_eq!(run["User"], "nobody");
    assert_eq!(run["WorkingDir"], "/srv/app");
    assert_eq!(run["Labels"], serde_json::json!({ "a": "b", "c": "d" }));
    assert_eq!(run["ExposedPorts"], serde_json::json!({ "80/tcp": {} }));
    let env: Vec<&str> = run["Env"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|pair| pair.as_str())
        .collect();
    assert!(env.contains(&"SHOWN=good day to all"), "{env:?}");
    assert!(
        !env.iter().any(|pair| pair.starts_with("GREETING")),
        "{env:?}"
    );
    let history = config["history"].as_array().unwrap();
    let with_layer = history
        .iter()
        .filter(|entry| entry["empty_layer"] != true)
        .count();
    assert_eq!(
        with_layer,
        config["rootfs"]["diff_ids"].as_array().unwrap().len()
    );
}

#[test]
fn an_image_runs_by_its_bare_name() {
    let _alone = alone();
    let context = Context::new("FROM debian:bookworm\nCMD [\"echo\", \"WORD\"]\n", &[]);
    let name = context.word.as_str();
    context.build(&["-t", name]);
    let run = |name: &str| {
        let mut command = boatyard(&kept_home(), context.folder.path());
        command.args(["run", name]);
        command
    };
    assert_eq!(succeed(&mut run(name)), format!("{name}\n"));
    let said = fail(&mut run("no-such-image"), 2);
    assert!(said.contains("boatyard.toml"), "{said}");
    succeed(boatyard(&kept_home(), context.folder.path()).args(["image", "rm", name]));
}

#[test]
fn what_was_cleaned_is_done_again() {
    let _alone = alone();
    let home = tempfile::tempdir().unwrap();
    let context = Context::new("FROM scratch\nCOPY a /a\n", &[("a", "1\n")]);
    let done = || {
        let mut command = boatyard(home.path(), context.folder.path());
        command.args(["build", "-t", "cleaned", "--json", "."]);
        dockerfile::Events::of(&succeed(&mut command)).ended("done")
    };
    assert!(done().contains(&"COPY a /a".to_owned()));
    assert_eq!(done(), Vec::<String>::new());
    // The image keeps the layer, but not what says that it need not be made.
    succeed(boatyard(home.path(), context.folder.path()).arg("clean"));
    assert!(done().contains(&"COPY a /a".to_owned()));
}

#[test]
fn only_the_stages_that_the_target_needs() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm AS one\nRUN echo one WORD > /one\n\
         FROM debian:bookworm AS two\nRUN echo two WORD > /two\n\
         FROM debian:bookworm AS never\nRUN exit 1 # WORD\n\
         FROM one AS three\nCOPY --from=two /two /from/two\nRUN cat /one /from/two > /three\n\
         FROM scratch AS last\nCOPY --from=never / /\n",
        &[],
    );
    let events = context.build(&["--target", "three"]);
    assert_eq!(events.ended("failed"), Vec::<String>::new());
    let word = &context.word;
    assert_eq!(
        context.run(&["cat", "/three"]),
        format!("one {word}\ntwo {word}\n")
    );
    let said = context.refuse(&["--target", "thre"], 2);
    assert!(said.contains("did you mean \"three\"?"), "{said}");
}

#[test]
fn nothing_is_done_twice_and_no_more_than_needed_again() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm AS one\nCOPY a /a\nRUN cat /a > /made # WORD\nRUN grep -c . /made > /count # WORD\n\
         FROM debian:bookworm\nRUN echo WORD > /other\nCOPY --from=one /count /count\nCMD [\"cat\", \"/count\"]\n",
        &[("a", "1\n")],
    );
    let first = context.build(&[]);
    assert!(first.ended("done").len() >= 3, "{:?}", first.ended("done"));
    let second = context.build(&[]);
    assert_eq!(second.ended("done"), Vec::<String>::new());
    assert_eq!(first.digest(), second.digest());
    // Another content: the copy and what hangs on it.
    context.write("a", &format!("2 {}\n", context.word));
    let third = context.build(&[]);
    let done = third.ended("done");
    assert!(
        done.iter().any(|title| title.starts_with("COPY a")),
        "{done:?}"
    );
    assert!(
        !done.iter().any(|title| title.contains("/other")),
        "{done:?}"
    );
    // One stage again.
    let fourth = context.build(&["--no-cache-filter", "one"]);
    let done = fourth.ended("done");
    assert_eq!(done.len(), 3, "{done:?}");
    assert!(
        !done.iter().any(|title| title.contains("/other")),
        "{done:?}"
    );
    // Everything again.
    let fifth = context.build(&["--no-cache"]);
    assert!(
        fifth
            .ended("done")
            .iter()
            .any(|title| title.contains("/other"))
    );
    assert_eq!(context.run(&[]), "1\n");
}

#[test]
fn stages_side_by_side() {
    let _alone = alone();
    // Each waits for a sign of the other, through a cache that both see: one after the other they would wait for ever.
    let wait =
        "i=0; until [ -e /meet/HIS ]; do i=$((i+1)); [ $i -lt 200 ] || exit 9; sleep 0.05; done";
    let run = |mine: &str, his: &str| {
        format!(
            "RUN --mount=type=cache,id=WORD,target=/meet touch /meet/{mine} && {}\n",
            wait.replace("HIS", his)
        )
    };
    let text = format!(
        "FROM debian:bookworm AS one\n{}FROM debian:bookworm AS two\n{}FROM scratch\nCOPY --from=one /etc/debian_version /one\n\
         COPY --from=two /etc/debian_version /two\n",
        run("one", "two"),
        run("two", "one")
    );
    let context = Context::new(&text, &[]);
    context.build(&["--jobs", "2"]);
}

#[test]
fn mistakes_have_a_place() {
    let _alone = alone();
    let context = Context::new("FROM debian:bookworm\nRUNN true\n", &[]);
    let said = context.refuse(&[], 2);
    assert!(said.contains("Dockerfile:2:1"), "{said}");
    let context = Context::new("FROM debian:bookworm\nRUN echo before WORD; exit 3\n", &[]);
    let said = context.refuse(&[], 1);
    for expected in ["Dockerfile:2:1", "exit code 3", "before", "--debug-shell"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let context = Context::new("FROM debian:bookworm\nCOPY missing /\n", &[]);
    let said = context.refuse(&[], 2);
    assert!(
        said.contains("Dockerfile:2:1") && said.contains("missing"),
        "{said}"
    );
    let context = Context::new("FROM debian:bookworm\nUSER WORD\nRUN true\n", &[]);
    let said = context.refuse(&[], 2);
    assert!(said.contains("no user or group"), "{said}");
    let context = Context::new("FROM nowhere.invalid/image:1\n", &[]);
    let said = context.refuse(&["--pull=never"], 2);
    assert!(
        said.contains("Dockerfile:1:6") && said.contains("nowhere.invalid"),
        "{said}"
    );
}

#[test]
fn heredocs_and_other_shells() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nARG WHO=you\nRUN <<EOF\nset -e\necho a $WHO > /a # WORD\nEOF\nRUN <<'EOF'\n#!/usr/bin/perl\nopen(F, '>/b'); print F \"perl WORD\\n\";\nEOF\n\
         COPY <<EOF /c\nhello $WHO\nEOF\nSHELL [\"/bin/bash\", \"-c\"]\nRUN [[ -e /a ]] && echo ${BASH_VERSION%%.*} > /d # WORD\nCMD [\"cat\", \"/a\", \"/b\", \"/c\", \"/d\"]\n",
        &[],
    );
    context.build(&[]);
    let word = &context.word;
    assert_eq!(
        context.run(&[]),
        format!("a you\nperl {word}\nhello you\n5\n")
    );
    // What a script was shown as is not in the image.
    assert!(
        context
            .run(&["ls", "-a", "/dev"])
            .lines()
            .all(|name| name != "pipes")
    );
}

#[test]
fn the_first_failure_ends_the_rest() {
    let _alone = alone();
    // The second fails once the first runs, which would take ten minutes.
    let context = Context::new(
        "FROM debian:bookworm AS one\nRUN --mount=type=cache,id=WORD,target=/c touch /c/runs && sleep 600\n\
         FROM debian:bookworm AS two\nRUN --mount=type=cache,id=WORD,target=/c \
         i=0; until [ -e /c/runs ]; do i=$((i+1)); [ $i -lt 400 ] || exit 9; sleep 0.05; done; exit 7\n\
         FROM scratch\nCOPY --from=one /c /c\nCOPY --from=two /c /c\n",
        &[],
    );
    let began = std::time::Instant::now();
    let said = context.refuse(&["--jobs", "2"], 1);
    assert!(said.contains("exit code 7"), "{said}");
    assert!(began.elapsed().as_secs() < 120);
}
