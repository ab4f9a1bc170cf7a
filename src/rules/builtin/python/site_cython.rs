//! Takes the Cython sources of Python packages where no compiler is.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "site-cython",
    level: Level::Standard,
    summary: "Takes the Cython sources of Python packages where no compiler is.",
    caveat: "Compiling against them fails; tracebacks show no lines of Cython.",
    source: "scikit-learn and others ship them beside the compiled modules",
    remove: &["**/{site,dist}-packages/**/*.{pyx,pxd,pxi}"],
    keep: &["**/{site,dist}-packages/{Cython,numba,pyximport}"],
    when: &[When::Lacks(COMPILERS)],
    reach: Reach::Everywhere,
    fires: &["usr/local/lib/python3.12/site-packages/x/a.pyx"],
    spares: &["usr/local/lib/python3.12/site-packages/x/a.pyi"],
    ..Rule::PLAIN
};
