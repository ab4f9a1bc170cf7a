//! The protect list: what built-in rules leave alone whatever their globs say. The user's own rules are above it.
//!
//! The hard guards name places and hold against each rule. The others name files by what they are, wherever they are, or
//! places where users put their own files; a rule that names an exact cache takes the copies in it.

use crate::rules::rule::Reach;

/// Paths that are left alone, and why.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) globs: &'static [&'static str],
    pub(super) because: &'static str,
    /// The first reach for which it no longer holds; `None` holds against each rule.
    pub(super) until: Option<Reach>,
}

const fn hard(because: &'static str, globs: &'static [&'static str]) -> Guard {
    Guard {
        globs,
        because,
        until: None,
    }
}

/// Files that are copies like others where they lie in a cache.
const fn unless_owned(because: &'static str, globs: &'static [&'static str]) -> Guard {
    Guard {
        globs,
        because,
        until: Some(Reach::Owned),
    }
}

/// Places that belong to the image's user.
const fn place(because: &'static str, globs: &'static [&'static str]) -> Guard {
    Guard {
        globs,
        because,
        until: Some(Reach::Everywhere),
    }
}

pub(super) static GUARDS: &[Guard] = &[
    hard(
        "licence texts",
        &[
            "usr/share/doc/*/copyright",
            "usr/share/common-licenses",
            "usr/share/licenses",
        ],
    ),
    hard(
        "package database",
        &[
            "var/lib/dpkg/{status,arch,diversions,statoverride,status.d}",
            "var/lib/dpkg/info/*.{list,md5sums,conffiles}",
            "var/lib/dpkg/info/format",
            "{,usr/}lib/apk/db/installed",
            "etc/apk/{world,arch,repositories,keys}",
            "{var/lib,usr/share,usr/lib/sysimage}/rpm/[!_.]*",
            "var/lib/{rpmmanifest,pacman/local,chisel,db/sbom}",
            "var/db/pkg",
            "root/buildinfo",
        ],
    ),
    hard(
        "what tells the distribution",
        &[
            "{etc,usr/lib}/os-release",
            "etc/{debian_version,alpine-release,lsb-release,system-release,redhat-release,fedora-release,centos-release}",
            "etc/{rocky-release,almalinux-release,oracle-release,arch-release,gentoo-release,SuSE-release,debian_chroot}",
        ],
    ),
    hard(
        "certificates",
        &[
            "etc/{ssl,pki,ca-certificates,ca-certificates.conf}",
            "usr/{,local/}share/ca-certificates",
            "usr/share/pki",
            "usr/lib/ssl",
            "var/lib/ca-certificates",
        ],
    ),
    hard(
        "accounts and name lookup",
        &[
            "etc/{passwd,group,shadow,gshadow,subuid,subgid,login.defs,shells,localtime,timezone,locale.conf}",
            "etc/{nsswitch.conf,hosts,protocols,services,mime.types,host.conf,resolv.conf,hostname}",
        ],
    ),
    hard(
        "loader and what the C library opens",
        &[
            "etc/{ld.so.conf,ld.so.cache,ld.so.conf.d,ld.so.preload}",
            "etc/ld-musl-*",
            "{,usr/}lib*/ld-*.so*",
            "{,usr/}lib*/ld-musl-*",
            "{,usr/}lib*/{,*/}{libnss_,libresolv,libgcc_s,libstdc++}*.so*",
        ],
    ),
    hard(
        "tables that libraries read",
        &[
            "usr/share/misc/magic*",
            "usr/share/file",
            "usr/share/mime",
            "usr/share/publicsuffix",
            "usr/share/iso-codes/json",
            "usr/{lib,libexec,local/lib,local/libexec}/{,*/}{ldap,openldap}",
        ],
    ),
    hard(
        "data",
        &[
            "var/lib/{postgresql,pgsql,mysql,mariadb,redis,valkey,mongodb,mongo,cassandra,elasticsearch,opensearch,grafana,influxdb,neo4j,rabbitmq,jenkins,consul,etcd,vault,registry,gitea,couchdb,clickhouse,docker,containerd,containers}",
        ],
    ),
    unless_owned(
        "licence texts",
        &[
            "**/{LICENSE,LICENCE,License,Licence,license,licence}",
            "**/{LICENSE,LICENCE,License,Licence,license,licence}[-._]*",
            "**/{LICENSES,LICENCES}",
            "**/{COPYING,NOTICE,COPYRIGHT}*",
            "**/legal/{java,jdk}.*",
        ],
    ),
    unless_owned(
        "package metadata",
        &[
            "**/*.dist-info",
            "**/*.egg-info",
            "**/conda-meta/*.json",
            "**/node_modules/**/package.json",
            "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,Gemfile.lock,composer.lock,Cargo.lock}",
            "**/specifications/**/*.gemspec",
            "**/vendor/composer/installed.{json,php}",
            "**/*.{deps,runtimeconfig}.json",
            "**/META-INF",
            "**/*.{spdx,cdx}.json",
        ],
    ),
    unless_owned("certificates", &["**/cacert.pem", "**/cacerts"]),
    unless_owned(
        "modules that are loaded by this file",
        &["**/{ImageMagick,GraphicsMagick}*/modules*/**/*.la"],
    ),
    place(
        "packages that run from here",
        &[
            "**/.yarn/{cache,unplugged,releases,plugins,sdks}",
            "**/.pnp.*",
            "**/node_modules/{.pnpm,.prisma}",
            "**/.next",
            "~/.cache/{ms-playwright,puppeteer,Cypress,selenium,huggingface,torch,whisper,deno,pre-commit,clip,datalab}",
            "~/.cache/{node,pypoetry/virtualenvs}",
            "~/{nltk_data,.keras,.deno}",
            "~/.local/share/{virtualenvs,uv,pipx,pnpm/global,hatch,mise}",
        ],
    ),
    place(
        "a place for the user's own files",
        &[
            "root",
            "home/*",
            "srv",
            "opt",
            "usr/src/app",
            "var/www",
            "usr/share/nginx/html",
        ],
    ),
];

/// The top-level directories of the file system standard and of package managers: all others are the user's own.
pub(super) const TOP: &[&str] = &[
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "nix",
    "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_guards_name_places() {
        for guard in GUARDS.iter().filter(|guard| guard.until.is_none()) {
            for glob in guard.globs {
                assert!(
                    !glob.starts_with("**"),
                    "{glob} would be tested under each removed directory"
                );
            }
        }
    }
}
