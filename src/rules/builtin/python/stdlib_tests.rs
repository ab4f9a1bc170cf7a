//! Takes the tests of Python's own library.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "stdlib-tests",
    level: Level::Safe,
    summary: "Takes the tests of Python's own library.",
    caveat: "Packages that import `test` miss it; `test.support` stays.",
    source: "docker-library/python",
    remove: &[
        "**/lib{,64}/python[23].*/test/*",
        "**/lib{,64}/python[23].*/{idlelib/idle_test,lib2to3/tests,ctypes/test,unittest/test,tkinter/test,sqlite3/test,distutils/tests}",
    ],
    keep: &["**/python[23].*/test/{__init__.py,support,libregrtest,__pycache__}"],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/lib/python3.12/test/test_os.py",
        "usr/local/lib/python3.12/test/data/a",
        "usr/lib64/python3.9/idlelib/idle_test/a.py",
    ],
    spares: &[
        "usr/local/lib/python3.12/test/support/__init__.py",
        "usr/local/lib/python3.12/site-packages/x/test/a.py",
        "usr/local/lib/python3.12/unittest/mock.py",
    ],
    ..Rule::PLAIN
};
