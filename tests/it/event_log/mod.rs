//! Seeing what happened, and mending it.

mod api;
mod assignments;
mod candidates;
mod rejected;
mod replays;
