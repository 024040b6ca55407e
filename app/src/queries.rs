//! Parameters of the pages' addresses, read the same way by pages and by their `.csv`.

mod conversions;
mod parameters;

pub use conversions::{ConversionQuery, FILTERS, conversions};
pub use parameters::{Parameters, cursor};
