//! Tests that run the program as its users do.

mod cases;
mod documents;
mod events;
mod read;
mod support;
mod truth;
