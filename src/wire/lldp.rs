use crate::model::{DiscoveryFact, Label, Reject};

use super::content::Hasher;

const END: u16 = 0;
const CHASSIS_ID: u16 = 1;
const SYSTEM_NAME: u16 = 5;

/// Reads an LLDPDU (IEEE 802.1AB-2016, 8): elements of type 7 bits and length 9 bits, the chassis
/// ID first. Without that it names nobody and is rejected.
pub(super) fn parse(mut bytes: &[u8], hasher: &Hasher) -> Result<DiscoveryFact, Reject> {
    let mut fact = DiscoveryFact {
        system: 0,
        name: Label::default(),
    };
    while let Some((&head, rest)) = bytes.split_first_chunk() {
        let head = u16::from_be_bytes(head);
        let Some((value, rest)) = rest.split_at_checked(usize::from(head & 0x1ff)) else {
            break;
        };
        bytes = rest;
        match head >> 9 {
            END => break,
            // The subtype, first byte of the value, is part of the identity.
            CHASSIS_ID => fact.system = hasher.identity(value),
            SYSTEM_NAME => fact.name = Label::new(value),
            _ => {}
        }
    }
    if fact.system == 0 {
        Err(Reject::LinkProtocolMalformed)
    } else {
        Ok(fact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: [u8; 26] = [
        0x02, 7, 4, 0, 1, 2, 3, 4, 5, // chassis: MAC
        0x04, 2, 7, b'1', // port
        0x06, 2, 0, 120, // time to live
        0x0a, 5, b't', b'o', b'r', b'-', b'7', // system name
        0, 0,
    ];

    #[test]
    fn a_unit_names_chassis_and_system() {
        let fact = parse(&UNIT, &Hasher::new(1)).expect("valid");
        assert_eq!(fact.name.as_bytes(), b"tor-7");
        assert_eq!(fact.system, Hasher::new(1).identity(&UNIT[2..9]));
    }

    #[test]
    fn a_cut_unit_gives_what_is_whole() {
        for length in 0..UNIT.len() {
            match parse(&UNIT[..length], &Hasher::new(1)) {
                Ok(fact) => assert_eq!(fact.name.is_empty(), length < 24, "{length}"),
                Err(reason) => {
                    assert_eq!(reason, Reject::LinkProtocolMalformed);
                    assert!(length < 9, "{length}");
                }
            }
        }
    }
}
