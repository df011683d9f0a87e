//! The moments at which hooks run.

/// A moment, which is also the name of its hook and, for some, of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the image's assemble script.
    PreBuild,
    /// After it.
    Build,
    /// Before the main process.
    Deploy,
    /// Instead of the image's run script.
    Run,
    /// After the main process is ready.
    PostDeploy,
    /// Is the application ready?
    Ready,
    /// Does it live?
    Alive,
    /// Prepare its data for the first time.
    Setup,
    /// Bring its data up to date.
    Migrate,
    /// Is the image good?
    Verify,
}

impl Moment {
    /// Moments that are commands.
    pub const COMMANDS: [Self; 5] = [
        Self::Ready,
        Self::Alive,
        Self::Setup,
        Self::Migrate,
        Self::Verify,
    ];

    /// The file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreBuild => "pre_build",
            Self::Build => "build",
            Self::Deploy => "deploy",
            Self::Run => "run",
            Self::PostDeploy => "post_deploy",
            Self::Ready => "ready",
            Self::Alive => "alive",
            Self::Setup => "setup",
            Self::Migrate => "migrate",
            Self::Verify => "verify",
        }
    }

    /// What powershift prints before it runs the hook, without the source folder before it. The probes are silent; the
    /// commands leave out `.s2i`, which is how it is.
    pub fn announced(self) -> Option<String> {
        match self {
            Self::Ready | Self::Alive => None,
            Self::Setup | Self::Migrate | Self::Verify => {
                Some(format!("action_hooks/{}", self.name()))
            }
            _ => Some(format!(".s2i/action_hooks/{}", self.name())),
        }
    }
}
