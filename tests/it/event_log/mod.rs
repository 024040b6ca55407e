//! The event log: what happened to events, replays, and manual assignments.

mod api;
mod assignments;
mod candidates;
mod rejected;
mod replays;
