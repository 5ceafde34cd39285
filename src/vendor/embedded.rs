use std::fmt;
use std::net::Ipv4Addr;

use crate::model::Mac;

use super::{MacClass, class};

/// The IPv4 address that the MAC carries in its last four octets, for the classes that are made
/// from one: Docker (02:42), CNI (0a:58), Google Compute Engine (42:01), Microsoft NLB (02:bf,
/// 03:bf).
///
/// Docker's own bridges, and containers since Docker 28, have 02:42 addresses with random
/// octets, so that another address in use is a hint there and a fault elsewhere.
pub fn embedded_ipv4(mac: Mac) -> Option<Ipv4Addr> {
    let [_, _, a, b, c, d] = mac.octets();
    match class(mac) {
        MacClass::Docker | MacClass::Cni | MacClass::Gce | MacClass::Nlb => {
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

/// The block one manager or host assigns addresses from. Two managers with equal pools hand out
/// the same addresses sooner or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pool {
    class: MacClass,
    /// The fixed octets of the block, the rest zero.
    first: Mac,
    /// How many octets are fixed.
    octets: u8,
}

impl Pool {
    /// The class of every address in the pool.
    pub const fn class(self) -> MacClass {
        self.class
    }

    /// The lowest address of the pool.
    pub const fn first(self) -> Mac {
        self.first
    }
}

impl fmt::Display for Pool {
    /// `vCenter id 10 (00:50:56:8a)`, `Hyper-V host block 00:15:5d:c2:25`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets = self.first.octets();
        let fixed = &octets[..usize::from(self.octets)];
        match self.class {
            MacClass::VmwareVcenter => write!(out, "vCenter id {} (", octets[3] & 0x3f)?,
            MacClass::HyperV => out.write_str("Hyper-V host block ")?,
            _ => write!(out, "{} pool ", self.class)?,
        }
        for (index, octet) in fixed.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            write!(out, "{separator}{octet:02x}")?;
        }
        if self.class == MacClass::VmwareVcenter {
            out.write_str(")")?;
        }
        Ok(())
    }
}

/// Which pool the address was assigned from, where the bits tell:
///
/// - vCenter, 00:50:56:80–bf: the fourth octet is 0x80 plus the vCenter's id (0–63);
/// - Hyper-V, 00:15:5d:x:y: x and y are the last octets of the host's first IPv4 address;
/// - oVirt, 56:6f:x:y: x and y are drawn when the engine is set up.
pub fn pool(mac: Mac) -> Option<Pool> {
    let class = class(mac);
    let octets = match class {
        MacClass::VmwareVcenter => 4,
        MacClass::HyperV => 5,
        MacClass::Ovirt if mac.is_locally_administered() => 4,
        _ => return None,
    };
    let mut first = mac.octets();
    first[usize::from(octets)..].fill(0);
    Some(Pool {
        class,
        first: Mac::new(first),
        octets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(text: &str) -> Mac {
        text.parse().expect("an address of this test")
    }

    #[test]
    fn container_addresses_carry_their_ip() {
        assert_eq!(
            embedded_ipv4(mac("0a:58:0a:e9:40:19")),
            Some(Ipv4Addr::new(10, 233, 64, 25))
        );
        assert_eq!(
            embedded_ipv4(mac("02:42:ac:11:00:02")),
            Some(Ipv4Addr::new(172, 17, 0, 2))
        );
        assert_eq!(embedded_ipv4(mac("52:54:00:11:00:02")), None);
    }

    #[test]
    fn two_vcenters_with_one_id_share_a_pool() {
        let left = pool(mac("00:50:56:8a:12:34"));
        assert_eq!(left, pool(mac("00:50:56:8a:ff:00")));
        assert_ne!(left, pool(mac("00:50:56:8b:12:34")));
        assert_eq!(
            left.map(|pool| pool.to_string()).as_deref(),
            Some("vCenter id 10 (00:50:56:8a)")
        );
    }

    #[test]
    fn a_hyper_v_host_block_is_five_octets() {
        let block = pool(mac("00:15:5d:c2:25:b4"));
        assert_eq!(block, pool(mac("00:15:5d:c2:25:00")));
        assert_ne!(block, pool(mac("00:15:5d:c2:26:b4")));
        assert_eq!(
            block.map(|pool| pool.to_string()).as_deref(),
            Some("Hyper-V host block 00:15:5d:c2:25")
        );
    }

    #[test]
    fn other_addresses_come_from_no_known_pool() {
        assert_eq!(pool(mac("00:50:56:3f:00:01")), None);
        assert_eq!(pool(mac("3c:ec:ef:ab:ba:46")), None);
    }
}
