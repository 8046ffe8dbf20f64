//! Mineclifford.
