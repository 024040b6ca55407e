//! Whether a program is wired up: checks of what came in, and a test sale.

pub mod checks;
pub mod test_sale;
