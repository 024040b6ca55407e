//! Dependencies between crates and between modules (ARCHITECTURE.md), and habits of the
//! sources that no lint checks: a new one is a decision, not an accident.

mod conventions;
mod crates;
mod lexer;
mod modules;
mod source;
