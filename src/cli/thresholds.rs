use clap::Args;
use clap::value_parser;

use super::span::parse_span;
use crate::model::Span;
use crate::run::Settings;

/// The thresholds that can be set, as typed.
///
/// The defaults stand here as text because help shows them; a test holds them against
/// [`Settings::default`].
#[derive(Debug, Args)]
#[command(next_help_heading = "Thresholds")]
pub(super) struct Thresholds {
    /// Moves within --flap-window that make a station flap
    #[arg(long, value_name = "N", default_value = "5", value_parser = value_parser!(u32).range(2..))]
    flap_moves: u32,

    /// The time in which --flap-moves are counted
    #[arg(long, value_name = "TIME", default_value = "180s", value_parser = parse_span)]
    flap_window: Span,

    /// Silence on the old port after which a transition is a move
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_span)]
    settle: Span,

    /// Announcements at most this far apart are one burst
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_span)]
    announce_window: Span,

    /// A like frame on any port within this time is a copy, not a second frame
    #[arg(long, value_name = "TIME", default_value = "20ms", value_parser = parse_span)]
    copy_window: Span,

    /// How far frames may be out of time order and still be put in order
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_span)]
    pub(super) reorder: Span,

    /// Silence after which a station is no longer on its port
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_span)]
    port_age: Span,

    /// Silence after which a station that is heard again has returned
    #[arg(long, value_name = "TIME", default_value = "180d", value_parser = parse_span)]
    stale: Span,

    /// ARP frames a second from one station that make a storm
    #[arg(long, value_name = "N", default_value = "100", value_parser = value_parser!(u32).range(1..))]
    storm_rate: u32,

    /// New stations a second that make a flood
    #[arg(long, value_name = "N", default_value = "1000", value_parser = value_parser!(u32).range(1..))]
    flood_rate: u32,

    /// Stations kept in memory; beyond it the longest idle one goes
    #[arg(long, value_name = "N", default_value = "16000000", value_parser = parse_limit)]
    max_stations: usize,

    /// IP addresses kept in memory; beyond it the longest idle one goes
    #[arg(long, value_name = "N", default_value = "16000000", value_parser = parse_limit)]
    max_addresses: usize,

    /// A condition that lasts is said again at most this often
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_span)]
    remind: Span,
}

impl From<&Thresholds> for Settings {
    fn from(typed: &Thresholds) -> Self {
        Settings {
            flap_moves: typed.flap_moves,
            flap_window: typed.flap_window,
            settle: typed.settle,
            announce_window: typed.announce_window,
            copy_window: typed.copy_window,
            port_age: typed.port_age,
            stale: typed.stale,
            storm_rate: typed.storm_rate,
            flood_rate: typed.flood_rate,
            max_stations: typed.max_stations,
            max_addresses: typed.max_addresses,
            remind: typed.remind,
        }
    }
}

/// A table limit: at least one, at most what fits 32 bits, so that it means the same everywhere.
fn parse_limit(text: &str) -> Result<usize, String> {
    text.parse::<u32>()
        .ok()
        .filter(|&limit| limit > 0)
        .and_then(|limit| usize::try_from(limit).ok())
        .ok_or_else(|| format!("it must be a number from 1 to {}", u32::MAX))
}
