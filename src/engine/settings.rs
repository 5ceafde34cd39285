use crate::model::Span;

/// Thresholds of judgement, with the defaults of SPEC section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Transitions within `flap_window` that make a station flap (RFC 7432, 15.1: N = 5).
    pub flap_moves: u32,
    /// The window they are counted in (RFC 7432, 15.1: M = 180 s).
    pub flap_window: Span,
    /// How long the old port, or the old owner, must be silent before a move is believed.
    pub settle: Span,
    /// Announcements up to this far apart are one burst (Open vSwitch's gratuitous-ARP lock).
    pub announce_window: Span,
    /// The same frame again within this time is a copy.
    pub copy_window: Span,
    /// Silence after which a presence has ended (IEEE 802.1D ageing).
    pub port_age: Span,
    /// Silence after which a station that is heard again has returned.
    pub stale: Span,
    /// ARP and RARP frames per second from one station that make a storm.
    pub storm_rate: u32,
    /// New stations per second that make a flood.
    pub flood_rate: u32,
    /// Most stations held at a time.
    pub max_stations: usize,
    /// Most IP addresses held at a time.
    pub max_addresses: usize,
    /// How often an incident that goes on is said again.
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
            stale: Span::from_secs(180 * 86_400),
            storm_rate: 100,
            flood_rate: 1000,
            max_stations: 16_000_000,
            max_addresses: 16_000_000,
            remind: Span::from_secs(3600),
        }
    }
}
