//! What a program needs to run, as far as its files tell.
//!
//! Nothing here decides what goes.

pub mod commands;
pub mod elf;
pub mod literals;
pub mod loader;
pub mod pieces;
pub mod script;
pub mod starts;
pub mod trace;
