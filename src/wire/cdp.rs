use crate::model::{DiscoveryFact, Label, Reject};

use super::content::Hasher;

const DEVICE_ID: u16 = 1;

/// Reads a CDP packet: version, time to live, checksum 2, then elements of type 2, length 2 (of
/// the whole element) and value. The device ID is identity and name in one.
pub(super) fn parse(bytes: &[u8], hasher: &Hasher) -> Result<DiscoveryFact, Reject> {
    let mut elements = bytes.get(4..).ok_or(Reject::LinkProtocolMalformed)?;
    while let Some(&[k0, k1, l0, l1]) = elements.first_chunk() {
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let (element, rest) = elements
            .split_at_checked(length)
            .ok_or(Reject::LinkProtocolMalformed)?;
        let value = element.get(4..).ok_or(Reject::LinkProtocolMalformed)?;
        if u16::from_be_bytes([k0, k1]) == DEVICE_ID {
            return Ok(DiscoveryFact {
                system: hasher.identity(value),
                name: Label::new(value),
            });
        }
        elements = rest;
    }
    Err(Reject::LinkProtocolMalformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: [u8; 17] = [
        2, 180, 0, 0, 0, 5, 0, 5, 0xff, 0, 1, 0, 8, b's', b'w', b'-', b'1',
    ];

    #[test]
    fn the_device_id_is_found_behind_other_elements() {
        let fact = parse(&PACKET, &Hasher::new(1)).expect("valid");
        assert_eq!(fact.name.as_bytes(), b"sw-1");
        assert_eq!(fact.system, Hasher::new(1).identity(b"sw-1"));
    }

    #[test]
    fn lengths_that_cannot_be_are_rejected() {
        for length in [0u8, 3, 200] {
            let mut packet = PACKET;
            packet[7] = length;
            let reason = parse(&packet, &Hasher::new(1)).err();
            assert_eq!(reason, Some(Reject::LinkProtocolMalformed));
        }
        for length in 0..PACKET.len() {
            assert!(parse(&PACKET[..length], &Hasher::new(1)).is_err());
        }
    }
}
