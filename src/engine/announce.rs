//! Detects bursts of announcements and says those that explain no transition.
//!
//! Evidence: RARP with the station's own address, gratuitous ARP, unsolicited neighbour
//! advertisements; frames up to `announce_window` apart are one burst. On a single mirror this is
//! all that shows of a migration. An announcement is no fault: ESXi announces at power-on, hosts
//! announce at boot. Thresholds: `announce_window` is Open vSwitch's gratuitous-ARP lock, 5 s.

use std::net::IpAddr;

use super::incidents::IncidentKey;
use super::solicited::ip_words;
use super::timers::Timer;
use super::{Engine, Seen, proof};
use crate::model::{Announcement, Evidence, Finding, Kind, Mac, Port, Severity, Span, Timestamp};
use crate::vendor::AnnouncerTrace;

/// One burst of announcements.
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

/// The bursts that go on now, a few at a time.
#[derive(Default)]
pub(super) struct Bursts {
    open: Vec<Option<Burst>>,
}

impl Bursts {
    /// Most bursts followed at a time; in a storm of announcements the storm is what is said.
    const LIMIT: usize = 1024;

    fn find(&self, segment: u16, mac: Mac, ip: Option<IpAddr>) -> Option<usize> {
        self.open.iter().position(|slot| {
            slot.as_ref()
                .is_some_and(|b| b.mac == mac && b.ip == ip && b.segment == segment)
        })
    }

    fn insert(&mut self, burst: Burst) -> Option<usize> {
        if let Some(index) = self.open.iter().position(Option::is_none) {
            self.open[index] = Some(burst);
            return Some(index);
        }
        if self.open.len() >= Self::LIMIT {
            return None;
        }
        self.open.push(Some(burst));
        Some(self.open.len() - 1)
    }
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
        if let Some(index) = self.announcements.find(seen.segment, mac, ip)
            && let Some(burst) = self.announcements.open[index].as_mut()
        {
            burst.count += u32::from(burst.form == form);
            burst.last = now;
            burst.trace.observe(form, target, zero_ips, now);
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
        if let Some(index) = self.announcements.insert(burst) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            self.timers
                .set(now + self.settings.announce_window, Timer::Burst(index));
        }
    }

    /// The announcements of a station explain its transition: they are not said on their own.
    pub(super) fn spend_announcements(&mut self, segment: u16, mac: Mac) {
        for burst in self.announcements.open.iter_mut().flatten() {
            if burst.mac == mac && burst.segment == segment {
                burst.spent = true;
            }
        }
    }

    /// Whether the last announcements of this address look like those of a cluster manager,
    /// which moves addresses by trade.
    pub(super) fn announced_by_cluster_manager(&self, segment: u16, mac: Mac, ip: IpAddr) -> bool {
        use crate::model::Announcer::{Keepalived, KubeVip, Metallb};
        self.announcements
            .find(segment, mac, Some(ip))
            .and_then(|index| self.announcements.open[index].as_ref())
            .is_some_and(|b| matches!(b.trace.announcer(), Keepalived | KubeVip | Metallb))
    }

    pub(super) fn judge_burst(&mut self, index: u32, due: Timestamp) {
        let Some(slot) = self.announcements.open.get_mut(index as usize) else {
            return;
        };
        let Some(burst) = slot.as_mut() else { return };
        let end = burst.last + self.settings.announce_window;
        let is_over = end <= due;
        let is_endless = due.since(burst.first) >= PATIENCE;
        let is_due = is_over || (is_endless && due.since(burst.said) >= self.settings.remind);
        if !is_over {
            self.timers.set(end, Timer::Burst(index));
        }
        if is_due && !burst.spent && burst.said == Timestamp::MIN || is_due && !is_over {
            burst.said = due;
            self.say_burst(index);
        }
        if is_over && let Some(slot) = self.announcements.open.get_mut(index as usize) {
            *slot = None;
        }
    }

    /// Says what is left at the end of the input.
    pub(super) fn end_bursts(&mut self) {
        for index in 0..self.announcements.open.len() {
            if let Some(burst) = &self.announcements.open[index]
                && !burst.spent
                && burst.said == Timestamp::MIN
            {
                self.say_burst(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        self.announcements.open.clear();
    }

    fn say_burst(&mut self, index: u32) {
        let Some(Some(burst)) = self.announcements.open.get(index as usize) else {
            return;
        };
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
