//! The configuration of the application: INI files in layers, by getconf's rules, and what is made from them.
//!
//! ```text
//! /config/app/10_base.ini     [db]
//!                             host = localhost
//! /config/app/90_site.ini     [db]
//!                             host = db.example.com         <- wins over the file before
//! SHOP_DB_HOST=db2                                          <- wins over all files, in namespace "shop"
//! ```
//! Pure: file contents and variables are passed in.

mod call;
mod dump;
mod expand;
mod ini;
mod layer;
mod order;
mod secret;
mod template;
mod value;

pub use call::{Call, HELP, Misuse, Task, parse as parse_call};
pub use dump::{Form, dump};
pub use expand::{Unfit, expand};
pub use ini::{Broken, Fault, parse};
pub use layer::{Config, Item, Origin, variable};
pub use order::{Doubt, doubts, fits};
pub use secret::{is_secret, masked};
pub use template::BUILT_IN;
pub use value::{boolean, list};
