//! Tests of the proofs over small layer stacks.

mod flat;
mod stack;
mod tree;
