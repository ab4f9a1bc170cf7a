//! Small images with one thing taken from each: what is told of it, and that nothing is told of what nobody uses.

use crate::packages::testing::Image;
use crate::rules::Facts;

use super::{Finding, Severity, View, compare, reach};

/// A 64-bit program or library: one loaded segment that maps the file at its own offsets, then its dynamic section.
fn object(interpreter: &str, needed: &[&str], imports: &[&str], texts: &str) -> Vec<u8> {
    let (mut strings, mut dynamic) = (vec![0], Vec::new());
    let mut symbols = vec![0; 24];
    for name in needed {
        dynamic.push((1, strings.len() as u64));
        strings.extend([name.as_bytes(), b"\0"].concat());
    }
    for name in imports {
        symbols.extend(u32::try_from(strings.len()).unwrap().to_le_bytes());
        symbols.extend([0x12; 1]);
        symbols.extend([0; 19]);
        strings.extend([name.as_bytes(), b"\0"].concat());
    }
    let interpreter = [interpreter.as_bytes(), b"\0"].concat();
    let interpreter_at = 64 + 3 * 56;
    let symbols_at = interpreter_at + interpreter.len() as u64;
    let strings_at = symbols_at + symbols.len() as u64;
    let dynamic_at = strings_at + strings.len() as u64;
    let table = [(5, strings_at), (6, symbols_at), (10, strings.len() as u64)];
    dynamic.extend(table.into_iter().chain([(11, 24), (0, 0)]));
    let end = dynamic_at + 16 * dynamic.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([3u16, 62].iter().flat_map(|v| v.to_le_bytes()));
    file.extend(1u32.to_le_bytes());
    file.extend([0u64, 64, 0].iter().flat_map(|v| v.to_le_bytes()));
    file.extend(0u32.to_le_bytes());
    let segments = if interpreter.len() > 1 { 3u16 } else { 2 };
    let sizes = [64u16, 56, segments, 0, 0, 0];
    file.extend(sizes.iter().flat_map(|v| v.to_le_bytes()));
    for (kind, offset, size) in [
        (1u32, 0, end),
        (2, dynamic_at, end - dynamic_at),
        (3, interpreter_at, interpreter.len() as u64),
    ] {
        file.extend(kind.to_le_bytes());
        file.extend(4u32.to_le_bytes());
        let words = [offset, offset, offset, size, size, 8];
        file.extend(words.iter().flat_map(|v| v.to_le_bytes()));
    }
    file.extend([interpreter, symbols, strings].concat());
    for (tag, value) in dynamic {
        file.extend((tag as u64).to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([b"\0", texts.as_bytes(), b"\0"].concat());
    file
}

fn program(needed: &[&str], imports: &[&str], texts: &str) -> Vec<u8> {
    object("/lib/ld-linux.so.2", needed, imports, texts)
}

type Row = (String, String, Vec<u8>);

/// A small system with a program of each kind.
fn system() -> Vec<Row> {
    let imports = [
        "getpwnam",
        "iconv_open",
        "localtime",
        "pthread_cancel",
        "setlocale",
        "system",
    ];
    let library = |needed: &[&str]| object("", needed, &[], "");
    let texts = |text: &str| text.as_bytes().to_vec();
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        ("lib/ld-linux.so.2", "x", library(&[])),
        ("usr/lib/liba.so.1", "f", library(&["libb.so.1"])),
        ("usr/lib/libb.so.1", "f", library(&[])),
        ("usr/lib/libp.so", "f", library(&[])),
        ("usr/lib/libunused.so.1", "f", library(&[])),
        ("usr/lib/libgcc_s.so.1", "f", library(&[])),
        ("usr/lib/libcurl.so.4", "f", library(&[])),
        ("usr/lib/libnss_own.so.2", "f", library(&[])),
        ("bin/sh", "x", program(&[], &[], "")),
        ("bin/sed", "x", program(&[], &[], "")),
        ("bin/mawk", "x", program(&[], &[], "")),
        ("bin/awk", "->/etc/alternatives/awk", vec![]),
        ("etc/alternatives/awk", "->/bin/mawk", vec![]),
        ("bin/idle", "x", program(&["libunused.so.1"], &[], "")),
        (
            "bin/node",
            "x",
            program(&[], &[], "\0/usr/share/nodejs/acorn/acorn.js\0"),
        ),
        ("bin/python3", "x", program(&[], &[], "")),
        ("bin/perl", "x", program(&[], &[], "")),
        ("bin/curl", "x", program(&["libcurl.so.4"], &[], "")),
        ("bin/tlsd", "x", program(&[], &["SSL_CTX_new"], "")),
        ("bin/opener", "x", program(&[], &["dlopen"], "\0libp.so\0")),
        (
            "app/probe",
            "x",
            program(
                &["liba.so.1"],
                &imports,
                "\0/etc/probe.conf\0/usr/share/probe\0/var/log/probe\0",
            ),
        ),
        (
            "app/run.sh",
            "x",
            texts("#!/bin/sh\nexport PATH=/opt/own/bin:$PATH\nsed -n p /dev/null\nawk 1\nown\n"),
        ),
        (
            "app/main.py",
            "f",
            texts("import json\ndef later():\n    import fast\n"),
        ),
        ("app/templates/a.html", "f", texts("a")),
        (
            "app/server.js",
            "f",
            texts("const a = require('dep');\nif (a) {\n  require('./own');\n}\n"),
        ),
        ("app/own.js", "f", texts("1")),
        ("app/node_modules/dep/index.js", "f", texts("1")),
        ("app/node_modules/dep/readme.md", "f", texts("1")),
        (
            "etc/passwd",
            "f",
            texts("root:x:0:0::/:\nother:x:7:7::/:\n"),
        ),
        ("etc/group", "f", texts("root:x:0:\n")),
        ("etc/nsswitch.conf", "f", texts("passwd: files own\n")),
        ("etc/probe.conf", "f", texts("a = 1\n")),
        ("etc/ld.so.preload", "f", texts("/usr/lib/libp.so\n")),
        ("etc/ssl/certs/ca-certificates.crt", "f", texts("x")),
        ("usr/share/doc/probe/copyright", "f", texts("x")),
        ("usr/share/probe/words", "f", texts("x")),
        ("usr/share/probe/more", "f", texts("x")),
        ("var/log/probe", "d", vec![]),
        (
            "opt/own/bin/own",
            "x",
            program(&[], &[], "\0/usr/share/own\0"),
        ),
        ("usr/share/own/words", "f", texts("x")),
        ("usr/share/zoneinfo/Asia/Tokyo", "f", texts("TZif")),
        ("usr/share/zoneinfo/UTC", "f", texts("TZif")),
        ("usr/lib/locale/C.utf8/LC_CTYPE", "f", texts("x")),
        ("usr/lib/x86_64-linux-gnu/gconv/BIG5.so", "f", library(&[])),
        (
            "usr/lib/python3.11/json/__init__.py",
            "f",
            texts("from . import decoder\n"),
        ),
        (
            "usr/lib/python3.11/json/decoder.py",
            "f",
            texts("import re\n"),
        ),
        ("usr/lib/python3.11/re.py", "f", texts("")),
        ("usr/lib/python3.11/fast.py", "f", texts("")),
        ("usr/lib/python3.11/test/all.py", "f", texts("")),
        ("usr/share/perl5/JSON.pm", "f", texts("1;")),
        ("usr/share/nodejs/acorn/acorn.js", "f", texts("1")),
        ("tmp", "d", vec![]),
    ];
    rows.into_iter()
        .map(|(path, form, bytes)| (path.to_owned(), form.to_owned(), bytes))
        .collect()
}

fn facts(image: &Image, config: &str) -> Facts {
    let config = format!(r#"{{"os": "linux", "architecture": "amd64", "config": {config}}}"#);
    let config = serde_json::from_str(&config).unwrap();
    Facts::gather(&config, &image.tree, image).unwrap()
}

/// What is told of an image of which rows became others.
fn told(config: &str, change: &dyn Fn(&mut Vec<Row>)) -> Vec<Finding> {
    let before = Image::of_bytes(&system());
    let mut rows = system();
    change(&mut rows);
    let after = Image::of_bytes(&rows);
    let (one, two) = (facts(&before, config), facts(&after, config));
    let before = view(&before, &one);
    compare(before, &reach(before).unwrap(), view(&after, &two)).unwrap()
}

fn view<'a>(image: &'a Image, facts: &'a Facts) -> View<'a> {
    View {
        tree: &image.tree,
        contents: image,
        facts,
    }
}

fn codes(findings: &[Finding], severity: Severity) -> Vec<&'static str> {
    let of = findings.iter().filter(|one| one.severity == severity);
    let mut codes: Vec<&str> = of.map(|one| one.code).collect();
    codes.dedup();
    codes
}

const PROBE: &str = r#"{"Entrypoint": ["/app/probe"]}"#;
const SCRIPT: &str = r#"{"Entrypoint": ["/app/run.sh"]}"#;
const PYTHON: &str = r#"{"Cmd": ["python3", "main.py"], "WorkingDir": "/app"}"#;
const NODE: &str = r#"{"Cmd": ["node", "server.js"], "WorkingDir": "/app"}"#;

#[test]
fn what_certainly_breaks_is_an_error() {
    for (config, gone, code) in [
        (PROBE, "app/probe", "entrypoint"),
        (SCRIPT, "bin/sh", "interpreter"),
        (r#"{"Cmd": ["sed", "-n"]}"#, "bin/sed", "entrypoint"),
        (
            r#"{"Cmd": ["sed", "/etc/probe.conf"]}"#,
            "etc/probe.conf",
            "argument",
        ),
        (PYTHON, "app/main.py", "argument"),
        (r#"{"Cmd": ["sed -n p"]}"#, "bin/sh", "shell"),
        (
            r#"{"Healthcheck": {"Test": ["CMD", "/bin/sed"]}}"#,
            "bin/sed",
            "entrypoint",
        ),
        (PROBE, "usr/lib/liba.so.1", "library"),
        (PROBE, "usr/lib/libb.so.1", "library"),
        (PROBE, "lib/ld-linux.so.2", "library"),
        (PROBE, "usr/lib/libgcc_s.so.1", "libgcc"),
        (
            r#"{"Cmd": ["curl"]}"#,
            "etc/ssl/certs/ca-certificates.crt",
            "certificates",
        ),
        (
            r#"{"Cmd": ["/app/probe"], "Env": ["TZ=Asia/Tokyo"]}"#,
            "usr/share/zoneinfo/Asia/Tokyo",
            "time-zone",
        ),
        (
            r#"{"Cmd": ["/app/probe"], "User": "other"}"#,
            "etc/passwd",
            "user",
        ),
        (PYTHON, "usr/lib/python3.11/json", "module"),
        (NODE, "app/node_modules/dep", "module"),
        (NODE, "usr/share/nodejs/acorn", "module"),
    ] {
        let findings = told(config, &|rows| rows.retain(|row| !row.0.starts_with(gone)));
        let errors = codes(&findings, Severity::Error);
        assert!(errors.contains(&code), "{gone}: {findings:?}");
    }
}

#[test]
fn what_may_break_is_a_warning_and_no_error() {
    for (config, gone, code) in [
        (SCRIPT, "bin/sed", "script-word"),
        (SCRIPT, "etc/alternatives/awk", "link"),
        (SCRIPT, "bin/mawk", "link"),
        (SCRIPT, "usr/share/own/words", "needed"),
        (PROBE, "bin/sh", "shell"),
        (PROBE, "usr/lib/libunused.so.1", "plugin-library"),
        (PROBE, "usr/lib/libp.so", "preload"),
        (r#"{"Cmd": ["opener"]}"#, "usr/lib/libp.so", "needed"),
        (
            r#"{"Cmd": ["tlsd"]}"#,
            "etc/ssl/certs/ca-certificates.crt",
            "certificates",
        ),
        (PYTHON, "etc/ssl/certs/ca-certificates.crt", "certificates"),
        (PROBE, "usr/share/zoneinfo", "needed"),
        (PROBE, "etc/passwd", "users"),
        (PROBE, "usr/lib/libnss_own.so.2", "names"),
        (PROBE, "tmp", "temporary"),
        (PROBE, "etc/probe.conf", "needed"),
        (PROBE, "usr/share/probe/words", "needed"),
        (PROBE, "var/log/probe", "needed"),
        (PROBE, "usr/lib/x86_64-linux-gnu/gconv", "needed"),
        (
            r#"{"Cmd": ["/app/probe"], "Env": ["LANG=C.UTF-8"]}"#,
            "usr/lib/locale/C.utf8",
            "locale",
        ),
        (
            r#"{"Cmd": ["/app/probe"], "WorkingDir": "/tmp"}"#,
            "tmp",
            "directory",
        ),
        (PYTHON, "usr/lib/python3.11/fast.py", "module"),
        (PYTHON, "usr/lib/python3.11/json/decoder.py", "module"),
        (PYTHON, "usr/lib/python3.11/re.py", "module"),
        (PYTHON, "app/templates", "needed"),
        (NODE, "app/own.js", "module"),
        (r#"{"Cmd": ["perl"]}"#, "usr/share/perl5", "needed"),
    ] {
        let findings = told(config, &|rows| rows.retain(|row| !row.0.starts_with(gone)));
        let warnings = codes(&findings, Severity::Warning);
        assert!(warnings.contains(&code), "{gone}: {findings:?}");
        assert_eq!(
            codes(&findings, Severity::Error),
            [""; 0],
            "{gone}: {findings:?}"
        );
    }
}

#[test]
fn nothing_is_told_of_what_nobody_uses() {
    for (config, gone) in [
        (PROBE, "none"),
        (PROBE, "usr/share/doc"),
        (PROBE, "bin/idle"),
        (PROBE, "bin/sed"),
        (PROBE, "usr/lib/python3.11"),
        (PROBE, "app/node_modules/dep/readme.md"),
        (SCRIPT, "usr/lib/libgcc_s.so.1"),
        (SCRIPT, "etc/ssl"),
        (SCRIPT, "etc/passwd"),
        (PYTHON, "usr/lib/python3.11/test"),
        (PYTHON, "usr/share/perl5"),
        (NODE, "usr/share/zoneinfo"),
    ] {
        let findings = told(config, &|rows| rows.retain(|row| !row.0.starts_with(gone)));
        assert_eq!(findings, [], "{gone}");
    }
}

#[test]
fn what_changes_without_leaving_is_told() {
    let of = |path: &'static str, form: &'static str, bytes: &'static str| {
        move |rows: &mut Vec<Row>| {
            let row = rows.iter_mut().find(|row| row.0 == path).unwrap();
            (row.1, row.2) = (form.to_owned(), bytes.into());
        }
    };
    let findings = told(SCRIPT, &of("app/run.sh", "f", "#!/bin/sh\n"));
    assert_eq!(codes(&findings, Severity::Error), ["entrypoint"]);
    assert!(findings[0].text.contains("may not be run"), "{findings:?}");
    let findings = told(PROBE, &of("etc/passwd", "f", "root:x:0:0::/:\n"));
    assert_eq!(codes(&findings, Severity::Warning), ["users"]);
    assert!(findings[0].text.contains("`other`"), "{findings:?}");
    let findings = told(PROBE, &of("tmp", "f", ""));
    assert_eq!(codes(&findings, Severity::Warning), ["temporary"]);
}

#[test]
fn errors_stand_first_and_each_once() {
    let findings = told(PROBE, &|rows| {
        rows.retain(|row| !row.0.starts_with("usr/lib"));
    });
    let mut sorted = findings.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(findings, sorted);
    assert_eq!(findings[0].severity, Severity::Error);
    assert_eq!(findings.last().unwrap().severity, Severity::Warning);
}
