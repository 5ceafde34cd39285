use std::fmt;
use std::str::FromStr;

/// A 48-bit IEEE 802 MAC address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mac([u8; 6]);

impl Mac {
    /// All bits zero: no address at all.
    pub const ZERO: Mac = Mac([0; 6]);
    /// All bits one: every station of the segment.
    pub const BROADCAST: Mac = Mac([0xff; 6]);

    /// The address with these octets, in transmission order.
    pub const fn new(octets: [u8; 6]) -> Self {
        Mac(octets)
    }

    /// The octets, in transmission order.
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// The address as the low 48 bits of an integer, first octet most significant.
    pub const fn to_bits(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The inverse of [`Mac::to_bits`]; the upper 16 bits are ignored.
    pub const fn from_bits(bits: u64) -> Self {
        let [_, _, a, b, c, d, e, f] = bits.to_be_bytes();
        Mac([a, b, c, d, e, f])
    }

    /// Whether the I/G bit is set: a multicast or broadcast address, never a station.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Whether every bit is one.
    pub const fn is_broadcast(self) -> bool {
        self.to_bits() == 0xffff_ffff_ffff
    }

    /// Whether every bit is zero.
    pub const fn is_zero(self) -> bool {
        self.to_bits() == 0
    }

    /// Whether the U/L bit is set: assigned by an administrator, not by IEEE.
    pub const fn is_locally_administered(self) -> bool {
        self.0[0] & 2 == 2
    }

    /// Whether the address can belong to one station: neither group nor zero.
    pub const fn is_station(self) -> bool {
        !self.is_group() && !self.is_zero()
    }

    /// The modified EUI-64 interface identifier of this address (RFC 4291, appendix A).
    pub const fn eui64(self) -> [u8; 8] {
        let [a, b, c, d, e, f] = self.0;
        [a ^ 2, b, c, 0xff, 0xfe, d, e, f]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Six formatted numbers take ten times as long, and every event shows a few addresses.
        let mut text = [b':'; 17];
        for (octet, place) in self.0.into_iter().zip(text.chunks_mut(3)) {
            place[0] = DIGITS[usize::from(octet >> 4)];
            place[1] = DIGITS[usize::from(octet & 15)];
        }
        out.write_str(std::str::from_utf8(&text).expect("digits and colons"))
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Text that is no MAC address in any notation in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseMacError {
    text: String,
}

impl fmt::Display for ParseMacError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{:?} is not a MAC address; write it as 00:50:56:8a:12:34, 00-50-56-8A-12-34, \
             0050.568a.1234 or 0050568a1234",
            self.text
        )
    }
}

impl std::error::Error for ParseMacError {}

impl FromStr for Mac {
    type Err = ParseMacError;

    /// Accepts `00:50:56:8a:12:34`, `0:50:56:8a:12:34`, `00-50-56-8A-12-34`, `0050.568a.1234`,
    /// `0050-568a-1234` (Comware, Huawei) and twelve bare digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.trim()).ok_or_else(|| ParseMacError {
            text: text.chars().take(64).collect(),
        })
    }
}

fn parse(text: &str) -> Option<Mac> {
    let separator = text.chars().find(|c| !c.is_ascii_hexdigit());
    let groups: Vec<&str> = match separator {
        None => vec![text],
        Some(c @ (':' | '-' | '.')) => text.split(c).collect(),
        Some(_) => return None,
    };
    let digits = 12 / groups.len().max(1);
    if !matches!(groups.len(), 1 | 3 | 6) {
        return None;
    }
    let mut bits = 0u64;
    for group in groups {
        // Only octets may drop their leading zero: `0:c:29:1:2:3` is what some tools print.
        let short_octet = digits == 2 && group.len() == 1;
        if group.len() != digits && !short_octet {
            return None;
        }
        if !group.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        bits = (bits << (4 * digits)) | u64::from_str_radix(group, 16).ok()?;
    }
    Some(Mac::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: Mac = Mac::new([0x00, 0x50, 0x56, 0x8a, 0x12, 0x34]);

    #[test]
    fn every_notation_in_use_reads_as_the_same_address() {
        for text in [
            "00:50:56:8a:12:34",
            "0:50:56:8a:12:34",
            "00-50-56-8A-12-34",
            "0050.568a.1234",
            "0050-568a-1234",
            "0050568A1234",
        ] {
            assert_eq!(text.parse(), Ok(ADDRESS), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "00:50:56:8a:12",
            "00:50:56:8a:12:345",
            "00:50-56:8a:12:34",
            "+050568a1234",
            "zz",
            "0050.568a",
        ] {
            assert!(text.parse::<Mac>().is_err(), "{text}");
        }
    }

    #[test]
    fn display_round_trips_through_bits_and_text() {
        assert_eq!(Mac::from_bits(ADDRESS.to_bits()), ADDRESS);
        assert_eq!(ADDRESS.to_string().parse(), Ok(ADDRESS));
    }

    #[test]
    fn eui64_flips_the_universal_bit() {
        assert_eq!(
            ADDRESS.eui64(),
            [0x02, 0x50, 0x56, 0xff, 0xfe, 0x8a, 0x12, 0x34]
        );
    }
}
