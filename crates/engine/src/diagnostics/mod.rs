//! Whether a program is set up: a check of what has arrived, and a test sale.

pub mod checks;
pub mod test_sale;
