//! Which frames are copies of one that was seen a moment ago.
//!
//! A mirror of both directions, a flooded frame on every port, a trunk that shows the frame again
//! with a tag: all give the same content within microseconds. The cache is a fixed number of
//! cache-line sized sets, so it costs one memory access per frame and cannot grow.

use crate::model::{Span, Timestamp};

const WAYS: usize = 4;

/// What the cache knows of one content.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trace {
    content: u64,
    /// First appearance of this round; a round lasts for the copy window.
    first: Timestamp,
    /// Last appearance of this round on the ingress port: its copies elsewhere follow it.
    last: Timestamp,
    /// Port index of the first appearance, which is the ingress.
    pub(super) port: u16,
    /// Appearances of this round on the ingress port.
    pub(super) on_ingress: u16,
    /// Appearances of this round anywhere.
    pub(super) seen: u16,
    /// Whether the capture said that the first appearance was received.
    pub(super) inbound: bool,
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
    sets: Vec<[Trace; WAYS]>,
    window: Span,
}

impl Copies {
    /// A cache of `2^bits` sets. At 2^14 sets it remembers 65 536 frames: 20 ms of 3.2 M frames/s.
    pub(super) fn new(bits: u32, window: Span) -> Self {
        Copies {
            sets: vec![[Trace::default(); WAYS]; 1 << bits],
            window,
        }
    }

    /// Where the set of a content lies, for prefetching by touch.
    fn index(&self, content: u64) -> usize {
        (content >> 40) as usize & (self.sets.len() - 1)
    }

    /// Records one appearance.
    pub(super) fn observe(
        &mut self,
        content: u64,
        port: u16,
        inbound: bool,
        time: Timestamp,
    ) -> Appearance {
        let index = self.index(content);
        let window = self.window;
        let Some(set) = self.sets.get_mut(index) else {
            return Appearance::First;
        };
        if let Some(trace) = set.iter_mut().find(|t| t.content == content && t.seen > 0)
            && time.since(if trace.port == port { trace.first } else { trace.last }) <= window
            // A port that receives the frame again received another frame that looks the same.
            && !(inbound && trace.inbound && trace.port == port)
        {
            trace.seen = trace.seen.saturating_add(1);
            if trace.port == port {
                trace.last = time;
                trace.on_ingress = trace.on_ingress.saturating_add(1);
            }
            return Appearance::Copy {
                ingress: trace.port,
                on_ingress: trace.on_ingress,
                seen: trace.seen,
            };
        }
        let mut slot = 0;
        for (way, trace) in set.iter().enumerate() {
            if trace.content == content {
                slot = way;
                break;
            }
            if trace.first < set[slot].first {
                slot = way;
            }
        }
        set[slot] = Trace {
            content,
            first: time,
            last: time,
            port,
            on_ingress: 1,
            seen: 1,
            inbound,
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
