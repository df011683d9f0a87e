//! The templates that init brings: what grocker's images run.

/// Name and text of each.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("nginx.conf", include_str!("template/nginx.conf")),
    ("uwsgi.ini", include_str!("template/uwsgi.ini")),
];
