//! What a program may do.

use boatyard_engine::sandbox::{Caps, Network};

use crate::ALL;
use crate::world::{Case, On, World};

pub const CASES: &[Case] = &[
    (
        "a step is PID 1 under its own name",
        On::Namespaces,
        own_names,
    ),
    (
        "a step has the usual capabilities and is filtered",
        On::Namespaces,
        step,
    ),
    ("a container of a user has no capability", ALL, container),
    ("no capability means none, for root too", ALL, none),
    ("a user is who he is said to be", ALL, user),
    (
        "other users' files are closed to a user",
        On::ManyUsers,
        other_files,
    ),
    (
        "changes of owner are pretended where there is one user",
        On::OneUser,
        pretended,
    ),
    ("mounts and namespaces are refused", On::Namespaces, refused),
    (
        "kernel settings and keys are hidden or read-only",
        On::Namespaces,
        hidden,
    ),
    (
        "an isolated network has loopback only",
        On::Namespaces,
        isolated,
    ),
    ("the mask and the signals are the usual ones", ALL, usual),
];

/// Lines of /proc/self/status that begin with a word.
fn status(world: &World, spec: &boatyard_engine::sandbox::Spec, field: &str) -> String {
    let text = world.output(spec);
    let line = text
        .lines()
        .find(|line| line.starts_with(field))
        .unwrap_or_else(|| panic!("{field} in {text}"));
    line.split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned()
}

const STATUS: &str = "test -e /proc/self/status || exit 0; cat /proc/self/status";

fn own_names(world: &World) {
    let mut spec = world.line("echo $$; hostname; readlink /proc/self");
    spec.hostname = "ship".into();
    assert_eq!(world.output(&spec), "1\nship\n3\n");
}

fn step(world: &World) {
    let spec = world.line(STATUS);
    for set in ["CapPrm:", "CapEff:", "CapBnd:"] {
        assert_eq!(status(world, &spec, set), "00000000a80425fb", "{set}");
    }
    for set in ["CapInh:", "CapAmb:"] {
        assert_eq!(status(world, &spec, set), "0000000000000000", "{set}");
    }
    assert_eq!(status(world, &spec, "NoNewPrivs:"), "0");
    assert_eq!(status(world, &spec, "Seccomp:"), "2");
}

fn container(world: &World) {
    capless(world, &world.container(STATUS));
}

fn none(world: &World) {
    let mut spec = world.line(STATUS);
    spec.program.caps = Caps::None;
    capless(world, &spec);
}

fn capless(world: &World, spec: &boatyard_engine::sandbox::Spec) {
    // Without mounts there is no /proc: look from outside.
    let mut spec = spec.clone();
    spec.program.argv = ["sh", "-c", "echo ready; sleep 60; true"]
        .map(String::from)
        .to_vec();
    let (running, mut output) = world.start(&spec).expect("it starts");
    std::io::Read::read_exact(&mut output, &mut [0; 6]).expect("it is ready");
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", running.pid())).expect("its status");
    let bounded = On::Namespaces.permits(world).is_ok();
    for line in status
        .lines()
        .filter(|line| line.starts_with("Cap") && (bounded || !line.starts_with("CapBnd")))
    {
        assert!(line.ends_with("\t0000000000000000"), "{line}");
    }
    assert!(
        status.contains("\nNoNewPrivs:\t1\n") && status.contains("\nSeccomp:\t2\n"),
        "{status}"
    );
}

fn user(world: &World) {
    let text = world.output(&world.container("id -u; id -g"));
    assert_eq!(text, "1000\n1000\n");
    if On::ManyUsers.permits(world).is_ok() {
        assert_eq!(world.output(&world.container("id -G")), "1000 20\n");
    }
    assert_eq!(world.output(&world.line("id -u; id -g")), "0\n0\n");
}

fn other_files(world: &World) {
    assert_eq!(
        world.output(&world.line("umask 077; echo secret >/etc/secret")),
        ""
    );
    let (code, text) = world.run(&world.container("cat /etc/secret"));
    assert!(code != 0 && text.contains("Permission denied"), "{text}");
    let line = "chown 1000:20 /etc/secret && stat -c %u:%g /etc/secret && rm /etc/secret";
    assert_eq!(world.output(&world.line(line)), "1000:20\n");
}

fn pretended(world: &World) {
    assert_eq!(
        world.output(
            &world
                .line("touch /owned && chown 1000:20 /owned && stat -c %u:%g /owned && rm /owned")
        ),
        "0:0\n"
    );
    // To a user it is his.
    assert_eq!(
        world.output(&world.container("stat -c %u:%g /etc/passwd")),
        "1000:1000\n"
    );
}

fn refused(world: &World) {
    let specs = [world.line(""), world.container("")];
    for mut spec in specs {
        for line in [
            "mount -t tmpfs none /tmp",
            "unshare --user true",
            "unshare --mount true",
            "unshare --net true",
        ] {
            spec.program.argv = ["sh", "-c", line].map(String::from).to_vec();
            let (code, text) = world.run(&spec);
            assert_ne!(code, 0, "{line}: {text}");
        }
    }
}

fn hidden(world: &World) {
    let line = "cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; ls /sys/firmware /proc/acpi 2>/dev/null | grep -v : | wc -w; \
                for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/mm/ksm/run; do \
                if echo 0 2>/dev/null >$file; then echo wrote $file; fi; done";
    assert_eq!(world.output(&world.line(line)), "0\n0\n");
}

fn isolated(world: &World) {
    let mut spec = world.line("grep -c : /proc/net/dev; grep -c lo: /proc/net/dev");
    spec.network = Network::Isolated;
    assert_eq!(world.output(&spec), "1\n1\n");
}

fn usual(world: &World) {
    assert_eq!(world.output(&world.line("umask")), "0022\n");
    let (running, mut output) = world
        .start(&world.line("echo ready; exec sleep 60"))
        .expect("it starts");
    std::io::Read::read_exact(&mut output, &mut [0; 6]).expect("it is ready");
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", running.pid())).expect("its status");
    for set in ["SigBlk", "SigIgn"] {
        assert!(
            status.contains(&format!("\n{set}:\t0000000000000000\n")),
            "{status}"
        );
    }
}
