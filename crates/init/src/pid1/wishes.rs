//! What is wanted beside the main process.

use std::time::Duration;

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::hook::{Layout, Moment};
use boatyard_init::invocation::Invocation;
use boatyard_init::log::Format;

use super::beside::Beside;
use super::control::Control;
use super::dev_log::Wish;
use super::probe_server::ProbeServer;
use super::probes::Probes;
use super::sys::folder;
use super::{hooks, say};

/// How long the kubelet waits if nobody says otherwise (`timeoutSeconds`).
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// What is wanted, by flags or variables.
#[derive(Default)]
pub struct Wishes {
    /// The role, for the lines of the log and for those who ask.
    pub role: String,
    /// How lines are written; none: the main process writes itself.
    pub log: Option<Format>,
    /// Where probes are answered.
    pub probes: Option<String>,
    probe_timeout: Option<Duration>,
    /// Where syslog is listened for.
    pub syslog: Wish,
    /// Whether there is something to do when the main process is ready.
    pub has_post_deploy: bool,
    /// Whether its failure ends all.
    pub is_strict: bool,
}

impl Wishes {
    /// Those of a role: flags go before variables. What failed has been told; the error is the exit code.
    pub fn of(
        invocation: &Invocation,
        environment: &Environment,
        layout: &Layout,
        role: &str,
    ) -> Result<Self, u8> {
        let variable = |name: &str| {
            let value = environment.get(name).filter(|value| !value.is_empty())?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let log = match (invocation.log, variable("BOATYARD_LOG")) {
            (Some(format), _) => Some(format),
            (None, None) => None,
            (None, Some(name)) => Some(Format::parse(&name).ok_or_else(|| {
                say::warn(format_args!(
                    "BOATYARD_LOG takes raw, prefix or json, not {name:?}"
                ));
                exit::USAGE
            })?),
        };
        let seconds = variable("BOATYARD_PROBE_TIMEOUT")
            .map(|text| {
                text.parse().map_err(|_| {
                    say::warn(format_args!(
                        "BOATYARD_PROBE_TIMEOUT takes seconds, not {text:?}"
                    ));
                    exit::USAGE
                })
            })
            .transpose()?;
        let syslog = match invocation
            .syslog
            .clone()
            .or_else(|| variable("BOATYARD_SYSLOG"))
        {
            None => Wish::IfPossible,
            Some(text) => Wish::parse(&text).ok_or_else(|| {
                say::warn(format_args!(
                    "BOATYARD_SYSLOG takes an absolute path or off, not {text:?}"
                ));
                exit::USAGE
            })?,
        };
        Ok(Self {
            syslog,
            role: role.to_owned(),
            log,
            probes: invocation
                .probes
                .clone()
                .or_else(|| variable("BOATYARD_PROBES")),
            probe_timeout: invocation
                .probe_timeout
                .or(seconds.map(Duration::from_secs)),
            has_post_deploy: !hooks::find(layout, Moment::PostDeploy)?.is_empty(),
            is_strict: variable("BOATYARD_POST_DEPLOY").is_some_and(|value| value == "strict"),
        })
    }

    /// The environment of those who ask for the role: they are not told its name otherwise.
    pub fn environment(&self, given: &Environment) -> Environment {
        let mut ours = given.clone();
        ours.set("ROLE", &self.role);
        ours
    }

    /// Listens for probes and those who ask init itself, in the folder of the application. What failed has been told; the error is the exit code.
    pub fn prepare(&self, environment: &Environment) -> Result<Beside, u8> {
        let control = || Control::open(environment).map(|control| (control, self.role.clone()));
        let mut beside = Beside {
            control: (!self.role.is_empty()).then(control).flatten(),
            ..Beside::default()
        };
        let Some(address) = &self.probes else {
            return Ok(beside);
        };
        let server = ProbeServer::new(address).map_err(|error| {
            say::warn(format_args!("cannot answer probes at {address}: {error}"));
            exit::SYSTEM
        })?;
        // Whoever asks is to get an answer while it still listens.
        let limit = self.probe_timeout.unwrap_or(PROBE_TIMEOUT).mul_f32(0.8);
        let folder = folder::current().ok();
        let environment = self.environment(environment);
        beside.probes = Some(Probes::new(server, environment, folder, limit));
        Ok(beside)
    }
}
