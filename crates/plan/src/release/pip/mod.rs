//! pip's configuration file: where packages come from. Read, and told to whatever installs.
//!
//! ```text
//! [global]
//! index-url = https://user:password@index.example/simple     UV_DEFAULT_INDEX, PIP_INDEX_URL
//! extra-index-url = https://other.example/simple             UV_INDEX, PIP_EXTRA_INDEX_URL
//! trusted-host = other.example                               UV_INSECURE_HOST, PIP_TRUSTED_HOST
//! ```
//! Only `[global]` and `[install]` count, the latter more. Source: pip's documentation, "Configuration"; uv's, "Environment
//! variables". What it says reaches the installer and nothing else: no plan, no layer, no log.

mod configuration;
mod entry;

pub use configuration::{PipConfiguration, secrets_in};
