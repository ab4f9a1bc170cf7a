//! What any tool leaves anywhere.

pub(super) mod apple_doubles;
pub(super) mod backups;
pub(super) mod core_dumps;
pub(super) mod desktop_litter;
pub(super) mod editor_swaps;
pub(super) mod git;
pub(super) mod logs;
pub(super) mod nfs_files;
pub(super) mod other_histories;
pub(super) mod project_settings;
pub(super) mod rotated_logs;
pub(super) mod run_files;
pub(super) mod shell_history;
pub(super) mod tmp;
pub(super) mod var_tmp;
