//! Takes the tests of large packages of which it is known that they do not import them.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "site-tests",
    level: Level::Standard,
    summary: "Takes the tests of large packages of which it is known that they do not import them.",
    caveat: "Running the tests of these packages in the container fails.",
    source: "the wheels of these packages in November 2026: no module outside of their tests imports one",
    remove: &[
        "**/{site,dist}-packages/{numpy,pandas,scipy,sklearn,matplotlib,mpl_toolkits,statsmodels,sympy,networkx,pyarrow}/**/tests",
    ],
    when: &[When::RunsNone(&["pytest", "py.test"])],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/lib/python3.12/site-packages/numpy/linalg/tests/test_linalg.py",
        "usr/lib/python3/dist-packages/pandas/tests/test_a.py",
    ],
    spares: &[
        "usr/local/lib/python3.12/site-packages/astropy/tests/runner.py",
        "usr/local/lib/python3.12/site-packages/jinja2/tests.py",
        "usr/local/lib/python3.12/site-packages/numpy/testing/__init__.py",
    ],
    ..Rule::PLAIN
};
