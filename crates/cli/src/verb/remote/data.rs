//! Data of what is deployed.

use boatyard_cluster::data::{Kept, Volume};
use boatyard_cluster::deploy::Stop;
use boatyard_cluster::{Blocking, Owner};
use boatyard_engine::session::saved::tars::{self, Tars};
use boatyard_engine::session::saved::{Saved, Saving};
use boatyard_plan::failure::{Failure, Fault};
use serde_json::Value;

use crate::args::data::There;
use crate::project::{self, Named};
use crate::signals;
use crate::stopped::Stopped;
use crate::yard::Yard;

/// What was written down of saved volumes is not what we write.
#[derive(Debug, thiserror::Error)]
#[error("what is known of the volumes that are saved as {name:?} cannot be read")]
struct Unreadable {
    name: String,
    source: serde_json::Error,
}

impl Failure for Unreadable {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

/// Keeps the data of what is deployed aside as `name`, here.
pub fn save(named: Named<'_>, there: &There, name: &str, saving: Saving) -> Result<Saved, Stopped> {
    let of = whose(named, there)?;
    let yard = Yard::open()?;
    let (cluster, owner, stop) = connect(&of)?;
    tars::save(&yard.store, &of.project, name, saving, |folder, room| {
        let volumes = cluster.save(&owner, folder, room, &stop)?;
        let size_bytes = volumes.iter().map(|volume| volume.size_bytes).sum();
        let tars = serde_json::to_value(&volumes).unwrap_or_default();
        Ok::<_, Stopped>((size_bytes, tars))
    })
}

/// Has what is deployed have the data that is kept aside as `name`.
pub fn restore(named: Named<'_>, there: &There, name: &str) -> Result<Saved, Stopped> {
    let of = whose(named, there)?;
    let yard = Yard::open()?;
    let tars = tars::open(&yard.home, &of.project, name)?;
    let (cluster, owner, stop) = connect(&of)?;
    cluster.restore(&owner, &kept(&tars)?, &stop)?;
    Ok(tars.saved().clone())
}

/// Volumes that are kept aside, as a cluster takes them.
pub fn kept(tars: &Tars) -> Result<Kept, Stopped> {
    let saved = tars.saved();
    let known = saved.tars.clone().unwrap_or(Value::Null);
    let read = serde_json::from_value::<Vec<Volume>>(known);
    let volumes = read.map_err(|source| Unreadable {
        name: saved.name.clone(),
        source,
    })?;
    let folder = tars.folder();
    Ok(Kept { folder, volumes })
}

/// Whose data, and where.
struct Of {
    project: String,
    context: Option<String>,
    namespace: Option<String>,
}

/// Of the project that is named, else of that which is here; in the namespace that is named, else the project's, else the context's.
fn whose(named: Named<'_>, there: &There) -> Result<Of, Stopped> {
    let (context, namespace) = (there.context.clone(), there.namespace.clone());
    if let Some(project) = there.project.clone() {
        return Ok(Of {
            project,
            context,
            namespace,
        });
    }
    let found = project::find(named)?.project;
    Ok(Of {
        project: found.name,
        context,
        namespace: namespace.or(found.deploy.namespace),
    })
}

/// The cluster; the project there; and what stops the work.
fn connect(of: &Of) -> Result<(Blocking, Owner, Stop), Stopped> {
    let cluster = Blocking::connect(of.context.as_deref(), of.namespace.as_deref())?;
    let stop = Stop::default();
    let asked = stop.clone();
    signals::each(move |_| asked.now())?;
    Ok((cluster, Owner::new(&of.project), stop))
}
