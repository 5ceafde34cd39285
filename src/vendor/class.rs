use std::fmt;

use crate::model::Mac;

use super::ranges;

/// Declares the classes with their fixed name in JSON and the words for people.
macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $words:literal;)+) => {
        /// What kind of assignment an address comes from, as far as its bits tell.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MacClass { $($(#[$doc])* $variant,)+ }

        impl MacClass {
            /// Every class, in order of declaration.
            pub const ALL: &'static [MacClass] = &[$(MacClass::$variant,)+];

            /// The fixed name, as JSON carries it in `mac_class`.
            pub const fn name(self) -> &'static str {
                match self { $(MacClass::$variant => $name,)+ }
            }

            /// The class in a few words for people.
            pub const fn words(self) -> &'static str {
                match self { $(MacClass::$variant => $words,)+ }
            }
        }
    };
}

classes! {
    /// 00:50:56:80–bf: the fourth octet is 80 plus the vCenter's id.
    VmwareVcenter = "vmware-vcenter", "VMware virtual machine, assigned by vCenter";
    /// 00:50:56:00–3f: entered by hand.
    VmwareManual = "vmware-manual", "VMware virtual machine, entered by hand";
    /// 00:0c:29: made by the host from the virtual machine's UUID and path.
    VmwareHost = "vmware-host", "VMware virtual machine, made by the host from its UUID";
    /// The rest of VMware's blocks: vmkernel adapters, Workstation networks, old products.
    Vmware = "vmware", "VMware, vmkernel or another product";
    /// 00:15:5d: octets four and five are taken from the host's first IPv4 address.
    HyperV = "hyper-v", "Hyper-V virtual machine, assigned by its host";
    /// 00:03:ff.
    VirtualPc = "virtual-pc", "Microsoft Virtual PC or Virtual Server";
    /// Blocks that Microsoft uses in Azure.
    Azure = "azure", "Azure virtual machine";
    /// 00:16:3e: chosen at random by the toolstack.
    Xen = "xen", "Xen virtual machine, chosen at random";
    /// 08:00:27, and 0a:00:27 for host-only adapters.
    Virtualbox = "virtualbox", "VirtualBox virtual machine";
    /// 52:54:00: QEMU, libvirt.
    Qemu = "qemu", "QEMU/KVM virtual machine, chosen at random or by hand";
    /// bc:24:11.
    Proxmox = "proxmox", "Proxmox VE guest, chosen at random";
    /// fa:16:3e: the default base of Neutron.
    Openstack = "openstack", "OpenStack port, assigned by Neutron";
    /// 00:1a:4a, and 56:6f for pools made at set-up.
    Ovirt = "ovirt", "oVirt virtual machine, from the engine's pool";
    /// 50:6b:8d, b4:79:47.
    Nutanix = "nutanix", "Nutanix AHV virtual machine";
    /// 00:1c:42.
    Parallels = "parallels", "Parallels virtual machine";
    /// 00:18:51, c4:37:72.
    Virtuozzo = "virtuozzo", "Virtuozzo or OpenVZ guest";
    /// 58:9c:fc.
    Bhyve = "bhyve", "bhyve virtual machine on FreeBSD";
    /// 90:b8:d0.
    Smartos = "smartos", "SmartOS zone or virtual machine";
    /// 00:21:f6, 00:0f:4b.
    OracleVm = "oracle-vm", "Oracle VM guest";
    /// 00:14:4f:f8–ff.
    Ldoms = "ldoms", "Oracle VM Server for SPARC (LDoms) guest";
    /// 00:23:20.
    Nicira = "nicira", "Open vSwitch or NSX virtual interface";
    /// ec:75:ed.
    Citrix = "citrix", "Citrix virtual appliance";
    /// 02:42: Docker, the IPv4 address in the last four octets.
    Docker = "docker", "Docker container or bridge";
    /// 0a:58: CNI plugins and OVN-Kubernetes, the IPv4 address in the last four octets.
    Cni = "cni", "Kubernetes pod (CNI)";
    /// ee:ee:ee:ee:ee:ee: the host side of every Calico veth.
    Calico = "calico", "host side of a Calico pod interface, the same on every node";
    /// 42:01: Google Compute Engine, the IPv4 address in the last four octets.
    Gce = "gce", "Google Compute Engine virtual machine";
    /// 00:00:5e:00:01: VRRP for IPv4, also CARP and Cumulus VRR.
    Vrrp = "vrrp", "virtual router (VRRP or CARP)";
    /// 00:00:5e:00:02.
    Vrrp6 = "vrrp6", "virtual router (VRRP for IPv6)";
    /// 00:00:5e:00:00: the source of ucarp's advertisements.
    Carp = "carp", "virtual address (CARP, as ucarp advertises it)";
    /// 00:00:0c:07:ac.
    Hsrp = "hsrp", "virtual router (HSRP version 1)";
    /// 00:00:0c:9f:f0–ff.
    Hsrp2 = "hsrp2", "virtual router (HSRP version 2)";
    /// 00:05:73:a0:00–0f.
    Hsrp6 = "hsrp6", "virtual router (HSRP for IPv6)";
    /// 00:07:b4:00–03.
    Glbp = "glbp", "virtual forwarder (GLBP)";
    /// 02:bf and 03:bf: Microsoft Network Load Balancing, the IPv4 address in the last octets.
    Nlb = "nlb", "Microsoft Network Load Balancing cluster";
    /// 00:1c:73:00:00:99.
    Varp = "varp", "anycast gateway (Arista VARP)";
    /// 44:38:39:ff, 44:39:39:ff.
    CumulusMlag = "cumulus-mlag", "pair of switches (Cumulus MLAG)";
    /// 02:50:56:56:44:52.
    NsxRouter = "nsx-router", "distributed router (NSX), the same on every host";
    /// 12:34:56:78:9a:bc.
    AzureGateway = "azure-gateway", "gateway of an Azure virtual network";
    /// 00:09:0f:09.
    FortigateHa = "fortigate-ha", "FortiGate cluster (FGCP)";
    /// 00:1b:17:00.
    PaloAltoHa = "palo-alto-ha", "Palo Alto firewall pair";
    /// 00:10:db:ff.
    SrxCluster = "srx-cluster", "Juniper SRX cluster (redundant Ethernet)";
    /// aa:00:04:00: the node number is in the last two octets.
    Decnet = "decnet", "DECnet phase IV node";
    /// All ones.
    Broadcast = "broadcast", "broadcast, never a station";
    /// The I/G bit is set.
    Group = "group", "multicast group, never a station";
    /// All zeros.
    Zero = "zero", "no address";
    /// Any other address with the U/L bit: random, or chosen by an administrator.
    Local = "local", "locally administered: random or chosen by hand";
    /// Any other address: burnt in by the vendor.
    Vendor = "vendor", "assigned by the hardware vendor";
}

impl fmt::Display for MacClass {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl MacClass {
    /// Whether addresses of this class belong to a role that several machines play, in turn or
    /// together, so that hearing one in two places is no duplicate by itself.
    pub const fn is_role(self) -> bool {
        matches!(
            self,
            MacClass::Vrrp
                | MacClass::Vrrp6
                | MacClass::Carp
                | MacClass::Hsrp
                | MacClass::Hsrp2
                | MacClass::Hsrp6
                | MacClass::Glbp
                | MacClass::Nlb
                | MacClass::Varp
                | MacClass::CumulusMlag
                | MacClass::NsxRouter
                | MacClass::AzureGateway
                | MacClass::FortigateHa
                | MacClass::PaloAltoHa
                | MacClass::SrxCluster
                | MacClass::Calico
        )
    }

    /// Whether a hypervisor or its manager assigns addresses of this class to guests.
    pub const fn is_hypervisor(self) -> bool {
        matches!(
            self,
            MacClass::VmwareVcenter
                | MacClass::VmwareManual
                | MacClass::VmwareHost
                | MacClass::Vmware
                | MacClass::HyperV
                | MacClass::VirtualPc
                | MacClass::Azure
                | MacClass::Xen
                | MacClass::Virtualbox
                | MacClass::Qemu
                | MacClass::Proxmox
                | MacClass::Openstack
                | MacClass::Ovirt
                | MacClass::Nutanix
                | MacClass::Parallels
                | MacClass::Virtuozzo
                | MacClass::Bhyve
                | MacClass::Smartos
                | MacClass::OracleVm
                | MacClass::Ldoms
                | MacClass::Nicira
                | MacClass::Citrix
                | MacClass::Gce
        )
    }

    /// Whether a container runtime or one of its network plugins assigns them.
    pub const fn is_container(self) -> bool {
        matches!(self, MacClass::Docker | MacClass::Cni | MacClass::Calico)
    }
}

/// The class of an address. A binary search over some sixty ranges.
pub fn class(mac: Mac) -> MacClass {
    if mac.is_broadcast() {
        return MacClass::Broadcast;
    }
    if mac.is_zero() {
        return MacClass::Zero;
    }
    if let Some(class) = ranges::find(mac) {
        return class;
    }
    if mac.is_group() {
        MacClass::Group
    } else if mac.is_locally_administered() {
        MacClass::Local
    } else {
        MacClass::Vendor
    }
}

/// Whether the address belongs to a role (virtual router, cluster, anycast gateway) rather than
/// to a station: it changes its place by design and is never a duplicate by itself.
pub fn is_virtual_router(mac: Mac) -> bool {
    class(mac).is_role()
}

/// Who assigned an address, from its U/L bit (IEEE 802-2014, 8.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Administered {
    /// The vendor, from a block of the IEEE.
    Universal,
    /// An administrator or a program.
    Local,
}

impl Administered {
    /// Both, in order.
    pub const ALL: &'static [Administered] = &[Administered::Universal, Administered::Local];

    /// The fixed name, as JSON carries it in `administered`.
    pub const fn name(self) -> &'static str {
        match self {
            Administered::Universal => "universal",
            Administered::Local => "local",
        }
    }
}

/// Who assigned the address.
pub const fn administered(mac: Mac) -> Administered {
    if mac.is_locally_administered() {
        Administered::Local
    } else {
        Administered::Universal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fall_into_the_class_of_their_range() {
        for (text, expected) in [
            ("00:50:56:00:00:01", MacClass::VmwareManual),
            ("00:50:56:3f:ff:ff", MacClass::VmwareManual),
            ("00:50:56:40:00:00", MacClass::Vmware),
            ("00:50:56:7f:ff:ff", MacClass::Vmware),
            ("00:50:56:80:00:00", MacClass::VmwareVcenter),
            ("00:50:56:bf:ff:ff", MacClass::VmwareVcenter),
            ("00:50:56:c0:00:08", MacClass::Vmware),
            ("00:0c:29:01:02:03", MacClass::VmwareHost),
            ("00:15:5d:c2:25:b4", MacClass::HyperV),
            ("52:54:00:a7:e3:1c", MacClass::Qemu),
            ("bc:24:11:00:00:01", MacClass::Proxmox),
            ("fa:16:3e:33:e7:83", MacClass::Openstack),
            ("02:42:ac:11:00:02", MacClass::Docker),
            ("0a:58:0a:e9:40:19", MacClass::Cni),
            ("42:01:0a:80:00:02", MacClass::Gce),
            ("56:6f:4c:ae:00:01", MacClass::Ovirt),
            ("00:00:5e:00:00:07", MacClass::Carp),
            ("00:00:5e:00:01:a8", MacClass::Vrrp),
            ("00:00:5e:00:02:01", MacClass::Vrrp6),
            ("00:00:5e:00:53:01", MacClass::Vendor),
            ("00:00:0c:07:ac:01", MacClass::Hsrp),
            ("00:00:0c:07:ad:01", MacClass::Vendor),
            ("00:00:0c:9f:f1:23", MacClass::Hsrp2),
            ("00:00:0c:9f:ef:ff", MacClass::Vendor),
            ("00:05:73:a0:0f:ff", MacClass::Hsrp6),
            ("00:05:73:a0:10:00", MacClass::Vendor),
            ("00:07:b4:00:01:02", MacClass::Glbp),
            ("02:bf:0a:00:00:05", MacClass::Nlb),
            ("03:bf:0a:00:00:05", MacClass::Nlb),
            ("00:1c:73:00:00:99", MacClass::Varp),
            ("ee:ee:ee:ee:ee:ee", MacClass::Calico),
            ("01:00:5e:00:00:12", MacClass::Group),
            ("ff:ff:ff:ff:ff:ff", MacClass::Broadcast),
            ("00:00:00:00:00:00", MacClass::Zero),
            ("da:a1:19:00:00:01", MacClass::Local),
            ("3c:ec:ef:ab:ba:46", MacClass::Vendor),
        ] {
            let mac: Mac = text.parse().expect("an address of this table");
            assert_eq!(class(mac), expected, "{text}");
        }
    }

    #[test]
    fn stations_of_hypervisors_play_no_role() {
        for class in MacClass::ALL {
            assert!(
                !(class.is_role() && class.is_hypervisor()),
                "{class}: a role and a guest"
            );
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = MacClass::ALL.iter().map(|class| class.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), MacClass::ALL.len());
    }

    #[test]
    fn the_u_l_bit_tells_who_assigned() {
        assert_eq!(administered(Mac::ZERO).name(), "universal");
        assert_eq!(
            administered(Mac::new([0x52, 0x54, 0, 0, 0, 1])).name(),
            "local"
        );
    }
}
