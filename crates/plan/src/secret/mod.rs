//! What looks like a secret: in variables, arguments, histories of images. Everything that checks, carries over, records or
//! renders a variable asks here.
//!
//! ```text
//! is_secret("API_TOKEN", "abc")    is_secret("DATABASE_URL", "postgres://app:hunter2@db")    !is_secret("GREETING", "hi")
//! ```

mod command;
mod password;
mod variable;

pub use command::{Given, in_command, referred};
pub use password::has_password;
pub use variable::{hidden, is_secret, is_secret_name, is_secret_value, is_token, said};
