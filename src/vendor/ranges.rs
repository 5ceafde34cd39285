use crate::model::Mac;

use super::MacClass;

/// A run of addresses, both ends included, that belong to one class.
struct Range {
    first: u64,
    last: u64,
    class: MacClass,
}

/// Every address that begins with these octets.
const fn prefix(octets: &[u8], class: MacClass) -> Range {
    let mut first = 0;
    let mut index = 0;
    while index < octets.len() {
        first = (first << 8) | octets[index] as u64;
        index += 1;
    }
    let free = 48 - 8 * octets.len();
    let first = first << free;
    Range {
        first,
        last: first | ((1 << free) - 1),
        class,
    }
}

/// Every address from one prefix to another of the same length.
const fn span(from: &[u8], to: &[u8], class: MacClass) -> Range {
    Range {
        first: prefix(from, class).first,
        last: prefix(to, class).last,
        class,
    }
}

/// Known ranges, ascending and disjoint.
///
/// Sources, in short: VMware and Microsoft documentation for their splits (VMware "MAC address
/// format", Microsoft KB 2804678); RFC 9568 7.3 for VRRP; IEEE listings for the blocks of
/// hypervisor makers; the Wireshark list of well-known addresses for HSRP, GLBP and NLB; the
/// vendors' manuals for clusters and anycast gateways. Addresses that an administrator sets at
/// will (Cisco and Cumulus anycast gateways) cannot be known here.
const RANGES: &[Range] = &[
    prefix(&[0x00, 0x00, 0x0c, 0x07, 0xac], MacClass::Hsrp),
    // The group is the last twelve bits.
    span(
        &[0x00, 0x00, 0x0c, 0x9f, 0xf0],
        &[0x00, 0x00, 0x0c, 0x9f, 0xff],
        MacClass::Hsrp2,
    ),
    // RFC 9568, 7.3; the first block is what ucarp sends advertisements from.
    prefix(&[0x00, 0x00, 0x5e, 0x00, 0x00], MacClass::Carp),
    prefix(&[0x00, 0x00, 0x5e, 0x00, 0x01], MacClass::Vrrp),
    prefix(&[0x00, 0x00, 0x5e, 0x00, 0x02], MacClass::Vrrp6),
    prefix(&[0x00, 0x03, 0xff], MacClass::VirtualPc),
    prefix(&[0x00, 0x05, 0x69], MacClass::Vmware),
    // The group is the last twelve bits.
    span(
        &[0x00, 0x05, 0x73, 0xa0, 0x00],
        &[0x00, 0x05, 0x73, 0xa0, 0x0f],
        MacClass::Hsrp6,
    ),
    // Six zero bits, ten bits of group, eight bits of forwarder.
    span(
        &[0x00, 0x07, 0xb4, 0x00],
        &[0x00, 0x07, 0xb4, 0x03],
        MacClass::Glbp,
    ),
    prefix(&[0x00, 0x09, 0x0f, 0x09], MacClass::FortigateHa),
    prefix(&[0x00, 0x0c, 0x29], MacClass::VmwareHost),
    prefix(&[0x00, 0x0d, 0x3a], MacClass::Azure),
    prefix(&[0x00, 0x0f, 0x4b], MacClass::OracleVm),
    prefix(&[0x00, 0x10, 0xdb, 0xff], MacClass::SrxCluster),
    // f8–fb are assigned by the manager, fc–ff by hand; the rest of the block is Sun hardware.
    span(
        &[0x00, 0x14, 0x4f, 0xf8],
        &[0x00, 0x14, 0x4f, 0xff],
        MacClass::Ldoms,
    ),
    prefix(&[0x00, 0x15, 0x5d], MacClass::HyperV),
    prefix(&[0x00, 0x16, 0x3e], MacClass::Xen),
    prefix(&[0x00, 0x18, 0x51], MacClass::Virtuozzo),
    prefix(&[0x00, 0x1a, 0x4a], MacClass::Ovirt),
    prefix(&[0x00, 0x1b, 0x17, 0x00], MacClass::PaloAltoHa),
    prefix(&[0x00, 0x1c, 0x14], MacClass::Vmware),
    prefix(&[0x00, 0x1c, 0x42], MacClass::Parallels),
    prefix(&[0x00, 0x1c, 0x73, 0x00, 0x00, 0x99], MacClass::Varp),
    prefix(&[0x00, 0x21, 0xf6], MacClass::OracleVm),
    prefix(&[0x00, 0x22, 0x48], MacClass::Azure),
    prefix(&[0x00, 0x23, 0x20], MacClass::Nicira),
    span(
        &[0x00, 0x50, 0x56, 0x00],
        &[0x00, 0x50, 0x56, 0x3f],
        MacClass::VmwareManual,
    ),
    span(
        &[0x00, 0x50, 0x56, 0x40],
        &[0x00, 0x50, 0x56, 0x7f],
        MacClass::Vmware,
    ),
    span(
        &[0x00, 0x50, 0x56, 0x80],
        &[0x00, 0x50, 0x56, 0xbf],
        MacClass::VmwareVcenter,
    ),
    span(
        &[0x00, 0x50, 0x56, 0xc0],
        &[0x00, 0x50, 0x56, 0xff],
        MacClass::Vmware,
    ),
    prefix(&[0x02, 0x42], MacClass::Docker),
    prefix(&[0x02, 0x50, 0x56, 0x56, 0x44, 0x52], MacClass::NsxRouter),
    prefix(&[0x02, 0xbf], MacClass::Nlb),
    prefix(&[0x03, 0xbf], MacClass::Nlb),
    prefix(&[0x08, 0x00, 0x27], MacClass::Virtualbox),
    prefix(&[0x0a, 0x00, 0x27], MacClass::Virtualbox),
    prefix(&[0x0a, 0x58], MacClass::Cni),
    prefix(
        &[0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc],
        MacClass::AzureGateway,
    ),
    prefix(&[0x42, 0x01], MacClass::Gce),
    prefix(&[0x44, 0x38, 0x39, 0xff], MacClass::CumulusMlag),
    prefix(&[0x44, 0x39, 0x39, 0xff], MacClass::CumulusMlag),
    prefix(&[0x50, 0x6b, 0x8d], MacClass::Nutanix),
    prefix(&[0x52, 0x54, 0x00], MacClass::Qemu),
    prefix(&[0x56, 0x6f], MacClass::Ovirt),
    prefix(&[0x58, 0x9c, 0xfc], MacClass::Bhyve),
    prefix(&[0x60, 0x45, 0xbd], MacClass::Azure),
    prefix(&[0x7c, 0x1e, 0x52], MacClass::Azure),
    prefix(&[0x90, 0xb8, 0xd0], MacClass::Smartos),
    prefix(&[0xaa, 0x00, 0x04, 0x00], MacClass::Decnet),
    prefix(&[0xb4, 0x79, 0x47], MacClass::Nutanix),
    prefix(&[0xbc, 0x24, 0x11], MacClass::Proxmox),
    prefix(&[0xc4, 0x37, 0x72], MacClass::Virtuozzo),
    prefix(&[0xec, 0x75, 0xed], MacClass::Citrix),
    prefix(&[0xee, 0xee, 0xee, 0xee, 0xee, 0xee], MacClass::Calico),
    prefix(&[0xfa, 0x16, 0x3e], MacClass::Openstack),
];

/// The class of the range that holds the address, if there is one.
pub(super) fn find(mac: Mac) -> Option<MacClass> {
    let bits = mac.to_bits();
    let after = RANGES.partition_point(|range| range.first <= bits);
    let range = RANGES[..after].last()?;
    (bits <= range.last).then_some(range.class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_ascend_and_do_not_overlap() {
        for pair in RANGES.windows(2) {
            assert!(
                pair[0].first <= pair[0].last && pair[0].last < pair[1].first,
                "{} before {}",
                Mac::from_bits(pair[0].first),
                Mac::from_bits(pair[1].first)
            );
        }
    }

    #[test]
    fn both_ends_of_every_range_belong_to_it() {
        for range in RANGES {
            assert_eq!(find(Mac::from_bits(range.first)), Some(range.class));
            assert_eq!(find(Mac::from_bits(range.last)), Some(range.class));
        }
    }
}
