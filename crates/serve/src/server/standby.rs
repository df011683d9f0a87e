//! Waiting until it is our turn to lead.

use std::pin::pin;
use std::sync::Mutex;

use boatyard_cluster::Refusal;
use boatyard_cluster::lease::{Leader, Place, Term, take};
use tokio::sync::oneshot;

use super::environments::IN_POD;
use super::error::ServeError;
use super::ground::Ground;
use super::run::LAST;
use super::said::Said;
use super::signals::Asked;
use crate::causes::in_one_line;
use crate::cluster::Terms;
use crate::web::settings::Settings;
use crate::web::{Leads, Standby};

/// Answers as one that stands by until it leads; none: it was asked to end.
pub(super) async fn stand_by(
    ground: &mut Ground,
    terms: &Terms,
) -> Result<Option<Term>, ServeError> {
    let standby = Standby::new(Settings::of(&ground.held.now().config)?);
    let (end, ends) = oneshot::channel::<()>();
    let serving = standby.clone().serve(ground.listener()?, async {
        let _ = ends.await;
    });
    let web = tokio::spawn(serving);
    let last = Mutex::new(None);
    let (say, address) = (ground.say.clone(), ground.address);
    let tell = |leads: Result<&Leader, &Refusal>| {
        let (leads, said) = said(leads, address);
        standby.follow(leads.clone());
        // What is in the way is said once.
        let mut last = last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.replace(leads.clone()) != Some(leads) {
            say(&said);
        }
    };
    let place = place(ground, terms);
    let cluster = terms.leasing();
    let mut taken = pin!(take(&cluster, &place, &tell));
    let term = loop {
        tokio::select! {
            term = &mut taken => break Some(term),
            asked = ground.signals.next() => match asked {
                Asked::End => break None,
                Asked::Reload => {
                    let said = ground.follow();
                    if let Ok(settings) = Settings::of(&ground.held.now().config) {
                        standby.set(settings);
                    }
                    (ground.say)(&said);
                }
            },
        }
    };
    if term.is_some() {
        // Whoever waits is answered by us, once we do.
        standby.follow(Leads::Us(address));
    }
    let _ = end.send(());
    if term.is_none() {
        let _ = tokio::time::timeout(LAST, web).await;
    }
    Ok(term)
}

fn said(leads: Result<&Leader, &Refusal>, address: std::net::SocketAddr) -> (Leads, Said) {
    match leads {
        Ok(leader) => {
            let by = leader.name.clone();
            let at = leader.address.as_deref();
            let leads = Leads::Known {
                name: by.clone(),
                address: at.and_then(|at| at.parse().ok()),
            };
            (leads, Said::StandsBy { address, by })
        }
        Err(refusal) => {
            let why = format!("it is not known who leads: {}", in_one_line(refusal));
            (Leads::Unknown(why.clone()), Said::Warning(why))
        }
    }
}

fn place(ground: &Ground, terms: &Terms) -> Place {
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy().into_owned();
    let host = std::env::var(IN_POD).ok();
    let address = ground.reached(host.as_deref());
    Place {
        name: terms.config.leads(),
        me: format!("{machine} (process {})", std::process::id()),
        address: address.map(|at| at.to_string()).unwrap_or_default(),
        seconds: terms.config.lease.seconds,
    }
}
