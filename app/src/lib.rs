//! The pages: Leptos components and server functions.

mod app;
pub mod components;
pub mod forms;
pub mod layout;
pub mod pages;
pub mod presenters;
pub mod request;
pub mod routes;
pub mod text;
pub mod trouble;

pub use app::{App, shell};
pub use pages::errors::{PageError, error_html};
pub use pages::merchant::SubmittedList;
pub use pages::receipts::SubmittedReceipt;
pub use request::site::{ClientAddress, Sandbox, SignInHint, Site};
