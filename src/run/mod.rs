//! Runs: the only place that knows files by path, threads, signals and the wall clock.
//!
//! In comes a configuration that says what the user meant; out go events on the chosen output and
//! an [`Outcome`]. Nothing here parses arguments, and nothing here judges: that is the engine's.

mod config;
mod error;

pub use config::{Format, PortFrom, PortsBy, ReadConfig, Settings};
pub use error::{Error, ErrorKind};

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

/// Judges capture files: replaced by the engine's run when the branches meet.
pub fn read(_config: &ReadConfig) -> Result<Outcome, Error> {
    Err(Error::configuration("not merged yet"))
}
