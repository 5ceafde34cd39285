//! Runs: the only place that knows files by path, threads, signals and the wall clock.
//!
//! In comes a configuration that says what the user meant; out go events on the chosen output and
//! an [`Outcome`]. Nothing here parses arguments, and nothing here judges: that is the engine's.

mod beside;
mod config;
mod error;
mod pipeline;
mod progress;
mod read;
mod summary;

pub use config::{Format, ReadConfig};
pub use error::{Error, ErrorKind};
pub use pipeline::Pipeline;
pub use read::{read, vendors};

pub use crate::capture::PortsBy;
pub use crate::engine::Settings;
pub use crate::wire::PortFrom;

/// How a run that could be carried out ended, the graver the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use]
pub enum Outcome {
    /// Everything was read and nothing that was asked for happened.
    Done,
    /// An event of the severity that `--fail-on` names, or above, was raised.
    Found,
    /// An input was damaged or cut short; the events up to there are out.
    Damaged,
}
