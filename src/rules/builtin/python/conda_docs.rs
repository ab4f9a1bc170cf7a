//! Takes documentation, static libraries and source maps from conda environments.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "conda-docs",
    level: Level::Standard,
    summary: "Takes documentation, static libraries and source maps from conda environments.",
    caveat: "Compiling against a static library of the environment fails.",
    source: "J. Crist-Harif, Smaller Docker images with Conda, 2019",
    remove: &[
        "opt/{conda,miniconda*,miniforge*,mambaforge*,micromamba}/{,envs/*/}share/{gtk-doc,doc,man,info}/",
        "opt/{conda,miniconda*,miniforge*,mambaforge*,micromamba}/{,envs/*/}lib/lib*.a",
        "opt/{conda,miniconda*,miniforge*,mambaforge*,micromamba}/{,envs/*/}lib/**/*.js.map",
    ],
    when: &[
        When::Lacks(COMPILERS),
        When::Lacks(&["opt/*/envs/*/bin/{*-gcc,*-cc,R,julia}"]),
    ],
    reach: Reach::Everywhere,
    fires: &[
        "opt/conda/share/doc/x/a",
        "opt/conda/envs/x/lib/libz.a",
        "opt/conda/lib/python3.12/site-packages/bokeh/a.js.map",
    ],
    spares: &[
        "opt/conda/lib/libz.so.1",
        "opt/conda/share/terminfo/x/xterm",
        "opt/conda/share/doc/x/LICENSE",
    ],
    ..Rule::PLAIN
};
