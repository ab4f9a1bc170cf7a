//! Takes help pages, vignettes and tests of R packages.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "r-docs",
    level: Level::Standard,
    summary: "Takes help pages, vignettes and tests of R packages.",
    caveat: "`?name` finds nothing.",
    source: "Writing R Extensions",
    remove: &[
        "usr/{,local/}lib{,64}/R/{library,site-library}/*/{help,doc,tests}",
        "usr/{,local/}lib{,64}/R/{library,site-library}/*/html/{00Index.html,R.css}",
    ],
    when: &[When::RunsNone(&["pkgdown", "rstudio-server", "rserver"])],
    fires: &[
        "usr/lib/R/library/stats/help/stats.rdb",
        "usr/local/lib/R/site-library/x/tests/a.R",
        "usr/lib/R/library/stats/html/00Index.html",
    ],
    spares: &[
        "usr/lib/R/library/stats/R/stats.rdb",
        "usr/lib/R/library/stats/Meta/package.rds",
        "usr/local/lib/R/site-library/x/html/page.html",
    ],
    ..Rule::PLAIN
};
