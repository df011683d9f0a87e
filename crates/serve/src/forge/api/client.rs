//! A forge, whichever it is.

use std::path::Path;

use boatyard_preview::config::{Concealed, Forge, Kind};
use boatyard_preview::revision::Subject;
use boatyard_preview::watch::{Branches, Watch};

use super::http::Http;
use super::trust::{HOLDS, Trust};
use super::{hub, lab};
use crate::forge::{ForgeError, Listed, Said};

/// Asks a forge; blocking.
pub struct Client {
    pub(super) kind: Kind,
    pub(super) http: Http,
    pub(super) trust: Trust,
}

impl Client {
    /// A client for `forge`; `folder` is that of the configuration.
    ///
    /// # Errors
    /// If the certificates of its authority cannot be read.
    pub fn new(forge: &Forge, token: Option<&Concealed>, folder: &Path) -> std::io::Result<Self> {
        let accept = match forge.kind {
            Kind::GitHub => "application/vnd.github+json",
            _ => "application/json",
        };
        let authority = forge.authority.as_ref().map(|path| folder.join(path));
        Ok(Self {
            kind: forge.kind,
            http: Http::new(&forge.api, token.cloned(), accept, authority.as_deref())?,
            trust: Trust::default(),
        })
    }

    /// All that is open and watched, to the last page.
    ///
    /// # Errors
    /// If anything of it could not be asked: then it says nothing at all.
    pub fn list(&self, name: &str, watch: &Watch) -> Result<Listed, ForgeError> {
        let default_branch = self.default_branch(name)?;
        let mut open = Vec::new();
        match &watch.branches {
            Branches::Default => {
                let subject = Subject::Branch(default_branch.clone());
                // A repository without a commit has a default branch that is not there.
                if let Said::Open(head, about) = self.ask(name, &subject)? {
                    open.push((subject, head, about));
                }
            }
            Branches::Named(_) => {
                let branches = match self.kind {
                    Kind::GitLab => lab::branches(&self.http, name)?,
                    _ => hub::branches(&self.http, name, self.kind)?,
                };
                open.extend(
                    branches
                        .into_iter()
                        .filter(|(subject, ..)| watch.follows(subject, false)),
                );
            }
        }
        if watch.pull_requests {
            let requests = match self.kind {
                Kind::GitLab => lab::merge_requests(&self.http, name)?,
                _ => hub::pull_requests(&self.http, name, self.kind)?,
            };
            for request in requests {
                let number = request.number;
                if let Said::Open(head, about) = self.said(name, request)? {
                    open.push((Subject::PullRequest(number), head, about));
                }
            }
        }
        Ok(Listed {
            default_branch,
            open,
        })
    }

    /// What the forge says of one subject.
    ///
    /// # Errors
    /// If it does not say anything of it: nothing follows from that.
    pub fn ask(&self, name: &str, subject: &Subject) -> Result<Said, ForgeError> {
        let said = match subject {
            Subject::Branch(branch) => match self.kind {
                Kind::GitLab => lab::branch(&self.http, name, branch),
                _ => hub::branch(&self.http, name, branch, self.kind),
            },
            Subject::PullRequest(number) => {
                let request = match self.kind {
                    Kind::GitLab => lab::merge_request(&self.http, name, *number),
                    _ => hub::pull_request(&self.http, name, *number),
                };
                request.and_then(|request| self.said(name, request))
            }
        };
        match said {
            // Not there is a word only if the repository is.
            Err(ForgeError::NotThere { .. }) => {
                self.default_branch(name)?;
                Ok(Said::Closed)
            }
            said => said,
        }
    }

    /// The default branch of a repository, which is there if this answers.
    fn default_branch(&self, name: &str) -> Result<String, ForgeError> {
        match self.kind {
            Kind::GitLab => lab::default_branch(&self.http, name),
            _ => hub::default_branch(&self.http, name),
        }
    }

    /// A pull request, with the trust that its author has.
    fn said(
        &self,
        name: &str,
        request: boatyard_preview::forge::PullRequest,
    ) -> Result<Said, ForgeError> {
        let Some((mut head, about)) = request.head else {
            return Ok(Said::Closed);
        };
        if !head.is_trusted {
            let author = &request.author;
            head.is_trusted = self.may_write(name, author, HOLDS)?;
        }
        Ok(Said::Open(head, about))
    }
}
