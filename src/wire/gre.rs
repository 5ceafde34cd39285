use crate::model::Reject;

/// A GRE header (RFC 2784, RFC 2890).
#[derive(Clone, Copy, Debug)]
pub(super) struct Gre<'a> {
    /// EtherType of the payload.
    pub(super) protocol: u16,
    /// Key; of NVGRE (RFC 7637) the upper 24 bits are the virtual subnet.
    pub(super) key: Option<u32>,
    /// Whether there is a sequence number: it tells ERSPAN I from II.
    pub(super) sequenced: bool,
    /// What is carried.
    pub(super) payload: &'a [u8],
}

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const VERSION: u16 = 0x0007;

impl<'a> Gre<'a> {
    /// Reads the header and its optional words. Version 1, which PPTP uses, and source routes,
    /// which RFC 2784 withdrew, are not entered.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Reject> {
        let (&[f0, f1, p0, p1], mut payload) =
            bytes.split_first_chunk().ok_or(Reject::TunnelMalformed)?;
        let flags = u16::from_be_bytes([f0, f1]);
        if flags & (ROUTING | VERSION) != 0 {
            return Err(Reject::TunnelMalformed);
        }
        let mut word = |flag| {
            if flags & flag == 0 {
                return Ok(None);
            }
            let (&word, rest) = payload.split_first_chunk().ok_or(Reject::TunnelMalformed)?;
            payload = rest;
            Ok(Some(u32::from_be_bytes(word)))
        };
        word(CHECKSUM)?;
        let key = word(KEY)?;
        let sequenced = word(SEQUENCE)?.is_some();
        Ok(Gre {
            protocol: u16::from_be_bytes([p0, p1]),
            key,
            sequenced,
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_words_are_taken_off_in_order() {
        let bytes = [
            0xb0, 0, 0x65, 0x58, 1, 1, 0, 0, 0, 0, 5, 9, 0, 0, 0, 1, 0xaa,
        ];
        let gre = Gre::parse(&bytes).expect("valid");
        assert_eq!(gre.protocol, 0x6558);
        assert_eq!(gre.key, Some(0x0509));
        assert!(gre.sequenced);
        assert_eq!(gre.payload, [0xaa]);
        for length in 0..16 {
            assert!(Gre::parse(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn pptp_and_source_routes_are_not_entered() {
        assert!(Gre::parse(&[0x30, 0x01, 0x88, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
        assert!(Gre::parse(&[0x40, 0, 8, 0, 0, 0, 0, 0]).is_err());
    }
}
