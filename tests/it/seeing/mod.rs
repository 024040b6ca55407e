//! Seeing what happened, and mending it.

mod refused;
