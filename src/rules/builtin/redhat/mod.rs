//! What dnf, yum, zypper and their images leave.

pub(super) mod build_id;
pub(super) mod cracklib;
pub(super) mod dnf_cache;
pub(super) mod dnf_history;
pub(super) mod dnf_logs;
pub(super) mod installer_traces;
pub(super) mod rpm_locks;
pub(super) mod selinux;
