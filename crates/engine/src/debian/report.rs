//! What is told while a root file system is made.

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something people should know.
    Notice {
        /// One sentence.
        message: String,
        /// What to do, if anything.
        help: Option<String>,
    },
    /// Bytes were downloaded. Sent for every piece that arrives: several hundred times a second.
    Downloaded {
        /// Bytes of this piece.
        bytes: u64,
        /// Bytes of all packages that have to be downloaded.
        total: u64,
    },
    /// All packages are on disk: the network is free. Told once for each installation.
    Fetched,
    /// A package was unpacked.
    Unpacked {
        /// Its name.
        package: String,
        /// How many packages there are.
        total: usize,
    },
    /// Packages are being configured: what dpkg says, line by line, once it is done.
    Configured {
        /// How many packages there are.
        total: usize,
    },
}

/// Whoever wants to know. Called from several threads.
pub type Observer<'a> = dyn Fn(Progress) + Sync + 'a;
