use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{Mac, RedundancyFact, RedundancyProtocol, RedundancyState, Reject};

use super::content::Hasher;

const HELLO: u8 = 0;
const COUP: u8 = 1;
const RESIGN: u8 = 2;

/// Type of the version 2 element that holds the group's state, and its length.
const GROUP_STATE: [u8; 2] = [1, 40];

/// Reads HSRP version 1 (RFC 2281) or version 2; `Ok(None)` for what says nothing of a group's
/// state, as the interface advertisements of version 1 do.
///
/// The first byte tells the versions apart: version 1 sends its version, zero, and version 2 the
/// type of its first element, which is never zero.
pub(super) fn parse(bytes: &[u8], hasher: &Hasher) -> Result<Option<RedundancyFact>, Reject> {
    match bytes {
        [] => Err(Reject::RedundancyMalformed),
        [0, ..] => version_one(bytes, hasher),
        _ => version_two(bytes, hasher),
    }
}

fn version_one(bytes: &[u8], hasher: &Hasher) -> Result<Option<RedundancyFact>, Reject> {
    let &[_, opcode, code, _, _, priority, group, _] =
        bytes.first_chunk().ok_or(Reject::RedundancyMalformed)?;
    let Some(state) = state(opcode, code == 16) else {
        return Ok(None);
    };
    let address = bytes
        .get(16..)
        .and_then(<[u8]>::first_chunk::<4>)
        .ok_or(Reject::RedundancyMalformed)?;
    let known = *address != [0; 4];
    Ok(Some(RedundancyFact {
        protocol: RedundancyProtocol::HsrpV1,
        group: u16::from(group),
        priority,
        state,
        address: known.then(|| IpAddr::V4(Ipv4Addr::from(*address))),
        second: None,
        addresses: if known { hasher.identity(address) } else { 0 },
        virtual_mac: Some(Mac::new([0, 0, 0x0c, 0x07, 0xac, group])),
    }))
}

/// Elements of type, length, value. The group state element: version, opcode, state, IP version,
/// group 2, router 6, priority 4, hello time 4, hold time 4, address 16.
fn version_two(mut bytes: &[u8], hasher: &Hasher) -> Result<Option<RedundancyFact>, Reject> {
    while let Some((&head, rest)) = bytes.split_first_chunk::<2>() {
        let [_, length] = head;
        let (value, rest) = rest
            .split_at_checked(usize::from(length))
            .ok_or(Reject::RedundancyMalformed)?;
        bytes = rest;
        if head != GROUP_STATE {
            continue;
        }
        let (&[_, opcode, code, family, group_high, group_low], value) = value
            .split_first_chunk()
            .ok_or(Reject::RedundancyMalformed)?;
        let (&[_, _, _, _, _, _, p0, p1, p2, p3], value) = value
            .split_first_chunk()
            .ok_or(Reject::RedundancyMalformed)?;
        let (_, address) = value
            .split_last_chunk::<16>()
            .ok_or(Reject::RedundancyMalformed)?;
        let Some(state) = state(opcode, code == 6) else {
            return Ok(None);
        };
        let group = u16::from_be_bytes([group_high, group_low]);
        let priority = u32::from_be_bytes([p0, p1, p2, p3]);
        let [a, b, c, d, ..] = *address;
        let (virtual_ip, number) = if family == 6 {
            (IpAddr::V6(Ipv6Addr::from(*address)), 0x0005_73a0_0000)
        } else {
            (IpAddr::V4(Ipv4Addr::new(a, b, c, d)), 0x0000_0c9f_f000)
        };
        let known = !virtual_ip.is_unspecified();
        return Ok(Some(RedundancyFact {
            protocol: RedundancyProtocol::HsrpV2,
            group,
            priority: u8::try_from(priority).unwrap_or(u8::MAX),
            state,
            address: known.then_some(virtual_ip),
            second: None,
            addresses: if known { hasher.identity(address) } else { 0 },
            virtual_mac: Some(Mac::from_bits(number | u64::from(group & 0xfff))),
        }));
    }
    Ok(None)
}

fn state(opcode: u8, active: bool) -> Option<RedundancyState> {
    match opcode {
        HELLO if active => Some(RedundancyState::Active),
        HELLO => Some(RedundancyState::Standby),
        COUP => Some(RedundancyState::TakingOver),
        RESIGN => Some(RedundancyState::Resigning),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: [u8; 20] = [
        0, 0, 16, 3, 10, 120, 5, 0, b'c', b'i', b's', b'c', b'o', 0, 0, 0, 10, 0, 0, 1,
    ];
    const V2: [u8; 42] = [
        1, 40, 2, 0, 6, 4, 0x01, 0x2c, 2, 0, 0, 0, 0, 1, 0, 0, 0, 110, 0, 0, 0x0b, 0xb8, 0, 0,
        0x27, 0x10, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    fn read(bytes: &[u8]) -> Option<RedundancyFact> {
        parse(bytes, &Hasher::new(1)).expect("valid")
    }

    #[test]
    fn version_one_gives_the_active_router_of_a_group() {
        let fact = read(&V1).expect("a hello");
        assert_eq!(fact.protocol, RedundancyProtocol::HsrpV1);
        assert_eq!((fact.group, fact.priority), (5, 120));
        assert_eq!(fact.state, RedundancyState::Active);
        assert_eq!(fact.address, Some(IpAddr::from([10, 0, 0, 1])));
        assert_eq!(fact.virtual_mac, Some(Mac::new([0, 0, 0x0c, 7, 0xac, 5])));
    }

    #[test]
    fn version_two_has_wide_groups() {
        let fact = read(&V2).expect("a hello");
        assert_eq!(fact.protocol, RedundancyProtocol::HsrpV2);
        assert_eq!((fact.group, fact.priority), (300, 110));
        let mac = Mac::new([0, 0, 0x0c, 0x9f, 0xf1, 0x2c]);
        assert_eq!(fact.virtual_mac, Some(mac));
    }

    #[test]
    fn coup_and_resign_are_told_from_hello() {
        for (opcode, state) in [
            (1, RedundancyState::TakingOver),
            (2, RedundancyState::Resigning),
        ] {
            let mut bytes = V1;
            bytes[1] = opcode;
            assert_eq!(read(&bytes).map(|fact| fact.state), Some(state));
        }
        let mut advertise = V1;
        advertise[1] = 3;
        assert!(read(&advertise).is_none());
    }

    #[test]
    fn what_is_cut_off_is_rejected() {
        for length in 0..20 {
            assert!(parse(&V1[..length], &Hasher::new(1)).is_err(), "{length}");
        }
        for length in 2..42 {
            assert!(parse(&V2[..length], &Hasher::new(1)).is_err(), "{length}");
        }
    }
}
