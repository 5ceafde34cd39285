use std::path::PathBuf;

use crate::model::{Severity, Span};

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

/// What tells ports apart (SPEC section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortFrom {
    /// The first rule that matches: encapsulation, then the capture's own metadata.
    Auto,
    /// The capture's interface or file only.
    Capture,
    /// The encapsulation only: tunnel end points and mirror sessions.
    Encapsulation,
    /// The outermost VLAN tag, stamped by a packet broker.
    OuterVlan,
    /// The source interface of a VN-Tag.
    VnTag,
}

/// Whether several files are several ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortsBy {
    /// Files whose times overlap are ports; files that follow one another are one.
    Auto,
    /// Every file is a port.
    File,
    /// All files are one port, cut in time.
    Time,
}

/// The thresholds of SPEC section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Transitions within `flap_window` that make a station flap.
    pub flap_moves: u32,
    /// See `flap_moves`.
    pub flap_window: Span,
    /// How long the old port must be silent before a transition is judged a move.
    pub settle: Span,
    /// How far announcements may be apart and still be one burst.
    pub announce_window: Span,
    /// How late a copy of a frame may turn up.
    pub copy_window: Span,
    /// Silence after which a presence has ended.
    pub port_age: Span,
    /// ARP frames from one station within a second that make a storm.
    pub storm_rate: u32,
    /// New stations within a second that make a flood.
    pub flood_rate: u32,
    /// Stations kept at most.
    pub max_stations: usize,
    /// Addresses kept at most.
    pub max_addresses: usize,
    /// How often a lasting condition is said again at most.
    pub remind: Span,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            flap_moves: 5,
            flap_window: Span::from_secs(180),
            settle: Span::from_secs(2),
            announce_window: Span::from_secs(5),
            copy_window: Span::from_millis(20),
            port_age: Span::from_secs(300),
            storm_rate: 100,
            flood_rate: 1000,
            max_stations: 16_000_000,
            max_addresses: 16_000_000,
            remind: Span::from_secs(3600),
        }
    }
}
