use crate::model::{Span, Timestamp};

/// How many items come in between two looks at what can go out.
const STRIDE: usize = 512;

/// Held items at which the older half goes out early.
const MAX_HELD: usize = 131_072;

/// Items that went out and still take up room.
const MAX_GONE: usize = 16_384;

/// Puts items of several lanes back in time order.
///
/// A program that captures on several interfaces writes them one after another, so frames of one
/// file may be out of order by up to `window`, while those of one interface (a lane) are in order
/// or nearly so. An item is held until every lane that is expected has come at least as far, or
/// until some lane is `window` further; a lane that is silent thus holds the others up for that
/// long and no longer. Where no more than one lane is expected, items pass straight through.
///
/// Items go out sorted by time, and in their order of arrival where times are equal, as long as
/// none comes more than `window` late. What comes later than that goes out with the next ones.
/// At most 131 072 items (a quarter of a second at half a million frames a second, which is what
/// dumpcap was seen to need) and a few more are held: then the older half goes out early.
pub struct Reorder<T> {
    window: Span,
    /// How many lanes can be out of order with one another.
    expected: usize,
    held: Vec<(Timestamp, T)>,
    /// How many of them, at the front, went out already.
    gone: usize,
    /// Latest time of each lane; `None` before its first item.
    lanes: Vec<Option<Timestamp>>,
    /// Lanes that have had an item.
    active: usize,
    /// Latest time of all.
    newest: Timestamp,
    /// Latest time among what is held, to see whether it is in order.
    held_newest: Timestamp,
    sorted: bool,
    until_release: usize,
}

impl<T> Reorder<T> {
    /// A buffer for items of `lanes` lanes that are out of order by up to `window`.
    pub fn new(window: Span, lanes: usize) -> Self {
        Reorder {
            window,
            expected: lanes,
            held: Vec::new(),
            gone: 0,
            lanes: Vec::new(),
            active: 0,
            newest: Timestamp::MIN,
            held_newest: Timestamp::MIN,
            sorted: true,
            until_release: STRIDE,
        }
    }

    /// Says that there are more lanes than was known, as when a capture declares an interface.
    pub fn expect(&mut self, lanes: usize) {
        self.expected = self.expected.max(lanes);
    }

    /// Whether items pass straight through, so that pushing them is a detour.
    #[inline]
    pub fn is_direct(&self) -> bool {
        self.expected <= 1
    }

    /// Takes an item in; now and then gives out those that are due, with their times.
    ///
    /// `lane` is a small number, such as a [`PortId`](crate::model::PortId).
    #[inline]
    pub fn push(
        &mut self,
        item: T,
        time: Timestamp,
        lane: u16,
        out: impl FnOnce(&[(Timestamp, T)]),
    ) {
        if self.is_direct() {
            out(&[(time, item)]);
            return;
        }
        self.note(time, lane);
        self.sorted &= time >= self.held_newest;
        self.held_newest = self.held_newest.max(time);
        self.held.push((time, item));
        self.until_release -= 1;
        if self.until_release == 0 {
            self.release(out);
        }
    }

    /// Gives out what is due. Of use where time passes without items, as in live capture.
    pub fn release(&mut self, out: impl FnOnce(&[(Timestamp, T)])) {
        self.until_release = STRIDE;
        let full = self.held() >= MAX_HELD;
        let mark = self.mark();
        self.sort();
        let held = &self.held[self.gone..];
        let mut due = held.partition_point(|&(time, _)| time <= mark);
        if full {
            due = due.max(held.len() / 2);
        }
        out(&held[..due]);
        self.gone += due;
        // What is left moves to the front when it is the smaller part, or when much has gone.
        if self.gone > self.held.len() / 2 || self.gone > MAX_GONE {
            self.held.drain(..self.gone);
            self.gone = 0;
        }
        if self.held.is_empty() {
            self.held_newest = Timestamp::MIN;
        }
    }

    /// Gives out everything: nothing more comes.
    pub fn flush(&mut self, out: impl FnOnce(&[(Timestamp, T)])) {
        self.sort();
        out(&self.held[self.gone..]);
        self.held.clear();
        self.gone = 0;
        self.held_newest = Timestamp::MIN;
    }

    /// How many items are held back.
    pub fn held(&self) -> usize {
        self.held.len() - self.gone
    }

    /// Notes how far a lane has come.
    #[inline]
    fn note(&mut self, time: Timestamp, lane: u16) {
        self.newest = self.newest.max(time);
        let lane = usize::from(lane);
        if lane >= self.lanes.len() {
            self.lanes.resize(lane + 1, None);
        }
        let latest = &mut self.lanes[lane];
        self.active += usize::from(latest.is_none());
        *latest = Some(latest.map_or(time, |latest| latest.max(time)));
    }

    /// The time up to which nothing more is expected: how far the slowest lane has come, but no
    /// further back than the window.
    fn mark(&self) -> Timestamp {
        let horizon = self.newest - self.window;
        if self.active < self.expected {
            return horizon;
        }
        let slowest = self.lanes.iter().flatten().min();
        slowest.map_or(horizon, |&slowest| slowest.max(horizon))
    }

    /// Stable, and near to linear: what is held consists of a few ordered runs.
    fn sort(&mut self) {
        if !self.sorted {
            self.held[self.gone..].sort_by_key(|&(time, _)| time);
            self.sorted = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::default() + Span::from_millis(millis)
    }

    /// Pushes (time in ms, lane) pairs and gives the places in the input in order of output.
    fn run(reorder: &mut Reorder<usize>, input: &[(i64, u16)]) -> Vec<usize> {
        let mut out = Vec::new();
        for (place, &(time, lane)) in input.iter().enumerate() {
            reorder.push(place, at(time), lane, |due| {
                out.extend(due.iter().map(|&(_, item)| item));
            });
        }
        reorder.flush(|due| {
            out.extend(due.iter().map(|&(_, item)| item));
        });
        out
    }

    #[test]
    fn one_lane_passes_straight_through() {
        let mut reorder = Reorder::new(Span::from_secs(1), 1);
        let mut out = Vec::new();
        for time in [5, 3, 9] {
            reorder.push(time, at(time), 0, |due| {
                out.extend(due.iter().map(|&(_, item)| item));
            });
        }
        assert_eq!((out, reorder.held()), (vec![5, 3, 9], 0));
    }

    #[test]
    fn interfaces_written_one_after_another_are_interleaved() {
        let mut input: Vec<(i64, u16)> = Vec::new();
        for block in 0..40 {
            for lane in 0..2 {
                input.extend((0..250).map(|t| (block * 250 + t, lane)));
            }
        }
        let out = run(&mut Reorder::new(Span::from_secs(1), 2), &input);
        assert_eq!(out.len(), input.len());
        assert!(out.windows(2).all(|w| input[w[0]].0 <= input[w[1]].0));
    }

    #[test]
    fn a_silent_lane_holds_the_others_for_the_window_and_no_longer() {
        let mut reorder = Reorder::new(Span::from_secs(1), 2);
        let mut out = Vec::new();
        for time in 0..3000 {
            reorder.push(time, at(time), 0, |due| {
                out.extend(due.iter().map(|&(_, item)| item));
            });
        }
        reorder.release(|due| {
            out.extend(due.iter().map(|&(_, item)| item));
        });
        assert_eq!(out.last(), Some(&1999));
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut reorder = Reorder::new(Span::from_secs(1), 2);
        let mut out = 0;
        for _ in 0..2 * MAX_HELD {
            reorder.push((), at(0), 0, |due| out += due.len());
            assert!(reorder.held() <= MAX_HELD);
        }
        assert!(out > 0);
    }

    #[test]
    fn an_item_later_than_the_window_is_not_lost() {
        let mut input: Vec<(i64, u16)> = (0..5000).map(|t| (t, 0)).collect();
        input.push((10, 1));
        let mut out = run(&mut Reorder::new(Span::from_secs(1), 2), &input);
        out.sort_unstable();
        assert_eq!(out, (0..5001).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn disorder_within_the_window_comes_out_sorted_and_stable(
            steps in prop::collection::vec((0_i64..20, 0_i64..=1000, 0_u16..4), 0..3000)
        ) {
            // The clock runs on; each item is stamped up to a window in its past.
            let mut clock = 0;
            let input: Vec<(i64, u16)> = steps.iter().map(|&(step, late, lane)| {
                clock += step;
                (clock - late, lane)
            }).collect();
            // A lane that promises order to the mark must not be out of order itself.
            let lanes = 5;
            let out = run(&mut Reorder::new(Span::from_secs(1), lanes), &input);
            let mut expected: Vec<usize> = (0..input.len()).collect();
            expected.sort_by_key(|&place| input[place].0);
            prop_assert_eq!(out, expected);
        }

        #[test]
        fn ordered_lanes_come_out_sorted_and_stable(
            steps in prop::collection::vec((0_i64..40, 0_u16..3), 0..3000)
        ) {
            let mut clocks = [0_i64; 3];
            let input: Vec<(i64, u16)> = steps.iter().map(|&(step, lane)| {
                let newest = clocks.iter().copied().max().unwrap_or(0);
                let clock = &mut clocks[usize::from(lane)];
                *clock = (*clock + step).max(newest - 1000);
                (*clock, lane)
            }).collect();
            let out = run(&mut Reorder::new(Span::from_secs(1), 3), &input);
            let mut expected: Vec<usize> = (0..input.len()).collect();
            expected.sort_by_key(|&place| input[place].0);
            prop_assert_eq!(out, expected);
        }
    }
}
