//! The style and the script, which are part of the program.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| path("/style.css", STYLE));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| path("/page.js", SCRIPT));

/// Where the style is; another style is elsewhere, so that browsers may keep it.
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// Where the script is.
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// `GET /style.css`
pub async fn style() -> Response {
    kept("text/css", STYLE)
}

/// `GET /page.js`
pub async fn script() -> Response {
    kept("text/javascript", SCRIPT)
}

/// The style where its path does not change with it.
pub fn style_now() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/css"),
            (header::CACHE_CONTROL, "max-age=60"),
        ],
        STYLE,
    )
        .into_response()
}

fn path(name: &str, content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let short = digest
        .iter()
        .take(6)
        .fold(0_u64, |short, byte| short << 8 | u64::from(*byte));
    format!("{name}?{short:012x}")
}

fn kept(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=31536000, immutable"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, content).into_response()
}
