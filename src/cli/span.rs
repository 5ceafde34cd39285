use std::fmt;

use crate::model::Span;

/// The units a length of time is written in, in nanoseconds, shortest first.
const UNITS: [(&str, i64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("d", 86_400 * 1_000_000_000),
];

/// Text that is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParseSpanError {
    /// Does not begin with a number.
    Number,
    /// A number alone.
    NoUnit,
    /// A unit that is none of [`UNITS`].
    Unit,
    /// Longer than packet time reaches, 292 years.
    TooLong,
}

impl fmt::Display for ParseSpanError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self {
            ParseSpanError::Number => "it must begin with a number",
            ParseSpanError::NoUnit => "it needs a unit",
            ParseSpanError::Unit => "its unit is not known",
            ParseSpanError::TooLong => return out.write_str("more than 292 years"),
        };
        write!(
            out,
            "{problem}: write it as 20ms, 1.5s, 5m, 1h or 180d (units: "
        )?;
        for (index, (unit, _)) in UNITS.iter().enumerate() {
            let lead = if index == 0 { "" } else { ", " };
            write!(out, "{lead}{unit}")?;
        }
        out.write_str(")")
    }
}

impl std::error::Error for ParseSpanError {}

/// Reads a length of time as people type it: a number, optionally with decimals, and a unit.
///
/// Decimals finer than a nanosecond are dropped.
pub(super) fn parse_span(text: &str) -> Result<Span, ParseSpanError> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim_start());
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || decimals.contains('.') || number.ends_with('.') {
        return Err(ParseSpanError::Number);
    }
    // A bare zero is zero in every unit.
    if unit.is_empty() && number.bytes().all(|digit| digit == b'0') {
        return Ok(Span::ZERO);
    }
    if unit.is_empty() {
        return Err(ParseSpanError::NoUnit);
    }
    let &(_, scale) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(ParseSpanError::Unit)?;
    whole
        .parse::<i64>()
        .ok()
        .and_then(|whole| whole.checked_mul(scale))
        .and_then(|nanos| nanos.checked_add(fraction(decimals, scale)))
        .map(Span::from_nanos)
        .ok_or(ParseSpanError::TooLong)
}

/// `0.<decimals>` of `scale`, digit by digit, so that no rounding of floats shows.
fn fraction(decimals: &str, scale: i64) -> i64 {
    let mut sum = 0;
    let mut weight = scale;
    for digit in decimals.bytes() {
        weight /= 10;
        sum += i64::from(digit - b'0') * weight;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_type_them() {
        for (text, nanos) in [
            ("20ms", 20_000_000),
            ("2s", 2_000_000_000),
            ("1.5s", 1_500_000_000),
            ("0.25 s", 250_000_000),
            ("250us", 250_000),
            ("7ns", 7),
            ("5m", 300_000_000_000),
            ("1h", 3_600_000_000_000),
            ("180d", 15_552_000_000_000_000),
            ("0", 0),
            ("0.0000000001s", 0),
        ] {
            assert_eq!(parse_span(text), Ok(Span::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused_with_its_reason() {
        for (text, error) in [
            ("", ParseSpanError::Number),
            ("s", ParseSpanError::Number),
            ("-2s", ParseSpanError::Number),
            (".5s", ParseSpanError::Number),
            ("1.2.3s", ParseSpanError::Number),
            ("1.s", ParseSpanError::Number),
            ("20", ParseSpanError::NoUnit),
            ("2 fortnights", ParseSpanError::Unit),
            ("2sec", ParseSpanError::Unit),
            ("2µ", ParseSpanError::Unit),
            ("200000d", ParseSpanError::TooLong),
            ("99999999999999999999s", ParseSpanError::TooLong),
        ] {
            assert_eq!(parse_span(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_message_shows_how_to_write_it() {
        assert_eq!(
            ParseSpanError::NoUnit.to_string(),
            "it needs a unit: write it as 20ms, 1.5s, 5m, 1h or 180d \
             (units: ns, us, ms, s, m, h, d)"
        );
    }
}
