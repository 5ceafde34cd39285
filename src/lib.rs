//! Finds duplicated, flapping and migrating MAC addresses in Ethernet traffic.
//!
//! Three narrow waists, and everything flows one way: a capture lends a [`model::Frame`], the
//! decoder turns it into [`model::Sighting`]s, the engine judges them and says
//! [`model::Event`]s, and an output renders those. ARCHITECTURE.md has the picture and says which
//! room may import which.

pub mod capture;
pub mod cli;
pub mod engine;
pub mod model;
pub mod output;
pub mod run;
pub mod vendor;
pub mod wire;
