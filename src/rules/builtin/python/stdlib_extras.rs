//! Takes Python's editor, the texts of `help()`, and the copies of pip that new environments start from.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "stdlib-extras",
    level: Level::Standard,
    summary: "Takes Python's editor, the texts of `help()`, and the copies of pip that new environments start from.",
    caveat: "`python -m venv` makes environments only `--without-pip`, and `help(\"if\")` finds nothing.",
    source: "docker-library/python",
    remove: &["**/lib{,64}/python3.*/{idlelib,pydoc_data,ensurepip/_bundled}/*"],
    keep: &["**/{idlelib,pydoc_data}/__init__.py"],
    when: &[When::RunsNone(&[
        "venv",
        "ensurepip",
        "virtualenv",
        "idle",
        "pydoc",
        "tox",
        "nox",
    ])],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/lib/python3.12/idlelib/pyshell.py",
        "usr/local/lib/python3.12/ensurepip/_bundled/pip-24-py3-none-any.whl",
        "usr/local/lib/python3.12/pydoc_data/topics.py",
    ],
    spares: &[
        "usr/local/lib/python3.12/idlelib/__init__.py",
        "usr/local/lib/python3.12/pydoc_data/__init__.py",
        "usr/local/lib/python3.12/venv/__init__.py",
    ],
    ..Rule::PLAIN
};
