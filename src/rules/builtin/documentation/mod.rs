//! Texts for people at a terminal.

pub(super) mod completions;
pub(super) mod doc_examples;
pub(super) mod docs;
pub(super) mod i18n;
pub(super) mod locale;
pub(super) mod locale_archive;
pub(super) mod man_info;
pub(super) mod perl_pod;
