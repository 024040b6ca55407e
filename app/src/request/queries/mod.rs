//! Parameters of the pages' addresses, read the same way by pages and by their `.csv`.

mod conversions;
mod events;
mod parameters;

pub use conversions::{ConversionQuery, FILTERS, Paged, conversions};
pub use events::{EVENT_FILTERS, events};
pub use parameters::{Parameters, cursor};
