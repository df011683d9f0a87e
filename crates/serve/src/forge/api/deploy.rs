//! Telling a forge where commits can be seen.
//!
//! Sources: <https://docs.github.com/rest/deployments>, <https://docs.gitlab.com/api/deployments/>,
//! <https://docs.gitlab.com/api/environments/>.

use boatyard_preview::config::Kind;
use boatyard_preview::report::{Deployment, Stage};
use serde_json::{Value, json};
use ureq::http::Method;

use super::Client;
use super::path::escaped;
use crate::forge::ForgeError;

impl Client {
    /// Tells how far it is with a commit: of the deployment with that number, else of the one that is found, else of a new one.
    /// Answers with its number. Doing it again does no harm.
    ///
    /// # Errors
    /// If the forge did not take it, or nobody knows.
    pub fn tell_deployment(
        &self,
        name: &str,
        commit: &str,
        known: Option<u64>,
        deployment: &Deployment,
    ) -> Result<u64, ForgeError> {
        if let Some(number) = known {
            match self.update(name, number, deployment) {
                // Somebody has deleted it: then there is a new one.
                Err(ForgeError::NotThere { .. }) => {}
                told => return told.map(|()| number),
            }
        }
        let number = match self.found(name, commit, deployment)? {
            Some(number) => number,
            None => self.create(name, commit, deployment)?,
        };
        self.update(name, number, deployment)?;
        Ok(number)
    }

    /// It cannot be seen any more. `is_last`: nothing else is shown in its place.
    ///
    /// # Errors
    /// If the forge did not take it, or nobody knows.
    pub fn end_deployment(
        &self,
        name: &str,
        (number, environment): (u64, &str),
        is_last: bool,
    ) -> Result<(), ForgeError> {
        let one = format!("{}/{number}", self.deployments(name));
        if self.kind == Kind::GitHub {
            let body = json!({ "state": "inactive", "description": "the preview is gone" });
            let path = format!("{one}/statuses");
            return self.http.send(&Method::POST, &path, &body).map(|_| ());
        }
        // What is done stays; only what runs can be given up.
        match self
            .http
            .send(&Method::PUT, &one, &json!({ "status": "canceled" }))
        {
            Err(ForgeError::Unexpected { status: 400, .. } | ForgeError::NotThere { .. }) => {}
            told => drop(told?),
        }
        if let Some((environment, _)) = self.environment(name, environment)?.filter(|_| is_last) {
            let path = format!("{}/{environment}/stop", environments(name));
            self.http
                .send(&Method::POST, &path, &json!({ "force": true }))?;
        }
        Ok(())
    }

    fn update(&self, name: &str, number: u64, told: &Deployment) -> Result<(), ForgeError> {
        let one = format!("{}/{number}", self.deployments(name));
        if self.kind == Kind::GitHub {
            let mut body = json!({
                "state": match told.stage {
                    Stage::Working => "in_progress",
                    Stage::Success => "success",
                    Stage::Failure => "failure",
                },
                "description": told.text,
                "log_url": told.page,
                // What was before goes when it goes: until then it is shown.
                "auto_inactive": false,
            });
            if told.stage == Stage::Success {
                body["environment_url"] = told.address.as_str().into();
            }
            let path = format!("{one}/statuses");
            return self.http.send(&Method::POST, &path, &body).map(|_| ());
        }
        let body = json!({ "status": of_lab(told.stage) });
        match self.http.send(&Method::PUT, &one, &body) {
            // "Cannot transition status": it has that already, or cannot go back.
            Err(ForgeError::Unexpected { status: 400, .. }) => {}
            told => drop(told?),
        }
        let found = self.environment(name, &told.environment)?;
        if let Some((number, url)) = found
            && url.as_deref() != Some(&told.address)
        {
            let path = format!("{}/{number}", environments(name));
            let body = json!({ "external_url": told.address });
            self.http.send(&Method::PUT, &path, &body)?;
        }
        Ok(())
    }

    fn create(&self, name: &str, commit: &str, told: &Deployment) -> Result<u64, ForgeError> {
        let body = if self.kind == Kind::GitHub {
            json!({
                "ref": commit,
                "environment": told.environment,
                "description": "a preview of this commit",
                // It is there whatever else is checked, and nothing is merged for it.
                "required_contexts": [],
                "auto_merge": false,
                "transient_environment": true,
                "production_environment": false,
            })
        } else {
            json!({
                "sha": commit,
                "ref": told.reference,
                "tag": false,
                "environment": told.environment,
                "status": of_lab(told.stage),
            })
        };
        let path = self.deployments(name);
        let answer = self.http.send(&Method::POST, &path, &body)?;
        let number = answer["id"].as_u64();
        number.ok_or_else(|| self.http.strange(&path, "the deployment has no number"))
    }

    /// The one that was made before whoever made it could write that down.
    fn found(
        &self,
        name: &str,
        commit: &str,
        told: &Deployment,
    ) -> Result<Option<u64>, ForgeError> {
        let environment = escaped(&told.environment, false);
        let all = self.deployments(name);
        let path = match self.kind {
            Kind::GitHub => format!("{all}?sha={commit}&environment={environment}"),
            _ => format!("{all}?environment={environment}&order_by=id&sort=desc"),
        };
        let found = self.http.list(&path, ("per_page", 100))?;
        // GitLab starts what was stopped only for a new one.
        let is_open = |status: &Value| self.kind == Kind::GitHub || status == "running";
        let mut found = found
            .iter()
            .filter(|one| one["sha"] == commit && is_open(&one["status"]));
        Ok(found.find_map(|one| one["id"].as_u64()))
    }

    /// The number of an environment of GitLab, and where it is said to be.
    fn environment(
        &self,
        name: &str,
        called: &str,
    ) -> Result<Option<(u64, Option<String>)>, ForgeError> {
        let path = format!("{}?name={}", environments(name), escaped(called, false));
        let found = self.http.list(&path, ("per_page", 100))?;
        let found = found.iter().find(|one| one["name"] == called);
        Ok(found.and_then(|one| {
            let url = one["external_url"].as_str().map(str::to_owned);
            Some((one["id"].as_u64()?, url))
        }))
    }

    fn deployments(&self, name: &str) -> String {
        match self.kind {
            Kind::GitLab => format!("/projects/{}/deployments", escaped(name, false)),
            _ => format!("/repos/{}/deployments", escaped(name, true)),
        }
    }
}

/// Only GitLab has them by themselves.
fn environments(name: &str) -> String {
    format!("/projects/{}/environments", escaped(name, false))
}

fn of_lab(stage: Stage) -> &'static str {
    match stage {
        Stage::Working => "running",
        Stage::Success => "success",
        Stage::Failure => "failed",
    }
}
