//! Other inits, and ours under their names, in the same tables. Where they differ, the table says which is right.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::container::{Container, Outcome, User, finish};
use crate::running::Running;

/// A row: the program's name, variables, its arguments, and why ours differs, if it does.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    Option<&'static str>,
);

/// What ends at once.
const ROWS: &[Row] = &[
    ("tini", &[], &["--", "sh", "-c", "exit 3"], None),
    ("tini", &[], &["sh", "-c", "exit 3"], VERSION),
    ("tini", &[], &["-e", "3", "--", "sh", "-c", "exit 3"], None),
    (
        "tini",
        &[],
        &["-e", "143", "-e3", "--", "sh", "-c", "kill -TERM $$"],
        None,
    ),
    ("tini", &[], &["-e", "300", "true"], None),
    ("tini", &[], &["-p", "KILL", "true"], None),
    ("tini", &[], &["-p", "SIGKILL", "true"], None),
    ("tini", &[], &["-p"], VERSION),
    ("tini", &[], &["--help"], VERSION),
    ("tini", &[], &["-h"], VERSION),
    ("tini", &[], &[], VERSION),
    ("tini", &[], &["--version"], VERSION),
    ("tini", &[], &["-l"], LICENSE),
    ("tini", &[], &["/no/such"], None),
    ("tini", &[], &["/proc/self/status"], None),
    ("tini", &[], &["/init/file"], None),
    ("tini", &[], &["-vvw", "--", "sh", "-c", "exit 3"], None),
    (
        "tini",
        &[("TINI_VERBOSITY", "2")],
        &["--", "sh", "-c", "kill -9 $$"],
        None,
    ),
    // Signals that C libraries have different words for.
    (
        "tini",
        &[],
        &["-vv", "--", "perl", "-e", "kill FPE => $$"],
        None,
    ),
    (
        "tini",
        &[],
        &["-vv", "--", "perl", "-e", "kill 35, $$"],
        None,
    ),
    ("tini", &[("TINI_VERBOSITY", "0")], &["-vvv", "true"], None),
    ("dumb-init", &[], &["sh", "-c", "exit 3"], None),
    ("dumb-init", &[], &["-c", "sh", "-c", "kill -9 $$"], None),
    (
        "dumb-init",
        &[],
        &["--rew", "1:2", "--single-child", "true"],
        None,
    ),
    ("dumb-init", &[], &["-r", "99:1", "true"], None),
    ("dumb-init", &[], &["-r", "1", "true"], None),
    ("dumb-init", &[], &["-r"], None),
    ("dumb-init", &[], &["--ver"], None),
    ("dumb-init", &[], &["--bogus"], None),
    ("dumb-init", &[], &["-x"], None),
    ("dumb-init", &[], &[], None),
    ("dumb-init", &[], &["-V"], VERSION),
    ("dumb-init", &[], &["-h"], VERSION),
    ("dumb-init", &[], &["/no/such"], None),
    ("dumb-init", &[], &["/proc/self/status"], None),
    ("catatonit", &[], &["--", "sh", "-c", "exit 3"], None),
    ("catatonit", &[], &["sh", "-c", "exit 3"], None),
    ("catatonit", &[], &["-g", "true", "-h"], VERSION),
    ("catatonit", &[], &[], None),
    ("catatonit", &[], &["-x"], None),
    ("catatonit", &[], &["-V"], VERSION),
    ("catatonit", &[], &["--version"], VERSION),
    ("catatonit", &[], &["-h"], VERSION),
    ("catatonit", &[], &["-L"], LICENSE),
    ("catatonit", &[], &["/no/such"], None),
    ("catatonit", &[], &["--", "sh", "-c", "kill -9 $$"], None),
];

const VERSION: Option<&str> = Some("the text says that it is ours");
const LICENSE: Option<&str> = Some("the code is ours, and so is its licence");

/// What tini tells of each child that ends. Ours reaps one that ends while it looks anyway, and does not come to its signal.
const CHILD_ENDED: &str = "[DEBUG tini (PID)] Received SIGCHLD\n";

/// The peer and ours: the same words, each as PID 1.
fn both(container: &Container, user: User, row: &Row) -> Option<[Outcome; 2]> {
    let (name, variables, words, _) = row;
    let peer = format!("/usr/bin/{name}");
    if !Path::new(&peer).exists() {
        return None;
    }
    let ours = format!("/ours/{name}");
    Some([peer, ours].map(|program| {
        let mut command = container.command(user, &[&[program.as_str()], *words].concat());
        command.envs(variables.iter().copied());
        let mut outcome = finish(command);
        for text in [&mut outcome.stdout, &mut outcome.stderr] {
            *text = without_pids(&text.replace(&program, name));
        }
        outcome
    }))
}

/// Process ids stand in parentheses or quotes, or after `PID`; whether the parent or the child speaks is no matter.
fn without_pids(text: &str) -> String {
    let words: Vec<_> = text
        .split(' ')
        .map(|word| {
            let after = word
                .trim_start_matches("(catatonit:")
                .trim_start_matches(['(', '\'']);
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let (number, _) = after.split_at(digits);
            if after.len() < word.len() && !number.is_empty() {
                word.replace(number, "PID")
            } else {
                word.to_owned()
            }
        })
        .collect();
    words.join(" ")
}

fn container() -> Option<Container> {
    let container = Container::new()?;
    std::fs::create_dir(container.path("ours")).unwrap();
    for name in ["tini", "dumb-init", "catatonit"] {
        symlink("/init", container.path(&format!("ours/{name}"))).unwrap();
    }
    Some(container)
}

#[test]
fn say_and_exit_as_their_models() {
    let Some(container) = container() else {
        return;
    };
    let mut tells_of_children = false;
    for row in ROWS {
        for user in [User::Root, User::Nobody] {
            let Some([peer, ours]) = both(&container, user, row) else {
                continue;
            };
            tells_of_children |= ours.stdout.contains(CHILD_ENDED);
            assert_eq!(ours.code, peer.code, "{row:?}\n{ours:?}\n{peer:?}");
            let without = |text: &str| text.replace(CHILD_ENDED, "");
            let told = |outcome: &Outcome| (without(&outcome.stdout), outcome.stderr.clone());
            if row.3.is_none() {
                assert_eq!(told(&ours), told(&peer), "{row:?}");
            } else {
                assert_ne!(told(&ours), told(&peer), "no longer an exception: {row:?}");
                let is_on =
                    |outcome: &Outcome| (outcome.stdout.is_empty(), outcome.stderr.is_empty());
                assert_eq!(is_on(&ours), is_on(&peer), "{row:?}");
            }
        }
    }
    assert!(tells_of_children || !Path::new("/usr/bin/tini").exists());
}

/// Prints who it is among processes, what it blocks and ignores, and every signal that comes; ends at the end of its
/// input.
const ECHO: &str = r"
    use POSIX ();
    open my $status, '<', '/proc/self/status';
    my @state = grep { /^Sig(Blk|Ign)/ } <$status>;
    chomp @state;
    my $session = POSIX::getsid(0) if 0;
    open my $stat, '<', '/proc/self/stat';
    my @stat = split ' ', <$stat>;
    my $group = $stat[4] == $$ ? 'own group' : 'group of init';
    my $own = $stat[5] == $$ ? 'own session' : 'session of init';
    for my $n (1..31, 34..64) {
        next if grep { $n == $_ } 9, 19, 17;
        my $action = POSIX::SigAction->new(sub { syswrite STDOUT, qq($n\n) });
        $action->safe(1);
        POSIX::sigaction($n, $action);
    }
    syswrite STDOUT, join(', ', $group, $own, @state) . qq(\n);
    syswrite STDOUT, readlink('/proc/1/cwd') . qq(\n);
    while (1) {
        my $input = chr 1;
        next if select($input, undef, undef, 0.05) < 1;
        my $got = sysread(STDIN, my $byte, 1);
        exit 5 if defined $got && $got == 0;
    }";

/// How a program of that name treats signals; what ours does otherwise, signal by signal, and why.
struct Treatment {
    name: &'static str,
    flags: &'static [&'static str],
    /// Whether the child's first line may differ.
    state_differs: bool,
    why: &'static str,
}

const TREATMENTS: &[Treatment] = &[
    Treatment {
        name: "tini",
        flags: &["--"],
        state_differs: false,
        why: "",
    },
    Treatment {
        name: "tini",
        flags: &["-g", "--"],
        state_differs: false,
        why: "",
    },
    Treatment {
        name: "dumb-init",
        flags: &["-c", "-r", "1:10", "-r", "2:0", "--"],
        state_differs: false,
        why: "",
    },
    Treatment {
        name: "dumb-init",
        flags: &["-r", "15:3", "--"],
        state_differs: false,
        why: "",
    },
    Treatment {
        name: "catatonit",
        flags: &["--"],
        state_differs: true,
        why: "catatonit starts its child with TSTP, TTIN and TTOU blocked; ours gives back what it inherited",
    },
];

#[test]
fn treat_signals_as_their_models() {
    let Some(container) = container() else {
        return;
    };
    for treatment in TREATMENTS {
        let peer = format!("/usr/bin/{}", treatment.name);
        if !Path::new(&peer).exists() {
            continue;
        }
        let ours = format!("/ours/{}", treatment.name);
        let [peer, ours] = [peer, ours].map(|program| fates(&container, &program, treatment.flags));
        let flags = treatment.flags;
        if treatment.state_differs {
            assert_ne!(ours.0, peer.0, "no longer an exception: {}", treatment.why);
        } else {
            assert_eq!(ours.0, peer.0, "{} {flags:?}", treatment.name);
        }
        assert_eq!(ours.1, peer.1, "{} {flags:?}", treatment.name);
    }
}

/// What the main process tells of itself and where init is, and all that it receives when init is sent each signal. A marker
/// that is certainly forwarded follows each, so that nothing is waited for that does not come.
fn fates(container: &Container, program: &str, flags: &[&str]) -> (Vec<String>, Vec<String>) {
    let words = [&[program], flags, &["perl", "-e", ECHO]].concat();
    let running = Running::new(container.command(User::Root, &words));
    let state = vec![running.line(), running.line()];
    let mut received = Vec::new();
    for signal in 1..=64 {
        // KILL, STOP, CHLD; TSTP and its like stop a main process where they are rewritten to STOP, which is another
        // test; 32 and 33 belong to the C library; 64 is the marker.
        let stops = [20, 21, 22].contains(&signal)
            && program.ends_with("dumb-init")
            && !flags.contains(&"-c");
        if [9, 19, 17, 32, 33, 64].contains(&signal) || stops {
            continue;
        }
        running.signal(&signal.to_string());
        running.signal("64");
        received.extend(std::iter::from_fn(|| {
            Some(running.line()).filter(|line| line != "64")
        }));
    }
    let outcome = running.end();
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    // perl does not take two that came at once in the order in which they came.
    received.extend(outcome.stdout.lines().map(str::to_owned));
    received.sort();
    (state, received)
}

#[test]
fn leave_what_they_leave() {
    let Some(container) = container() else {
        return;
    };
    // A child in the group, and one in a session of its own, tell whether they get a TERM when main is gone. The pipe
    // that ends when all of them are dead makes the test wait for them, and nothing longer.
    let family = r"
        $| = 1;
        pipe(my $reader, my $writer);
        for my $name ('group', 'session') {
            next if fork;
            if ($name eq 'session') { require POSIX; POSIX::setsid() }
            $SIG{TERM} = sub { syswrite STDOUT, qq($name\n); exit };
            syswrite $writer, '.';
            select undef, undef, undef, 0.05 while 1;
        }
        sysread $reader, my $byte, 1 for 1, 2;
        exit 6;";
    for (name, told) in [("tini", ""), ("dumb-init", "group\n"), ("catatonit", "")] {
        for program in [format!("/usr/bin/{name}"), format!("/ours/{name}")] {
            if !Path::new(&program).exists() && program.starts_with("/usr") {
                continue;
            }
            let outcome =
                finish(container.command(User::Nobody, &[&program, "--", "perl", "-e", family]));
            assert_eq!(outcome.code, Some(6), "{program} {outcome:?}");
            // dumb-init exits at once, and the kernel may kill before the TERM is taken.
            assert!(
                outcome.stdout.is_empty() || outcome.stdout == told,
                "{program} {outcome:?}"
            );
        }
    }
}

#[test]
fn pause_reaps_until_it_is_stopped() {
    let Some(container) = container() else {
        return;
    };
    for program in ["/usr/bin/catatonit", "/ours/catatonit"] {
        if !Path::new(program).exists() && program.starts_with("/usr") {
            continue;
        }
        let line =
            "\"$0\" -P & pause=$!; kill -USR1 $pause; kill -TERM $pause; wait $pause; echo $?";
        let outcome = finish(container.command(User::Nobody, &["sh", "-c", line, program]));
        assert_eq!(outcome.code, Some(0), "{program} {outcome:?}");
        assert!(
            ["0\n", "143\n", "138\n"].contains(&outcome.stdout.as_str()),
            "{program} {outcome:?}"
        );
    }
}
