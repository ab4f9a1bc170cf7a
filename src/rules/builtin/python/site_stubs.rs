//! Takes type stubs of Python packages.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "site-stubs",
    level: Level::Aggressive,
    summary: "Takes type stubs of Python packages.",
    caveat: "Packages that use `lazy_loader.attach_stub` read them when they are imported: those known stay.",
    source: "scientific-python/lazy-loader",
    remove: &["**/{site,dist}-packages/**/*.pyi"],
    keep: &[
        "**/{site,dist}-packages/{skimage,librosa,mne,mne_*,eeg*,lazy_loader,napari,nireports,fury,dipy,scipp,pooch,py_eb_model,nibabel}",
    ],
    reach: Reach::Everywhere,
    fires: &["usr/local/lib/python3.12/site-packages/x/a.pyi"],
    spares: &["usr/local/lib/python3.12/site-packages/skimage/__init__.pyi"],
    ..Rule::PLAIN
};
