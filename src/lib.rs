//! The binary's parts: commands, configuration, the server and what it answers.

pub mod clock;
pub mod commands;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod http;
pub mod process;
pub mod server;
