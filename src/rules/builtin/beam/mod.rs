//! What Erlang and Elixir leave.

pub(super) mod hex_cache;
pub(super) mod mix_build;
pub(super) mod mix_deps;
pub(super) mod otp_sources;
