//! Takes each directory named `tests` from Python packages.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "site-tests-all",
    level: Level::Aggressive,
    summary: "Takes each directory named `tests` from Python packages.",
    caveat: "Some packages import their tests when they start, such as astropy and tables: nothing here looks whether one does, so it is not on by default.",
    source: "node-prune for Python, by many names",
    remove: &["**/{site,dist}-packages/**/tests"],
    keep: &["**/{site,dist}-packages/{astropy,tables,h5py,twisted,IPython}"],
    reach: Reach::Everywhere,
    fires: &["usr/local/lib/python3.12/site-packages/x/y/tests/test_a.py"],
    spares: &[
        "usr/local/lib/python3.12/site-packages/jinja2/tests.py",
        "usr/local/lib/python3.12/site-packages/django/test/client.py",
        "usr/local/lib/python3.12/site-packages/tables/tests/common.py",
    ],
    ..Rule::PLAIN
};
