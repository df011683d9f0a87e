//! `RUN --mount`, secrets and networks, and that nothing of them is in the image.

mod dockerfile;
mod support;

use std::path::Path;
use std::process::Command;

use dockerfile::Context;
use support::{alone, boatyard, kept_home, not_run, succeed, text};

#[test]
fn parts_of_the_context_of_stages_and_of_images() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm AS tools\nRUN mkdir /tools && echo tool WORD > /tools/t && ln -s t /tools/link\n\
         FROM debian:bookworm\n\
         RUN --mount=target=/ctx cat /ctx/sub/file > /a && test ! -e /ctx/left-out && ! touch /ctx/x # WORD\n\
         RUN --mount=type=bind,source=sub/file,target=/one cat /one > /b # WORD\n\
         RUN --mount=type=bind,from=tools,source=tools/link,target=/t,rw cat /t > /c && echo gone > /t # WORD\n\
         RUN --mount=type=bind,target=/ctx,rw echo gone > /ctx/new && ls /ctx > /d # WORD\n\
         RUN test ! -e /ctx && test ! -e /one && test ! -e /t # WORD\n\
         CMD [\"cat\", \"/a\", \"/b\", \"/c\"]\n",
        &[
            ("sub/file", "here\n"),
            ("left-out", ""),
            (".dockerignore", "left-out\n"),
        ],
    );
    context.build(&[]);
    assert_eq!(
        context.run(&[]),
        format!("here\nhere\ntool {}\n", context.word)
    );
    assert!(context.run(&["cat", "/d"]).contains("new"));
    assert!(!context.path("new").exists());
    // The content is part of what a step depends on.
    assert_eq!(context.build(&[]).ended("done"), Vec::<String>::new());
    context.write("sub/file", "there\n");
    let done = context.build(&[]).ended("done");
    assert!(done.iter().any(|title| title.contains("/one")), "{done:?}");
    assert!(context.run(&[]).starts_with("there\nthere\n"));
}

#[test]
fn caches_outlive_builds_and_are_in_no_image() {
    let _alone = alone();
    let text = |step: &str, sharing: &str| {
        format!(
            "FROM debian:bookworm\nRUN --mount=type=cache,target=/kept,id=WORD,sharing={sharing},mode=0711,uid=7 \
             echo {step} >> /kept/log && cat /kept/log > /seen && stat -c '%a %u' /kept >> /seen\nCMD [\"cat\", \"/seen\"]\n"
        )
    };
    let context = Context::new(&text("one", "shared"), &[]);
    context.build(&[]);
    assert_eq!(context.run(&[]), "one\n711 7\n");
    context.write(
        "Dockerfile",
        &text("two", "locked").replace("WORD", &context.word),
    );
    context.build(&[]);
    assert_eq!(context.run(&[]), "one\ntwo\n711 7\n");
    assert!(!context.run(&["ls", "/"]).contains("kept"));
    context.write(
        "Dockerfile",
        &text("three", "private").replace("WORD", &context.word),
    );
    context.build(&[]);
    assert_eq!(context.run(&[]), "one\ntwo\nthree\n711 7\n");
}

#[test]
fn a_cache_begins_as_a_stage() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm AS seed\nRUN mkdir /seed && echo WORD > /seed/a\n\
         FROM debian:bookworm\nRUN --mount=type=cache,id=WORD,target=/c,from=seed,source=/seed cat /c/a > /a && rm /c/a\n\
         CMD [\"cat\", \"/a\"]\n",
        &[],
    );
    context.build(&[]);
    assert_eq!(context.run(&[]).trim(), context.word);
}

#[test]
fn memory_is_not_kept() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN --mount=type=tmpfs,target=/m,size=16m echo WORD > /m/x && df /m | tail -1 > /seen\n\
         CMD [\"cat\", \"/seen\"]\n",
        &[],
    );
    context.build(&[]);
    assert!(context.run(&[]).contains("tmpfs"));
    assert!(!context.run(&["ls", "/"]).lines().any(|name| name == "m"));
}

/// Every byte that a build leaves: the home, less what was there before, is searched for a secret.
fn holds(folder: &Path, secret: &str) -> String {
    let found = Command::new("grep")
        .args(["-r", "-l", "-F", secret])
        .arg(folder)
        .output()
        .unwrap();
    text(&found.stdout)
}

#[test]
fn secrets_are_nowhere() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\n\
         RUN --mount=type=secret,id=token,required=true cat /run/secrets/token; stat -c '%a %u' /run/secrets/token > /mode; echo WORD\n\
         RUN --mount=type=secret,id=other,env=TOKEN,target=/t,mode=0444 echo \"it is $TOKEN\"; wc -c < /t > /size; echo WORD\n\
         RUN test ! -e /run/secrets && test ! -e /t && test -z \"$TOKEN\"; echo WORD\n\
         CMD [\"cat\", \"/mode\", \"/size\"]\n",
        &[],
    );
    let secret = format!("s3cret-{}", context.word);
    // Beside the context, so that only the build could bring it into the home.
    let beside = tempfile::tempdir().unwrap();
    std::fs::write(beside.path().join("file"), format!("{secret}\n")).unwrap();
    let file = format!("id=token,src={}", beside.path().join("file").display());
    let args = [
        "--secret",
        &file,
        "--secret",
        "id=other,env=OTHER",
        "--json",
    ];
    let output = support::output(context.command(&args).env("OTHER", &secret));
    assert!(output.status.success());
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!said.contains(&secret), "{said}");
    assert!(said.contains("it is [secret]"), "{said}");
    assert_eq!(context.run(&[]), format!("400 0\n{}\n", secret.len()));
    let home = kept_home();
    for folder in ["blobs", "actions", "snap", "tmp", "index.json"] {
        assert_eq!(holds(&home.join(folder), &secret), "", "{folder}");
    }
    // Another value is no reason to do it again.
    std::fs::write(beside.path().join("file"), "another\n").unwrap();
    let again = support::output(context.command(&args).env("OTHER", "another"));
    let events = dockerfile::Events::of(&text(&again.stdout));
    assert_eq!(events.ended("done"), Vec::<String>::new());
    // It must be given.
    let said = support::fail(context.command(&["--no-cache"]).env("OTHER", "x"), 2);
    assert!(
        said.contains("\"token\" was not given") && said.contains("Dockerfile:2:1"),
        "{said}"
    );
}

#[test]
fn an_agent_can_be_asked() {
    let _alone = alone();
    let Ok(agent) = Command::new("ssh-agent").arg("-s").output() else {
        return not_run("ssh-agent is not installed (Debian: openssh-client)");
    };
    let said = text(&agent.stdout);
    let value = |name: &str| {
        let (_, rest) = said.split_once(&format!("{name}=")).unwrap();
        rest.split(';').next().unwrap().to_owned()
    };
    let (socket, pid) = (value("SSH_AUTH_SOCK"), value("SSH_AGENT_PID"));
    let context = Context::new(
        // The protocol's first question, which identities there are: a length of 1, then 11 (draft-miller-ssh-agent).
        "FROM debian:bookworm\nRUN --mount=type=ssh,required=true,uid=65534 --network=none \
         perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die $!; \
         syswrite $s, pack(\"NC\", 1, 11); sysread $s, $a, 9; print unpack(\"x4C\", $a), \"\\n\"' > /answer # WORD\n\
         RUN test ! -e /run/buildkit # WORD\nCMD [\"cat\", \"/answer\"]\n",
        &[],
    );
    let given = format!("default={socket}");
    let output = support::output(&mut context.command(&["--ssh", &given]));
    let _ = Command::new("kill").arg(&pid).status();
    assert!(output.status.success());
    // 12: the list of identities.
    assert_eq!(context.run(&[]).trim(), "12");
    let said = context.refuse(&["--no-cache"], 2);
    assert!(said.contains("no ssh agent"), "{said}");
}

#[test]
fn networks() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN --network=none grep -c : /proc/net/dev > /none # WORD\n\
         RUN --network=host grep -c : /proc/net/dev > /host # WORD\nCMD [\"cat\", \"/none\"]\n",
        &[],
    );
    context.build(&[]);
    // Loopback, and nothing else. Some kernels have tunnels in every namespace.
    let here = std::fs::read_to_string("/proc/net/dev").unwrap();
    let here = here.lines().filter(|line| line.contains(':')).count();
    let count = |path: &str| context.run(&["cat", path]).trim().parse::<usize>().unwrap();
    assert_eq!(count("/host"), here);
    assert!(
        count("/none") < here || here == 1,
        "{} of {here}",
        count("/none")
    );
}

#[test]
fn what_a_command_is_shown_leaves_no_trace() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN --mount=type=tmpfs,target=/a/b/c --mount=type=cache,target=/var/cache/apt true # WORD\n",
        &[],
    );
    context.build(&[]);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("layers");
    succeed(
        boatyard(&kept_home(), folder.path())
            .args(["image", "save", &context.tag(), "--format", "docker", "-o"])
            .arg(&out),
    );
    let listed = Command::new("tar").arg("tf").arg(&out).output().unwrap();
    let last = context.config()["rootfs"]["diff_ids"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .as_str()
        .unwrap()
        .replace("sha256:", "");
    assert!(text(&listed.stdout).contains(&last));
    let layer = Command::new("sh")
        .arg("-c")
        .arg(format!("tar xOf {} {last}.tar | tar t", out.display()))
        .output()
        .unwrap();
    assert_eq!(text(&layer.stdout), "");
}
