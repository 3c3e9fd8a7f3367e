//! The conformance suite: vectors as data, the simulated world, peer comparisons.
