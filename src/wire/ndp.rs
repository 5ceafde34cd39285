use std::net::{IpAddr, Ipv6Addr};

use crate::model::{Counts, Mac, NdpFact, NdpMessage, Reject};

use super::ip::Packet;

const SOURCE_LINK_LAYER: u8 = 1;
const TARGET_LINK_LAYER: u8 = 2;
const NONCE: u8 = 14;

/// Reads a neighbour discovery message (RFC 4861) from an ICMPv6 packet; `Ok(None)` for any other.
///
/// Messages that sections 6.1 and 7.1 say to discard are rejected, so that no router's distance
/// away anybody can claim an address. The checksum is not looked at: captures on the sending
/// host come before the NIC filled it in.
pub(super) fn parse(packet: &Packet<'_>) -> Result<Option<NdpFact>, Reject> {
    let Some((&[kind, code, _, _, flags, _, lifetime_high, lifetime_low], body)) =
        packet.payload.split_first_chunk()
    else {
        return Ok(None);
    };
    let (message, fixed) = match kind {
        133 => (NdpMessage::RouterSolicitation, 0),
        134 => (NdpMessage::RouterAdvertisement, 8),
        135 => (NdpMessage::NeighborSolicitation, 16),
        136 => (NdpMessage::NeighborAdvertisement, 16),
        _ => return Ok(None),
    };
    let (fixed, options) = body.split_at_checked(fixed).ok_or(Reject::NdpMalformed)?;
    let target = fixed
        .first_chunk::<16>()
        .map_or(Ipv6Addr::UNSPECIFIED, |&octets| Ipv6Addr::from(octets));
    let advertisement = message == NdpMessage::NeighborAdvertisement;
    let mut fact = NdpFact {
        message,
        target,
        link_layer: None,
        router: match message {
            NdpMessage::NeighborAdvertisement => flags & 0x80 != 0,
            NdpMessage::RouterAdvertisement => lifetime_high | lifetime_low != 0,
            NdpMessage::RouterSolicitation | NdpMessage::NeighborSolicitation => false,
        },
        solicited: advertisement && flags & 0x40 != 0,
        override_flag: advertisement && flags & 0x20 != 0,
        nonce: 0,
    };
    read_options(options, &mut fact)?;
    if code == 0 && is_valid(packet, &fact) {
        Ok(Some(fact))
    } else {
        Err(Reject::NdpMalformed)
    }
}

/// Counts solicitations and advertisements, whether or not they are valid.
pub(super) fn count(packet: &Packet<'_>, counts: &mut Counts) {
    match packet.payload.first() {
        Some(135) => {
            counts.ndp_ns += 1;
            counts.ndp_dad += u64::from(packet.fact.source == IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        }
        Some(136) => counts.ndp_na += 1,
        _ => {}
    }
}

/// Options are type, length in words of eight bytes, value (RFC 4861, 4.6). One that is longer
/// than what was captured ends the reading; one without length makes the message invalid.
fn read_options(mut options: &[u8], fact: &mut NdpFact) -> Result<(), Reject> {
    let wanted = if fact.message == NdpMessage::NeighborAdvertisement {
        TARGET_LINK_LAYER
    } else {
        SOURCE_LINK_LAYER
    };
    while let Some(&[kind, words]) = options.first_chunk() {
        if words == 0 {
            return Err(Reject::NdpMalformed);
        }
        let Some((option, rest)) = options.split_at_checked(usize::from(words) * 8) else {
            break;
        };
        match *option {
            [_, 1, a, b, c, d, e, f] if kind == wanted => {
                fact.link_layer = Some(Mac::new([a, b, c, d, e, f]));
            }
            // RFC 3971, 5.3.2: six bytes at least; RFC 7527 sends just those.
            [_, _, a, b, c, d, e, f, ..] if kind == NONCE => {
                fact.nonce = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
            }
            _ => {}
        }
        options = rest;
    }
    Ok(())
}

/// The validity rules of RFC 4861 sections 6.1.1, 6.1.2, 7.1.1 and 7.1.2.
fn is_valid(packet: &Packet<'_>, fact: &NdpFact) -> bool {
    let (IpAddr::V6(source), IpAddr::V6(destination)) =
        (packet.fact.source, packet.fact.destination)
    else {
        return false;
    };
    let unspecified = source.is_unspecified();
    packet.fact.hop_limit == 255
        && match fact.message {
            NdpMessage::RouterSolicitation => !unspecified || fact.link_layer.is_none(),
            NdpMessage::RouterAdvertisement => source.is_unicast_link_local(),
            NdpMessage::NeighborSolicitation => {
                let probe = is_solicited_node(destination) && fact.link_layer.is_none();
                !fact.target.is_multicast() && (!unspecified || probe)
            }
            NdpMessage::NeighborAdvertisement => {
                let unsolicited = !destination.is_multicast() || !fact.solicited;
                !fact.target.is_multicast() && unsolicited
            }
        }
}

/// `ff02::1:ff00:0/104` (RFC 4291, 2.7.1).
fn is_solicited_node(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0xff02, 0, 0, 0, 0, 1, group, _] if group >> 8 == 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ipv6;

    const LINK_LOCAL: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const ALL_NODES: [u8; 16] = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const SOLICITED: [u8; 16] = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 1];
    const UNSPECIFIED: [u8; 16] = [0; 16];

    fn packet(source: [u8; 16], destination: [u8; 16], limit: u8, icmp: &[u8]) -> Vec<u8> {
        let length = u8::try_from(icmp.len()).expect("short");
        let mut bytes = vec![0x60, 0, 0, 0, 0, length, 58, limit];
        bytes.extend(source);
        bytes.extend(destination);
        bytes.extend(icmp);
        bytes
    }

    fn message(kind: u8, flags: u8, target: [u8; 16], options: &[u8]) -> Vec<u8> {
        let mut icmp = vec![kind, 0, 0, 0, flags, 0, 0, 0];
        icmp.extend(target);
        icmp.extend(options);
        icmp
    }

    fn read(bytes: &[u8]) -> Result<Option<NdpFact>, Reject> {
        parse(&ipv6::parse(bytes).expect("a whole IPv6 packet"))
    }

    #[test]
    fn an_unsolicited_advertisement_gives_flags_and_address() {
        let icmp = message(136, 0xa0, LINK_LOCAL, &[2, 1, 0x52, 0x54, 0, 1, 2, 3]);
        let fact = read(&packet(LINK_LOCAL, ALL_NODES, 255, &icmp));
        let fact = fact.expect("valid").expect("neighbour discovery");
        assert_eq!(fact.message, NdpMessage::NeighborAdvertisement);
        assert_eq!(fact.target, Ipv6Addr::from(LINK_LOCAL));
        assert_eq!(fact.link_layer, Some(Mac::new([0x52, 0x54, 0, 1, 2, 3])));
        assert!(fact.router && fact.override_flag && !fact.solicited);
    }

    #[test]
    fn a_probe_carries_its_nonce_and_no_address() {
        let icmp = message(135, 0, LINK_LOCAL, &[14, 1, 1, 2, 3, 4, 5, 6]);
        let fact = read(&packet(UNSPECIFIED, SOLICITED, 255, &icmp));
        let fact = fact.expect("valid").expect("neighbour discovery");
        assert_eq!((fact.nonce, fact.link_layer), (0x0102_0304_0506, None));
    }

    #[test]
    fn messages_that_the_rfc_discards_are_rejected() {
        let link_layer = [1, 1, 0x52, 0x54, 0, 1, 2, 3];
        let plain = message(135, 0, LINK_LOCAL, &[]);
        let mut coded = plain.clone();
        coded[1] = 1;
        for (why, bytes) in [
            ("routed", packet(LINK_LOCAL, SOLICITED, 254, &plain)),
            ("code", packet(LINK_LOCAL, SOLICITED, 255, &coded)),
            (
                "multicast target",
                packet(LINK_LOCAL, SOLICITED, 255, &message(135, 0, ALL_NODES, &[])),
            ),
            (
                "probe with an address",
                packet(
                    UNSPECIFIED,
                    SOLICITED,
                    255,
                    &message(135, 0, LINK_LOCAL, &link_layer),
                ),
            ),
            (
                "probe to all nodes",
                packet(UNSPECIFIED, ALL_NODES, 255, &plain),
            ),
            (
                "solicited to all nodes",
                packet(
                    LINK_LOCAL,
                    ALL_NODES,
                    255,
                    &message(136, 0x40, LINK_LOCAL, &[]),
                ),
            ),
            (
                "option without length",
                packet(
                    LINK_LOCAL,
                    SOLICITED,
                    255,
                    &message(135, 0, LINK_LOCAL, &[1, 0]),
                ),
            ),
        ] {
            assert_eq!(read(&bytes), Err(Reject::NdpMalformed), "{why}");
        }
    }

    #[test]
    fn an_option_that_is_cut_off_is_not_read() {
        let icmp = message(136, 0, LINK_LOCAL, &[2, 1, 0x52, 0x54]);
        let fact = read(&packet(LINK_LOCAL, ALL_NODES, 255, &icmp));
        let fact = fact.expect("valid").expect("neighbour discovery");
        assert_eq!(fact.link_layer, None);
    }

    #[test]
    fn a_router_says_by_its_lifetime_whether_it_is_one() {
        let mut icmp = vec![134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0];
        icmp.extend([1, 1, 2, 0, 0, 0, 0, 9]);
        let fact = read(&packet(LINK_LOCAL, ALL_NODES, 255, &icmp));
        let fact = fact.expect("valid").expect("neighbour discovery");
        assert!(fact.router);
        assert_eq!(fact.link_layer, Some(Mac::new([2, 0, 0, 0, 0, 9])));
        assert!(fact.target.is_unspecified());
    }
}
