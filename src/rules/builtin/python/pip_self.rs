//! Takes pip, setuptools and wheel.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pip-self",
    level: Level::Aggressive,
    summary: "Takes pip, setuptools and wheel.",
    caveat: "Nothing can be installed, and packages that import `pkg_resources` or `distutils` at run time fail.",
    source: "docker-library/python",
    remove: &[
        "**/{site,dist}-packages/{pip,setuptools,wheel,pkg_resources,_distutils_hack,virtualenv}",
        "**/{site,dist}-packages/{pip,setuptools,wheel,virtualenv}-*.{dist,egg}-info",
        "**/{site,dist}-packages/distutils-precedence.pth",
        "usr/{,local/}bin/{pip,pip[23]*,wheel,easy_install*}",
    ],
    when: &[When::RunsNone(&[
        "pip",
        "pip3",
        "virtualenv",
        "venv",
        "uv",
        "poetry",
        "tox",
        "nox",
    ])],
    reach: Reach::Owned,
    fires: &[
        "usr/local/lib/python3.12/site-packages/pip/__main__.py",
        "usr/local/lib/python3.12/site-packages/pip-24.0.dist-info/METADATA",
        "usr/local/lib/python3.12/site-packages/distutils-precedence.pth",
        "usr/local/bin/pip3.12",
    ],
    spares: &["usr/local/lib/python3.12/site-packages/pipx/main.py"],
    ..Rule::PLAIN
};
