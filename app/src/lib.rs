//! The pages: Leptos components and server functions.

pub mod access;
pub mod action;
pub mod advice;
mod app;
pub mod assets;
pub mod assigning;
pub mod components;
pub mod dashboard;
pub mod document;
pub mod explained;
pub mod forms;
pub mod frames;
pub mod href;
pub mod pages;
pub mod periods;
pub mod queries;
pub mod rules;
pub mod samples;
pub mod server;
mod site;
pub mod tables;
pub mod text;
pub mod traces;
pub mod words;

pub use app::{App, shell};
pub use pages::errors::{PageError, error_html};
pub use site::{ClientAddress, Sandbox, SignInHint, Site};
