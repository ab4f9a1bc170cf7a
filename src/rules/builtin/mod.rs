//! The built-in rules: one file each, named as the rule, in a folder for the tools that leave such files behind.
//!
//! A rule's globs, conditions and examples are all there is to it; what they mean is said in [`Rule`].

mod alpine;
mod beam;
mod debian;
mod distributions;
mod documentation;
mod dotnet;
mod general;
mod go;
mod javascript;
mod jvm;
mod native;
mod packages;
mod php;
mod python;
mod redhat;
mod ruby;
mod rust;
mod science;
mod system;

use crate::rules::rule::Rule;

/// The built-in rules that take paths. Where several take a path, the first that removes it is named.
pub static RULES: &[&Rule] = &[
    &debian::apt_lists::RULE,
    &debian::apt_archives::RULE,
    &debian::apt_logs::RULE,
    &debian::dpkg_old::RULE,
    &debian::dpkg_maint::RULE,
    &debian::ldconfig_aux::RULE,
    &debian::lintian::RULE,
    &alpine::apk_cache::RULE,
    &alpine::apk_scripts::RULE,
    &redhat::dnf_cache::RULE,
    &redhat::dnf_history::RULE,
    &redhat::dnf_logs::RULE,
    &redhat::installer_traces::RULE,
    &redhat::rpm_locks::RULE,
    &redhat::build_id::RULE,
    &redhat::selinux::RULE,
    &redhat::cracklib::RULE,
    &distributions::pacman_cache::RULE,
    &distributions::portage_cache::RULE,
    &distributions::xbps_cache::RULE,
    &distributions::nix_docs::RULE,
    &documentation::docs::RULE,
    &documentation::doc_examples::RULE,
    &documentation::man_info::RULE,
    &documentation::completions::RULE,
    &documentation::locale::RULE,
    &documentation::i18n::RULE,
    &documentation::locale_archive::RULE,
    &documentation::perl_pod::RULE,
    &system::systemd_units::RULE,
    &system::udev_hwdb::RULE,
    &system::boot::RULE,
    &system::kernel_modules::RULE,
    &system::menus::RULE,
    &system::x11_data::RULE,
    &system::zoneinfo_right::RULE,
    &system::zoneinfo::RULE,
    &system::gconv::RULE,
    &system::fonts::RULE,
    &system::desktop_data::RULE,
    &system::font_cache::RULE,
    &system::random_seed::RULE,
    &system::machine_id::RULE,
    &system::ssh_host_keys::RULE,
    &python::pip_cache::RULE,
    &python::uv_cache::RULE,
    &python::poetry_cache::RULE,
    &python::pipenv_cache::RULE,
    &python::conda_packages::RULE,
    &python::conda_build::RULE,
    &python::conda_docs::RULE,
    &python::pycache::RULE,
    &python::stdlib_tests::RULE,
    &python::stdlib_dev::RULE,
    &python::stdlib_extras::RULE,
    &python::site_tests::RULE,
    &python::site_tests_all::RULE,
    &python::site_cython::RULE,
    &python::site_sources::RULE,
    &python::site_stubs::RULE,
    &python::pip_self::RULE,
    &python::tool_caches::RULE,
    &python::tox_environments::RULE,
    &python::coverage_pages::RULE,
    &javascript::npm_cache::RULE,
    &javascript::yarn_cache::RULE,
    &javascript::yarn_berry_cache::RULE,
    &javascript::yarn_state::RULE,
    &javascript::pnpm_store::RULE,
    &javascript::bun_cache::RULE,
    &javascript::node_gyp::RULE,
    &javascript::js_build_caches::RULE,
    &javascript::foreign_prebuilds::RULE,
    &javascript::node_dev_files::RULE,
    &javascript::node_docs::RULE,
    &javascript::node_types::RULE,
    &javascript::source_maps::RULE,
    &javascript::npm_self::RULE,
    &javascript::node_readme::RULE,
    &jvm::gradle_cache::RULE,
    &jvm::maven_leftovers::RULE,
    &jvm::maven_repository::RULE,
    &jvm::sbt_cache::RULE,
    &jvm::coursier_cache::RULE,
    &jvm::jvm_temporary::RULE,
    &jvm::bazel_cache::RULE,
    &jvm::maven_build::RULE,
    &jvm::jdk_sources::RULE,
    &jvm::jdk_headers::RULE,
    &jvm::jdk_tools::RULE,
    &go::go_build_cache::RULE,
    &go::go_modules::RULE,
    &go::go_root_tests::RULE,
    &go::go_root::RULE,
    &rust::cargo_registry::RULE,
    &rust::cargo_target::RULE,
    &rust::cargo_debug::RULE,
    &rust::rustup_downloads::RULE,
    &rust::rustup_docs::RULE,
    &rust::rust_toolchain::RULE,
    &native::compiler_caches::RULE,
    &native::cmake_files::RULE,
    &native::test_sources::RULE,
    &native::kernel_headers::RULE,
    &native::headers::RULE,
    &native::static_libraries::RULE,
    &native::libtool_archives::RULE,
    &native::cuda_extras::RULE,
    &native::cuda_static::RULE,
    &native::cuda_headers::RULE,
    &native::debug_files::RULE,
    &native::linker_names::RULE,
    &beam::hex_cache::RULE,
    &beam::mix_build::RULE,
    &beam::mix_deps::RULE,
    &beam::otp_sources::RULE,
    &science::r_temporary::RULE,
    &science::r_docs::RULE,
    &science::julia_registries::RULE,
    &ruby::gem_cache::RULE,
    &ruby::gem_build::RULE,
    &ruby::gem_docs::RULE,
    &ruby::gem_tests::RULE,
    &php::composer_cache::RULE,
    &php::php_source::RULE,
    &php::php_docs::RULE,
    &php::php_headers::RULE,
    &php::composer_tests::RULE,
    &dotnet::nuget_cache::RULE,
    &dotnet::dotnet_obj::RULE,
    &dotnet::nuget_packages::RULE,
    &dotnet::dotnet_sdk::RULE,
    &dotnet::dotnet_symbols::RULE,
    &dotnet::dotnet_xml::RULE,
    &dotnet::dotnet_satellites::RULE,
    &general::git::RULE,
    &general::other_histories::RULE,
    &general::project_settings::RULE,
    &general::desktop_litter::RULE,
    &general::apple_doubles::RULE,
    &general::editor_swaps::RULE,
    &general::nfs_files::RULE,
    &general::core_dumps::RULE,
    &general::backups::RULE,
    &general::shell_history::RULE,
    &general::rotated_logs::RULE,
    &general::logs::RULE,
    &general::tmp::RULE,
    &general::var_tmp::RULE,
    &general::run_files::RULE,
];

/// The built-in rules that take packages instead of paths.
pub static PACKAGE_RULES: &[&Rule] = &[
    &packages::build_tools::RULE,
    &packages::dev_dependencies::RULE,
];

/// All built-in rules, those that take paths first.
pub fn all() -> impl Iterator<Item = &'static Rule> + Clone {
    RULES.iter().chain(PACKAGE_RULES).copied()
}

/// What reads headers, static libraries and sources: compilers, linkers, and libraries that compile at run time.
const COMPILERS: &[&str] = &[
    "{usr/,usr/local/,}bin/{gcc,gcc-*,g++,g++-*,cc,c++,cpp,cpp-*,clang,clang-*,clang++,tcc,ld,ld.*,*-gcc,*-cc}",
    "{usr/,usr/local/,}bin/{nvcc,R,julia,ghc,ghc-*,ocamlopt,ocamlfind,fpc,ldc2,dmd,gdc,zig,nim,swiftc,crystal,rustc,gnatmake}",
    "{usr/,usr/local/,}bin/{go,gccgo,cling,emcc,swig,swig*,cmake,bison,autoconf,automake,meson,root-config}",
    "usr/local/{go,cuda,cuda-*,cargo,julia}/bin/*",
    "usr/lib/go-*/bin/go",
    "usr/{,local/}lib/{,*/}{libbcc.so,libclang,libcling,libnvrtc.so,libtcc.so}*",
    "opt/{conda,miniconda*,miniforge*,mambaforge*,micromamba}/bin/{*-gcc,*-cc,R,julia}",
];

/// What draws windows and looks up menus, icons and sounds.
const GUI: &[&str] = &[
    "usr/{,local/}lib{,64}/{,*/}{libgtk-,libgtk-x11-,libQt5Gui,libQt6Gui,libQtGui,libwx_gtk,libfltk}*",
    "{usr/lib,usr/lib64,opt}/{chromium,chromium-browser,firefox,firefox-esr,thunderbird,libreoffice,google}*",
];

/// What reads unit files, device rules and kernel modules.
const SYSTEMD: &[&str] = &[
    "{usr/,}lib/systemd/{systemd,systemd-udevd}",
    "{usr/,}bin/{systemctl,udevadm}",
    "{usr/,}sbin/udevd",
];

/// What programs that set up projects copy from: leftovers in there are their material.
const SCAFFOLDS: &[&str] = &[
    "**/{skeleton,scaffold,boilerplate,starter,fixture,example}{,s}",
    "**/*{template,cookiecutter,archetype}*",
];

/// The first bytes of static libraries, plain and thin.
const ARCHIVE: &[(usize, &[u8])] = &[(0, b"!<arch>\n"), (0, b"!<thin>\n")];

#[cfg(test)]
mod tests;
