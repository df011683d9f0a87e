//! `--chmod`, `--chown`, and owners without it.

use boatyard_engine::transfer::Note;

use super::cases::{Case, check};
use super::world::{World, lines};

const ACCOUNTS: &[&str] = &[
    "etc/",
    "etc/passwd=root:x:0:0::/:/bin/sh\napp:x:1000:2000::/app:\n",
    "etc/group=root:x:0:\napp:x:2000:\nwww:x:33:app\n",
];

#[test]
fn modes_are_changed_as_in_buildkit() {
    check(&[
        Case {
            what: "octal: files, and the folders that are made on the way",
            parent: &[],
            context: &["a"],
            copy: "COPY --chmod=0700 a /x/y/",
            layer: &["x/@700", "x/y/@700", "x/y/a@700=a"],
        },
        Case {
            what: "octal: folders of the source, not the destination that is there",
            parent: &["x/"],
            context: &["d/e/a", "d/l -> e"],
            copy: "COPY --chmod=600 d /x",
            layer: &["x/", "x/e/@600", "x/e/a@600=d/e/a", "x/l -> e"],
        },
        Case {
            what: "octal with set-id bits: folders on the way have none",
            parent: &[],
            context: &["a"],
            copy: "COPY --chmod=4755 a /x/",
            layer: &["x/", "x/a@4755=a"],
        },
        Case {
            what: "symbolic",
            parent: &[],
            context: &["d/a@600", "d/b@700", "d/e/@700"],
            copy: "COPY --chmod=u=rwX,go=rX d /x",
            layer: &["x/", "x/a=d/a", "x/b@755=d/b", "x/e/"],
        },
        Case {
            what: "symbolic: folders on the way are as ever",
            parent: &[],
            context: &["a"],
            copy: "COPY --chmod=go-rwx a /x/",
            layer: &["x/", "x/a@600=a"],
        },
        Case {
            what: "documents",
            parent: &[],
            context: &[],
            copy: "COPY --chmod=755 <<run.sh /bin/",
            layer: &["bin/", "bin/run.sh@755=inline run.sh"],
        },
    ]);
}

#[test]
fn owners_are_changed_as_in_buildkit() {
    check(&[
        Case {
            what: "numbers, also of the folders that are made",
            parent: &["x/+9:9"],
            context: &["a"],
            copy: "COPY --chown=1:2 a /x/y/",
            layer: &["x/+9:9", "x/y/+1:2", "x/y/a+1:2=a"],
        },
        Case {
            what: "one number is the group, too",
            parent: &[],
            context: &["a"],
            copy: "COPY --chown=7 a /b",
            layer: &["b+7:7=a"],
        },
        Case {
            what: "only a group",
            parent: &[],
            context: &["a"],
            copy: "COPY --chown=:8 a /b",
            layer: &["b+0:8=a"],
        },
        Case {
            what: "links get it, too",
            parent: &[],
            context: &["d/l -> x"],
            copy: "COPY --chown=1:2 d /x",
            layer: &["x/+1:2", "x/l+1:2 -> x"],
        },
        Case {
            what: "folders further in get it, the destination that is there does not",
            parent: &["x/", "x/e/+4:4"],
            context: &["d/e/a"],
            copy: "COPY --chown=1:2 d /x",
            layer: &["x/", "x/e/+1:2", "x/e/a+1:2=d/e/a"],
        },
        Case {
            what: "documents",
            parent: &[],
            context: &[],
            copy: "COPY --chown=1:2 <<a /x/",
            layer: &["x/+1:2", "x/a+1:2=inline a"],
        },
        Case {
            what: "a name, whose group is looked up with it",
            parent: ACCOUNTS,
            context: &["a"],
            copy: "COPY --chown=app a /b",
            layer: &["b+1000:2000=a"],
        },
        Case {
            what: "two names",
            parent: ACCOUNTS,
            context: &["a"],
            copy: "COPY --chown=app:www a /b",
            layer: &["b+1000:33=a"],
        },
        Case {
            what: "a number and a name",
            parent: ACCOUNTS,
            context: &["a"],
            copy: "COPY --chown=5:www a /b",
            layer: &["b+5:33=a"],
        },
        Case {
            what: "root needs no looking up, also with --link",
            parent: &[],
            context: &["a"],
            copy: "COPY --link --chown=root:root a /b",
            layer: &["b=a"],
        },
        Case {
            what: "numbers with --link",
            parent: &[],
            context: &["a"],
            copy: "COPY --link --chown=1:2 a /x/",
            layer: &["x/+1:2", "x/a+1:2=a"],
        },
        Case {
            what: "the account files may be links",
            parent: &[
                "etc/",
                "etc/passwd -> ../usr/passwd",
                "usr/",
                "usr/passwd=app:x:11:12::/:\n",
            ],
            context: &["a"],
            copy: "COPY --chown=app a /b",
            layer: &["b+11:12=a"],
        },
    ]);
}

#[test]
fn who_is_not_known_is_root_and_noted() {
    let world = World::new();
    world.write(&["a"]);
    let parent = world.tree(&[ACCOUNTS]);
    let prepared = world
        .copy(&parent, "COPY --chown=nobody:nogroup a /b")
        .unwrap();
    assert_eq!(lines(&prepared), ["b=a"]);
    let note = |kind, name: &str| Note::Unknown {
        kind,
        name: name.to_owned(),
    };
    assert_eq!(
        prepared.notes(),
        [note("user", "nobody"), note("group", "nogroup")]
    );
}

#[test]
fn stages_keep_their_owners_and_contexts_do_not() {
    let world = World::new();
    let stage = world.tree(&[
        &["app/+5:6", "app/a@640+5:6", "app/l -> a", "app/gone"],
        &["app/+5:6", "app/b+7:8"],
    ]);
    let prepared = world
        .copy_from(&stage, &world.tree(&[]), "COPY app /x")
        .unwrap();
    let expected = [
        "x/",
        "x/a@640+5:6=app/a",
        "x/b+7:8=app/b",
        "x/gone=app/gone",
        "x/l -> a",
    ];
    assert_eq!(lines(&prepared), expected);
    let prepared = world
        .copy_from(&stage, &world.tree(&[]), "COPY --chown=1:1 app/a /x")
        .unwrap();
    assert_eq!(lines(&prepared), ["x@640+1:1=app/a"]);
}
