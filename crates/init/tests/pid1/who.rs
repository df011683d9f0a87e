//! Services that run as somebody else, somewhere else; and users whom no file names.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;

use crate::container::{Container, Outcome, User, finish};

const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nshop:x:4000:4001::/srv/shop:/bin/sh\n";

/// A role whose service `other` has these habits, and tells who and where it is by opening its output once more.
fn run(user: User, habits: &str) -> Option<Outcome> {
    let command = "echo $(id -u):$(id -g):$(id -G) $USER $HOME $PWD >/dev/stdout";
    let contract = format!(
        r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{{"command":"true","supervise":{{"main":{{"after":["other"]}},
            "services":{{"other":{{"command":"{command}","habits":{{"oneshot":true,{habits}}}}}}}}}}}}}}}"#
    );
    let container = Container::new()?.contract(&contract);
    fs::write(container.path("etc/passwd"), PASSWD).unwrap();
    fs::create_dir_all(container.path("srv/shop")).unwrap();
    for folder in ["srv", "srv/shop"] {
        fs::set_permissions(container.path(folder), fs::Permissions::from_mode(0o755)).unwrap();
    }
    Some(finish(container.command(user, &["/init", "start", "web"])))
}

#[test]
fn a_service_runs_as_who_and_where_it_is_told() {
    let own = r#""user":"12345:0""#;
    for (user, habits, code, stdout, told) in [
        (
            User::Root,
            r#""user":"shop","cwd":"/srv/shop""#,
            0,
            "4000:4001:4001 shop /srv/shop /srv/shop",
            "",
        ),
        (
            User::Root,
            r#""user":"4000:7""#,
            0,
            "4000:7:7 shop /srv/shop /",
            "",
        ),
        (
            User::Root,
            r#""user":"nobody""#,
            78,
            "",
            r#"there is no user "nobody""#,
        ),
        (
            User::Root,
            r#""cwd":"/none""#,
            71,
            "",
            r#"cannot enter the folder for service "other""#,
        ),
        (User::Nobody, own, 0, "12345:0:0 default / /", ""),
        (
            User::Nobody,
            r#""user":"shop""#,
            71,
            "",
            "cannot become the user",
        ),
        (
            User::Nobody,
            r#""cwd":"srv""#,
            0,
            "12345:0:0 default / /srv",
            "",
        ),
    ] {
        let Some(outcome) = run(user, habits) else {
            return;
        };
        assert_eq!(outcome.code, Some(code), "{habits} {outcome:?}");
        assert!(outcome.stdout.contains(stdout), "{habits} {outcome:?}");
        assert!(outcome.stderr.contains(told), "{habits} {outcome:?}");
    }
}

#[test]
fn a_user_without_an_entry_gets_one_where_the_library_is() {
    const LIBRARY: &str = "libnss_wrapper.so";
    let folders = [
        "/usr/lib",
        "/usr/lib64",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
    ];
    if !folders
        .iter()
        .any(|folder| std::path::Path::new(folder).join(LIBRARY).is_file())
    {
        let line = format!("not run: there is no {LIBRARY}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return;
    }
    let Some(container) = Container::new() else {
        return;
    };
    fs::create_dir_all(container.path("etc")).unwrap();
    fs::write(container.path("etc/passwd"), PASSWD).unwrap();
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    // Perl asks the C library. Those of the file stay.
    let ask = "for my $uid ($<, 4000, 7) { print join(':', map { $_ // '' } (getpwuid $uid)[0, 2, 3, 7]), qq(\n) }";
    let mut command = container.command(User::Nobody, &["/init", "--", "perl", "-e", ask]);
    command.env("RUNDIR", "/state");
    let outcome = finish(command);
    let told = "default:12345:0:/\nshop:4000:4001:/srv/shop\n\n";
    assert_eq!(outcome.stdout, told, "{outcome:?}");
    let ours = container.path("state/boatyard-12345");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!((mode(&ours), mode(&ours.join("passwd"))), (0o700, 0o600));
    assert_eq!(
        fs::read_dir(&ours).unwrap().count(),
        2,
        "nothing but passwd and group"
    );

    // Others have been there before: nothing is written through their links, into their folders, or where they can look.
    fs::remove_dir_all(&ours).unwrap();
    let elsewhere = container.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let plants: [&dyn Fn(); 3] = [
        &|| symlink("/elsewhere", &ours).unwrap(),
        &|| fs::create_dir(&ours).unwrap(),
        &|| {
            fs::create_dir(&ours).unwrap();
            chown(&ours, Some(12345), None).unwrap();
            fs::set_permissions(&ours, fs::Permissions::from_mode(0o777)).unwrap();
        },
    ];
    for plant in plants {
        plant();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o777)).unwrap();
        let mut command = container.command(
            User::Nobody,
            &["/init", "--", "sh", "-c", "echo $NSS_WRAPPER_PASSWD"],
        );
        command.env("RUNDIR", "/state");
        let outcome = finish(command);
        assert!(!outcome.stdout.contains("/state/"), "{outcome:?}");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        // An empty folder, or the link.
        fs::remove_dir(&ours)
            .or_else(|_| fs::remove_file(&ours))
            .unwrap();
    }
}
