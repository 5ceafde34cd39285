use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{Mac, RedundancyFact, RedundancyProtocol, RedundancyState, Reject};

use super::content::Hasher;
use super::ip::Packet;

/// Length of a CARP advertisement: header 8, counter 8, HMAC-SHA1 20.
const CARP_LENGTH: usize = 36;

/// Fourth byte of a CARP advertisement: the authentication length in words.
const CARP_AUTHENTICATION: u8 = 7;

/// Reads IP protocol 112: VRRP version 2 (RFC 3768), version 3 (RFC 9568) or CARP.
///
/// CARP took VRRP's protocol number and starts with the same byte, 0x21. What tells them apart:
/// the fourth byte is 7 and the packet is 36 bytes long on the wire. VRRP version 2 with seven
/// addresses has that byte too, but is 44 bytes long, for its authentication field is always
/// there (RFC 3768, 5.1). Version 2 over IPv6 can only be CARP.
pub(super) fn parse(packet: &Packet<'_>, hasher: &Hasher) -> Result<RedundancyFact, Reject> {
    let (&[kind, group, priority, count, b4, b5, _, _], rest) = packet
        .payload
        .split_first_chunk()
        .ok_or(Reject::RedundancyMalformed)?;
    // All three: "MUST verify that the TTL is 255".
    if packet.fact.hop_limit != 255 {
        return Err(Reject::RedundancyMalformed);
    }
    let v6 = packet.fact.source.is_ipv6();
    let carp = count == CARP_AUTHENTICATION && packet.declared == CARP_LENGTH;
    let protocol = match kind {
        0x21 if carp => {
            return Ok(carp_fact(group, priority, b5));
        }
        0x21 if !v6 => RedundancyProtocol::VrrpV2,
        0x31 => RedundancyProtocol::VrrpV3,
        _ => return Err(Reject::RedundancyMalformed),
    };
    let length = usize::from(count) * if v6 { 16 } else { 4 };
    let authentication = match protocol {
        RedundancyProtocol::VrrpV2 if b4 != 0 => 8,
        _ => 0,
    };
    if packet.declared < 8 + length + authentication {
        return Err(Reject::RedundancyMalformed);
    }
    let addresses = &rest[..length.min(rest.len())];
    let family = if v6 { 2 } else { 1 };
    Ok(RedundancyFact {
        protocol,
        group: u16::from(group),
        priority,
        state: if priority == 0 {
            RedundancyState::Resigning
        } else {
            RedundancyState::Active
        },
        address: address(addresses, v6, 0),
        second: address(addresses, v6, 1),
        addresses: if addresses.is_empty() {
            0
        } else {
            hasher.identity(addresses)
        },
        virtual_mac: Some(Mac::new([0, 0, 0x5e, 0, family, group])),
    })
}

/// The advertisement hides the addresses in its HMAC. One who leaves sends both numbers at their
/// highest (OpenBSD, `carp_send_ad` with `sc_bow_out`).
fn carp_fact(group: u8, skew: u8, base: u8) -> RedundancyFact {
    RedundancyFact {
        protocol: RedundancyProtocol::Carp,
        group: u16::from(group),
        priority: skew,
        state: if (skew, base) == (255, 255) {
            RedundancyState::Resigning
        } else {
            RedundancyState::Active
        },
        address: None,
        second: None,
        addresses: 0,
        virtual_mac: Some(Mac::new([0, 0, 0x5e, 0, 1, group])),
    }
}

fn address(bytes: &[u8], v6: bool, index: usize) -> Option<IpAddr> {
    if v6 {
        let &octets = bytes.as_chunks::<16>().0.get(index)?;
        Some(IpAddr::V6(Ipv6Addr::from(octets)))
    } else {
        let &octets = bytes.as_chunks::<4>().0.get(index)?;
        Some(IpAddr::V4(Ipv4Addr::from(octets)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ipv4;

    fn read(advertisement: &[u8], ttl: u8) -> Result<RedundancyFact, Reject> {
        let total = u8::try_from(20 + advertisement.len()).expect("short");
        let mut bytes = vec![0x45, 0, 0, total, 0, 0, 0, 0, ttl, 112, 0, 0];
        bytes.extend([10, 0, 0, 2, 224, 0, 0, 18]);
        bytes.extend(advertisement);
        parse(&ipv4::parse(&bytes).expect("whole"), &Hasher::new(1))
    }

    #[test]
    fn version_two_names_group_priority_and_addresses() {
        let fact = read(
            &[
                0x21, 51, 150, 2, 0, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
            255,
        )
        .expect("valid");
        assert_eq!(fact.protocol, RedundancyProtocol::VrrpV2);
        assert_eq!((fact.group, fact.priority), (51, 150));
        assert_eq!(fact.address, Some(IpAddr::from([10, 0, 0, 1])));
        assert_eq!(fact.second, Some(IpAddr::from([10, 0, 0, 9])));
        assert_eq!(fact.virtual_mac, Some(Mac::new([0, 0, 0x5e, 0, 1, 51])));
        assert_eq!(fact.state, RedundancyState::Active);
    }

    #[test]
    fn priority_zero_resigns() {
        let fact = read(&[0x31, 7, 0, 1, 0, 100, 0, 0, 10, 0, 0, 1], 255).expect("valid");
        assert_eq!(fact.protocol, RedundancyProtocol::VrrpV3);
        assert_eq!(fact.state, RedundancyState::Resigning);
    }

    #[test]
    fn carp_is_told_from_vrrp_with_seven_addresses() {
        let mut carp = [0u8; 36];
        carp[..8].copy_from_slice(&[0x21, 9, 100, 7, 0, 1, 0, 0]);
        let fact = read(&carp, 255).expect("valid");
        assert_eq!(fact.protocol, RedundancyProtocol::Carp);
        assert_eq!((fact.group, fact.priority, fact.address), (9, 100, None));
        let mut vrrp = [0u8; 44];
        vrrp[..8].copy_from_slice(&[0x21, 9, 100, 7, 0, 1, 0, 0]);
        let fact = read(&vrrp, 255).expect("valid");
        assert_eq!(fact.protocol, RedundancyProtocol::VrrpV2);
    }

    #[test]
    fn advertisements_from_afar_or_too_short_are_rejected() {
        let whole = [0x31, 7, 100, 1, 0, 100, 0, 0, 10, 0, 0, 1];
        assert_eq!(read(&whole, 254).err(), Some(Reject::RedundancyMalformed));
        let short = &whole[..11];
        assert_eq!(read(short, 255).err(), Some(Reject::RedundancyMalformed));
    }
}
