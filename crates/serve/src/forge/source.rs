//! Where the news of a repository comes from.

use std::path::Path;
use std::sync::Arc;

use boatyard_preview::config::{Concealed, Forge};
use boatyard_preview::revision::Subject;
use boatyard_preview::watch::Watch;

use super::api::Client;
use super::git::Git;
use super::{ForgeError, Listed, Said};

/// Where the news of a repository comes from.
#[derive(Clone)]
pub enum Source {
    /// The API of its forge, shared by all repositories there, and its name.
    Api(Arc<Client>, String),
    /// A plain Git remote.
    Git(Arc<Git>),
}

impl Source {
    /// Where the news of the repository `name` comes from, for each name that is asked for.
    ///
    /// # Errors
    /// If the certificates of the forge's authority cannot be read.
    pub fn of(
        forge: &Forge,
        token: Option<&Concealed>,
        folder: &Path,
    ) -> std::io::Result<impl Fn(&str) -> Self + use<>> {
        let client = forge
            .kind
            .has_api()
            .then(|| Client::new(forge, token, folder).map(Arc::new))
            .transpose()?;
        let (forge, folder, token) = (forge.clone(), folder.to_owned(), token.cloned());
        Ok(move |name: &str| match &client {
            Some(client) => Self::Api(Arc::clone(client), name.to_owned()),
            None => Self::Git(Arc::new(Git {
                url: forge.clone_url(name),
                token: token.clone().map(|token| (forge.kind.git_user(), token)),
                authority: forge.authority.as_ref().map(|path| folder.join(path)),
            })),
        })
    }

    /// All that is open and watched.
    ///
    /// # Errors
    /// If not all of it is known.
    pub async fn list(&self, watch: &Watch) -> Result<Listed, ForgeError> {
        match self {
            Self::Git(git) => git.list(watch).await,
            Self::Api(client, name) => {
                let (client, name, watch) = (Arc::clone(client), name.clone(), watch.clone());
                blocking(move || client.list(&name, &watch)).await
            }
        }
    }

    /// What there is to say of these subjects, one after another, and what kept it from saying more.
    pub async fn ask(&self, subjects: Vec<Subject>) -> Answers {
        match self {
            Self::Git(git) => match git.ask(&subjects).await {
                Ok(said) => Answers { said, error: None },
                Err(error) => Answers::none(error),
            },
            Self::Api(client, name) => {
                let (client, name) = (Arc::clone(client), name.clone());
                let asked = blocking(move || Ok(ask(&client, &name, subjects)));
                asked.await.unwrap_or_else(Answers::none)
            }
        }
    }
}

/// What was said of some subjects.
#[derive(Debug)]
pub struct Answers {
    /// Of which there was something to say.
    pub said: Vec<(Subject, Said)>,
    /// Why nothing is said of the others.
    pub error: Option<ForgeError>,
}

impl Answers {
    fn none(error: ForgeError) -> Self {
        Self {
            said: Vec::new(),
            error: Some(error),
        }
    }
}

/// Asks for one after another, until one fails.
fn ask(client: &Client, name: &str, subjects: Vec<Subject>) -> Answers {
    let mut answers = Answers {
        said: Vec::new(),
        error: None,
    };
    for subject in subjects {
        match client.ask(name, &subject) {
            Ok(said) => answers.said.push((subject, said)),
            Err(error) => {
                answers.error = Some(error);
                break;
            }
        }
    }
    answers
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ForgeError> + Send + 'static,
) -> Result<T, ForgeError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(ForgeError::Strange {
            url: "the forge".to_owned(),
            what: error.to_string(),
        }),
    }
}
