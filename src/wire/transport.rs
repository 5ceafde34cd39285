use super::ip::protocol;

/// Ports and counter that tell one flow from another, as [`IpFact`](crate::model::IpFact) has
/// them: TCP and UDP ports with the TCP sequence number, or type, identifier and sequence number
/// of an ICMP echo. What is cut off is zero.
#[inline]
pub(super) fn flow(protocol: u8, payload: &[u8]) -> (u32, u32) {
    let Some((&first, rest)) = payload.split_first_chunk::<4>() else {
        return (0, 0);
    };
    let second = rest.first_chunk::<4>().copied().unwrap_or_default();
    match (protocol, first, second) {
        (protocol::TCP, ports, sequence) => {
            (u32::from_be_bytes(ports), u32::from_be_bytes(sequence))
        }
        (protocol::UDP, ports, _) => (u32::from_be_bytes(ports), 0),
        (protocol::ICMP, [kind @ (0 | 8), 0, _, _], [i0, i1, s0, s1])
        | (protocol::ICMPV6, [kind @ (128 | 129), 0, _, _], [i0, i1, s0, s1]) => (
            u32::from_be_bytes([0, kind, i0, i1]),
            u32::from_be_bytes([0, 0, s0, s1]),
        ),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tcp_flow_has_ports_and_a_sequence_number() {
        let head = [0x01, 0xbb, 0xc0, 0x01, 0xde, 0xad, 0xbe, 0xef];
        assert_eq!(flow(protocol::TCP, &head), (0x01bb_c001, 0xdead_beef));
        assert_eq!(flow(protocol::TCP, &head[..7]), (0x01bb_c001, 0));
        assert_eq!(flow(protocol::TCP, &head[..3]), (0, 0));
    }

    #[test]
    fn an_echo_has_an_identifier_and_a_sequence_number() {
        let request = [8, 0, 0, 0, 0x12, 0x34, 0, 7];
        assert_eq!(flow(protocol::ICMP, &request), (0x0008_1234, 7));
        let reply = [129, 0, 0, 0, 0x12, 0x34, 0, 7];
        assert_eq!(flow(protocol::ICMPV6, &reply), (0x0081_1234, 7));
        let unreachable = [3, 0, 0, 0, 0x12, 0x34, 0, 7];
        assert_eq!(flow(protocol::ICMP, &unreachable), (0, 0));
    }
}
