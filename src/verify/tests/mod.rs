//! Tests of the proofs over small layer stacks.

mod compare;
mod flat;
mod follow;
mod mutations;
mod planned;
mod readback;
mod result;
mod stack;
mod tree;
