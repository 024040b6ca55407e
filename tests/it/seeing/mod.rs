//! Seeing what happened, and mending it.

mod assignments;
mod refused;
