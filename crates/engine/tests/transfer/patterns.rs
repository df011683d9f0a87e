//! Patterns, `--exclude`, `--parents` and `.dockerignore`.

use boatyard_engine::transfer::Note;

use super::cases::{Case, check};
use super::world::{World, lines};

#[test]
fn patterns_choose_as_in_buildkit() {
    check(&[
        Case {
            what: "a star",
            parent: &[],
            context: &["a.txt", "b.txt", "c.md", "d/e.txt"],
            copy: "COPY *.txt /x/",
            layer: &["x/", "x/a.txt=a.txt", "x/b.txt=b.txt"],
        },
        Case {
            what: "a star takes names with a dot in front",
            parent: &[],
            context: &[".h", "a"],
            copy: "COPY * /x/",
            layer: &["x/", "x/.h=.h", "x/a=a"],
        },
        Case {
            what: "folders that fit are poured out",
            parent: &[],
            context: &["d1/a", "d2/b", "e/c"],
            copy: "COPY d* /x/",
            layer: &["x/", "x/a=d1/a", "x/b=d2/b"],
        },
        Case {
            what: "one name at a time",
            parent: &[],
            context: &[
                "p/one/main.py",
                "p/two/main.py",
                "p/main.py",
                "p/one/x/main.py",
            ],
            copy: "COPY p/*/main.py /x/",
            layer: &["x/", "x/main.py=p/two/main.py"],
        },
        Case {
            what: "two stars are one",
            parent: &[],
            context: &["a/x", "a/b/x"],
            copy: "COPY a/**/x /y",
            layer: &["y=a/b/x"],
        },
        Case {
            what: "a question mark and a class",
            parent: &[],
            context: &["a1", "a2", "a3", "ab"],
            copy: "COPY a[1-2] ?b /x/",
            layer: &["x/", "x/a1=a1", "x/a2=a2", "x/ab=ab"],
        },
        Case {
            what: "a bracket in brackets",
            parent: &[],
            context: &["arr[0].txt"],
            copy: "COPY arr[[]0].txt /x/",
            layer: &["x/", "x/arr[0].txt=arr[0].txt"],
        },
        Case {
            what: "a pattern below a link",
            parent: &[],
            context: &["d/a", "d/b", "l -> d"],
            copy: "COPY l/* /x/",
            layer: &["x/", "x/a=d/a", "x/b=d/b"],
        },
        Case {
            what: "a pattern that fits nothing copies nothing",
            parent: &[],
            context: &["a"],
            copy: "COPY a nothing* /x/",
            layer: &["x/", "x/a=a"],
        },
    ]);
}

#[test]
fn excludes_leave_out_within_a_source() {
    check(&[
        Case {
            what: "by name",
            parent: &[],
            context: &["d/a.txt", "d/b.md", "d/e/c.txt"],
            copy: "COPY --exclude=*.txt d /x",
            layer: &["x/", "x/b.md=d/b.md", "x/e/", "x/e/c.txt=d/e/c.txt"],
        },
        Case {
            what: "at any depth",
            parent: &[],
            context: &["d/a.txt", "d/b.md", "d/e/c.txt"],
            copy: "COPY --exclude=**/*.txt d /x",
            layer: &["x/", "x/b.md=d/b.md", "x/e/"],
        },
        Case {
            what: "a folder with all in it",
            parent: &[],
            context: &["d/e/a", "d/f/b"],
            copy: "COPY --exclude=e d /x",
            layer: &["x/", "x/f/", "x/f/b=d/f/b"],
        },
        Case {
            what: "taken back",
            parent: &[],
            context: &["d/e/a", "d/e/keep"],
            copy: "COPY --exclude=e --exclude=!e/keep d /x",
            layer: &["x/", "x/e/", "x/e/keep=d/e/keep"],
        },
        Case {
            what: "everything",
            parent: &[],
            context: &["d1/a", "d2/e/b"],
            copy: "COPY --exclude=* d* /x",
            layer: &["x/"],
        },
        Case {
            what: "a file that is named itself is not left out",
            parent: &[],
            context: &["a.txt"],
            copy: "COPY --exclude=*.txt a.txt /x/",
            layer: &["x/", "x/a.txt=a.txt"],
        },
        Case {
            what: "with patterns, relative to each source",
            parent: &[],
            context: &["d1/a.mp3", "d1/b", "d2/a.mp3"],
            copy: "ADD --exclude=*.mp3 d* /x/",
            layer: &["x/", "x/b=d1/b"],
        },
    ]);
}

#[test]
fn parents_are_kept() {
    check(&[
        Case {
            what: "from the root of the context",
            parent: &[],
            context: &["f1/@700", "f1/f2/@700", "f1/f2/bar@600", "f1/other"],
            copy: "COPY --parents f1/f2/bar /",
            layer: &["f1/@700", "f1/f2/@700", "f1/f2/bar@600=f1/f2/bar"],
        },
        Case {
            what: "with a pattern",
            parent: &[],
            context: &["f1/f2/bar", "f1/f2/baz", "f1/f2/qux"],
            copy: "COPY --parents f1/f2/ba* /x",
            layer: &[
                "x/",
                "x/f1/",
                "x/f1/f2/",
                "x/f1/f2/bar=f1/f2/bar",
                "x/f1/f2/baz=f1/f2/baz",
            ],
        },
        Case {
            what: "from a pivot on",
            parent: &[],
            context: &["a/b/c/d/e", "a/b/x"],
            copy: "COPY --parents a/b/./c/d /out/",
            layer: &["out/", "out/c/", "out/c/d/", "out/c/d/e=a/b/c/d/e"],
        },
        Case {
            what: "the first pivot counts",
            parent: &[],
            context: &["a/b/c/d"],
            copy: "COPY --parents a/./b/./c /out/",
            layer: &["out/", "out/b/", "out/b/c/", "out/b/c/d=a/b/c/d"],
        },
        Case {
            what: "two stars cross folders",
            parent: &[],
            context: &["s/a.py", "s/t/b.py", "s/t/c.md", "s/u/v/d.py"],
            copy: "COPY --parents s/**/*.py /x/",
            layer: &[
                "x/",
                "x/s/",
                "x/s/a.py=s/a.py",
                "x/s/t/",
                "x/s/t/b.py=s/t/b.py",
                "x/s/u/",
                "x/s/u/v/",
                "x/s/u/v/d.py=s/u/v/d.py",
            ],
        },
        Case {
            what: "patterns on both sides of the pivot",
            parent: &[],
            context: &["a/b/c/d/e/bay", "a/b2/c/d/e/bar", "a/b2/c/d/no"],
            copy: "COPY --parents a/b*/./c/**/e /out/",
            layer: &[
                "out/",
                "out/c/",
                "out/c/d/",
                "out/c/d/e/",
                "out/c/d/e/bar=a/b2/c/d/e/bar",
                "out/c/d/e/bay=a/b/c/d/e/bay",
            ],
        },
        Case {
            what: "a pattern that fits nothing still makes the destination",
            parent: &[],
            context: &["a/b/c"],
            copy: "COPY --parents a/x*/c /out/",
            layer: &["out/"],
        },
        Case {
            what: "less what is excluded",
            parent: &[],
            context: &["a/b.py", "a/test_b.py"],
            copy: "COPY --parents --exclude=**/test_* a/*.py /x/",
            layer: &["x/", "x/a/", "x/a/b.py=a/b.py"],
        },
        Case {
            what: "parents that are there take the mode, not the owner",
            parent: &["a/@711+5:5"],
            context: &["a/@700", "a/b"],
            copy: "COPY --parents a/b /",
            layer: &["a/@700+5:5", "a/b=a/b"],
        },
    ]);
}

#[test]
fn what_is_ignored_is_not_there() {
    for (ignore, copy, expected) in [
        (
            "*.pyc\n",
            "COPY . /x",
            &["x/", "x/a=a", "x/d/", "x/d/b.pyc=d/b.pyc", "x/d/c=d/c"][..],
        ),
        (
            "**/*.pyc\n",
            "COPY . /x",
            &["x/", "x/a=a", "x/d/", "x/d/c=d/c"],
        ),
        ("d\n", "COPY . /x", &["x/", "x/a=a"]),
        (
            "d\n!d/c\n",
            "COPY . /x",
            &["x/", "x/a=a", "x/d/", "x/d/c=d/c"],
        ),
        ("*\n!d/c\n", "COPY . /x", &["x/", "x/d/", "x/d/c=d/c"]),
        ("*\n!nothing\n", "COPY . /x", &["x/"]),
        ("d/c\n", "COPY d /x", &["x/", "x/b.pyc=d/b.pyc"]),
        ("a\n", "COPY * /x/", &["x/", "x/b.pyc=d/b.pyc", "x/c=d/c"]),
    ] {
        let world = World::new();
        world.write(&["a", "d/b.pyc", "d/c"]);
        let parent = world.tree(&[]);
        let prepared = world.copy_ignoring(&parent, copy, ignore).unwrap();
        assert_eq!(lines(&prepared), expected, "{ignore:?} {copy}");
    }
}

#[test]
fn a_pattern_without_a_match_is_noted() {
    let world = World::new();
    world.write(&["a"]);
    let prepared = world.copy(&world.tree(&[]), "COPY x* /y/").unwrap();
    assert_eq!(lines(&prepared), [] as [&str; 0]);
    let pattern = "x*".to_owned();
    assert_eq!(prepared.notes(), [Note::NothingFits { pattern }]);
}
