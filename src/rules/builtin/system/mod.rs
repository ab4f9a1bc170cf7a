//! What belongs to a machine and not to a container.

pub(super) mod boot;
pub(super) mod desktop_data;
pub(super) mod font_cache;
pub(super) mod fonts;
pub(super) mod gconv;
pub(super) mod kernel_modules;
pub(super) mod machine_id;
pub(super) mod menus;
pub(super) mod random_seed;
pub(super) mod ssh_host_keys;
pub(super) mod systemd_units;
pub(super) mod udev_hwdb;
pub(super) mod x11_data;
pub(super) mod zoneinfo;
pub(super) mod zoneinfo_right;
