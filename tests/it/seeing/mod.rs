//! Seeing what happened, and mending it.

mod assignments;
mod candidates;
mod refused;
mod replays;
