//! Which frames are copies of one that was seen a moment ago.
//!
//! A mirror of both directions, a flooded frame on every port, a trunk that shows the frame again
//! with a tag: all give the same content within microseconds. The cache is a fixed number of
//! sets of one cache line each, so it costs one memory access per frame and cannot grow.

use std::hint::black_box;

use crate::model::{Span, Timestamp};

const WAYS: usize = 4;

/// What the cache knows of one content.
///
/// Of the content 32 bits are kept, and the set stands for others: two of a million frames within
/// one window are taken for copies by chance about once in ten thousand seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Trace {
    content: u32,
    /// First appearance of this round, in ticks; a round lasts for the copy window.
    first: u32,
    /// Port index of the first appearance, which is the ingress.
    port: u16,
    /// Appearances of this round on the ingress port.
    on_ingress: u16,
    /// Appearances of this round anywhere; zero in a trace that was never used.
    seen: u16,
    /// Time from the first to the last appearance on the ingress port, in units of 2^4 ticks; the
    /// top bit says whether the capture marked the first appearance as received.
    late: u16,
}

const INBOUND: u16 = 1 << 15;

impl Trace {
    fn is_inbound(&self) -> bool {
        self.late & INBOUND != 0
    }

    /// The last appearance on the ingress port, in ticks: copies elsewhere follow it.
    fn last(&self) -> u32 {
        self.first
            .wrapping_add(u32::from(self.late & !INBOUND) << 4)
    }

    fn seen_again(&mut self, now: u32) {
        let later = (now.wrapping_sub(self.first) >> 4).min(u32::from(!INBOUND));
        self.late = self.late & INBOUND | u16::try_from(later).unwrap_or(!INBOUND);
    }
}

/// One cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Set([Trace; WAYS]);

const _: () = assert!(size_of::<Set>() == 64);

/// Time as the cache keeps it: units of 2^10 ns, about a microsecond. They wrap after 73 minutes,
/// when nothing of a set that is in use is left.
fn ticks(nanos: i64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it wraps"
    )]
    {
        (nanos >> 10) as u32
    }
}

/// What a frame is to the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appearance {
    /// Not seen within the copy window.
    First,
    /// Seen a moment ago.
    Copy {
        /// The port it was first seen on.
        ingress: u16,
        /// How often it was now seen on that port, this time included if it was there.
        on_ingress: u16,
        /// How often it was seen in all, this time included.
        seen: u16,
    },
}

/// The last frames by content, four to a set.
pub(super) struct Copies {
    sets: Vec<Set>,
    /// Length of a round in ticks.
    window: u32,
}

impl Copies {
    /// A cache of `2^bits` sets. At 2^14 sets it remembers 65 536 frames: 20 ms of 3.2 M frames/s.
    /// A window of more than half an hour is taken as half an hour.
    pub(super) fn new(bits: u32, window: Span) -> Self {
        let longest = Span::from_secs(1800);
        Copies {
            sets: vec![Set::default(); 1 << bits],
            window: ticks(window.clamp(Span::ZERO, longest).nanos()),
        }
    }

    fn index(&self, content: u64) -> usize {
        (content >> 40) as usize & (self.sets.len() - 1)
    }

    /// Has the set of a content brought into the cache.
    #[inline]
    pub(super) fn touch(&self, content: u64) {
        black_box(
            self.sets
                .get(self.index(content))
                .map(|set| set.0[0].content),
        );
    }

    /// Records one appearance. Time never runs backwards from one to the next.
    #[inline]
    pub(super) fn observe(
        &mut self,
        content: u64,
        port: u16,
        inbound: bool,
        time: Timestamp,
    ) -> Appearance {
        let (index, window, now) = (self.index(content), self.window, ticks(time.nanos()));
        let Some(Set(set)) = self.sets.get_mut(index) else {
            return Appearance::First;
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the set stands for other bits"
        )]
        let content = content as u32;
        let age = |trace: &Trace| {
            now.wrapping_sub(if trace.port == port {
                trace.first
            } else {
                trace.last()
            })
        };
        let known = set.iter().position(|t| t.content == content && t.seen > 0);
        if let Some(trace) = known.map(|way| &mut set[way])
            && age(trace) <= window
            // A port that receives the frame again received another frame that looks the same.
            && !(inbound && trace.is_inbound() && trace.port == port)
        {
            trace.seen = trace.seen.saturating_add(1);
            if trace.port == port {
                trace.seen_again(now);
                trace.on_ingress = trace.on_ingress.saturating_add(1);
            }
            return Appearance::Copy {
                ingress: trace.port,
                on_ingress: trace.on_ingress,
                seen: trace.seen,
            };
        }
        let slot = known.unwrap_or_else(|| {
            let rank = |trace: &Trace| {
                if trace.seen == 0 {
                    u32::MAX
                } else {
                    age(trace)
                }
            };
            (1..WAYS).fold(0, |oldest, way| {
                if rank(&set[way]) > rank(&set[oldest]) {
                    way
                } else {
                    oldest
                }
            })
        });
        set[slot] = Trace {
            content,
            first: now,
            port,
            on_ingress: 1,
            seen: 1,
            late: if inbound { INBOUND } else { 0 },
        };
        Appearance::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::default() + Span::from_millis(millis)
    }

    #[test]
    fn the_same_content_is_a_copy_within_the_window_only() {
        let mut copies = Copies::new(4, Span::from_millis(20));
        assert_eq!(copies.observe(7, 1, false, at(100)), Appearance::First);
        let copy = Appearance::Copy {
            ingress: 1,
            on_ingress: 1,
            seen: 2,
        };
        assert_eq!(copies.observe(7, 2, false, at(110)), copy);
        assert_eq!(copies.observe(7, 2, false, at(121)), Appearance::First);
    }

    #[test]
    fn a_port_that_receives_the_same_content_again_received_another_frame() {
        let mut copies = Copies::new(4, Span::from_millis(20));
        assert_eq!(copies.observe(7, 1, true, at(100)), Appearance::First);
        assert_eq!(copies.observe(7, 1, true, at(101)), Appearance::First);
    }

    #[test]
    fn copies_of_a_late_repetition_are_copies_too() {
        let mut copies = Copies::new(4, Span::from_millis(20));
        assert_eq!(copies.observe(7, 1, false, at(100)), Appearance::First);
        assert!(matches!(
            copies.observe(7, 1, false, at(120)),
            Appearance::Copy { .. }
        ));
        assert!(matches!(
            copies.observe(7, 2, false, at(121)),
            Appearance::Copy { ingress: 1, .. }
        ));
    }

    #[test]
    fn the_oldest_of_a_full_set_goes() {
        let mut copies = Copies::new(0, Span::from_millis(20));
        for content in 1..=5 {
            copies.observe(
                content,
                0,
                false,
                at(100 + i64::try_from(content).unwrap_or(0)),
            );
        }
        assert_eq!(copies.observe(1, 0, false, at(106)), Appearance::First);
        assert!(matches!(
            copies.observe(5, 0, false, at(107)),
            Appearance::Copy { .. }
        ));
    }
}
