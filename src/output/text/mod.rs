//! The report for people.
//!
//! In comes a [`Summary`] of a run with its events; out goes a page of text: what was read, the
//! incidents with their evidence and next step, then what moved, then what could not be seen.
//! Nothing is judged here, an incident is told once in its last phase, and there is colour only
//! when the [`Style`] says so.

mod activity;
mod incident;
mod input;
mod page;

use std::collections::HashMap;
use std::io;

use crate::model::{Counts, Event, EventId, Kind, Phase, Segment, Severity, Timestamp};

use super::Terms;
use page::Page;
pub use page::Style;

/// What a run read and found, as the report tells it.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    /// The inputs, in order.
    pub inputs: Vec<InputLine>,
    /// What the decoder counted.
    pub counts: &'a Counts,
    /// Packet time of the earliest frame.
    pub first: Option<Timestamp>,
    /// Packet time of the latest frame.
    pub last: Option<Timestamp>,
    /// The ports, in order.
    pub ports: Vec<PortLine>,
    /// How ports were told apart, as a sentence.
    pub port_rule: String,
    /// The segments, in order.
    pub segments: Vec<SegmentLine>,
    /// Frames that were copies of others.
    pub copies: u64,
    /// What the copies say of the feed, as a sentence; empty when there is nothing to say.
    pub feed: String,
    /// Inputs that could not be read to their end, a sentence each.
    pub damages: Vec<String>,
    /// Anything else a reader has to know, a sentence each.
    pub notes: Vec<String>,
    /// Whether only one port was seen, so that no move can be.
    pub one_port: bool,
    /// First frames of stations (`station.new`), which are counted and not listed.
    pub new_stations: u64,
    /// All other events, in the order they were said.
    pub events: &'a [Event],
}

/// One input.
#[derive(Clone, Debug)]
pub struct InputLine {
    /// The file's or interface's name.
    pub name: String,
    /// Frames read from it.
    pub frames: u64,
    /// Names of the interfaces within it; empty when it has none.
    pub interfaces: Vec<String>,
}

/// One port.
#[derive(Clone, Debug)]
pub struct PortLine {
    /// Its name.
    pub name: String,
    /// Stations heard there.
    pub stations: u64,
    /// Frames that came in there, where the capture tells.
    pub frames: Option<u64>,
}

/// One segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentLine {
    /// Which.
    pub segment: Segment,
    /// Stations in it.
    pub stations: u64,
    /// IP addresses in it.
    pub addresses: u64,
}

/// Writes the report.
///
/// # Errors
///
/// What the writer says.
pub fn write_report(
    out: &mut dyn io::Write,
    summary: &Summary<'_>,
    terms: Terms<'_>,
    style: Style,
) -> io::Result<()> {
    let mut page = Page::new(out, style);
    input::write(&mut page, summary)?;
    let tales = tell(summary.events);
    let (incidents, rest): (Vec<_>, Vec<_>) = tales.iter().partition(|tale| tale.is_incident());
    incident::write(&mut page, &incidents, terms)?;
    activity::write(&mut page, &rest, terms)?;
    close(&mut page, summary, incidents.is_empty(), rest.is_empty())
}

/// One incident or observation through its phases.
struct Tale<'a> {
    /// When it was first said.
    first: Timestamp,
    /// Its last phase.
    event: &'a Event,
}

impl Tale<'_> {
    /// Whether something is wrong, rather than merely worth knowing.
    fn is_incident(&self) -> bool {
        self.event.phase != Phase::Observed || self.event.severity >= Severity::Warning
    }
}

/// Every event once, in its last phase, in the order of first mention.
fn tell(events: &[Event]) -> Vec<Tale<'_>> {
    let mut tales: Vec<Tale<'_>> = Vec::new();
    let mut known: HashMap<EventId, usize> = HashMap::new();
    for event in events.iter().filter(|event| event.kind != Kind::StationNew) {
        let index = *known.entry(event.id).or_insert(tales.len());
        if let Some(tale) = tales.get_mut(index) {
            tale.event = event;
        } else {
            tales.push(Tale {
                first: event.time,
                event,
            });
        }
    }
    tales
}

/// What could not be seen, and that all is well if it is.
fn close(
    page: &mut Page<'_>,
    summary: &Summary<'_>,
    all_well: bool,
    nothing_said: bool,
) -> io::Result<()> {
    if all_well {
        page.blank()?;
        if summary.counts.frames == 0 {
            page.paragraph("Nothing was judged: there are no frames.")?;
        } else if !summary.damages.is_empty() {
            page.paragraph("No fault up to the damage.")?;
        } else if nothing_said {
            page.paragraph("Nothing to report: no duplicate, conflict, flap or loop was found.")?;
        } else {
            page.paragraph("No fault: no duplicate, conflict, flap or loop was found.")?;
        }
    }
    if summary.one_port && summary.counts.frames > 0 {
        page.blank()?;
        page.paragraph(
            "Only one port was captured, so MAC moves, flaps and duplicates across ports cannot \
             be seen. IP conflicts, spoofing, storms and MACs with two identities can. Capture \
             several ports (pcapng interfaces, one file per port, ERSPAN or VXLAN) to see the rest.",
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
