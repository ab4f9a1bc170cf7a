//! What composer and PHP's own images leave.

pub(super) mod composer_cache;
pub(super) mod composer_tests;
pub(super) mod php_docs;
pub(super) mod php_headers;
pub(super) mod php_source;
