use crate::model::{Announcer, Cause, Event, Kind, Origin};

/// The next step, by kind, cause and origin.
pub fn advice(event: &Event) -> &'static str {
    match event.kind {
        Kind::StationNew => {
            "Nothing to do; check it against the inventory if it should not be here."
        }
        Kind::StationReturned => {
            "Check who brought it back: an old machine or a restored image may hold an address that was given away since."
        }
        Kind::StationAnnounced => announced(event),
        Kind::MacMoved => {
            "Nothing to do if the machine was re-plugged, roamed or migrated; otherwise find out who is on the new port."
        }
        Kind::MacMigrated => {
            "Nothing to do if the migration was planned; the blackout is how long the machine was not heard."
        }
        Kind::MacFlapping => flapping(event.cause),
        Kind::MacDuplicate => duplicate(event.cause, event.origin),
        Kind::IpMoved => {
            "Nothing to do if the machine, its network card or its lease was replaced; otherwise find out who took the address."
        }
        Kind::IpFailover => {
            "Nothing to do if the failover was planned; otherwise look at why the earlier owner gave up."
        }
        Kind::IpDuplicate => {
            "Find both machines by MAC and port, and give one of them another address; then look for a static address inside the DHCP range or a second DHCP server."
        }
        Kind::IpShared => {
            "One host answers on several interfaces of one LAN: on Linux set arp_ignore=1 and arp_announce=2, or put the interfaces into a bond."
        }
        Kind::IpProbeConflict => {
            "Look up who owns the address, and take it out of the DHCP range or give the newcomer another one."
        }
        Kind::ArpSpoofing => {
            "Shut the port of the attacking MAC and find the machine; then clear the neighbour caches of its victims and turn on dynamic ARP inspection."
        }
        Kind::ArpMismatch => {
            "Check the sender for a bridge, a proxy or a tool that rewrites addresses; if none is expected there, treat it as an attempt to spoof."
        }
        Kind::ArpStorm => {
            "Find the machine and look for a scanner, a broken program or a loop behind its port; limit ARP on the port if it goes on."
        }
        Kind::FrameInvalidSource => {
            "Find the device on this port: its driver, firmware or a traffic generator writes the wrong source address."
        }
        Kind::L2Loop => {
            "Find the links that the frames circle over (the switches see the MACs flap between them) and disconnect one; then check spanning tree, BPDU guard and LAG settings on both ends."
        }
        Kind::MacFlood => {
            "Shut or limit the port (port security): a tool fills the switch's address table, or a loop brings in foreign frames."
        }
        Kind::RedundancyConflict => {
            "Check that the routers hear each other (VLAN on the trunk, multicast filter, authentication), and that no other pair uses the same group id."
        }
        Kind::PolicyViolation => {
            "Correct the address or the port, or change the rule if this is meant to be so."
        }
        Kind::CaptureLoss => {
            "Give the capture a larger buffer or a filter, or mirror fewer ports; verdicts may miss what was lost."
        }
        Kind::CaptureDamaged => {
            "Everything up to the damage was judged; copy the file again, or let the capture end before it is read."
        }
    }
}

fn announced(event: &Event) -> &'static str {
    match event.announcer {
        Some(Announcer::Qemu) => {
            "Nothing to do if the machine was migrated or resumed; a single mirror shows no more of a migration than this."
        }
        Some(Announcer::Esxi) => {
            "Nothing to do: ESXi announces at power-on, migration and uplink changes."
        }
        Some(Announcer::Keepalived | Announcer::Metallb | Announcer::KubeVip) => {
            "Nothing to do if this node is meant to hold the address."
        }
        Some(Announcer::Linux | Announcer::Unknown) | None => {
            "Nothing to do: the station tells its neighbours where it is."
        }
    }
}

fn flapping(cause: Option<Cause>) -> &'static str {
    match cause {
        Some(Cause::DuplicateStation) => {
            "Find the machine on each of the two ports and compare their addresses: two of them use this MAC."
        }
        Some(Cause::UnbundledLink) => {
            "Configure the two switch ports as one LAG (LACP), or set the host's teaming to active-standby."
        }
        Some(Cause::Loop) => {
            "Disconnect one of the links between the two ports, and check spanning tree there."
        }
        Some(Cause::Roaming) => {
            "Nothing to do if the client is wireless and moves; otherwise check the cable and the access points' coverage."
        }
        Some(Cause::MigrationPingpong) => {
            "Look at the migration's log: it was repeated, rolled back, or an automatic balancer moves the machine to and fro."
        }
        Some(Cause::Redundancy) => {
            "Check that the routers of the group hear each other's advertisements, and that their priorities differ."
        }
        Some(Cause::Unknown) | None => {
            "Look at the two ports for a duplicated machine, an unbundled link or a loop, in this order."
        }
    }
}

fn duplicate(cause: Option<Cause>, origin: Option<Origin>) -> &'static str {
    if cause == Some(Cause::Redundancy) {
        return "Check that the routers of the group hear each other: both act as its master.";
    }
    match origin {
        Some(Origin::ClonedVm) => {
            "Find both virtual machines by port, and let the hypervisor make a new MAC for the copy before it starts again."
        }
        Some(Origin::HypervisorPoolOverlap) => {
            "Give one of the two managers another pool (vCenter: its instance id; Hyper-V: its MAC address range), then renew the MAC of one machine."
        }
        Some(Origin::ManualAssignment) => {
            "Find both machines by port, look up who entered the address, and give one of them another."
        }
        Some(Origin::Container) => {
            "Check both nodes for the same pod or container network: overlapping address ranges give equal MACs."
        }
        Some(Origin::Vendor) => {
            "Find both machines by port; a burnt-in address twice means a copied configuration (MAC cloning) or a faulty card."
        }
        Some(Origin::Unknown) | None => {
            "Find both machines by port, take one off the network, and give it another MAC."
        }
    }
}
