//! What a builder is to be.

/// What a builder is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The image that it runs, in which `boatyard` is on the path or in `/app/bin`.
    pub image: String,
    /// Who else builds in it.
    pub company: Company,
    /// Whether it may make mounts and namespaces: builds are faster, and can be kept from the network.
    pub mounts: bool,
    /// How large the volume is that its store is on, as a quantity; none: it has none, and what it has made goes with it.
    pub storage: Option<String>,
    /// Processors that are kept for it, as a quantity.
    pub cpu: String,
    /// The memory that it may use, as a quantity.
    pub memory: String,
}

/// Who else builds in a builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Company {
    /// All whose word counts.
    Shared,
    /// Nobody: it is for one build of what nobody trusts, which may connect to these ports only.
    Alone {
        /// The ports, besides those of names.
        ports: Vec<u16>,
    },
}
