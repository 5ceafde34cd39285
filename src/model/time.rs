use std::fmt;
use std::ops::{Add, Sub};

/// A point of packet time: nanoseconds since 1970-01-01 UTC.
///
/// The range of `i64` reaches from 1677 to 2262; readers clamp what lies outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Timestamp(i64);

/// A length of packet time in nanoseconds. Negative when time ran backwards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Span(i64);

impl Timestamp {
    /// The earliest time that can be told.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// The latest time that can be told; as a deadline, never.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// From nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Timestamp(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was. Saturates.
    pub const fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;

    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;

    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}

impl Add for Span {
    type Output = Span;

    fn add(self, span: Span) -> Span {
        Span(self.0.saturating_add(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Span(nanos)
    }

    /// From milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Span(millis.saturating_mul(1_000_000))
    }

    /// From seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Span(secs.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Milliseconds, for people and JSON.
    #[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Seconds, for people and JSON.
    #[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl fmt::Display for Span {
    /// `84 ms`, `2.5 s`, `3 min`, `2 h`, `180 d`: two or three digits, as people say it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.as_secs_f64();
        match secs.abs() {
            s if s < 0.000_001 => write!(out, "{} ns", self.0),
            s if s < 0.001 => write!(out, "{:.0} µs", secs * 1e6),
            s if s < 1.0 => write!(out, "{:.0} ms", secs * 1e3),
            s if s < 10.0 => write!(out, "{secs:.1} s"),
            s if s < 120.0 => write!(out, "{secs:.0} s"),
            s if s < 7200.0 => write!(out, "{:.0} min", secs / 60.0),
            s if s < 172_800.0 => write!(out, "{:.0} h", secs / 3600.0),
            _ => write!(out, "{:.0} d", secs / 86400.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_the_ends_of_time() {
        assert_eq!(Timestamp::MAX + Span::from_secs(1), Timestamp::MAX);
        assert_eq!(Timestamp::MIN - Span::from_secs(1), Timestamp::MIN);
        assert_eq!(
            Timestamp::MAX.since(Timestamp::MIN),
            Span::from_nanos(i64::MAX)
        );
    }

    #[test]
    fn spans_read_as_people_say_them() {
        assert_eq!(Span::from_nanos(84_200_000).to_string(), "84 ms");
        assert_eq!(Span::from_millis(2500).to_string(), "2.5 s");
        assert_eq!(Span::from_secs(180).to_string(), "3 min");
    }
}
