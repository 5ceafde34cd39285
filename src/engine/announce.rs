//! Detects bursts of announcements and says those that explain no transition.
//!
//! Evidence: RARP with the station's own address, gratuitous ARP, unsolicited neighbour
//! advertisements; frames up to `announce_window` apart are one burst. On a single mirror this is
//! all that shows of a migration. An announcement is no fault: ESXi announces at power-on, hosts
//! announce at boot. Thresholds: `announce_window` is Open vSwitch's gratuitous-ARP lock, 5 s.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::incidents::IncidentKey;
use super::solicited::ip_words;
use super::timers::Timer;
use super::{Engine, Seen, proof};
use crate::model::{
    Announcement, Announcer, Evidence, Finding, Kind, Mac, Port, Severity, Span, Timestamp,
};
use crate::vendor::AnnouncerTrace;

/// One burst of announcements.
#[derive(Clone)]
struct Burst {
    segment: u16,
    mac: Mac,
    ip: Option<IpAddr>,
    port: Port,
    form: Announcement,
    count: u32,
    first: Timestamp,
    last: Timestamp,
    trace: AnnouncerTrace,
    /// Evidence: the first frame.
    proof: Evidence,
    /// A transition was explained by it, or it was said.
    spent: bool,
    said: Timestamp,
}

/// The bursts that go on now.
#[derive(Default)]
pub(super) struct Bursts {
    slots: Vec<Option<Burst>>,
    free: Vec<u32>,
    by_station: HashMap<(u16, Mac), Vec<u32>, foldhash::fast::RandomState>,
}

impl Bursts {
    /// Most bursts followed at a time; in a storm of announcements the storm is what is said.
    const LIMIT: usize = 1024;

    /// The slots of a station's bursts, one for each address it announces.
    fn of(&self, segment: u16, mac: Mac) -> &[u32] {
        self.by_station
            .get(&(segment, mac))
            .map_or(&[], Vec::as_slice)
    }

    fn get(&self, slot: u32) -> Option<&Burst> {
        self.slots.get(slot as usize)?.as_ref()
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut Burst> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    fn find(&self, segment: u16, mac: Mac, ip: Option<IpAddr>) -> Option<u32> {
        let mut slots = self.of(segment, mac).iter().copied();
        slots.find(|&slot| self.get(slot).is_some_and(|burst| burst.ip == ip))
    }

    fn insert(&mut self, burst: Burst) -> Option<u32> {
        let station = (burst.segment, burst.mac);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < Self::LIMIT => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).ok()?
            }
            None => return None,
        };
        self.slots[slot as usize] = Some(burst);
        self.by_station.entry(station).or_default().push(slot);
        Some(slot)
    }

    fn remove(&mut self, slot: u32) {
        let Some(burst) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        self.free.push(slot);
        let station = (burst.segment, burst.mac);
        if let Some(slots) = self.by_station.get_mut(&station) {
            slots.retain(|&other| other != slot);
            if slots.is_empty() {
                self.by_station.remove(&station);
            }
        }
    }
}

/// Programs that move addresses between hosts by trade.
fn is_cluster_manager(announcer: Announcer) -> bool {
    matches!(
        announcer,
        Announcer::Keepalived | Announcer::KubeVip | Announcer::Metallb
    )
}

/// How long a burst may go on before it is said all the same.
const PATIENCE: Span = Span::from_secs(30);

impl Engine {
    /// Takes in one announcement by the station itself. `target` is the target hardware address.
    pub(super) fn note_announcement(
        &mut self,
        seen: &Seen<'_>,
        form: Announcement,
        ip: Option<IpAddr>,
        target: Mac,
    ) {
        let zero_ips = ip.is_none();
        self.announce_presence(seen, form, target, zero_ips);
        let (mac, now) = (seen.sighting.mac, self.clock);
        if let Some(slot) = self.announcements.find(seen.segment, mac, ip)
            && let Some(burst) = self.announcements.get_mut(slot)
        {
            burst.count = burst.count.saturating_add(u32::from(burst.form == form));
            burst.last = now;
            burst.trace.observe(form, target, zero_ips, now);
            let announcer = burst.trace.announcer();
            if let Some(ip) = ip.filter(|_| is_cluster_manager(announcer)) {
                self.note_managed(seen.segment, mac, ip);
            }
            return;
        }
        let mut trace = AnnouncerTrace::default();
        trace.observe(form, target, zero_ips, now);
        let burst = Burst {
            segment: seen.segment,
            mac,
            ip,
            port: seen.sighting.port,
            form,
            count: 1,
            first: now,
            last: now,
            trace,
            proof: proof(
                seen.sighting,
                Finding::Announced {
                    port: seen.sighting.port,
                },
            ),
            spent: false,
            said: Timestamp::MIN,
        };
        if let Some(slot) = self.announcements.insert(burst) {
            self.timers
                .set(now + self.settings.announce_window, Timer::Burst(slot));
        }
    }

    /// The announcements of a station explain its transition: they are not said on their own.
    pub(super) fn spend_announcements(&mut self, segment: u16, mac: Mac) {
        let Bursts {
            slots, by_station, ..
        } = &mut self.announcements;
        for &slot in by_station.get(&(segment, mac)).into_iter().flatten() {
            if let Some(burst) = &mut slots[slot as usize] {
                burst.spent = true;
            }
        }
    }

    /// Whether the last announcements of this address look like those of a cluster manager,
    /// which moves addresses by trade.
    pub(super) fn announced_by_cluster_manager(&self, segment: u16, mac: Mac, ip: IpAddr) -> bool {
        self.announcements
            .find(segment, mac, Some(ip))
            .and_then(|slot| self.announcements.get(slot))
            .is_some_and(|b| is_cluster_manager(b.trace.announcer()))
    }

    /// The address is one that a cluster manager moves, as long as this station owns it.
    fn note_managed(&mut self, segment: u16, mac: Mac, ip: IpAddr) {
        if let Some(index) = self.addresses.find(segment, ip) {
            let address = self.addresses.get_mut(index);
            address.is_managed |= address.owner.mac == mac;
        }
    }

    pub(super) fn judge_burst(&mut self, slot: u32, due: Timestamp) {
        let Some(burst) = self.announcements.get_mut(slot) else {
            return;
        };
        let end = burst.last + self.settings.announce_window;
        let is_over = end <= due;
        let is_endless = due.since(burst.first) >= PATIENCE;
        let is_due = is_over || (is_endless && due.since(burst.said) >= self.settings.remind);
        if !is_over {
            self.timers.set(end, Timer::Burst(slot));
        }
        if is_due && !burst.spent && burst.said == Timestamp::MIN || is_due && !is_over {
            burst.said = due;
            let burst = burst.clone();
            self.say_burst(&burst);
        }
        if is_over {
            self.announcements.remove(slot);
        }
    }

    /// Says what is left at the end of the input.
    pub(super) fn end_bursts(&mut self) {
        let bursts = std::mem::take(&mut self.announcements);
        for burst in bursts.slots.iter().flatten() {
            if !burst.spent && burst.said == Timestamp::MIN {
                self.say_burst(burst);
            }
        }
    }

    fn say_burst(&mut self, burst: &Burst) {
        let mut event = self.draft(Kind::StationAnnounced, Severity::Info, burst.segment);
        event.mac = Some(burst.mac);
        event.ip = burst.ip;
        event.announcement = Some(burst.form);
        event.announcer = Some(burst.trace.announcer());
        event.announcements = Some(burst.count);
        event.evidence.push(burst.proof.clone());
        let mut side = self.side_of(burst.segment, burst.mac);
        side.port = Some(burst.port);
        side.mac = None;
        event.to = Some(side);
        let [high, low] = burst.ip.map_or([0, 0], ip_words);
        let subject = [u64::from(burst.segment), burst.mac.to_bits(), high, low];
        self.incidents
            .observe(IncidentKey::new(Kind::StationAnnounced, &subject), event);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        Step, about, announces, every, frame, judged, rarp, replies, words,
    };
    use super::*;
    use crate::model::{Announcer, Event};

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
        about("station.", judged(steps))
    }

    #[test]
    fn announcements_close_together_are_one_burst_that_is_said_once() {
        let burst = [0, 50, 200, 450, 800].map(|millis| (millis, rarp(1, 1)));
        let events = said(burst);
        assert_eq!(words(&events), ["station.announced"]);
        assert_eq!(events[0].severity, Severity::Info);
        assert_eq!(events[0].announcement, Some(Announcement::Rarp));
        assert_eq!(events[0].announcements, Some(5));
        assert_eq!(events[0].announcer, Some(Announcer::Qemu));
    }

    #[test]
    fn announcements_far_apart_are_bursts_of_their_own() {
        let twice = [(0, announces(1, 1, 5)), (20_000, announces(1, 1, 5))];
        assert_eq!(words(&said(twice)), ["station.announced"; 2]);
    }

    #[test]
    fn each_address_of_a_station_is_announced_for_itself() {
        let two = [(0, announces(1, 1, 5)), (10, announces(1, 1, 6))];
        assert_eq!(words(&said(two)), ["station.announced"; 2]);
    }

    #[test]
    fn an_answer_announces_nothing() {
        assert!(said([(0, replies(1, 1, 5, 2, 6))]).is_empty());
    }

    #[test]
    fn announcements_that_explain_a_migration_are_spent() {
        let moves = every(500, 0, 3000, frame(1, 1)).chain(every(500, 3001, 9000, frame(1, 2)));
        assert!(said(moves.chain([(3100, rarp(1, 2)), (3150, rarp(1, 2))])).is_empty());
    }

    #[test]
    fn a_burst_without_end_is_said_once_per_reminder() {
        let events = said(every(2000, 0, 2 * 3_600_000 + 600_000, announces(1, 1, 5)));
        assert_eq!(words(&events), ["station.announced"; 3]);
        let apart = events[1].time.since(events[0].time);
        assert!(apart >= Span::from_secs(3600), "{apart}");
    }

    #[test]
    fn a_slot_serves_one_burst_after_another() {
        let mut bursts = Bursts::default();
        let mut engine = Engine::new(crate::engine::Settings::default());
        super::super::testing::play(&mut engine, [(0, rarp(1, 1)), (1, rarp(2, 1))]);
        std::mem::swap(&mut bursts, &mut engine.announcements);
        bursts.remove(0);
        bursts.remove(0);
        assert_eq!(bursts.free, [0]);
        assert_eq!(bursts.of(0, super::super::testing::mac(1)), &[] as &[u32]);
        assert_eq!(bursts.of(0, super::super::testing::mac(2)), &[1]);
    }
}
