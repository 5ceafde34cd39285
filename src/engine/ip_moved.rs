//! Says that an address changed hands: `ip.moved`, `ip.failover`.
//!
//! Evidence: another MAC claims the address and the owner is silent under it for `settle`. It is a
//! failover where both are routers of a redundancy group, where a cluster manager announced it
//! while the old owner lives on, or where hosts with addresses of their own pass it to and fro with
//! announcements. An address that comes back without any of that was never given up: two hosts
//! have it. Known false positive: an owner that is silent for longer than `settle` because nobody
//! asked it.

use std::net::IpAddr;

use super::Engine;
use super::Seen;
use super::addresses::Holder;
use super::ip_conflict::ip_key;
use super::stations::station_key;
use crate::model::{Kind, Mac, Severity};

impl Engine {
    /// The owner fell silent: the challenger has the address now.
    pub(super) fn hand_over(&mut self, index: usize) {
        let address = self.addresses.get(index);
        let Some(dispute) = &address.dispute else {
            return;
        };
        let (segment, ip) = (address.segment, address.ip);
        let (owner, challenger) = (address.owner, dispute.challenger);
        let both_route = self.groups.is_router(segment, owner.mac)
            && self.groups.is_router(segment, challenger.mac);
        let owner_lives = self
            .stations
            .find(station_key(segment, owner.mac))
            .is_some_and(|i| self.stations.get(i).last > dispute.since);
        let by_manager = !owner.released
            && owner_lives
            && dispute.announced
            && (address.is_managed
                || self.announced_by_cluster_manager(segment, challenger.mac, ip));
        let returned = address.former.is_some_and(|(mac, last)| {
            mac == challenger.mac && dispute.since.since(last) <= self.settings.port_age
        });
        // Two hosts that each have an address of their own pass an announced one between them.
        let passed = returned
            && dispute.announced
            && self.has_own_address(segment, owner.mac, ip)
            && self.has_own_address(segment, challenger.mac, ip);
        let is_failover = both_route || by_manager || passed;
        if returned && !is_failover && !owner.released {
            self.say_two_owners(index);
            return;
        }
        let (kind, severity) = if is_failover {
            (Kind::IpFailover, Severity::Info)
        } else {
            (Kind::IpMoved, Severity::Notice)
        };
        let event = self.ip_event(kind, severity, index);
        let said = self.incidents.observe(ip_key(kind, segment, ip), event);
        if is_failover {
            self.groups
                .note_hand_over(segment, challenger.mac, self.clock);
        }
        let address = self.addresses.get_mut(index);
        address.moved = Some(said);
        address.former = Some((owner.mac, owner.last));
        address.is_managed &= is_failover;
        address.owner = challenger;
        address.dispute = None;
    }

    /// Whether the station claims another address of this family for itself.
    fn has_own_address(&self, segment: u16, mac: Mac, ip: IpAddr) -> bool {
        self.stations
            .find(station_key(segment, mac))
            .and_then(|index| self.stations.detail(index))
            .is_some_and(|detail| {
                let mut others = detail.addresses.iter();
                others.any(|u| u.claimed && u.ip != ip && u.ip.is_ipv4() == ip.is_ipv4())
            })
    }

    /// The client gives its address back.
    pub(super) fn note_release(&mut self, segment: u16, ip: IpAddr, mac: Mac) {
        let Some(index) = self.addresses.find(segment, ip) else {
            return;
        };
        let owner = &mut self.addresses.get_mut(index).owner;
        owner.released |= owner.mac == mac;
    }

    /// A server grants an address. Only an ACK does; an OFFER claims nothing.
    pub(super) fn note_lease(&mut self, seen: &Seen<'_>, ip: IpAddr, client: Mac) {
        if self.addresses.find(seen.segment, ip).is_none() {
            let holder = Holder::new(client, self.clock, seen.sighting.at, false);
            self.addresses.insert(seen.segment, ip, holder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        Step, about, announces, dhcp, every, frame, judged, packet, words,
    };
    use super::*;
    use crate::model::{DhcpMessage, Event};

    /// A station announces address 5 and uses it from one time to another.
    fn holds(n: u8, from: i64, to: i64) -> impl Iterator<Item = Step> {
        let on = u16::from(n);
        every(500, from + 10, to, packet(n, on, 5)).chain([(from, announces(n, on, 5))])
    }

    fn addresses(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
        about("ip.", judged(steps))
    }

    #[test]
    fn an_address_whose_owner_fell_silent_has_moved() {
        let events = addresses(holds(1, 0, 3000).chain(holds(2, 4000, 9000)));
        assert_eq!(words(&events), ["ip.moved"]);
        let moved = &events[0];
        assert_eq!(moved.severity, Severity::Notice);
        assert_eq!(moved.mac, Some(super::super::testing::mac(2)));
    }

    #[test]
    fn the_owner_may_live_on_without_the_address() {
        let lives = every(500, 4000, 9000, frame(1, 1));
        let events = addresses(holds(1, 0, 3000).chain(holds(2, 4000, 9000)).chain(lives));
        assert_eq!(words(&events), ["ip.moved"]);
    }

    #[test]
    fn an_address_that_comes_back_at_once_was_never_given_up() {
        let steps = holds(1, 0, 3000)
            .chain(holds(2, 4000, 8000))
            .chain(holds(1, 20_000, 25_000));
        assert_eq!(
            words(&addresses(steps)),
            ["ip.moved", "ip.duplicate raised"]
        );
    }

    #[test]
    fn an_address_that_was_released_may_come_back() {
        let released = [
            (3500, dhcp(1, 1, DhcpMessage::Release, 5)),
            (8500, dhcp(2, 2, DhcpMessage::Release, 5)),
        ];
        let steps = holds(1, 0, 3000)
            .chain(holds(2, 4000, 8000))
            .chain(holds(1, 20_000, 25_000))
            .chain(released);
        assert_eq!(words(&addresses(steps)), ["ip.moved", "ip.moved"]);
    }

    #[test]
    fn hosts_with_addresses_of_their_own_pass_an_announced_one_to_and_fro() {
        let own = [(0, announces(1, 1, 11)), (0, announces(2, 2, 12))];
        let steps = holds(1, 0, 3000)
            .chain(holds(2, 4000, 8000))
            .chain(holds(1, 20_000, 25_000))
            .chain(own);
        assert_eq!(words(&addresses(steps)), ["ip.moved", "ip.failover"]);
    }
}
