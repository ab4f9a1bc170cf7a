//! What Python, pip and their kin leave.

pub(super) mod conda_build;
pub(super) mod conda_docs;
pub(super) mod conda_packages;
pub(super) mod coverage_pages;
pub(super) mod pip_cache;
pub(super) mod pip_self;
pub(super) mod pipenv_cache;
pub(super) mod poetry_cache;
pub(super) mod pycache;
pub(super) mod site_cython;
pub(super) mod site_sources;
pub(super) mod site_stubs;
pub(super) mod site_tests;
pub(super) mod site_tests_all;
pub(super) mod stdlib_dev;
pub(super) mod stdlib_extras;
pub(super) mod stdlib_tests;
pub(super) mod tool_caches;
pub(super) mod tox_environments;
pub(super) mod uv_cache;
