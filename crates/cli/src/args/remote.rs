//! Words about being elsewhere.

use clap::Args;

/// On which cluster, if not here.
#[derive(Args, Clone, Debug, Default)]
pub struct Remote {
    /// Not here, but on the cluster that this context of KUBECONFIG names
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,

    /// The namespace there [default: the project's, else the context's]
    #[arg(short, long, value_name = "NAMESPACE", requires = "context")]
    pub namespace: Option<String>,
}
