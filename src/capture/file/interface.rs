use crate::model::{LinkType, Timestamp};

/// Longest interface name that is kept, in bytes.
const MAX_NAME: usize = 255;

/// What a capture says of one interface. A pcap file has exactly one.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    /// Its name, where the capture gives one.
    pub(crate) name: Option<String>,
    /// Link type as the capture numbers it (LINKTYPE registry).
    pub(crate) link_code: u16,
    /// Longest captured frame in bytes; 0 is unlimited.
    pub(crate) snaplen: u32,
    /// The section that declares it, from 0.
    pub(crate) section: u32,
    /// Its number within the section, from 0.
    pub(crate) index: u32,
    /// Frames that the kernel or the interface dropped, as far as the capture says.
    pub(crate) dropped: u64,
    pub(super) clock: Clock,
}

/// How time stamps of an interface count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    tick: Tick,
    /// Added to every time stamp, in nanoseconds.
    offset: i128,
}

/// The length of one unit of a time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    /// So many nanoseconds.
    Nanos(u64),
    /// So many make a nanosecond.
    PerNano(u64),
    /// One second shifted right by so many bits.
    Binary(u8),
}

impl Clock {
    /// Microseconds since 1970, what pcapng means where it says nothing.
    pub(super) const MICROSECONDS: Clock = Clock {
        tick: Tick::Nanos(1000),
        offset: 0,
    };

    /// The clock that `if_tsresol` describes (pcapng draft, section 4.2): a negative power of 10,
    /// or of 2 if the top bit is set.
    pub(super) fn with_resolution(self, code: u8) -> Clock {
        let exponent = code & 0x7f;
        let tick = if code & 0x80 != 0 {
            Tick::Binary(exponent)
        } else if exponent <= 9 {
            Tick::Nanos(10_u64.pow(u32::from(9 - exponent)))
        } else {
            // 64 bits of anything finer are less than a nanosecond.
            let ticks = 10_u64.checked_pow(u32::from(exponent - 9));
            ticks.map_or(Tick::Binary(127), Tick::PerNano)
        };
        Clock { tick, ..self }
    }

    /// The clock whose zero lies `seconds` after 1970 (`if_tsoffset`).
    pub(super) fn with_offset(self, seconds: i64) -> Clock {
        Clock {
            offset: i128::from(seconds) * 1_000_000_000,
            ..self
        }
    }

    /// The time that a stamp stands for, clamped to what [`Timestamp`] can tell.
    #[inline]
    pub(super) fn time(self, stamp: u64) -> Timestamp {
        if let Tick::Nanos(unit) = self.tick
            && self.offset == 0
            && let Some(nanos) = stamp.checked_mul(unit)
            && let Ok(nanos) = i64::try_from(nanos)
        {
            return Timestamp::from_nanos(nanos);
        }
        let nanos = match self.tick {
            Tick::Nanos(nanos) => u128::from(stamp) * u128::from(nanos),
            Tick::PerNano(ticks) => u128::from(stamp / ticks),
            Tick::Binary(bits) => (u128::from(stamp) * 1_000_000_000) >> bits,
        };
        let nanos = i128::try_from(nanos).unwrap_or(i128::MAX);
        let nanos = nanos.saturating_add(self.offset);
        let clamped = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Timestamp::from_nanos(i64::try_from(clamped).unwrap_or(i64::MAX))
    }
}

/// An interface name as text that is safe to show: control characters replaced, cut to a sane
/// length, `None` when nothing is left.
pub(super) fn name(bytes: &[u8]) -> Option<String> {
    let bytes = &bytes[..bytes.len().min(MAX_NAME)];
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let text = text.replace(|c: char| c.is_control(), "\u{fffd}");
    (!text.is_empty()).then_some(text)
}

/// The link types whose frames are read.
pub(crate) fn link_type(code: u16) -> Option<LinkType> {
    match code {
        1 => Some(LinkType::Ethernet),
        113 => Some(LinkType::LinuxSll),
        276 => Some(LinkType::LinuxSll2),
        _ => None,
    }
}

/// What people call a link type that is not read, where they are likely to meet it.
pub(crate) fn link_name(code: u16) -> Option<&'static str> {
    Some(match code {
        0 | 108 => "BSD loopback",
        6 => "Token Ring",
        9 | 50 | 51 => "PPP",
        10 => "FDDI",
        12 | 14 | 101 | 228 | 229 => "raw IP",
        104 => "Cisco HDLC",
        105 => "802.11",
        107 => "Frame Relay",
        119 | 127 | 163 => "802.11 with radio header",
        187 | 201 => "Bluetooth",
        189 | 220 => "Linux USB",
        195 | 230 => "802.15.4",
        239 => "Linux netfilter log",
        249 => "USBPcap",
        281 | 282 => "Broadcom switch tag",
        283 | 284 => "Marvell DSA tag",
        285 => "Marvell EDSA tag",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolution_gives_nanoseconds() {
        let at = |code: u8, stamp| {
            Clock::MICROSECONDS
                .with_resolution(code)
                .time(stamp)
                .nanos()
        };
        assert_eq!(Clock::MICROSECONDS.time(1_500_000).nanos(), 1_500_000_000);
        assert_eq!(at(0, 3), 3_000_000_000);
        assert_eq!(at(9, 1_234), 1_234);
        assert_eq!(at(12, 1_234_567), 1_234);
        assert_eq!(at(0x8a, 512), 500_000_000);
        assert_eq!(at(0x80, 2), 2_000_000_000);
        assert_eq!(at(127, u64::MAX), 0);
        assert_eq!(at(0xff, u64::MAX), 0);
    }

    #[test]
    fn time_outside_the_range_is_clamped() {
        let clock = Clock::MICROSECONDS;
        assert_eq!(clock.time(u64::MAX), Timestamp::MAX);
        assert_eq!(clock.with_offset(i64::MIN).time(0), Timestamp::MIN);
        assert_eq!(clock.with_offset(i64::MAX).time(u64::MAX), Timestamp::MAX);
        assert_eq!(clock.with_offset(-2).time(2_000_001).nanos(), 1000);
    }

    #[test]
    fn names_are_safe_to_show() {
        assert_eq!(name(b"swp1\0").as_deref(), Some("swp1"));
        assert_eq!(name(b" \0"), None);
        assert_eq!(name(b"a\x1b[2Jb").as_deref(), Some("a\u{fffd}[2Jb"));
        assert_eq!(name(&[b'x'; 9000]).map(|n| n.len()), Some(MAX_NAME));
    }
}
