//! What runs in a preview environment.

use super::order::Unknown;
use super::{Kind, Process, RunPlan, project};
use crate::project::{Job, Project, When};

/// The plan of a preview environment: what `[preview]` says is run besides and instead. Roles that are named count instead of its.
pub fn preview(of: &Project, roles: &[String]) -> Result<RunPlan, Unknown> {
    let mut of = of.clone();
    let preview = std::mem::take(&mut of.preview);
    in_turn(&mut of.jobs, &preview.seed, When::BeforeDeploy);
    let roles = if roles.is_empty() {
        &preview.roles
    } else {
        roles
    };
    let mut plan = project::plan(&of, roles)?;
    for process in &mut plan.processes {
        // Backing services are not the application.
        if process.kind != Kind::Backing {
            process.env.extend(preview.env.clone());
        }
    }
    Ok(plan)
}

/// What cleans up before a preview environment goes: its backing services, then the jobs that `[preview]` names for that, one after
/// the other. Nothing if it names none.
pub fn cleanup(of: &Project) -> Result<RunPlan, Unknown> {
    let mut plan = project::plan(of, &[])?;
    plan.processes
        .retain(|process| process.kind == Kind::Backing && !of.preview.cleanup.is_empty());
    for name in &of.preview.cleanup {
        if let Some(job) = of.jobs.iter().find(|job| job.name == *name) {
            let before = plan.processes.iter();
            let after = before.map(|process| process.name.clone()).collect();
            let mut process = project::job(of, job);
            process.env.extend(of.preview.env.clone());
            plan.processes.push(Process { after, ..process });
        }
    }
    Ok(plan)
}

/// Has the jobs that are named run at that moment, in their order, after those that run then anyway.
pub(super) fn in_turn(jobs: &mut Vec<Job>, names: &[String], when: When) {
    for name in names {
        // At the end each comes after all before it.
        if let Some(at) = jobs.iter().position(|job| job.name == *name) {
            let mut job = jobs.remove(at);
            job.when = when;
            jobs.push(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{cleanup, preview};
    use crate::project::parse;
    use crate::run::{Kind, Process};

    #[test]
    fn what_runs_in_a_preview() {
        let text = r#"
            [project]
            name = "shop"
            [backing.postgres]
            [role.web]
            command = "serve"
            port = 8080
            env = { MODE = "live", KEEP = "1" }
            [role.worker]
            command = "work"
            [job.demo]
            command = "load demo"
            [job.users]
            command = "load users"
            [job.migrate]
            command = "migrate"
            when = "before-deploy"
            [job.farewell]
            command = "tell them"
            [job.bucket]
            command = "remove bucket"
            [schedule.clean]
            cron = "0 3 * * *"
            command = "clean"
            [preview]
            roles = ["web"]
            seed = ["users", "demo"]
            cleanup = ["bucket", "farewell"]
            env = { MODE = "preview" }
        "#;
        let project = parse(text).expect("a project");
        let plan = preview(&project, &[]).expect("its roles are there");
        let names: Vec<&str> = plan.processes.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["postgres", "migrate", "users", "demo", "web"]);
        let find = |name: &str| -> &Process {
            let mut all = plan.processes.iter();
            all.find(|one| one.name == name).expect("it is there")
        };
        assert_eq!(find("users").after, ["postgres", "migrate"]);
        assert_eq!(find("demo").after, ["postgres", "migrate", "users"]);
        assert_eq!(find("web").after, ["postgres", "migrate", "users", "demo"]);
        for one in &plan.processes {
            let mode = one.env.get("MODE").map(String::as_str);
            let expected = (one.kind != Kind::Backing).then_some("preview");
            assert_eq!(mode, expected, "{}", one.name);
        }
        assert_eq!(find("web").env["KEEP"], "1");
        let all = preview(&project, &["worker".to_owned()]).expect("it is there");
        assert!(all.processes.iter().all(|one| one.name != "web"));

        let last = cleanup(&project).expect("its roles are there");
        let names: Vec<&str> = last.processes.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["postgres", "bucket", "farewell"]);
        assert_eq!(last.processes[2].after, ["postgres", "bucket"]);
        assert_eq!(last.processes[1].env["MODE"], "preview");
        let mut none = project.clone();
        none.preview.cleanup.clear();
        let none = cleanup(&none).expect("its roles are there");
        assert!(none.processes.is_empty());
    }
}
