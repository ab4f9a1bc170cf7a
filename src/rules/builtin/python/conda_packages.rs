//! Takes the packages that conda and mamba have unpacked. Their files are hard links of those in the environments, which stay.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "conda-packages",
    level: Level::Safe,
    summary: "Takes the packages that conda and mamba have unpacked. Their files are hard links of those in the environments, which stay.",
    caveat: "Making another environment downloads the packages again.",
    source: "conda documentation, `conda clean`",
    remove: &[
        "{opt,~,usr/local}/{conda,miniconda,miniconda3,anaconda3,miniforge3,mambaforge,micromamba}/{pkgs,.cache,locks}/",
        "opt/{conda,mamba}/{pkgs,locks}/",
        "~/.conda/pkgs/",
        "$CONDA_PKGS_DIRS/",
        "$MAMBA_ROOT_PREFIX/{pkgs,locks}/",
    ],
    reach: Reach::Owned,
    fires: &[
        "opt/conda/pkgs/numpy-1/lib/a.py",
        "root/miniconda3/pkgs/a/b",
        "root/.conda/pkgs/a",
        "opt/mamba/pkgs/x",
        "opt/x/pkgs/a",
        "opt/y/pkgs/a",
    ],
    spares: &[
        "opt/conda/lib/python3.12/os.py",
        "opt/conda/conda-meta/numpy.json",
    ],
    beside: &["$CONDA_PKGS_DIRS=/opt/x/pkgs", "$MAMBA_ROOT_PREFIX=/opt/y"],
    ..Rule::PLAIN
};
