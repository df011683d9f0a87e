//! From the arguments to the exit code.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::time::Duration;

use boatyard_init::cron::parse_duration;
use boatyard_init::environment::Environment;
use boatyard_init::hook::{Layout, Moment};
use boatyard_init::invocation::{self, HELP, Invocation, Verb, WaitFor};
use boatyard_init::launch::{self, Launch, What};
use boatyard_init::life::Policy;
use boatyard_init::persona::{Conduct, Persona, Place, Request, Subreaper, Voice};
use boatyard_init::{contract::Contract, exit};

use super::ground::Ground;
use super::sources::{self, Purpose};
use super::sys::{descriptor, lock, process, signals};
use super::wishes::Wishes;
use super::{
    after_start, answer, check, command, config, control, cron, doctor, env_script, from_app,
    hooks, image, jobs, main_process, pause, role_probe, s2i, say, supervise, wait_for,
};

/// Runs init with the words of the command line (the program's name first) and returns its exit code. All signals are
/// blocked already; `inherited` is what they were before.
pub fn run(words: Vec<OsString>, environment: &Environment, inherited: signals::Inherited) -> u8 {
    if let Some(persona) = words.first().and_then(|name| Persona::of(name)) {
        return impersonate(persona, words, environment, inherited);
    }
    let invocation = match invocation::parse(words.into_iter().skip(1).collect()) {
        Ok(invocation) => invocation,
        Err(misuse) => {
            say::warn(format_args!("{misuse}\n{HELP}"));
            return exit::USAGE;
        }
    };
    act(&invocation, environment, inherited).unwrap_or_else(|code| code)
}

/// Does what the verb says. What failed has been told; the error is the exit code.
fn act(
    invocation: &Invocation,
    environment: &Environment,
    inherited: signals::Inherited,
) -> Result<u8, u8> {
    keep_descriptors(invocation, environment);
    let taken = invocation
        .from_app
        .then(|| from_app::take(environment))
        .transpose()?;
    let caller = Caller {
        invocation,
        environment: taken.as_ref().unwrap_or(environment),
        inherited,
    };
    let environment = caller.environment;
    match &invocation.verb {
        Verb::Version => Ok(answer::version()),
        Verb::Help => Ok(answer::help()),
        Verb::DumpEnvironment { to } => Ok(env_script::dump(environment, *to)),
        Verb::Lock { of } => Ok(u8::from(!lock::take(*of))),
        Verb::Ask { how } => Ok(supervise::ask(how)),
        Verb::Roles => image::contract()?.map_or_else(
            || Err(image::missing()),
            |contract| Ok(answer::roles(&contract)),
        ),
        Verb::Check => Ok(check::run(environment, &caller.layout()?)),
        Verb::Doctor => Ok(doctor::run(environment)),
        Verb::Status { as_json } => control::status(environment, *as_json),
        Verb::Signal { signal } => control::signal(environment, *signal),
        Verb::Restart { service, waits } => control::restart(environment, service, *waits),
        Verb::Exec { .. } | Verb::Shell | Verb::Run { .. } => caller.launch(None),
        Verb::Start { .. } | Verb::Job { .. } | Verb::Default => {
            caller.launch(caller.contract()?.as_ref())
        }
        Verb::Cron { words } => {
            let environment = caller.environment_of_commands()?;
            let contract = || caller.contract();
            Ok(cron::run(words.clone(), contract, &environment, inherited))
        }
        Verb::AfterStart => after_start::run(&caller.ground()?, environment, &caller.layout()?),
        Verb::Config { words } => Ok(config::run(words.clone(), environment)),
        Verb::Hook { moment } => caller.hook(*moment),
        Verb::Assemble => s2i::assemble(&caller.ground()?, environment, &caller.layout()?),
        Verb::RunApplication => {
            let conduct = conduct(&Launch::plain(What::Shell), invocation);
            s2i::run(&caller.ground()?, environment, &caller.layout()?, conduct)
        }
        Verb::WaitFor(wait) => caller.wait_for(wait),
        Verb::Jobs(wanted) => jobs::run(&caller.ground()?, environment, &caller.layout()?, wanted),
    }
}

/// Closes what was inherited and is not for the application. Sockets that were passed to us are.
fn keep_descriptors(invocation: &Invocation, environment: &Environment) {
    let Some(mut kept) = invocation.keeps.clone() else {
        return;
    };
    let number =
        |name: &str| -> Option<i32> { str::from_utf8(environment.get(name)?).ok()?.parse().ok() };
    if number("LISTEN_PID") == Some(process::id()) {
        kept.extend(3..number("LISTEN_FDS").map_or(3, |count| count.saturating_add(3)));
    }
    descriptor::close_all_but(&mut kept);
}

/// Who calls, and with what.
struct Caller<'a> {
    invocation: &'a Invocation,
    environment: &'a Environment,
    inherited: signals::Inherited,
}

impl Caller<'_> {
    fn ground(&self) -> Result<Ground, u8> {
        let conduct = conduct(&Launch::plain(What::Shell), self.invocation);
        Ground::prepare(&conduct, self.inherited)
    }

    fn layout(&self) -> Result<Layout, u8> {
        image::layout(self.environment, self.invocation.is_compatible)
    }

    /// The contract, which some verbs cannot do without.
    fn contract(&self) -> Result<Option<Contract>, u8> {
        let contract = image::contract()?;
        if contract.is_none() && launch::needs_contract(&self.invocation.verb) {
            return Err(image::missing());
        }
        Ok(contract)
    }

    fn launch(&self, contract: Option<&Contract>) -> Result<u8, u8> {
        let role = image::role(self.environment);
        let launch =
            launch::choose(self.invocation, contract, role.as_deref()).map_err(|refusal| {
                say::warn(&refusal);
                refusal.exit_code()
            })?;
        let conduct = conduct(&launch, self.invocation);
        let ground = Ground::prepare(&conduct, self.inherited)?;
        let layout = self.layout()?;
        let purpose = Purpose {
            role: launch.role.as_deref(),
            script: "deploy_env",
            names_user: true,
            // Only a role's output is its own; that of a command belongs to whoever called it.
            is_silent: launch.role.is_none(),
        };
        let named = launch.role.as_deref().zip(contract);
        let given = named.map(|(role, contract)| contract.environment(role, self.environment));
        let given = given.as_ref().unwrap_or(self.environment);
        let environment = sources::make(&ground, given, &layout, &purpose)?;
        if launch.role.is_some() {
            hooks::run(&ground, &environment, &layout, Moment::Deploy)?;
        }
        let wishes = match &launch.role {
            Some(role) => Wishes::of(self.invocation, &environment, &layout, role)?,
            None => Wishes::default(),
        };
        let _kept = launch
            .role
            .as_ref()
            .and_then(|_| from_app::keep(&environment));
        if let Some(role) = named.and_then(|(name, contract)| contract.roles.get(name))
            && role.supervise.is_some()
        {
            let after_start = supervise::AfterStart {
                environment: wishes.environment(&environment),
                is_strict: wishes.is_strict,
            };
            let beside = wishes.prepare(&environment)?;
            let wanted = supervise::Wanted {
                log: wishes.log,
                probes: beside.probes,
                control: beside.control,
                after_start: wishes.has_post_deploy.then_some(after_start),
                syslog: wishes.syslog,
                grace: self.grace_of_several(&environment),
            };
            return supervise::run(role, wanted, &environment, &ground);
        }
        let program = command::program(&launch.what, &environment)?;
        Ok(main_process::run(
            &program,
            conduct,
            &environment,
            &ground,
            &wishes,
        ))
    }

    fn wait_for(&self, wait: &WaitFor) -> Result<u8, u8> {
        if wait.words.is_empty() && process::id() != 1 {
            // Whoever stops us needs no answer, and we have no children.
            self.inherited.restore();
            return Ok(wait_for::until_there(wait));
        }
        wait_for::in_child(&self.ground()?, self.environment, wait)?;
        if wait.words.is_empty() {
            return Ok(0);
        }
        self.launch(None)
    }

    /// Time for the stop of several services, if it is not that of the role: the flag, else `STOP_GRACE`.
    fn grace_of_several(&self, environment: &Environment) -> Option<Duration> {
        let variable = environment
            .get("STOP_GRACE")
            .and_then(|text| std::str::from_utf8(text).ok());
        self.invocation.grace.or(variable.and_then(parse_duration))
    }

    /// What commands see that are not a role.
    fn environment_of_commands(&self) -> Result<Environment, u8> {
        let purpose = Purpose {
            role: None,
            script: "deploy_env",
            names_user: true,
            is_silent: true,
        };
        sources::make(&self.ground()?, self.environment, &self.layout()?, &purpose)
    }

    fn hook(&self, moment: Moment) -> Result<u8, u8> {
        let layout = self.layout()?;
        hooks::check_folder(&layout, moment.name())?;
        let ground = self.ground()?;
        let purpose = Purpose {
            role: None,
            script: "deploy_env",
            names_user: moment != Moment::Verify,
            is_silent: !layout.is_compatible,
        };
        let environment = sources::make(&ground, self.environment, &layout, &purpose)?;
        let is_answered = !hooks::find(&layout, moment)?.is_empty() || layout.is_compatible;
        match moment {
            Moment::Ready if !is_answered => {
                control::ready(&environment)?;
                role_probe::ask(&ground, &environment)?;
            }
            Moment::Alive if !is_answered => control::alive(&environment)?,
            _ => {}
        }
        hooks::run(&ground, &environment, &layout, moment)?;
        Ok(0)
    }
}

/// How init itself treats what it launches.
fn conduct(launch: &Launch, invocation: &Invocation) -> Conduct {
    Conduct {
        policy: Policy {
            target: launch.stop.target,
            stop_signal: launch.stop.signal,
            rewrites: invocation.rewrites.clone(),
            grace: launch.stop.grace,
            success: invocation.success.clone(),
            ..Policy::default()
        },
        place: Place::Group,
        clean_signals: false,
        forwards_faults: false,
        passes_sockets: true,
        closes_descriptors: true,
        subreaper: Subreaper::Yes,
        parent_death: None,
        leaves_folder: true,
        voice: Voice::Boatyard,
    }
}

/// Does what another init would have done that has our name.
fn impersonate(
    persona: Persona,
    words: Vec<OsString>,
    environment: &Environment,
    inherited: signals::Inherited,
) -> u8 {
    let variable = |name: &str| {
        let value = environment.get(name)?;
        Some(OsString::from_vec(value.to_vec()))
    };
    match persona.request(words, variable, process::id()) {
        Request::Say { said, code } if say::all(&said) => code,
        Request::Say { .. } => 1,
        Request::Pause => pause::until_stopped(),
        Request::Cron { words } => cron::as_supercronic(words, environment, inherited),
        Request::Run { words, conduct } => Ground::prepare(&conduct, inherited)
            .and_then(|ground| {
                let program = command::program(&What::Words(words), environment)?;
                let wishes = Wishes::default();
                Ok(main_process::run(
                    &program,
                    *conduct,
                    environment,
                    &ground,
                    &wishes,
                ))
            })
            .unwrap_or_else(|code| code),
    }
}
