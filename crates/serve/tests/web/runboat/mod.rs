//! What runboat's clients ask for.

mod answers;
mod behaviour;
mod builds;

/// "operate:operate-token"
const OPERATE: &str = "authorization: Basic b3BlcmF0ZTpvcGVyYXRlLXRva2Vu";
/// "admin:admin-token"
const ADMIN: &str = "authorization: Basic YWRtaW46YWRtaW4tdG9rZW4=";
