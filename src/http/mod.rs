//! Everything that is served over HTTP except the pages of `app`.

pub mod api;
pub mod assets;
pub mod colors;
pub mod connections;
pub mod csv;
mod error_pages;
mod files;
pub mod health;
mod invitation_list;
mod join_image;
mod layers;
mod live;
mod payout_results;
mod png;
pub mod problem;
pub mod proxy;
pub mod rate_limit;
pub mod receipt_check;
pub mod router;
pub mod sender;
pub mod session_store;
mod sessionless;
mod signed_in;
pub mod tracking;
pub mod webhooks;
