//! The binary's parts: commands, configuration, the router and its HTTP edges.

pub mod api;
pub mod assets;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod edges;
pub mod problem;
pub mod router;
pub mod server;
pub mod session_store;
