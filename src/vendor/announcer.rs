use crate::model::{Announcement, Announcer, Mac, Span, Timestamp};

/// When QEMU sends its five RARPs, in milliseconds after the first (`net/announce.c`: 50 ms,
/// then 100 ms more each time).
const QEMU_OFFSETS: [i64; 5] = [0, 50, 200, 450, 800];
/// How far a timer of a busy host may be off, per gap.
const JITTER: i64 = 30;
/// How equally the steps between gaps must grow where QEMU was given other parameters.
const STEP_JITTER: i64 = 15;
/// The smallest such step that is not jitter.
const STEP: i64 = 20;
/// A series of RARPs has ended after this long.
const SERIES: i64 = 1_500;
/// Frames of a burst sent at once are closer than this.
const AT_ONCE: i64 = 20;

/// What the announcements of one burst tell of the program that sent them.
///
/// Fed with each announcement of one station, in order of time, copies left out; asked for a
/// judgement at any time. Forms and timings are those of the programs' sources and of recordings:
///
/// | announcer | form | timing |
/// |---|---|---|
/// | QEMU | RARP, no IPs | 0, 50, 200, 450, 800 ms, or gaps that grow by equal steps |
/// | ESXi | RARP, no IPs | any other |
/// | MetalLB | ARP request and reply, target all ones | pairs at once, every 1.1 s |
/// | kube-vip | ARP request to all ones and reply to itself, in turn | every 3 s, for ever |
/// | keepalived | ARP request, target all ones | several at once |
/// | Linux | ARP request, target zero | once or twice, 2 s apart |
/// | Linux (`arping`) | ARP request, target all ones; or replies to itself | every second |
///
/// A guest of QEMU may add gratuitous ARP and neighbour advertisements of its own after each
/// RARP: RARPs are judged for themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnnouncerTrace {
    last_rarp: Timestamp,
    last_arp: Timestamp,
    /// The two gaps before the last RARP, in milliseconds; zero when there was none.
    rarp_gaps: [u16; 2],
    rarps: u8,
    /// Place of the last RARP in [`QEMU_OFFSETS`].
    place: u8,
    /// Gaps that fit QEMU's defaults, and that do not.
    fits: u8,
    misfits: u8,
    /// Equal steps between gaps: QEMU with other parameters.
    grows: bool,
    /// ARP requests and replies by their target field.
    requests_all_ones: u8,
    requests_zero: u8,
    requests_named: u8,
    replies_all_ones: u8,
    replies_named: u8,
    /// Gaps between requests to all ones, and between a request and a reply.
    at_once: u8,
    seconds_apart: u8,
    pairs: u8,
    turns: u8,
    last_was_reply: bool,
}

const _: () = assert!(
    size_of::<AnnouncerTrace>() <= 40,
    "one for each announcing station"
);

impl AnnouncerTrace {
    /// Takes in one announcement: its form, the target hardware address of ARP and RARP
    /// ([`Mac::ZERO`] for neighbour advertisements), and whether both its IPs are 0.0.0.0.
    pub fn observe(
        &mut self,
        form: Announcement,
        target_mac: Mac,
        zero_ips: bool,
        time: Timestamp,
    ) {
        match form {
            Announcement::Rarp if zero_ips => self.observe_rarp(time),
            Announcement::GarpRequest => self.observe_arp(false, target_mac, time),
            Announcement::GarpReply => self.observe_arp(true, target_mac, time),
            Announcement::Rarp | Announcement::Una => {}
        }
    }

    fn observe_rarp(&mut self, time: Timestamp) {
        if self.rarps > 0 {
            self.judge_gap(millis(time.since(self.last_rarp)));
        }
        self.rarps = self.rarps.saturating_add(1);
        self.last_rarp = time;
    }

    fn judge_gap(&mut self, gap: i64) {
        if gap > SERIES {
            self.place = 0;
            self.rarp_gaps = [0; 2];
            return;
        }
        let [first, second] = self.rarp_gaps.map(i64::from);
        let (step, next_step) = (second - first, gap - second);
        if first > 0 && step >= STEP && (next_step - step).abs() <= STEP_JITTER {
            self.grows = true;
        }
        self.rarp_gaps = [
            self.rarp_gaps[1],
            u16::try_from(gap.max(1)).unwrap_or(u16::MAX),
        ];
        let place = usize::from(self.place);
        if place + 1 == QEMU_OFFSETS.len() {
            // Complete: what follows is another series.
            self.place = 0;
            self.rarp_gaps = [0; 2];
            return;
        }
        // A frame may be missing: the next but one fits as well.
        let fit = (place + 1..QEMU_OFFSETS.len()).find(|&next| {
            let expected = QEMU_OFFSETS[next] - QEMU_OFFSETS[place];
            (gap - expected).abs() <= JITTER
        });
        match fit {
            Some(next) => {
                self.place = u8::try_from(next).unwrap_or(0);
                self.fits = self.fits.saturating_add(1);
            }
            None => self.misfits = self.misfits.saturating_add(1),
        }
    }

    fn observe_arp(&mut self, reply: bool, target: Mac, time: Timestamp) {
        let gap = millis(time.since(self.last_arp));
        let earlier = self.arps();
        let counter = match (reply, target) {
            (false, Mac::BROADCAST) => &mut self.requests_all_ones,
            (false, Mac::ZERO) => &mut self.requests_zero,
            (false, _) => &mut self.requests_named,
            (true, Mac::BROADCAST) => &mut self.replies_all_ones,
            (true, _) => &mut self.replies_named,
        };
        *counter = counter.saturating_add(1);
        if earlier > 0 {
            let gaps = match (self.last_was_reply == reply, gap) {
                (true, ..AT_ONCE) => Some(&mut self.at_once),
                (true, 700..=2_500) => Some(&mut self.seconds_apart),
                (false, ..AT_ONCE) => Some(&mut self.pairs),
                // kube-vip may be told another rate, not below half a second.
                (false, 400..=10_000) => Some(&mut self.turns),
                _ => None,
            };
            if let Some(gaps) = gaps {
                *gaps = gaps.saturating_add(1);
            }
        }
        self.last_was_reply = reply;
        self.last_arp = time;
    }

    fn arps(&self) -> u32 {
        let counts = [
            self.requests_all_ones,
            self.requests_zero,
            self.requests_named,
            self.replies_all_ones,
            self.replies_named,
        ];
        counts.into_iter().map(u32::from).sum()
    }

    /// Who announced, as far as the frames up to now tell.
    pub fn announcer(&self) -> Announcer {
        if self.rarps > 0 {
            return self.rarp_announcer();
        }
        let only_requests = self.replies_all_ones == 0 && self.replies_named == 0;
        let only_all_ones = self.requests_zero == 0 && self.requests_named == 0;
        if self.pairs > 0 && self.requests_all_ones > 0 && self.replies_all_ones > 0 {
            Announcer::Metallb
        } else if self.turns > 0 && self.requests_all_ones > 0 && self.replies_named > 0 {
            Announcer::KubeVip
        } else if only_requests && only_all_ones && self.at_once > 0 {
            Announcer::Keepalived
        } else if self.is_linux(only_requests, only_all_ones) {
            Announcer::Linux
        } else {
            Announcer::Unknown
        }
    }

    fn rarp_announcer(&self) -> Announcer {
        // One frame has no timing, and ESXi repeats.
        if self.rarps == 1 {
            Announcer::Unknown
        } else if self.grows || self.fits > self.misfits {
            Announcer::Qemu
        } else {
            Announcer::Esxi
        }
    }

    /// The kernel announces with target zero, `arping -U` with all ones and `arping -A` by
    /// replies to itself.
    fn is_linux(&self, only_requests: bool, only_all_ones: bool) -> bool {
        let kernel = only_requests
            && self.requests_all_ones == 0
            && self.requests_named == 0
            && (self.requests_zero == 1 || self.requests_zero == 2 && self.seconds_apart == 1);
        let arping = only_requests
            && only_all_ones
            && self.requests_all_ones > 1
            && self.seconds_apart + 1 == self.requests_all_ones;
        let arping_replies = self.replies_named > 1
            && self.arps() == u32::from(self.replies_named)
            && self.seconds_apart + 1 == self.replies_named;
        kernel || arping || arping_replies
    }
}

fn millis(gap: Span) -> i64 {
    gap.nanos() / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use Announcement::{GarpReply, GarpRequest, Rarp, Una};

    const GUEST: Mac = Mac::new([0x52, 0x54, 0, 0x26, 0x43, 0x65]);

    fn trace(frames: &[(i64, Announcement, Mac)]) -> Announcer {
        let mut trace = AnnouncerTrace::default();
        for &(millis, form, target) in frames {
            let time = Timestamp::from_nanos(1_795_330_762_000_000_000) + Span::from_millis(millis);
            trace.observe(form, target, form == Rarp, time);
        }
        trace.announcer()
    }

    fn rarps(offsets: &[i64]) -> Announcer {
        let frames: Vec<_> = offsets.iter().map(|&at| (at, Rarp, GUEST)).collect();
        trace(&frames)
    }

    #[test]
    fn rarps_are_told_apart_by_their_timing() {
        for (offsets, expected) in [
            (&[0, 50, 200, 450, 800][..], Announcer::Qemu),
            (&[0, 49, 199, 449, 799], Announcer::Qemu),
            (&[0, 72, 215, 480, 851], Announcer::Qemu),
            // The first two and three already tell.
            (&[0, 50], Announcer::Qemu),
            (&[0, 52, 203], Announcer::Qemu),
            // Frames are missing.
            (&[0, 50, 450, 800], Announcer::Qemu),
            (&[0, 150, 400, 750], Announcer::Qemu),
            // Announced again, after a while and at once.
            (
                &[0, 50, 200, 450, 800, 6630, 6680, 6830, 7080, 7430],
                Announcer::Qemu,
            ),
            (
                &[0, 50, 200, 450, 800, 830, 880, 1030, 1280, 1630],
                Announcer::Qemu,
            ),
            // announce-self with rounds 10, initial 20, step 50, max 200, as recorded.
            (
                &[0, 20, 91, 212, 382, 582, 782, 985, 1184, 1384],
                Announcer::Qemu,
            ),
            (&[0, 1000, 2000, 3000, 4000], Announcer::Esxi),
            (&[0, 1, 2, 3, 4], Announcer::Esxi),
            (&[0, 250, 500, 750, 1000, 1250, 1500, 1750], Announcer::Esxi),
            (&[0, 400, 800], Announcer::Esxi),
            (&[0], Announcer::Unknown),
        ] {
            assert_eq!(rarps(offsets), expected, "{offsets:?}");
        }
    }

    #[test]
    fn a_guests_own_announcements_do_not_disturb() {
        let mut frames = Vec::new();
        for at in [0, 50, 200, 450, 800] {
            frames.push((at, Rarp, GUEST));
            frames.push((at + 21, GarpRequest, Mac::ZERO));
            frames.push((at + 36, Una, Mac::ZERO));
            frames.push((at + 37, Una, Mac::ZERO));
        }
        assert_eq!(trace(&frames), Announcer::Qemu);
        assert_eq!(trace(&frames[..8]), Announcer::Qemu);
    }

    #[test]
    fn arp_announcers_are_told_apart_by_form_and_timing() {
        let all = Mac::BROADCAST;
        let none = Mac::ZERO;
        for (frames, expected) in [
            // keepalived, three at once and again after its delay.
            (
                &[
                    (0, GarpRequest, all),
                    (1, GarpRequest, all),
                    (3, GarpRequest, all),
                    (2005, GarpRequest, all),
                    (2007, GarpRequest, all),
                ][..],
                Announcer::Keepalived,
            ),
            (
                &[(0, GarpRequest, all), (0, GarpReply, all)],
                Announcer::Metallb,
            ),
            (
                &[
                    (0, GarpRequest, all),
                    (1, GarpReply, all),
                    (1108, GarpRequest, all),
                    (1109, GarpReply, all),
                    (2195, GarpRequest, all),
                    (2196, GarpReply, all),
                ],
                Announcer::Metallb,
            ),
            (
                &[
                    (0, GarpRequest, all),
                    (3004, GarpReply, GUEST),
                    (6001, GarpRequest, all),
                ],
                Announcer::KubeVip,
            ),
            (&[(0, GarpRequest, none)], Announcer::Linux),
            (
                &[(0, GarpRequest, none), (2013, GarpRequest, none)],
                Announcer::Linux,
            ),
            // arping -U and arping -A.
            (
                &[
                    (0, GarpRequest, all),
                    (1000, GarpRequest, all),
                    (2001, GarpRequest, all),
                ],
                Announcer::Linux,
            ),
            (
                &[(0, GarpReply, GUEST), (1001, GarpReply, GUEST)],
                Announcer::Linux,
            ),
            // ucarp.
            (
                &[(0, GarpRequest, GUEST), (1997, GarpRequest, GUEST)],
                Announcer::Unknown,
            ),
            (&[(0, GarpRequest, all)], Announcer::Unknown),
            (&[(0, Una, none), (1, Una, none)], Announcer::Unknown),
            (&[], Announcer::Unknown),
        ] {
            assert_eq!(trace(frames), expected, "{frames:?}");
        }
    }

    #[test]
    fn counters_end_at_their_largest_value() {
        let all: Vec<_> = (0..2000)
            .map(|at| (at, GarpRequest, Mac::BROADCAST))
            .collect();
        assert_eq!(trace(&all), Announcer::Keepalived);
        assert_eq!(
            rarps(&(0..2000).map(|at| at * 2).collect::<Vec<_>>()),
            Announcer::Esxi
        );
    }

    #[test]
    fn a_real_reverse_arp_request_announces_nobody() {
        let mut trace = AnnouncerTrace::default();
        trace.observe(Rarp, GUEST, false, Timestamp::from_nanos(0));
        assert_eq!(trace.announcer(), Announcer::Unknown);
    }
}
