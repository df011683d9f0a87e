//! A forge where people log in: GitHub, GitLab, Gitea and Forgejo, each in its own words of OAuth 2.0.

use std::collections::BTreeMap;

use boatyard_preview::config::{Kind, Permission, Person};
use boatyard_preview::revision::Repository;
use serde_json::Value;
use ureq::Agent;

use super::ask::{get, post};
use super::error::LoginError;
use super::provider::{Attempt, Client, plain};

/// Pages of groups that are read at most, a hundred each.
const PAGES: usize = 10;

/// What is particular to one.
#[derive(Clone, Debug)]
pub struct Forge {
    /// What it speaks.
    pub kind: Kind,
    /// Where people see it, without a slash at its end.
    pub url: String,
    /// Where its API is.
    pub api: String,
    /// Of which of its repositories it matters what somebody may there.
    pub repositories: Vec<Repository>,
}

impl Forge {
    /// Where the browser is sent.
    pub fn begin(&self, client: &Client, attempt: &Attempt) -> String {
        let (path, scope) = match self.kind {
            Kind::GitLab => ("/oauth/authorize", "read_api"),
            Kind::GitHub if self.repositories.is_empty() => ("/login/oauth/authorize", "read:org"),
            // There is no smaller right with which private repositories tell what somebody may.
            Kind::GitHub => ("/login/oauth/authorize", "read:org repo"),
            _ => (
                "/login/oauth/authorize",
                "read:user read:organization read:repository",
            ),
        };
        client.authorize(&format!("{}{path}", self.url), attempt, &[("scope", scope)])
    }

    /// Who has come back with that code.
    pub fn finish(
        &self,
        agent: &Agent,
        client: &Client,
        attempt: &Attempt,
        code: &str,
    ) -> Result<Person, LoginError> {
        let path = match self.kind {
            Kind::GitLab => "/oauth/token",
            _ => "/login/oauth/access_token",
        };
        let url = format!("{}{path}", self.url);
        let mut fields = client.fields(attempt, code);
        if let Some(secret) = &client.secret {
            fields.push(("client_secret", secret.reveal()));
        }
        let answer = post(agent, &url, &fields, None)?;
        // GitHub says so with 200.
        if let Some(why) = answer["error"].as_str() {
            return Err(LoginError::Refused {
                name: client.name.clone(),
                why: why.to_owned(),
            });
        }
        let token = answer["access_token"]
            .as_str()
            .ok_or_else(|| LoginError::strange(&url, "it has no token"))?;
        let name = match self.kind {
            Kind::GitLab => "username",
            _ => "login",
        };
        let url = format!("{}/user", self.api);
        let user = get(agent, &url, Some(token))?;
        let name = user[name].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| LoginError::strange(&url, "it does not say who it is"))?;
        // Names can be given up, and taken by somebody else.
        let subject = user["id"].as_u64().map(|id| id.to_string());
        Ok(Person {
            name: plain(name),
            subject: subject.unwrap_or_default(),
            user: Some(name.to_owned()),
            groups: self.groups(agent, token)?,
            permissions: self.permissions(agent, token)?,
        })
    }

    /// `acme/ops` for a team, `acme` for its organization, `acme/tools` for a group.
    fn groups(&self, agent: &Agent, token: &str) -> Result<Vec<String>, LoginError> {
        let path = match self.kind {
            Kind::GitLab => "/groups?min_access_level=10&per_page=100",
            Kind::GitHub => "/user/teams?per_page=100",
            _ => "/user/teams?limit=50",
        };
        let mut groups = Vec::new();
        for page in 1..=PAGES {
            let url = format!("{}{path}&page={page}", self.api);
            let found = match get(agent, &url, Some(token)) {
                // The one who was asked lets nobody see that: then nothing is given for it.
                Err(LoginError::Unexpected {
                    status: 403 | 404, ..
                }) => break,
                found => found?,
            };
            let all = found.as_array().map_or(&[][..], Vec::as_slice);
            for one in all {
                let text = |value: &Value| value.as_str().map(str::to_owned);
                if self.kind == Kind::GitLab {
                    groups.extend(text(&one["full_path"]));
                    continue;
                }
                let organization = &one["organization"];
                let organization = text(&organization["login"])
                    .or_else(|| text(&organization["username"]))
                    .or_else(|| text(&organization["name"]));
                let team = text(&one["slug"]).or_else(|| text(&one["name"]));
                if let (Some(organization), Some(team)) = (organization, team) {
                    groups.push(format!("{organization}/{team}"));
                    groups.push(organization);
                }
            }
            if all.is_empty() {
                break;
            }
        }
        groups.sort();
        groups.dedup();
        Ok(groups)
    }

    fn permissions(
        &self,
        agent: &Agent,
        token: &str,
    ) -> Result<BTreeMap<Repository, Permission>, LoginError> {
        let mut permissions = BTreeMap::new();
        for repository in &self.repositories {
            let path = match self.kind {
                Kind::GitLab => {
                    let name: String =
                        form_urlencoded::byte_serialize(repository.name.as_bytes()).collect();
                    format!("/projects/{name}")
                }
                _ => format!("/repos/{}", repository.name),
            };
            let answer = match get(agent, &format!("{}{path}", self.api), Some(token)) {
                Err(LoginError::Unexpected {
                    status: 403 | 404 | 451,
                    ..
                }) => continue,
                answer => answer?,
            };
            if let Some(permission) = self.permission(&answer["permissions"]) {
                permissions.insert(repository.clone(), permission);
            }
        }
        Ok(permissions)
    }

    fn permission(&self, said: &Value) -> Option<Permission> {
        if self.kind == Kind::GitLab {
            // 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.
            let level = |of: &str| said[of]["access_level"].as_u64();
            let level = level("project_access").max(level("group_access"))?;
            return match level {
                40.. => Some(Permission::Admin),
                30..40 => Some(Permission::Write),
                10..30 => Some(Permission::Read),
                _ => None,
            };
        }
        let is = |name: &str| said[name] == true;
        if is("admin") {
            Some(Permission::Admin)
        } else if is("push") {
            Some(Permission::Write)
        } else {
            is("pull").then_some(Permission::Read)
        }
    }
}
