//! A site with distributions that need one another, and programs that need them.

use serde_json::{Value, json};

use super::super::testing::{Image, bytes};
use super::*;
use crate::rules::Facts;

const SITE: &str = "usr/local/lib/python3.11/site-packages";

/// A distribution with one module, a script, byte-code, and what it requires.
fn distribution(name: &str, version: &str, needs: &str) -> Vec<(String, String, Vec<u8>)> {
    let info = format!("{SITE}/{name}-{version}.dist-info");
    let module = name.to_ascii_lowercase();
    let record = format!(
        "{module}/__init__.py,sha256=x,1\n{module}/\"odd\",,\n\"{module}/data/a,b.txt\",,\n../../../bin/{module},,\n\
         {name}-{version}.dist-info/RECORD,,\nshared.txt,,\n../../../../../etc/hosts,,\nnot-there.py,,\n"
    );
    let metadata =
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}\n\nText");
    let script = format!("#!/usr/local/bin/python3\nfrom {module}.cli import main\nmain()\n");
    let entries =
        format!("[console_scripts]\n{module} = {module}.cli:main\n{module}3 = {module}.cli:main\n");
    let rows = [
        (format!("{info}/METADATA"), "f", metadata),
        (format!("{info}/RECORD"), "f", record),
        (format!("{info}/INSTALLER"), "f", "pip\n".to_owned()),
        (format!("{info}/licenses/LICENSE"), "f", "MIT".to_owned()),
        (format!("{info}/entry_points.txt"), "f", entries),
        (format!("{SITE}/{module}/__init__.py"), "f", "x".to_owned()),
        (format!("{SITE}/{module}/data/a,b.txt"), "f", "x".to_owned()),
        (
            format!("{SITE}/{module}/__pycache__/__init__.cpython-311.pyc"),
            "f",
            "x".to_owned(),
        ),
        (format!("usr/local/bin/{module}"), "x", script.clone()),
        (format!("usr/local/bin/{module}3"), "x", script),
    ];
    let owned =
        |(path, form, text): (String, &str, String)| (path, form.to_owned(), text.into_bytes());
    rows.into_iter().map(owned).collect()
}

fn image(more: &[(&str, &str, &str)]) -> Image {
    let mut rows = distribution("Wheel", "0.40", "");
    rows.extend(distribution(
        "Cython",
        "3.0",
        "Requires-Dist: wheel>=0.3\nRequires-Dist: app; extra == \"dev\"",
    ));
    rows.extend(distribution(
        "App",
        "1.0",
        "Requires-Dist: small (>1); python_version > \"3\"",
    ));
    rows.extend(distribution("small", "2.0", ""));
    rows.extend(bytes(&[
        ("usr/local/bin/python3", "x", ""),
        ("etc/hosts", "f", "127.0.0.1"),
        (&format!("{SITE}/shared.txt"), "f", "all have it"),
        (
            &format!("{SITE}/old.egg-info"),
            "f",
            "Name: old\nVersion: 1\n",
        ),
    ]));
    rows.extend(bytes(more));
    Image::of_bytes(&rows)
}

fn drop(image: &Image, names: &[&str], config: &Value) -> (PackageReport, Decisions) {
    let config = json!({ "config": config });
    let facts = Facts::gather(&config, &image.tree, image).unwrap();
    image.drop_packages(names, &facts)
}

fn kept(report: &PackageReport) -> Vec<Vec<&str>> {
    let because = report.kept.iter().map(|kept| kept.because.iter());
    because
        .map(|chain| chain.map(|text| &text[..]).collect())
        .collect()
}

#[test]
fn a_distribution_leaves_with_its_files_scripts_and_byte_code() {
    let image = image(&[]);
    let (report, decisions) = drop(&image, &["pypi:WHEEL", "pypi:cython"], &json!({}));
    let rows: Vec<(&str, u64, &str)> = report
        .removed
        .iter()
        .map(|row| (&row.name[..], row.files, &row.purl[..]))
        .collect();
    assert_eq!(
        rows,
        [
            ("cython", 10, "pkg:pypi/cython@3.0"),
            ("wheel", 10, "pkg:pypi/wheel@0.40")
        ]
    );
    assert_eq!(report.removed[0].place, format!("/{SITE}"));
    let left = image.after(&decisions);
    let named = |name: &str| left.keys().filter(|path| path.contains(name)).count();
    assert_eq!(
        (
            named("wheel"),
            named("heel-"),
            named("Cython-"),
            named("bin/cython")
        ),
        (0, 0, 0, 0)
    );
    assert!(left.contains_key("usr/local/bin/app3"));
    // What others have too stays; so does a file outside, which a RECORD may name.
    assert!(left.contains_key(&format!("{SITE}/shared.txt")) && left.contains_key("etc/hosts"));
}

#[test]
fn what_something_needs_is_refused_with_the_chain() {
    let program = "#!/usr/bin/env python3\nimport json\nfrom own.part import x\n";
    let image = image(&[
        ("app/main.py", "x", program),
        ("app/own/part.py", "f", "if 1:\n    import cython.x as y\n"),
    ]);
    let run = json!({"Cmd": ["/app/main.py"]});
    let (report, decisions) = drop(&image, &["pypi:*"], &run);
    assert_eq!(
        kept(&report),
        [
            vec!["`cython` stays: `/app/own/part.py` imports it"],
            vec!["`old` stays: no RECORD tells which files are its"],
            vec![
                "`cython` stays: `/app/own/part.py` imports it",
                "`cython` needs `wheel`"
            ],
        ]
    );
    let gone: Vec<&str> = report.removed.iter().map(|row| &row.name[..]).collect();
    assert_eq!(gone, ["app", "small"]);
    assert!(!decisions.is_empty());

    let (report, decisions) = drop(&image, &["pypi:small"], &json!({}));
    assert_eq!(kept(&report), [vec!["`app` stays", "`app` needs `small`"]]);
    assert!(decisions.is_empty());

    for (config, why) in [
        (
            json!({"Cmd": ["small", "-v"]}),
            "`small` stays: CMD runs `small`",
        ),
        (
            json!({"Cmd": ["python3", "-m", "small.web"]}),
            "`small` stays: a command names `-m small.web`",
        ),
    ] {
        let (report, _) = drop(&image, &["pypi:small", "pypi:app"], &config);
        assert_eq!(kept(&report), [vec![why]]);
    }
}

#[test]
fn what_others_installed_is_theirs() {
    let status =
        "Package: python3-small\nStatus: install ok installed\nVersion: 2\nArchitecture: all\n";
    let list = format!("/.\n/{SITE}/small-2.0.dist-info/METADATA\n/{SITE}/app/__init__.py\n");
    let image = image(&[
        ("var/lib/dpkg/status", "f", status),
        ("var/lib/dpkg/info/python3-small.list", "f", &list),
        (
            &format!("{SITE}/Wheel-0.40.dist-info/INSTALLER"),
            "f",
            "conda\n",
        ),
    ]);
    let names = [
        "pypi:small",
        "pypi:app",
        "pypi:wheel",
        "pypi:cython",
        "pypi:nothing",
    ];
    let (report, decisions) = drop(&image, &names, &json!({}));
    assert_eq!(
        kept(&report),
        [
            ["`small` stays: it is of dpkg's package `python3-small`"],
            ["`wheel` stays: conda, whose records would still list it, installed it"],
        ]
    );
    let left = image.after(&decisions);
    assert!(left.contains_key(&format!("{SITE}/app/__init__.py")));
    assert!(!left.contains_key("usr/local/bin/app"));
    let codes: Vec<&str> = report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["no-package"]);
}
