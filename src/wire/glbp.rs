use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{RedundancyFact, RedundancyProtocol, RedundancyState, Reject};

use super::content::Hasher;

const HELLO: u8 = 1;
const ACTIVE: u8 = 32;

/// Reads a GLBP packet; `Ok(None)` for one without a hello. Cisco has not published the format;
/// it is as observed: version, unknown, group 2, unknown 2, router 6, then elements of type,
/// length (of the whole element) and value.
pub(super) fn parse(bytes: &[u8], hasher: &Hasher) -> Result<Option<RedundancyFact>, Reject> {
    let (&[_, _, group_high, group_low, ..], mut elements) = bytes
        .split_first_chunk::<12>()
        .ok_or(Reject::RedundancyMalformed)?;
    let group = u16::from_be_bytes([group_high, group_low]);
    while let Some(&[kind, length]) = elements.first_chunk() {
        let (element, rest) = elements
            .split_at_checked(usize::from(length))
            .filter(|(element, _)| element.len() >= 2)
            .ok_or(Reject::RedundancyMalformed)?;
        if kind == HELLO {
            return hello(group, element, hasher).map(Some);
        }
        elements = rest;
    }
    Ok(None)
}

/// Type, length, unknown, state, unknown, priority, unknown 2, hello time 4, hold time 4, redirect
/// 2, timeout 2, unknown 2, address family, address length, address.
///
/// A group hands out several virtual MACs, so the hello implies none.
fn hello(group: u16, element: &[u8], hasher: &Hasher) -> Result<RedundancyFact, Reject> {
    let (head, rest) = element
        .split_first_chunk::<24>()
        .ok_or(Reject::RedundancyMalformed)?;
    let [_, _, _, state, _, priority, .., length] = *head;
    let octets = rest
        .get(..usize::from(length))
        .ok_or(Reject::RedundancyMalformed)?;
    let address = match *octets {
        [a, b, c, d] => Some(IpAddr::V4(Ipv4Addr::new(a, b, c, d))),
        _ => <[u8; 16]>::try_from(octets)
            .ok()
            .map(|octets| IpAddr::V6(Ipv6Addr::from(octets))),
    };
    let address = address.filter(|address| !address.is_unspecified());
    Ok(RedundancyFact {
        protocol: RedundancyProtocol::Glbp,
        group,
        priority,
        state: if state == ACTIVE {
            RedundancyState::Active
        } else {
            RedundancyState::Standby
        },
        address,
        second: None,
        addresses: address.map_or(0, |_| hasher.identity(octets)),
        virtual_mac: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: [u8; 40] = [
        1, 4, 0, 10, 0, 0, 2, 0, 0, 0, 0, 1, // header
        1, 28, 0, 32, 0, 200, 0, 0, 0, 0, 0x0b, 0xb8, 0, 0, 0x27, 0x10, 2, 0x58, 0x38, 0x40, 0, 0,
        1, 4, 10, 0, 0, 1,
    ];

    #[test]
    fn a_hello_gives_state_and_address() {
        let fact = parse(&PACKET, &Hasher::new(1)).expect("valid");
        let fact = fact.expect("a hello");
        assert_eq!((fact.group, fact.priority), (10, 200));
        assert_eq!(fact.state, RedundancyState::Active);
        assert_eq!(fact.address, Some(IpAddr::from([10, 0, 0, 1])));
    }

    #[test]
    fn elements_without_length_are_rejected() {
        let mut bytes = PACKET;
        bytes[12] = 2;
        bytes[13] = 0;
        assert!(parse(&bytes, &Hasher::new(1)).is_err());
    }

    #[test]
    fn what_is_cut_off_is_rejected() {
        for length in 14..PACKET.len() {
            assert!(parse(&PACKET[..length], &Hasher::new(1)).is_err());
        }
    }
}
