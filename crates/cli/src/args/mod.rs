//! The words of the command line: verbs, flags, and their help.
//!
//! Names and flags are a contract: scripts call them.

pub mod build;
pub mod builder;
pub mod caching;
pub mod check;
pub mod conditions;
pub mod confined;
pub mod data;
pub mod deploy;
pub mod dockerfile;
pub mod forms;
pub mod forward;
pub mod image;
pub mod kubefiles;
mod manner;
pub mod preview;
pub mod release;
pub mod remote;
pub mod render;
pub mod run;
pub mod serve;
pub mod size;
pub mod supply;
pub mod verify;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

use crate::colour;

pub use manner::{Manner, Progress};

/// The flag, before all other words, of the process that `up -d` starts.
pub const BEHIND: &str = "--behind";

/// The styles of help texts: the ones that errors and answers use.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default())
    .error(colour::ERROR)
    .valid(colour::HELP)
    .invalid(colour::WARNING);

/// From source to running containers: one binary, one file.
#[derive(Debug, Parser)]
#[command(
    name = "boatyard",
    version,
    styles = STYLES,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  boatyard plan                          what would be built and run, and why
  boatyard up                            build the project and run it here
  boatyard -C examples/guestbook up      the same for a project elsewhere

Exit codes: 0 done, 1 the work failed, 2 wrong use or a mistake in a file,
            3 this machine or a remote refuses, 70 a bug of ours.
State lives under $BOATYARD_HOME (default: /var/lib/boatyard for root,
$XDG_DATA_HOME/boatyard for others)."
)]
pub struct Arguments {
    /// Start in DIR, where boatyard.toml is [default: the nearest one upwards]
    #[arg(short = 'C', value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Which copy of the project: one with containers, data and images (tag NAME) of its own; letters, digits and _
    #[arg(long, value_name = "NAME", value_parser = run::copy)]
    pub copy: Option<String>,

    /// Whether to stop when standard input ends: with whoever holds its other end.
    #[arg(long, hide = true)]
    pub leash: bool,

    /// Whether this is the process behind an `up -d`: [`BEHIND`].
    #[arg(long, hide = true)]
    pub behind: bool,

    /// How to speak.
    #[command(flatten)]
    pub manner: Manner,

    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a first boatyard.toml from what the source shows
    #[command(after_help = "\
Examples:
  boatyard new
  boatyard new --print | less            show it, write nothing
  boatyard new services/shop             for the project in that folder
  boatyard new --from compose.yaml       its services become roles, jobs and backing services")]
    New {
        /// The project's folder [default: this one]; it is made if it is not there
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
        /// The file that says what runs: a Compose file, a Dockerfile, a Procfile or .s2i [default: all that is there]
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Print the file instead of writing it
        #[arg(long)]
        print: bool,
    },

    /// Show what would be built and run, and why; change nothing
    #[command(after_help = "\
Examples:
  boatyard plan
  boatyard plan web              only what the image of the service web needs
  boatyard plan --json | jq '.stages[].steps[].title'")]
    Plan {
        /// Services to build [default: all]
        #[arg(value_name = "SERVICE")]
        services: Vec<String>,
        /// Which forms of images.
        #[command(flatten)]
        forms: forms::Forms,
    },

    /// Build images: of the project, a Dockerfile, a Python release or an S2I repository
    #[command(after_help = "\
Examples:
  boatyard build
  boatyard build app worker              two services of the project
  boatyard build -t app:1 .              the Dockerfile of this folder, as docker build would
  boatyard build 'httpie==3.2.4'         a release on the Python index, as a slim image
  boatyard build --s2i .                 an application made for S2I, with its hooks
  boatyard build --engine podman -t app:1 .   the Dockerfile, built by podman
  boatyard build --json | jq -r 'select(.event == \"image\") | .digest'")]
    Build(Box<build::Build>),

    /// Find what is wrong in Dockerfiles, scripts, Compose files and manifests, and mend it
    #[command(after_help = "\
Examples:
  boatyard check                         everything in this folder
  boatyard check --fix                   mend what can be proven to be safe
  boatyard check --diff --unsafe         show all edits that are known
  boatyard check --explain D01           what a rule is about

Exit codes: 0 nothing found, 1 findings from the threshold on, 2 a file cannot be read.
Not here, with a reason: # boatyard ignore=D05 REASON")]
    Check(Box<check::Check>),

    /// Write the files that run the project elsewhere
    Render {
        /// For what.
        #[command(subcommand)]
        target: render::Target,
    },

    /// Build the project, then run it here; Ctrl-C stops it gracefully
    #[command(after_help = "\
Examples:
  boatyard up
  boatyard up -d                         leave it running; \"boatyard down\" stops it
  boatyard up web --publish web=9000     one role, on another port")]
    Up(run::Up),

    /// Deploy to a Kubernetes cluster: jobs first, then roll out, wait, undo on failure
    #[command(after_help = "\
Examples:
  boatyard deploy --dry-run              what would change on the cluster
  boatyard deploy --push                 build and push the images first
  boatyard deploy --context production --namespace shop
  boatyard deploy -f manifests/          what you have rendered and changed")]
    Deploy(Box<deploy::Deploy>),

    /// Serve preview environments: one for every branch and pull request
    #[command(after_help = "\
Examples:
  boatyard serve --repository ../shop    each branch of a repository on this machine
  boatyard serve --repository https://git.example.org/acme/shop.git
  boatyard serve --config serve.toml     what the file says; SIGHUP has it read again

Its state is in $BOATYARD_HOME/serve. Ctrl-C and SIGTERM end the server within seconds;
environments that run go on, and are found again by the next start.")]
    Serve(serve::Serve),

    /// List, start, stop, show the environments of a server
    #[command(after_help = "\
Examples:
  boatyard preview ls                         of the server that you run on this machine
  export BOATYARD_SERVER=https://previews.example.org BOATYARD_TOKEN=...
  boatyard preview ls --repository acme/shop
  boatyard preview open shop-pr7-k3v7abcd     have it run, and print its address
  boatyard preview logs -f shop-pr7-k3v7abcd
  boatyard preview ls --phase failed --json | jq -r '.environments[].id'")]
    Preview(Box<preview::Preview>),

    /// Stop what runs of the project
    Down {
        /// Remove the data of its backing services, too
        #[arg(long)]
        volumes: bool,
        /// Remove all that there is of the copy that --copy names: data, logs, images; needs no project file
        #[arg(long)]
        all: bool,
    },

    /// Data of the project: save a copy, go back to it
    Data {
        /// What to do with it.
        #[command(subcommand)]
        verb: data::Data,
    },

    /// List what runs of the project
    Ps {
        /// List the projects of which anything runs or is kept here, and their copies
        #[arg(long)]
        all: bool,
    },

    /// Show what the project's processes printed
    Logs {
        /// Roles, backing services and jobs [default: all]
        #[arg(value_name = "ROLE")]
        roles: Vec<String>,
        /// Go on until the project stops
        #[arg(short, long)]
        follow: bool,
        /// Begin with the last N lines
        #[arg(short = 'n', long, value_name = "N")]
        lines: Option<usize>,
        /// Not here, but on the cluster that this context of KUBECONFIG names
        #[arg(long, value_name = "CONTEXT")]
        context: Option<String>,
        /// The namespace there [default: the project's, else the context's]
        #[arg(long, value_name = "NAMESPACE", requires = "context")]
        namespace: Option<String>,
    },

    /// Run a command in a running container, as its user and with its environment
    #[command(after_help = "\
Examples:
  boatyard exec web -- flask shell
  boatyard exec --context production web -- flask shell   in a pod of the cluster")]
    Exec {
        /// A role or backing service that runs
        role: String,
        /// The command
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<String>,
        /// Where.
        #[command(flatten)]
        remote: remote::Remote,
    },

    /// Open a shell in a running container, or in a new one if it does not run
    Shell {
        /// The role [default: the first]
        role: Option<String>,
        /// Where.
        #[command(flatten)]
        remote: remote::Remote,
    },

    /// Run a job of the project, a command or an image in a new container
    #[command(after_help = "\
Examples:
  boatyard run migrate                   a job, with the backing services that it needs
  boatyard run -- python --version       a command in the first service's image
  boatyard run httpie:3.2.4 -- http --version   a command in an image
  boatyard run --context production migrate     a job of what is deployed there")]
    Run {
        /// A job of the project, or an image
        #[arg(value_name = "JOB|IMAGE", required_unless_present = "command")]
        name: Option<String>,
        /// The command
        #[arg(last = true, value_name = "COMMAND")]
        command: Vec<String>,
        /// Where.
        #[command(flatten)]
        remote: remote::Remote,
    },

    /// Open ports of pods on a cluster here, until Ctrl-C
    #[command(after_help = "\
Examples:
  boatyard port-forward --context production web            the port of web, the same here
  boatyard port-forward --context production web 9000:8080  port 8080 of web as 9000
  boatyard port-forward --context production web :8080      any port that is free here")]
    PortForward(forward::Forward),

    /// Remove what no image with a name needs: old layers, recorded steps
    Clean {
        /// Remove downloaded packages, wheels and tools, too
        #[arg(long)]
        downloads: bool,
    },

    /// Remove everything that Boatyard keeps
    Purge {
        /// Yes, really
        #[arg(long)]
        yes: bool,
    },

    /// Images: list, look at, name, remove, move
    Image {
        /// What to do with them.
        #[command(subcommand)]
        verb: Box<image::Image>,
    },

    /// Show what this machine permits, and what to do about what it refuses
    Doctor,

    /// Write a completion script to standard output
    #[command(after_help = "\
Examples:
  boatyard completions bash > /etc/bash_completion.d/boatyard
  boatyard completions zsh > ~/.zfunc/_boatyard
  boatyard completions fish > ~/.config/fish/completions/boatyard.fish")]
    Completions {
        /// The shell to write for
        shell: clap_complete::Shell,
    },

    /// Build for somebody who has made this pod
    #[command(hide = true)]
    Builder {
        /// What.
        #[command(subcommand)]
        what: builder::Inside,
    },

    /// Show the events of another run
    #[command(hide = true)]
    Replay,

    /// Show the version
    Version,
}
