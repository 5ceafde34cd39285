//! How the feed shows frames: once, or again for every direction and port that is mirrored.
//!
//! The same content on the same port within the copy window is a copy where the feed repeats
//! frames, and another frame where it does not. Ordinary packets tell which it is: they differ
//! from one to the next, so that only the feed repeats them.

/// Frames before which nothing is concluded.
const ENOUGH: u64 = 16;
/// A feed repeats when more than one in this many frames shows again on its port.
const RARE: u64 = 16;

/// Ordinary frames and their repetitions on one port.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Feed {
    shown: u64,
    again: u64,
}

impl Feed {
    /// A frame appears for the first time.
    #[inline]
    pub(super) fn shows(&mut self) {
        self.shown += 1;
    }

    /// An ordinary frame appears again on its port.
    pub(super) fn shows_again(&mut self) {
        self.again += 1;
    }

    /// Whether frames that look the same on one port are copies.
    pub(super) fn repeats(&self) -> bool {
        self.shown < ENOUGH || self.again * RARE > self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_taken_to_repeat_until_it_has_shown_otherwise() {
        let mut feed = Feed::default();
        assert!(feed.repeats());
        (0..100).for_each(|_| feed.shows());
        assert!(!feed.repeats());
        (0..50).for_each(|_| feed.shows_again());
        assert!(feed.repeats());
    }
}
