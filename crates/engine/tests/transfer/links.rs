//! Links in sources and destinations.

use super::cases::{Case, check};

#[test]
fn links_are_followed_and_kept_as_buildkit_does() {
    check(CASES);
}

const CASES: &[Case] = &[
    Case {
        what: "a link that is named is followed, and lends its name",
        parent: &[],
        context: &["a", "l -> a"],
        copy: "COPY l /x/",
        layer: &["x/", "x/l=a"],
    },
    Case {
        what: "a link to a folder that is named is followed",
        parent: &[],
        context: &["d/a", "l -> d"],
        copy: "COPY l /x/",
        layer: &["x/", "x/a=d/a"],
    },
    Case {
        what: "a link on the way is followed",
        parent: &[],
        context: &["d/a", "l -> d"],
        copy: "COPY l/a /x",
        layer: &["x=d/a"],
    },
    Case {
        what: "an absolute link stays in the context",
        parent: &[],
        context: &["d/a", "l -> /d/a"],
        copy: "COPY l /x",
        layer: &["x=d/a"],
    },
    Case {
        what: "a link that climbs stays in the context",
        parent: &[],
        context: &["a", "d/l -> ../../../../a"],
        copy: "COPY d/l /x",
        layer: &["x=a"],
    },
    Case {
        what: "links inside stay links, dangling ones too",
        parent: &[],
        context: &["d/a", "d/l -> a", "d/m -> /nowhere"],
        copy: "COPY d /x",
        layer: &["x/", "x/a=d/a", "x/l -> a", "x/m -> /nowhere"],
    },
    Case {
        what: "links that fit a pattern are followed",
        parent: &[],
        context: &["a", "l1 -> a", "l2 -> a"],
        copy: "COPY l* /x/",
        layer: &["x/", "x/l1=a", "x/l2=a"],
    },
    Case {
        what: "a destination's link is followed",
        parent: &["run/", "var/", "var/run -> /run"],
        context: &["a"],
        copy: "COPY a /var/run/",
        layer: &["run/", "run/a=a"],
    },
    Case {
        what: "a relative link of the destination is followed",
        parent: &["opt/", "opt/v1/@700", "opt/current -> v1"],
        context: &["a"],
        copy: "COPY a /opt/current/x/a",
        layer: &["opt/", "opt/v1/@700", "opt/v1/x/", "opt/v1/x/a=a"],
    },
    Case {
        what: "a destination's link that climbs stays in the root",
        parent: &["l -> ../../../etc"],
        context: &["a"],
        copy: "COPY a /l/",
        layer: &["etc/", "etc/a=a"],
    },
    Case {
        what: "a destination that is a link to a file is followed",
        parent: &["file=old", "l -> file"],
        context: &["a"],
        copy: "COPY a /l",
        layer: &["file=a"],
    },
    Case {
        what: "a dangling link makes what it names",
        parent: &["l -> /new/place"],
        context: &["a"],
        copy: "COPY a /l",
        layer: &["new/", "new/place=a"],
    },
    Case {
        what: "a link inside the destination folder is replaced",
        parent: &["x/", "x/a -> /etc/passwd"],
        context: &["a"],
        copy: "COPY a /x/",
        layer: &["x/", "x/a=a"],
    },
    Case {
        what: "with --link the destination's links are replaced",
        parent: &["run/", "var/@700", "var/run -> /run"],
        context: &["a"],
        copy: "COPY --link a /var/run/",
        layer: &["var/", "var/run/", "var/run/a=a"],
    },
    Case {
        what: "--link together with --chmod does nothing",
        parent: &["run/", "var/@700", "var/run -> /run"],
        context: &["a"],
        copy: "COPY --link --chmod=600 a /var/run/",
        layer: &["run/", "run/a@600=a"],
    },
    Case {
        what: "hard links within a source stay",
        parent: &[],
        context: &["d/a=1", "d/b <- d/a", "d/e/c <- d/a"],
        copy: "COPY d /x",
        layer: &["x/", "x/a=1", "x/b <- x/a", "x/e/", "x/e/c <- x/a"],
    },
    Case {
        what: "hard links between sources do not",
        parent: &[],
        context: &["a=1", "b <- a"],
        copy: "COPY a b /x/",
        layer: &["x/", "x/a=1", "x/b=1"],
    },
    Case {
        what: "a hard link survives the other name's end",
        parent: &[],
        context: &["d/a=1", "d/b <- d/a", "d/c <- d/a", "e/a=2"],
        copy: "COPY d e /x/",
        layer: &["x/", "x/a=2", "x/b=1", "x/c <- x/b"],
    },
];
