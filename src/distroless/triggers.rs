//! What programs open without needing it by name: by the functions that they take from libraries.
//!
//! What breaks without a row was shown by leaving its files out: TLS, users, hosts, character sets, locales, time zones and
//! threads. The others are cheap and there for safety.

/// Functions, and what they read when they are called.
pub(super) struct Trigger {
    /// Names of functions; one that ends in `*` stands for all that begin so.
    imports: &'static [&'static str],
    /// Files and directories with all in them; `*` stands for any part of one name.
    pub(super) keep: &'static [&'static str],
    /// Programs that are started.
    pub(super) run: &'static [&'static str],
    /// What the functions do.
    pub(super) why: &'static str,
}

const fn reads(
    imports: &'static [&'static str],
    keep: &'static [&'static str],
    why: &'static str,
) -> Trigger {
    Trigger {
        imports,
        keep,
        run: &[],
        why,
    }
}

/// The bundle of certificate authorities in the places of the distributions.
pub(crate) const AUTHORITIES: &[&str] = &[
    "etc/ssl/certs/ca-certificates.crt",
    "etc/ssl/cert.pem",
    "etc/ssl/ca-bundle.pem",
    "etc/pki/tls/certs/ca-bundle.crt",
    "etc/pki/tls/cert.pem",
    "etc/pki/ca-trust/extracted",
    "usr/lib/ssl/cert.pem",
    "usr/lib/ssl/certs",
    "usr/local/share/ca-certificates",
];

pub(super) const ALL: &[Trigger] = &[
    reads(
        &["pthread_cancel", "pthread_exit", "backtrace"],
        &[
            "lib/*/libgcc_s.so*",
            "usr/lib/*/libgcc_s.so*",
            "lib64/libgcc_s*.so*",
            "usr/lib64/libgcc_s*.so*",
        ],
        "ends threads, for which libc loads libgcc_s",
    ),
    reads(
        &["getpw*", "getgr*", "initgroups"],
        &[
            "etc/passwd",
            "etc/group",
            "etc/nsswitch.conf",
            "lib/*/libnss_*.so*",
            "usr/lib/*/libnss_*.so*",
        ],
        "looks users up",
    ),
    reads(
        &["getaddrinfo", "gethostby*", "getnameinfo", "res_*"],
        &[
            "etc/nsswitch.conf",
            "etc/hosts",
            "etc/resolv.conf",
            "etc/host.conf",
            "etc/gai.conf",
            "etc/services",
            "lib/*/libnss_*.so*",
            "usr/lib/*/libnss_*.so*",
        ],
        "looks hosts up",
    ),
    reads(
        &["getservby*", "getproto*", "getservent*"],
        &["etc/services", "etc/protocols", "etc/nsswitch.conf"],
        "looks services up",
    ),
    reads(
        &["iconv_open", "libiconv_open"],
        &["usr/lib/*/gconv", "usr/lib64/gconv", "usr/lib/gconv"],
        "converts between character sets",
    ),
    reads(
        &["setlocale", "newlocale"],
        &[
            "usr/lib/locale",
            "usr/share/locale/locale.alias",
            "usr/lib/*/gconv/gconv-modules*",
            "usr/lib64/gconv/gconv-modules*",
            "etc/locale.alias",
            "etc/default/locale",
        ],
        "sets a locale",
    ),
    reads(
        &["localtime", "localtime_r", "tzset", "mktime", "strftime"],
        &["usr/share/zoneinfo", "etc/localtime", "etc/timezone"],
        "reckons with time zones",
    ),
    reads(
        &[
            "SSL_CTX_*",
            "gnutls_certificate_*",
            "X509_STORE_set_default_paths",
            "mbedtls_ssl_*",
            "wolfSSL_CTX_*",
        ],
        AUTHORITIES,
        "checks certificates",
    ),
    reads(
        &["SSL_CTX_*", "OPENSSL_init_*", "EVP_*", "OSSL_PROVIDER_*"],
        &[
            "etc/ssl/openssl.cnf",
            "usr/lib/ssl/openssl.cnf",
            "usr/lib/*/ossl-modules",
            "usr/lib/*/engines-*",
            "etc/pki/tls/openssl.cnf",
            "etc/crypto-policies",
            "usr/lib64/ossl-modules",
            "usr/lib64/engines-*",
        ],
        "loads OpenSSL's providers",
    ),
    Trigger {
        imports: &["system", "popen", "wordexp"],
        keep: &[],
        run: &["/bin/sh"],
        why: "runs commands by the shell",
    },
    reads(
        &["krb5_init_*", "gss_*"],
        &[
            "etc/krb5.conf*",
            "etc/gss",
            "usr/lib/*/krb5/plugins",
            "usr/lib/*/gss",
            "usr/lib64/krb5/plugins",
        ],
        "speaks Kerberos",
    ),
    reads(
        &["pam_start*"],
        &[
            "etc/pam.d",
            "etc/pam.conf",
            "etc/security",
            "lib/*/security",
            "usr/lib/*/security",
            "usr/lib64/security",
        ],
        "lets users in by PAM",
    ),
    reads(
        &["sasl_*"],
        &[
            "usr/lib/*/sasl2",
            "etc/sasl2",
            "usr/lib/sasl2",
            "usr/lib64/sasl2",
        ],
        "loads SASL's mechanisms",
    ),
    reads(
        &["p11_kit_*", "gnutls_pkcs11_*"],
        &[
            "usr/lib/*/pkcs11",
            "usr/share/p11-kit",
            "etc/pkcs11",
            "usr/lib64/pkcs11",
        ],
        "loads PKCS #11 modules",
    ),
    reads(
        &["magic_load", "magic_open"],
        &[
            "usr/share/misc/magic*",
            "usr/lib/file",
            "usr/share/file",
            "etc/magic*",
        ],
        "tells kinds of files",
    ),
    reads(
        &["setupterm", "tgetent", "initscr", "newterm", "tigetstr"],
        &[
            "etc/terminfo",
            "lib/terminfo",
            "usr/share/terminfo",
            "usr/lib/terminfo",
            "etc/inputrc",
        ],
        "drives terminals",
    ),
    reads(
        &["FcInit*", "FcConfig*", "FcFont*"],
        &[
            "etc/fonts",
            "usr/share/fontconfig",
            "usr/share/fonts",
            "usr/local/share/fonts",
            "var/cache/fontconfig",
        ],
        "draws text",
    ),
    reads(
        &["gdk_pixbuf_new_*", "gdk_pixbuf_loader_*"],
        &["usr/lib/*/gdk-pixbuf-2.0", "usr/share/mime"],
        "loads images",
    ),
    reads(
        &[
            "g_app_info_*",
            "g_content_type_*",
            "g_file_new_for_*",
            "g_settings_*",
            "g_tls_*",
        ],
        &[
            "usr/lib/*/gio",
            "usr/share/mime",
            "usr/share/glib-2.0/schemas",
        ],
        "loads GLib's modules",
    ),
    reads(
        &["xmlLoadCatalog*", "xmlInitializeCatalog", "xmlCatalog*"],
        &["etc/xml", "etc/sgml", "usr/share/xml"],
        "looks up XML catalogues",
    ),
    reads(
        &["idn2_*", "u_init*", "ucnv_open*", "udata_*"],
        &["usr/share/icu", "usr/lib/*/icu"],
        "knows Unicode",
    ),
];

impl Trigger {
    /// The function by which a program pulls this trigger.
    pub(super) fn pulled<'a>(&self, imports: &'a [Vec<u8>]) -> Option<&'a [u8]> {
        self.imports.iter().find_map(|wanted| {
            let (stem, open) = match wanted.strip_suffix('*') {
                Some(stem) => (stem.as_bytes(), true),
                None => (wanted.as_bytes(), false),
            };
            let from = imports.partition_point(|name| &name[..] < stem);
            let name = imports.get(from)?;
            let fits = if open {
                name.starts_with(stem)
            } else {
                name == stem
            };
            fits.then_some(&name[..])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_are_pulled_by_names_and_beginnings_of_names() {
        let imports: Vec<Vec<u8>> = ["SSL_CTX_new", "getpwuid", "popen", "read"]
            .map(|name| name.as_bytes().to_vec())
            .into();
        let whys: Vec<&str> = ALL
            .iter()
            .filter(|trigger| trigger.pulled(&imports).is_some())
            .map(|trigger| trigger.why)
            .collect();
        assert_eq!(
            whys,
            [
                "looks users up",
                "checks certificates",
                "loads OpenSSL's providers",
                "runs commands by the shell",
            ]
        );
    }
}
