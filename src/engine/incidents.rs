//! Conditions that last: raised once, said again when they change or at a reminder, cleared when
//! quiet. Observations pass through as they are.

use hashbrown::HashMap;

use super::timers::{Timer, Timers};
use crate::model::{Event, EventId, Kind, Phase, Span, Timestamp};

/// What an incident is about, as one word; equal for the same condition of the same subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct IncidentKey(pub(super) u64);

impl IncidentKey {
    /// The key of a kind and its subject (segment and address bits).
    pub(super) fn new(kind: Kind, subject: &[u64]) -> Self {
        IncidentKey(digest(kind as u64 + 1, subject))
    }
}

/// A fixed hash: ids must not change between runs, and nothing is stored under them that hostile
/// input could make expensive.
pub(super) fn digest(seed: u64, words: &[u64]) -> u64 {
    words
        .iter()
        .fold(mix(seed), |state, &word| mix(state ^ word))
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

struct Open {
    event: Event,
    last: Timestamp,
    quiet: Span,
    said: Timestamp,
}

/// The open incidents and the events that wait to be taken.
pub(super) struct Incidents {
    open: HashMap<u64, Open, foldhash::fast::RandomState>,
    out: Vec<Event>,
    remind: Span,
}

impl Incidents {
    /// Most incidents open at a time; more raise no new one until some clear.
    const LIMIT: usize = 1 << 20;

    pub(super) fn new(remind: Span) -> Self {
        Incidents {
            open: HashMap::default(),
            out: Vec::new(),
            remind,
        }
    }

    /// The events said since the last call.
    pub(super) fn take(&mut self) -> std::vec::Drain<'_, Event> {
        self.out.drain(..)
    }

    /// Whether events wait.
    pub(super) fn is_waiting(&self) -> bool {
        !self.out.is_empty()
    }

    /// Says what happened at one moment. The id follows from what it is about and when.
    pub(super) fn observe(&mut self, key: IncidentKey, mut event: Event) -> EventId {
        event.id = EventId(digest(key.0, &[event.time.nanos().cast_unsigned()]));
        let id = event.id;
        self.out.push(event);
        id
    }

    /// Reports that a condition holds now. `describe` is only called when something is said.
    pub(super) fn report(
        &mut self,
        key: IncidentKey,
        now: Timestamp,
        quiet: Span,
        timers: &mut Timers,
        describe: impl FnOnce() -> Event,
    ) {
        if let Some(open) = self.open.get_mut(&key.0) {
            open.last = now;
            if now.since(open.said) >= self.remind {
                open.said = now;
                let mut event = describe();
                event.id = open.event.id;
                event.phase = Phase::Updated;
                event.time = now;
                open.event = event.clone();
                self.out.push(event);
            }
            return;
        }
        if self.open.len() >= Self::LIMIT {
            return;
        }
        let mut event = describe();
        event.phase = Phase::Raised;
        event.time = now;
        event.id = EventId(digest(key.0, &[now.nanos().cast_unsigned()]));
        self.out.push(event.clone());
        self.open.insert(
            key.0,
            Open {
                event,
                last: now,
                quiet,
                said: now,
            },
        );
        timers.set(now + quiet, Timer::Incident(key.0));
    }

    /// Whether the condition is open.
    pub(super) fn is_open(&self, key: IncidentKey) -> bool {
        self.open.contains_key(&key.0)
    }

    /// The id of an open incident.
    pub(super) fn id(&self, key: IncidentKey) -> Option<EventId> {
        self.open.get(&key.0).map(|open| open.event.id)
    }

    /// Notes that an open condition still holds, without words.
    pub(super) fn touch(&mut self, key: IncidentKey, now: Timestamp) -> bool {
        match self.open.get_mut(&key.0) {
            Some(open) => {
                open.last = now;
                true
            }
            None => false,
        }
    }

    /// Changes what is said of an open condition, and says so when `change` returns true.
    pub(super) fn amend(
        &mut self,
        key: IncidentKey,
        now: Timestamp,
        change: impl FnOnce(&mut Event) -> bool,
    ) {
        if let Some(open) = self.open.get_mut(&key.0) {
            open.last = now;
            if change(&mut open.event) {
                open.event.phase = Phase::Updated;
                open.event.time = now;
                open.said = now;
                self.out.push(open.event.clone());
            }
        }
    }

    /// Clears a condition now, because another verdict takes its place.
    pub(super) fn clear(&mut self, key: IncidentKey, now: Timestamp) {
        if let Some(open) = self.open.remove(&key.0) {
            self.say_cleared(open, now);
        }
    }

    /// Clears a condition that has been quiet for its window; else looks again later.
    pub(super) fn expire(&mut self, key: u64, due: Timestamp, timers: &mut Timers) {
        let Some(open) = self.open.get(&key) else {
            return;
        };
        let end = open.last + open.quiet;
        if end > due {
            timers.set(end, Timer::Incident(key));
        } else if let Some(open) = self.open.remove(&key) {
            self.say_cleared(open, due);
        }
    }

    fn say_cleared(&mut self, open: Open, now: Timestamp) {
        let mut event = open.event;
        event.phase = Phase::Cleared;
        event.time = now;
        self.out.push(event);
    }
}
