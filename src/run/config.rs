use std::path::PathBuf;

use crate::capture::PortsBy;
use crate::engine::Settings;
use crate::model::{Severity, Span};
use crate::wire::PortFrom;

/// What `doppelmac read` shall do, every choice made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadConfig {
    /// Capture files in the order given; `-` is standard input. Never empty.
    pub inputs: Vec<PathBuf>,
    /// How events are shown on standard output.
    pub format: Format,
    /// Where the counts of the run go, as one JSON object; `-` is standard output.
    pub stats: Option<PathBuf>,
    /// The severity from which on an event makes the run end with [`Outcome::Found`](super::Outcome::Found).
    pub fail_on: Option<Severity>,
    /// What tells ports apart.
    pub port_from: PortFrom,
    /// Whether several files are several ports.
    pub ports_by: PortsBy,
    /// What this sensor calls itself in events.
    pub sensor: Option<String>,
    /// A vendor listing that replaces the built-in one.
    pub oui: Option<PathBuf>,
    /// Whether the report is coloured.
    pub color: bool,
    /// Whether a progress bar is drawn on standard error.
    pub progress: bool,
    /// Threads to use: with more than one, judging runs beside reading.
    pub threads: usize,
    /// How far frames of several inputs may be out of time order.
    pub reorder: Span,
    /// What the engine judges by.
    pub settings: Settings,
}

/// How events are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A report for people.
    Text,
    /// One JSON object a line.
    Json,
}
