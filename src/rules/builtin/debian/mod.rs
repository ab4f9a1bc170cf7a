//! What apt, dpkg and Debian packages leave.

pub(super) mod apt_archives;
pub(super) mod apt_lists;
pub(super) mod apt_logs;
pub(super) mod dpkg_maint;
pub(super) mod dpkg_old;
pub(super) mod ldconfig_aux;
pub(super) mod lintian;
