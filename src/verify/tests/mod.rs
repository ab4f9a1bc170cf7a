//! Tests of the proofs over small layer stacks.

mod flat;
mod mutations;
mod planned;
mod stack;
mod tree;
