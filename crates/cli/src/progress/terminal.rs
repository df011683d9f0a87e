//! The terminal that progress is drawn on.

use rustix::termios::tcgetwinsize;

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns; at least 1.
    pub width: usize,
    /// Rows; at least 1.
    pub height: usize,
}

/// The size of the terminal behind standard error; 80 by 24 where there is none or it does not tell.
pub fn size() -> Size {
    let told = tcgetwinsize(std::io::stderr()).ok();
    let told = told.filter(|size| size.ws_col > 0 && size.ws_row > 0);
    told.map_or(
        Size {
            width: 80,
            height: 24,
        },
        |size| Size {
            width: usize::from(size.ws_col),
            height: usize::from(size.ws_row),
        },
    )
}
