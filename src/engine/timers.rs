use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::model::Timestamp;

/// What is due at a time. The subjects are keys or indices of tables; whoever handles a timer
/// checks that its subject is still there and still waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A transition of this station can be judged.
    Station(u64),
    /// A dispute over an address can be judged.
    Address(u32),
    /// A probe was answered: has the prober given way?
    Probe(u32),
    /// A burst of announcements may be over.
    Burst(u32),
    /// A redundancy group can be judged.
    Group(u32),
    /// An incident may have been quiet for its window.
    Incident(u64),
}

/// Deadlines in packet time, earliest first; equal times in the order they were set.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Timer)>>,
    set: u64,
}

impl Timers {
    /// Sets a timer.
    pub(super) fn set(&mut self, due: Timestamp, timer: Timer) {
        self.set += 1;
        self.heap.push(Reverse((due, self.set, timer)));
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Timestamp {
        self.heap
            .peek()
            .map_or(Timestamp::MAX, |Reverse((due, ..))| *due)
    }

    /// Takes the earliest timer that is due at `now`.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, Timer)> {
        if self.next() > now {
            return None;
        }
        self.heap.pop().map(|Reverse((due, _, timer))| (due, timer))
    }
}
