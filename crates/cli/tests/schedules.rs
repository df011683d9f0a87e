//! `up` runs what is scheduled, and tells how each start ended.

mod support;

use std::collections::BTreeSet;

use support::{alone, boatyard, kept_home, output, project, text};

const PROJECT: &str = r#"
[project]
name = "scheduled"
[image]
base = "scratch"
[role.web]
command = ["/usr/bin/boatyard-init", "cron"]
[role.short]
command = ["/usr/bin/boatyard-init", "roles"]
[schedule.roles]
cron = "0 3 * * *"
command = ["/usr/bin/boatyard-init", "roles"]
"#;

#[test]
fn beside_the_roles_unless_somebody_says_otherwise() {
    let _alone = alone();
    let folder = project(PROJECT, &[]);
    for (words, expected) in [
        (&[][..], "up/cron up/short up/web"),
        (&["--no-schedules"], "up/short up/web"),
        (&["web", "short"], "up/short up/web"),
    ] {
        let mut command = boatyard(&kept_home(), folder.path());
        // A role that ends, if only after a moment, ends it all.
        let output = output(command.args(["up", "--json"]).args(words));
        assert_eq!(output.status.code(), Some(1));
        let ids = |event: &str| {
            let lines = text(&output.stdout);
            let events = lines
                .lines()
                .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
                .filter(|found| found["event"] == event);
            let ids = events.filter_map(|event| event["id"].as_str().map(str::to_owned));
            let ids: BTreeSet<String> = ids.filter(|id| id.starts_with("up/")).collect();
            ids.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids("started"), expected, "{words:?}");
        assert_eq!(ids("finished"), expected, "{words:?}");
    }
}
