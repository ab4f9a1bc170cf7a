//! What the tests share: images built in code, an independent oracle, and the program run as a user runs it.
//!
//! Nothing here uses the library: what it would judge must not share a mistake with it.

pub(crate) mod archive;
pub(crate) mod codec;
pub(crate) mod compare;
pub(crate) mod disk;
pub(crate) mod entry;
pub(crate) mod flatten;
pub(crate) mod image;
pub(crate) mod judge;
pub(crate) mod layer;
pub(crate) mod layout;
pub(crate) mod program;
pub(crate) mod sparse;
pub(crate) mod stacks;
