//! What of a project is deployed as a preview environment on a cluster.

use super::order::Unknown;
use super::preview::{self, in_turn};
use crate::project::{Project, When};

/// The project as a preview environment has it: the roles, jobs and variables that `[preview]` says, one of each role. Nothing
/// that is scheduled, since it would wake what sleeps; no secrets, since the namespace has none; no way in or out, since who
/// makes the namespace says that; no rights at the API server, which a stranger's file could ask for.
pub fn deployed(of: &Project) -> Result<Project, Unknown> {
    let running: Vec<String> = preview::preview(of, &[])?
        .processes
        .into_iter()
        .map(|process| process.name)
        .collect();
    let mut of = of.clone();
    let preview = std::mem::take(&mut of.preview);
    in_turn(&mut of.jobs, &preview.seed, When::BeforeDeploy);
    in_turn(&mut of.jobs, &preview.cleanup, When::BeforeRemoval);
    of.jobs.retain(|job| job.when != When::Manual);
    of.schedules.clear();
    of.roles.retain(|role| running.contains(&role.name));
    for role in &mut of.roles {
        role.placement.replicas = Some(1);
        role.placement.host = None;
        role.placement.rights.clear();
        role.env.extend(preview.env.clone());
    }
    of.deploy.env.extend(preview.env);
    of.deploy.secrets.clear();
    of.deploy.egress.clear();
    for outside in [
        &mut of.deploy.namespace,
        &mut of.deploy.host,
        &mut of.deploy.gateway,
        &mut of.deploy.pull_secret,
    ] {
        *outside = None;
    }
    Ok(of)
}

#[cfg(test)]
mod tests {
    use super::deployed;
    use crate::project::{When, parse};

    #[test]
    fn one_of_each_and_nothing_from_outside() {
        let text = r#"
            [project]
            name = "shop"
            [role.web]
            command = "serve"
            port = 8080
            replicas = 4
            host = "shop.example.org"
            env = { MODE = "live", KEEP = "1" }
            [[role.web.rights]]
            everywhere = true
            resources = ["secrets"]
            verbs = ["list"]
            [role.worker]
            command = "work"
            [job.demo]
            command = "load demo"
            [job.migrate]
            command = "migrate"
            when = "before-deploy"
            [job.vacuum]
            command = "vacuum"
            [job.farewell]
            command = "tell them"
            [schedule.clean]
            cron = "0 3 * * *"
            command = "clean"
            [deploy]
            namespace = "live"
            secrets = ["live"]
            egress = [443]
            [preview]
            roles = ["web"]
            seed = ["demo"]
            cleanup = ["farewell"]
            env = { MODE = "preview" }
        "#;
        let project = deployed(&parse(text).expect("a project")).expect("its roles are there");
        let [web] = project.roles.as_slice() else {
            panic!("{:?}", project.roles);
        };
        assert_eq!(web.placement.replicas, Some(1));
        assert_eq!(web.placement.host, None);
        assert!(web.placement.rights.is_empty());
        assert_eq!((&*web.env["MODE"], &*web.env["KEEP"]), ("preview", "1"));
        let jobs: Vec<_> = project
            .jobs
            .iter()
            .map(|job| (&*job.name, job.when))
            .collect();
        let before = When::BeforeDeploy;
        let last = ("farewell", When::BeforeRemoval);
        assert_eq!(jobs, [("migrate", before), ("demo", before), last]);
        assert!(project.schedules.is_empty());
        let deploy = &project.deploy;
        assert_eq!((&deploy.namespace, &deploy.host), (&None, &None));
        assert!(deploy.secrets.is_empty() && deploy.egress.is_empty());
        assert_eq!(deploy.env["MODE"], "preview");
    }
}
