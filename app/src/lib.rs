//! The pages: Leptos components and server functions.

pub mod assets;
pub mod components;
pub mod document;
pub mod forms;
pub mod href;
pub mod text;
