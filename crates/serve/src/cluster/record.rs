//! The record of an environment, kept with what it is about.

use boatyard_cluster::Refusal;
use boatyard_cluster::namespace::{self, Happening, happened, list, note};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::{Id, label};
use boatyard_preview::phase::Event;
use boatyard_preview::step;
use serde::{Deserialize, Serialize};

use super::realm::Realm;
use crate::backend::Order;
use crate::lane::{Stop, Trouble};

impl Realm {
    /// Writes the record of an environment on its namespace, if it has one.
    pub(super) async fn note(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        if self.is_on_deployment(one) {
            return self.note_there(one, stop).await;
        }
        let namespace = self.namespace(&one.id);
        let record = written(one);
        let noted = note(&self.terms.cluster, &namespace, &record);
        stop.unless(noted).await?.map(drop).map_err(Trouble::of)
    }

    /// Writes what has come of an order, so that whoever finds it does not do it again. What cannot be written is done again.
    pub(super) async fn note_outcome(&self, order: &Order, event: &Event) {
        let now = order.clock.now();
        let next = step(&order.environment, event, Some(order.attempt), now);
        if let Ok(next) = next
            && let Some(one) = next.environment
        {
            if self.is_on_deployment(&one) {
                let _ = self.note_there(&one, &Stop::new()).await;
                return;
            }
            let namespace = self.namespace(&one.id);
            let _ = note(&self.terms.cluster, &namespace, &written(&one)).await;
        }
    }

    /// Tells it on the cluster, beside what is done: nobody waits for it, and nothing depends on it.
    pub(super) fn tell(&self, id: &Id, happening: Happening) {
        let (inside, server) = (self.inside(id), self.server().to_owned());
        tokio::spawn(async move {
            // One that is not there takes none.
            let _ = happened(&inside, &server, &happening).await;
        });
    }

    /// What the records say that there is. A record that cannot be read is nobody's; one of a later version is somebody's.
    pub(super) async fn found(&self) -> Result<Vec<Environment>, FoundError> {
        let mut all = list(&self.terms.cluster, self.server()).await?;
        let installed = self.installed_all().await?;
        all.extend(installed.into_iter().map(|(found, _)| found));
        let mut environments = Vec::new();
        for found in all {
            let Some(record) = found.record.as_deref() else {
                continue;
            };
            match read(record) {
                Ok(mut one) if self.namespace(&one.id) == found.namespace => {
                    if !one.snapshots.is_empty() {
                        // They are kept on a machine, which may have been another one.
                        one.snapshots = self.site.kept(&one).await;
                    }
                    environments.push(one);
                }
                Err(Unread::Later(version)) => {
                    let namespace = found.namespace;
                    return Err(FoundError::Later { namespace, version });
                }
                Ok(_) | Err(Unread::Damaged) => {}
            }
        }
        Ok(environments)
    }
}

/// Why it is not known what is on a cluster.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// The cluster does not let us look.
    #[error("cannot find out which environments are on the cluster")]
    Refused(#[from] Refusal),
    /// A later version of the server has been here.
    #[error(
        "the record on Namespace/{namespace} was written by a later version of the server: it is of version {version}, and this one \
         reads up to {VERSION}"
    )]
    Later {
        /// Which namespace.
        namespace: String,
        /// The version of its record.
        version: u32,
    },
}

impl Failure for FoundError {
    fn fault(&self) -> Fault {
        match self {
            Self::Refused(refusal) => refusal.fault(),
            Self::Later { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.help(),
            Self::Later { .. } => {
                Some("run that version; this one leaves what is there as it is".to_owned())
            }
        }
    }
}

/// The version of the records that we write.
const VERSION: u32 = 1;

/// A record, as it is written.
#[derive(Serialize)]
struct Record<'a> {
    version: u32,
    #[serde(flatten)]
    environment: &'a Environment,
}

/// What of a record is read first.
#[derive(Deserialize)]
struct Head {
    /// Records have none of before there were versions.
    #[serde(default)]
    version: u32,
}

/// Why a record is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is of a later version.
    Later(u32),
    /// It is none.
    Damaged,
}

/// The record, and what people see of it.
pub(super) fn written(one: &Environment) -> namespace::Record {
    let record = Record {
        version: VERSION,
        environment: one,
    };
    namespace::Record {
        text: serde_json::to_string(&record).unwrap_or_default(),
        name: label(&one.revision),
        phase: one.phase.name().to_owned(),
    }
}

/// What a record says.
pub(super) fn read(text: &str) -> Result<Environment, Unread> {
    let head: Head = serde_json::from_str(text).map_err(|_| Unread::Damaged)?;
    if head.version > VERSION {
        return Err(Unread::Later(head.version));
    }
    serde_json::from_str(text).map_err(|_| Unread::Damaged)
}

#[cfg(test)]
mod tests {
    use boatyard_preview::id::Id;
    use boatyard_preview::revision::{Place, Repository, Revision, Subject};
    use boatyard_preview::time::Time;

    use super::*;

    #[test]
    fn one_of_before_is_read_and_one_of_a_later_version_is_not_guessed_at() {
        let revision = Revision {
            place: Place {
                repository: Repository {
                    forge: "here".to_owned(),
                    name: "shop".to_owned(),
                },
                subject: Subject::Branch("main".to_owned()),
            },
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        };
        let one = Environment::new(Id::of(&revision, ""), revision, true, Time(5));
        let written = written(&one).text;
        assert_eq!(read(&written), Ok(one.clone()));
        let of = |change: &dyn Fn(&mut serde_json::Map<String, serde_json::Value>)| {
            let mut record = serde_json::from_str(&written).unwrap();
            change(&mut record);
            read(&serde_json::to_string(&record).unwrap())
        };
        // As the first servers wrote it.
        assert_eq!(
            of(&|record| drop(record.remove("version"))),
            Ok(one.clone())
        );
        // What was not known yet then has a value of its own.
        assert_eq!(of(&|record| drop(record.remove("wishes"))), Ok(one.clone()));
        let later = |record: &mut serde_json::Map<String, serde_json::Value>| {
            record.insert("version".to_owned(), (VERSION + 1).into());
            // Whatever else is different in it.
            record.insert("phase".to_owned(), "moored".into());
        };
        assert_eq!(of(&later), Err(Unread::Later(VERSION + 1)));
        assert_eq!(
            of(&|record| drop(record.remove("id"))),
            Err(Unread::Damaged)
        );
        assert_eq!(read("{}"), Err(Unread::Damaged));
        assert_eq!(read(""), Err(Unread::Damaged));
    }
}
