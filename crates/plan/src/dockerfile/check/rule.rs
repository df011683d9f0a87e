//! The rules by name.

/// A rule. Its name is the one that `docker build --check` prints and `# check=skip=` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Instructions are all in capitals, or none is.
    ConsistentInstructionCasing,
    /// What is copied is not kept out by .dockerignore.
    CopyIgnoredFile,
    /// No two stages have one name.
    DuplicateStageName,
    /// `EXPOSE` has ports of the container only.
    ExposeInvalidFormat,
    /// Protocols in `EXPOSE` are in small letters.
    ExposeProtoCasing,
    /// `AS` is written as `FROM` is.
    FromAsCasing,
    /// `--platform` of `FROM` is not fixed.
    FromPlatformFlagConstDisallowed,
    /// Images named by arguments are valid with the arguments' defaults.
    InvalidDefaultArgInFrom,
    /// Comments above `ARG` and `FROM` describe these. Off unless asked for.
    InvalidDefinitionDescription,
    /// `CMD` and `ENTRYPOINT` are in the JSON form.
    JsonArgsRecommended,
    /// `ENV` and `LABEL` are written with `=`.
    LegacyKeyValueFormat,
    /// There is no `MAINTAINER`.
    MaintainerDeprecated,
    /// `CMD`, `ENTRYPOINT`, `HEALTHCHECK`: one of each in a stage.
    MultipleInstructionsDisallowed,
    /// No empty line in a continued one.
    NoEmptyContinuation,
    /// `--platform=$TARGETPLATFORM` says nothing.
    RedundantTargetPlatform,
    /// No stage is called `scratch` or `context`.
    ReservedStageName,
    /// No secrets in `ARG` and `ENV`.
    SecretsUsedInArgOrEnv,
    /// Stage names have no capitals.
    StageNameCasing,
    /// Arguments in `FROM` are declared.
    UndefinedArgInFrom,
    /// Variables are declared before they are used.
    UndefinedVar,
    /// The first `WORKDIR` is absolute.
    WorkdirRelativePath,
}

impl Rule {
    /// All of them, by name.
    pub const ALL: [Self; 21] = [
        Self::ConsistentInstructionCasing,
        Self::CopyIgnoredFile,
        Self::DuplicateStageName,
        Self::ExposeInvalidFormat,
        Self::ExposeProtoCasing,
        Self::FromAsCasing,
        Self::FromPlatformFlagConstDisallowed,
        Self::InvalidDefaultArgInFrom,
        Self::InvalidDefinitionDescription,
        Self::JsonArgsRecommended,
        Self::LegacyKeyValueFormat,
        Self::MaintainerDeprecated,
        Self::MultipleInstructionsDisallowed,
        Self::NoEmptyContinuation,
        Self::RedundantTargetPlatform,
        Self::ReservedStageName,
        Self::SecretsUsedInArgOrEnv,
        Self::StageNameCasing,
        Self::UndefinedArgInFrom,
        Self::UndefinedVar,
        Self::WorkdirRelativePath,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConsistentInstructionCasing => "ConsistentInstructionCasing",
            Self::CopyIgnoredFile => "CopyIgnoredFile",
            Self::DuplicateStageName => "DuplicateStageName",
            Self::ExposeInvalidFormat => "ExposeInvalidFormat",
            Self::ExposeProtoCasing => "ExposeProtoCasing",
            Self::FromAsCasing => "FromAsCasing",
            Self::FromPlatformFlagConstDisallowed => "FromPlatformFlagConstDisallowed",
            Self::InvalidDefaultArgInFrom => "InvalidDefaultArgInFrom",
            Self::InvalidDefinitionDescription => "InvalidDefinitionDescription",
            Self::JsonArgsRecommended => "JSONArgsRecommended",
            Self::LegacyKeyValueFormat => "LegacyKeyValueFormat",
            Self::MaintainerDeprecated => "MaintainerDeprecated",
            Self::MultipleInstructionsDisallowed => "MultipleInstructionsDisallowed",
            Self::NoEmptyContinuation => "NoEmptyContinuation",
            Self::RedundantTargetPlatform => "RedundantTargetPlatform",
            Self::ReservedStageName => "ReservedStageName",
            Self::SecretsUsedInArgOrEnv => "SecretsUsedInArgOrEnv",
            Self::StageNameCasing => "StageNameCasing",
            Self::UndefinedArgInFrom => "UndefinedArgInFrom",
            Self::UndefinedVar => "UndefinedVar",
            Self::WorkdirRelativePath => "WorkdirRelativePath",
        }
    }

    /// Whether it is off unless `# check=experimental=` asks for it.
    pub fn is_experimental(self) -> bool {
        self == Self::InvalidDefinitionDescription
    }
}
