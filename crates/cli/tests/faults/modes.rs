//! One Dockerfile in every way that machines permit: one digest.

use std::path::Path;
use std::process::Command;

use super::bench::Bench;
use super::support::{alone, text};

/// Whatever a step can leave behind, and what it must not: times of folders, mount points, what it left in `/dev`.
const DOCKERFILE: &str = r#"FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "/bin"]
FROM base
COPY --chown=7:8 src /src
WORKDIR /w/x
RUN echo hi > f && mkdir -p d/e && echo 1 > d/e/1 && ln d/e/1 h && ln -s d/e s && mkfifo p && chmod 4755 f
RUN rm -rf d && mkdir d && echo 3 > d/3 && mv h h2
RUN rm -rf /src && mkdir /src && echo n > /src/n
RUN touch f && echo gone > gone && rm gone && chmod 700 /w && chmod 755 /w
RUN mv /src /dst && mv d /dst/d && rm -r /dst/d && touch /dst/d
RUN mkdir /tmp && chmod 1777 /tmp && mkdir -p /run/x /dev/shm /proc /sys /etc && echo root:x:0:0::/: > /etc/passwd
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=bind,source=src,target=/m/n cp /m/n/a /a && echo y > /c/y
RUN touch /dev/left && echo thrown > /dev/null && mkdir -p /mnt/q && rmdir /mnt/q
"#;

/// What a machine must give many users for.
const OWNERS: &str = "RUN chown 3:4 f && chown -R 5 /dst\nUSER 5\nRUN id -u > /tmp/who\n";

/// A way to build: what is before the command, and whether it keeps owners.
struct Mode {
    name: &'static str,
    before: &'static [&'static str],
    owners: bool,
}

const MODES: [Mode; 5] = [
    Mode {
        name: "copied snapshots",
        before: &["env", "BOATYARD_SNAPSHOTS=copy"],
        owners: true,
    },
    Mode {
        name: "another root folder only",
        before: &["env", "BOATYARD_ISOLATION=chroot"],
        owners: true,
    },
    Mode {
        name: "root of a container",
        before: &[
            "setpriv",
            "--bounding-set=-sys_admin",
            "--inh-caps=-sys_admin",
        ],
        owners: true,
    },
    Mode {
        name: "root of a container that may make no devices",
        before: &[
            "setpriv",
            "--bounding-set=-sys_admin,-mknod",
            "--inh-caps=-sys_admin,-mknod",
        ],
        owners: true,
    },
    Mode {
        name: "a user with one id",
        // A number without an account has no subordinate ids.
        before: &[
            "setpriv",
            "--reuid=65500",
            "--regid=65500",
            "--clear-groups",
            "--inh-caps=-all",
        ],
        owners: false,
    },
];

#[test]
fn every_mode_gives_the_same_image() {
    let _alone = alone();
    let Some(without) = Bench::new(DOCKERFILE) else {
        return;
    };
    let Some(with) = Bench::new(&format!("{DOCKERFILE}{OWNERS}")) else {
        return;
    };
    assert_ne!(with.digest, without.digest);
    let mut wrong = Vec::new();
    for mode in MODES {
        let bench = if mode.owners { &with } else { &without };
        let home = bench.home("home");
        std::fs::create_dir(&home).unwrap();
        if !mode.owners {
            give_away(&home);
        }
        // Or nothing but the usual way would be tried again.
        let usual = Bench::permits(&bench.home("usual"), &[]);
        assert_ne!(Bench::permits(&home, mode.before), usual, "{}", mode.name);
        let built = bench.build(&home, mode.before);
        if !built.status.success() || text(&built.stdout) != bench.digest {
            wrong.push(format!("{}: {built:?}", mode.name));
        }
        std::fs::remove_dir_all(&home).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn give_away(folder: &Path) {
    let done = Command::new("chown")
        .arg("65500:65500")
        .arg(folder)
        .status();
    assert!(done.unwrap().success());
}
