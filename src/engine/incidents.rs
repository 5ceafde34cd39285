//! Conditions that last: raised once, said again when they change or at a reminder, cleared when
//! quiet. Observations pass through as they are.

use hashbrown::HashMap;

use super::timers::{Timer, Timers};
use crate::model::{Event, EventId, Kind, Phase, Segment, Span, Timestamp};

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

impl Open {
    /// What is said of the condition when it goes on.
    fn update(&mut self, now: Timestamp) -> Event {
        self.said = now;
        self.event.phase = Phase::Updated;
        self.event.time = now;
        self.event.clone()
    }
}

/// The open incidents and the events that wait to be taken.
pub(super) struct Incidents {
    open: HashMap<u64, Open, foldhash::fast::RandomState>,
    out: Vec<Event>,
    remind: Span,
    /// The last observations of one moment.
    moment: (Timestamp, Vec<EventId>),
}

impl Incidents {
    /// Most incidents open at a time; more raise no new one until some clear.
    const LIMIT: usize = 1 << 16;
    /// Most observations of one moment that are kept in mind.
    const MOMENT: usize = 256;

    pub(super) fn new(remind: Span) -> Self {
        Incidents {
            open: HashMap::default(),
            out: Vec::new(),
            remind,
            moment: (Timestamp::MIN, Vec::new()),
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

    /// Says what happened at one moment. The id follows from what it is about and when; the same
    /// of the same moment is said once.
    pub(super) fn observe(&mut self, key: IncidentKey, mut event: Event) -> EventId {
        event.id = EventId(digest(key.0, &[event.time.nanos().cast_unsigned()]));
        let id = event.id;
        let (moment, said) = &mut self.moment;
        if *moment != event.time {
            *moment = event.time;
            said.clear();
        }
        if !said.contains(&id) {
            if said.len() < Self::MOMENT {
                said.push(id);
            }
            self.out.push(event);
        }
        id
    }

    /// Reports that a condition holds now. `describe` is only called when it is raised.
    pub(super) fn report(
        &mut self,
        key: IncidentKey,
        now: Timestamp,
        quiet: Span,
        timers: &mut Timers,
        describe: impl FnOnce() -> Event,
    ) {
        if self.touch(key, now) {
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

    /// Notes that an open condition still holds, and says so when a reminder is due. Returns
    /// whether it is open.
    pub(super) fn touch(&mut self, key: IncidentKey, now: Timestamp) -> bool {
        let Some(open) = self.open.get_mut(&key.0) else {
            return false;
        };
        open.last = now;
        if now.since(open.said) >= self.remind {
            self.out.push(open.update(now));
        }
        true
    }

    /// Notes that an open condition was last known to hold at an earlier time.
    pub(super) fn touch_past(&mut self, key: IncidentKey, held: Timestamp, now: Timestamp) -> bool {
        let last = self.open.get(&key.0).map(|open| open.last.max(held));
        let is_open = self.touch(key, now);
        if let (Some(last), Some(open)) = (last, self.open.get_mut(&key.0)) {
            open.last = last;
        }
        is_open
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
            if change(&mut open.event) || now.since(open.said) >= self.remind {
                self.out.push(open.update(now));
            }
        }
    }

    /// Clears a condition now, because another verdict takes its place.
    pub(super) fn clear(&mut self, key: IncidentKey, now: Timestamp) {
        if let Some(open) = self.open.remove(&key.0) {
            self.say_cleared(open, now);
        }
    }

    /// Clears all open conditions of these kinds in a segment, because one verdict explains them;
    /// gives their ids in the order in which they were raised.
    pub(super) fn clear_kinds(
        &mut self,
        kinds: &[Kind],
        segment: Segment,
        now: Timestamp,
    ) -> Vec<EventId> {
        let is_meant =
            |event: &Event| kinds.contains(&event.kind) && event.segment == Some(segment);
        let mut meant: Vec<(Timestamp, EventId, u64)> = self
            .open
            .iter()
            .filter(|(_, open)| is_meant(&open.event))
            .map(|(&key, open)| (open.event.time, open.event.id, key))
            .collect();
        // The table's own order differs from run to run.
        meant.sort_unstable_by_key(|&(time, id, _)| (time, id));
        for &(_, _, key) in &meant {
            self.clear(IncidentKey(key), now);
        }
        meant.into_iter().map(|(_, id, _)| id).collect()
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

#[cfg(test)]
mod tests {
    use super::super::testing::{at, words};
    use super::*;
    use crate::model::Severity;

    const QUIET: Span = Span::from_secs(10);
    const REMIND: Span = Span::from_secs(60);

    fn key(subject: u64) -> IncidentKey {
        IncidentKey::new(Kind::ArpStorm, &[subject])
    }

    fn event() -> Event {
        let id = EventId(0);
        Event::new(id, Kind::ArpStorm, Phase::Raised, Severity::Warning, at(0))
    }

    /// Incidents and their timers, with one condition raised at the beginning.
    fn raised() -> (Incidents, Timers) {
        let (mut incidents, mut timers) = (Incidents::new(REMIND), Timers::default());
        incidents.report(key(1), at(0), QUIET, &mut timers, event);
        (incidents, timers)
    }

    fn run(incidents: &mut Incidents, timers: &mut Timers, until: Timestamp) {
        while let Some((due, timer)) = timers.pop(until) {
            if let Timer::Incident(key) = timer {
                incidents.expire(key, due, timers);
            }
        }
    }

    fn said(incidents: &mut Incidents) -> Vec<String> {
        words(&incidents.take().collect::<Vec<_>>())
    }

    #[test]
    fn a_condition_that_goes_on_is_raised_once_and_cleared_when_quiet() {
        let (mut incidents, mut timers) = raised();
        for secs in 1..=5 {
            incidents.report(key(1), at(secs * 1000), QUIET, &mut timers, event);
        }
        run(&mut incidents, &mut timers, at(14_999));
        assert_eq!(said(&mut incidents), ["arp.storm raised"]);
        run(&mut incidents, &mut timers, at(100_000));
        let events: Vec<Event> = incidents.take().collect();
        assert_eq!(words(&events), ["arp.storm cleared"]);
        assert_eq!(events[0].time, at(15_000));
    }

    #[test]
    fn an_incident_keeps_its_id_and_the_next_one_has_another() {
        let (mut incidents, mut timers) = raised();
        run(&mut incidents, &mut timers, at(20_000));
        incidents.report(key(1), at(30_000), QUIET, &mut timers, event);
        let ids: Vec<EventId> = incidents.take().map(|e| e.id).collect();
        assert_eq!(ids[0], ids[1]);
        assert_ne!(ids[1], ids[2]);
    }

    #[test]
    fn a_reminder_comes_once_per_interval() {
        let (mut incidents, _) = raised();
        for secs in 1..=130 {
            assert!(incidents.touch(key(1), at(secs * 1000)));
        }
        let words = said(&mut incidents);
        assert_eq!(words[1..], ["arp.storm updated", "arp.storm updated"]);
    }

    #[test]
    fn a_change_is_said_at_once() {
        let (mut incidents, _) = raised();
        incidents.amend(key(1), at(1000), |_| false);
        assert_eq!(said(&mut incidents), ["arp.storm raised"]);
        incidents.amend(key(1), at(2000), |event| {
            event.moves = Some(7);
            true
        });
        let events: Vec<Event> = incidents.take().collect();
        assert_eq!(words(&events), ["arp.storm updated"]);
        assert_eq!((events[0].moves, events[0].time), (Some(7), at(2000)));
    }

    #[test]
    fn a_condition_replaced_by_another_clears_once() {
        let (mut incidents, mut timers) = raised();
        incidents.clear(key(1), at(1000));
        incidents.clear(key(1), at(1001));
        run(&mut incidents, &mut timers, at(100_000));
        assert_eq!(
            said(&mut incidents),
            ["arp.storm raised", "arp.storm cleared"]
        );
        assert!(!incidents.is_open(key(1)));
    }

    #[test]
    fn what_was_last_known_earlier_keeps_it_open_no_longer() {
        let (mut incidents, mut timers) = raised();
        assert!(incidents.touch_past(key(1), at(3000), at(9000)));
        assert!(incidents.touch_past(key(1), at(1000), at(9500)));
        run(&mut incidents, &mut timers, at(100_000));
        let cleared = incidents.take().next_back().map(|e| e.time);
        assert_eq!(cleared, Some(at(13_000)));
    }

    #[test]
    fn the_same_of_the_same_moment_is_said_once() {
        let mut incidents = Incidents::new(REMIND);
        let told = [
            event(),
            event(),
            Event {
                time: at(1),
                ..event()
            },
        ];
        let ids = told.map(|event| incidents.observe(key(1), event));
        assert_eq!(ids[0], ids[1]);
        assert_ne!(ids[1], ids[2]);
        assert_eq!(said(&mut incidents).len(), 2);
    }

    #[test]
    fn conditions_of_other_subjects_are_others() {
        let (mut incidents, mut timers) = raised();
        incidents.report(key(2), at(0), QUIET, &mut timers, event);
        assert_eq!(said(&mut incidents).len(), 2);
        assert!(!incidents.touch(key(3), at(0)));
    }
}
