//! People log in somewhere else: at a provider of OIDC, or at a forge. Who they are is believed only as far as it was
//! said to us: for this browser, this attempt and this server.
//!
//! ```text
//! begin  --> where the browser is sent      state, nonce and verifier stay here, a cookie stays in that browser
//! finish --> Person                         code and verifier for a token, by our own connection
//! Person --roles--> grants --> Session      a cookie that means something only here
//! ```
//! Sources: OIDC Core 1.0, Discovery 1.0; RFC 6749 (OAuth 2.0), 7636 (PKCE), 9207 (issuer), 9700 (best practice).

mod ask;
mod chance;
mod error;
mod forge;
mod jwt;
mod oidc;
mod provider;
mod sessions;

pub use error::LoginError;
pub use provider::{Attempt, Provider, Providers};
pub use sessions::{Pending, SESSION, Session, Sessions};
