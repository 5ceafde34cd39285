use super::ip::protocol;

/// Ports and counter that tell one flow from another, as [`IpFact`](crate::model::IpFact) has
/// them: TCP and UDP ports with the TCP sequence number, or type, identifier and sequence number
/// of an ICMP echo. What is cut off is zero.
#[inline]
pub(super) fn flow(protocol: u8, payload: &[u8]) -> (u32, u32) {
    let head: Option<&[u8; 8]> = payload.first_chunk();
    match (protocol, head) {
        (protocol::TCP, Some(&[a, b, c, d, e, f, g, h])) => (
            u32::from_be_bytes([a, b, c, d]),
            u32::from_be_bytes([e, f, g, h]),
        ),
        (protocol::ICMP, Some(&[kind @ (0 | 8), 0, _, _, a, b, c, d]))
        | (protocol::ICMPV6, Some(&[kind @ (128 | 129), 0, _, _, a, b, c, d])) => (
            u32::from_be_bytes([0, kind, a, b]),
            u32::from_be_bytes([0, 0, c, d]),
        ),
        (protocol::TCP | protocol::UDP, _) => (
            payload
                .first_chunk()
                .map_or(0, |&ports| u32::from_be_bytes(ports)),
            0,
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
