//! The binary's parts: commands, configuration, the server, its HTTP routes and the demo.

pub mod clock;
pub mod commands;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod http;
pub mod process;
pub mod server;
