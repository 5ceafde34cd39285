//! Numbers of the field behind the source address (IEEE 802 numbers, IANA registry).

/// Below this the field is an 802.3 length (IEEE 802.3-2022, 3.2.6).
pub(super) const FIRST: u16 = 0x0600;
pub(super) const IPV4: u16 = 0x0800;
pub(super) const ARP: u16 = 0x0806;
pub(super) const ERSPAN_III: u16 = 0x22eb;
pub(super) const BRIDGING: u16 = 0x6558;
pub(super) const RARP: u16 = 0x8035;
pub(super) const VLAN: u16 = 0x8100;
pub(super) const IPV6: u16 = 0x86dd;
pub(super) const SLOW: u16 = 0x8809;
pub(super) const PROVIDER_VLAN: u16 = 0x88a8;
pub(super) const ERSPAN: u16 = 0x88be;
pub(super) const LLDP: u16 = 0x88cc;
pub(super) const VN_TAG: u16 = 0x8926;
/// Stacked tags before 802.1ad gave them a number.
pub(super) const QINQ: u16 = 0x9100;
pub(super) const QINQ_OLD: u16 = 0x9200;
