use std::net::Ipv4Addr;

use etherparse::ArpPacketSlice;

use crate::model::{ArpFact, ArpOperation, Counts, Mac, Reject};

const ETHERNET: u16 = 1;
/// IEEE 802 networks; the same addresses, sent by old token ring and FDDI stacks.
const IEEE_802: u16 = 6;

/// Reads ARP (RFC 826) for Ethernet and IPv4.
#[inline]
pub(super) fn parse(bytes: &[u8]) -> Result<ArpFact, Reject> {
    let packet = ArpPacketSlice::from_slice(bytes).map_err(|_| Reject::ArpTruncated)?;
    let known = matches!(packet.hw_addr_type().0, ETHERNET | IEEE_802)
        && packet.proto_addr_type() == etherparse::EtherType::IPV4;
    let sender = (
        packet.sender_hw_addr().first_chunk(),
        packet.sender_protocol_addr().first_chunk::<4>(),
    );
    let target = (
        packet.target_hw_addr().first_chunk(),
        packet.target_protocol_addr().first_chunk::<4>(),
    );
    match (
        packet.hw_addr_size(),
        packet.proto_addr_size(),
        sender,
        target,
    ) {
        (6, 4, (Some(&sender_mac), Some(&sender_ip)), (Some(&target_mac), Some(&target_ip)))
            if known =>
        {
            Ok(ArpFact {
                operation: operation(packet.operation().0),
                sender_mac: Mac::new(sender_mac),
                sender_ip: Ipv4Addr::from(sender_ip),
                target_mac: Mac::new(target_mac),
                target_ip: Ipv4Addr::from(target_ip),
            })
        }
        _ => Err(Reject::ArpUnsupported),
    }
}

/// RARP has operation codes of its own behind the same header (RFC 903).
pub(super) fn parse_reverse(bytes: &[u8]) -> Result<ArpFact, Reject> {
    let mut fact = parse(bytes)?;
    if let ArpOperation::Other(code @ (3 | 4)) = fact.operation {
        fact.operation = operation(code - 2);
    }
    Ok(fact)
}

/// Whether this is RARP although its EtherType says ARP: some boot ROMs send it so.
#[inline]
pub(super) fn is_reverse(bytes: &[u8]) -> bool {
    matches!(bytes.first_chunk(), Some(&[_, _, _, _, _, _, 0, 3 | 4]))
}

/// Counts an ARP packet by its operation, even where the rest of it is cut off or unusable.
#[inline]
pub(super) fn count(bytes: &[u8], fact: Option<&ArpFact>, counts: &mut Counts) {
    let Some(&[_, _, _, _, _, _, high, low]) = bytes.first_chunk() else {
        return;
    };
    match operation(u16::from_be_bytes([high, low])) {
        ArpOperation::Request => counts.arp_requests += 1,
        ArpOperation::Reply => counts.arp_replies += 1,
        ArpOperation::Other(_) => return,
    }
    if let Some(fact) = fact {
        counts.arp_gratuitous += u64::from(fact.is_gratuitous());
        // The counter is stricter than the fact, as tshark is: RFC 5227 has the target zero.
        counts.arp_probes += u64::from(fact.is_probe() && fact.target_mac.is_zero());
    }
}

fn operation(code: u16) -> ArpOperation {
    match code {
        1 => ArpOperation::Request,
        2 => ArpOperation::Reply,
        other => ArpOperation::Other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: [u8; 28] = [
        0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 1, 2, 3, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2,
    ];

    #[test]
    fn a_request_is_read_field_by_field() {
        let fact = parse(&REQUEST).expect("a whole request");
        assert_eq!(fact.operation, ArpOperation::Request);
        assert_eq!(fact.sender_mac, Mac::new([0x52, 0x54, 0, 1, 2, 3]));
        assert_eq!(fact.sender_ip, Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(fact.target_mac, Mac::ZERO);
        assert_eq!(fact.target_ip, Ipv4Addr::new(10, 0, 0, 2));
    }

    #[test]
    fn what_is_cut_off_is_no_fact_but_counts_by_its_operation() {
        for length in 0..28 {
            let cut = &REQUEST[..length];
            assert_eq!(parse(cut), Err(Reject::ArpTruncated), "{length}");
            let mut counts = Counts::default();
            count(cut, None, &mut counts);
            assert_eq!(counts.arp_requests, u64::from(length >= 8), "{length}");
        }
    }

    #[test]
    fn other_hardware_is_unsupported() {
        let mut infiniband = REQUEST;
        infiniband[1] = 32;
        assert_eq!(parse(&infiniband), Err(Reject::ArpUnsupported));
    }

    #[test]
    fn reverse_requests_are_requests() {
        let mut announce = REQUEST;
        announce[7] = 3;
        let fact = parse_reverse(&announce).expect("whole");
        assert_eq!(fact.operation, ArpOperation::Request);
        announce[7] = 4;
        let fact = parse_reverse(&announce).expect("whole");
        assert_eq!(fact.operation, ArpOperation::Reply);
    }
}
