//! What a run read and learned, in the words of the report.

use crate::capture::Inputs;
use crate::engine::Census;
use crate::model::{Counts, Direction, Event, Frame, Names, Port, Timestamp};
use crate::output::{InputLine, PortLine, SegmentLine, Summary};

/// What is kept of every frame for the report: how many came in where, and from when to when.
#[derive(Default)]
pub(super) struct Tally {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// Frames by port.
    ports: Vec<u64>,
    outbound: u64,
}

impl Tally {
    #[inline]
    pub(super) fn note(&mut self, frame: &Frame<'_>) {
        let port = usize::from(frame.port.0);
        if port >= self.ports.len() {
            self.ports.resize(port + 1, 0);
        }
        self.ports[port] += 1;
        self.outbound += u64::from(frame.direction == Direction::Outbound);
        self.first = Some(self.first.map_or(frame.time, |first| first.min(frame.time)));
        self.last = Some(self.last.map_or(frame.time, |last| last.max(frame.time)));
    }
}

/// Puts the summary together.
pub(super) fn summarize<'a>(
    inputs: &Inputs,
    names: &Names,
    tally: &Tally,
    census: &Census,
    counts: &'a Counts,
    new_stations: u64,
    events: &'a [Event],
) -> Summary<'a> {
    Summary {
        inputs: input_lines(inputs, names),
        counts,
        first: tally.first,
        last: tally.last,
        ports: port_lines(names, tally, census),
        port_rule: port_rule(inputs, census),
        segments: segment_lines(census),
        copies: census.copies,
        feed: feed(counts, census, tally),
        damages: Vec::new(),
        notes: inputs.notices(),
        one_port: census.ports.len() <= 1,
        new_stations,
        events,
    }
}

fn input_lines(inputs: &Inputs, names: &Names) -> Vec<InputLine> {
    let mut lines: Vec<InputLine> = names
        .sources
        .iter()
        .map(|name| InputLine {
            name: name.clone(),
            frames: 0,
            interfaces: Vec::new(),
        })
        .collect();
    for interface in inputs.interfaces() {
        if let Some(line) = lines.get_mut(usize::from(interface.source.0)) {
            line.frames += interface.frames;
            line.interfaces.extend(interface.name);
        }
    }
    lines
}

fn port_lines(names: &Names, tally: &Tally, census: &Census) -> Vec<PortLine> {
    let mut lines: Vec<PortLine> = census
        .ports
        .iter()
        .map(|&(port, stations)| {
            let frames = match port {
                Port::Capture(id) => tally.ports.get(usize::from(id.0)).copied(),
                _ => None,
            };
            PortLine {
                name: names.port(port),
                stations,
                frames,
            }
        })
        .collect();
    lines.sort_by(|left, right| left.name.cmp(&right.name));
    lines
}

fn port_rule(inputs: &Inputs, census: &Census) -> String {
    let rule = inputs.port_rule().to_string();
    let has = |wanted: fn(&Port) -> bool| census.ports.iter().any(|(port, _)| wanted(port));
    let mut rules = Vec::new();
    if census.ports.is_empty() || has(|p| matches!(p, Port::Capture(_))) {
        rules.push(rule.as_str());
    }
    if has(|p| matches!(p, Port::Vtep(_) | Port::Erspan { .. })) {
        rules.push("what came in a tunnel goes by the end point that sent it");
    }
    if has(|p| matches!(p, Port::Ifindex(..))) {
        rules.push("frames of a capture on \"any\" go by their interface index");
    }
    if has(|p| matches!(p, Port::Stamp(..) | Port::Vif(..))) {
        rules.push("stamped frames go by their stamp");
    }
    rules.join("; ")
}

fn segment_lines(census: &Census) -> Vec<SegmentLine> {
    let mut lines: Vec<SegmentLine> = census
        .segments
        .iter()
        .map(|&(segment, stations, addresses)| SegmentLine {
            segment,
            stations,
            addresses,
        })
        .collect();
    lines.sort_by_key(|line| line.segment);
    lines
}

/// What the copies say of how the traffic was captured.
fn feed(counts: &Counts, census: &Census, tally: &Tally) -> String {
    if tally.outbound > 0 {
        return "The capture records directions; what the ports sent is left out.".to_owned();
    }
    if census.copies == 0 || counts.frames == 0 {
        return String::new();
    }
    let seen_once = counts.frames.saturating_sub(census.copies).max(1);
    let more_than_one_port = census.ports.len() > 1;
    if more_than_one_port {
        "Frames show on the port they come in on and on those they leave by.".to_owned()
    } else if census.copies >= seen_once / 2 {
        "Most frames show more than once: the mirror copies both directions, or several ports."
            .to_owned()
    } else {
        String::new()
    }
}
