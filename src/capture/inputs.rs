use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::path::Path;

use super::file;
use super::ports::{PortRule, Ports, PortsBy};
use super::source::Source;
use super::{Damage, OpenError};
use crate::model::{Frame, LinkType, Names, PortId, SourceId, Span, Timestamp};

/// With more inputs than this, plain files are closed again until their turn comes.
const KEEP_OPEN: usize = 32;

/// So many interfaces with unreadable link types are named one by one.
const MAX_NOTICES: usize = 32;

/// How inputs are read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How interfaces without a name become ports.
    pub ports_by: PortsBy,
    /// By how much frames may be out of time order; here, by how much files that follow one
    /// another may overlap. Default 1 s.
    pub reorder: Span,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            ports_by: PortsBy::Auto,
            reorder: Span::from_secs(1),
        }
    }
}

/// How far reading has come, in bytes as stored (before decompression).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read from all inputs.
    pub read: u64,
    /// Bytes that all inputs have; `None` when one of them is a pipe.
    pub total: Option<u64>,
}

/// What a capture said of one of its interfaces, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// The input that declares it.
    pub source: SourceId,
    /// Its number within its section, from 0.
    pub index: u32,
    /// Its name, where the capture gives one.
    pub name: Option<String>,
    /// Link type as the capture numbers it (LINKTYPE registry).
    pub link_code: u16,
    /// The link type, when its frames are read; others are counted and skipped.
    pub link: Option<LinkType>,
    /// Longest captured frame in bytes; 0 is unlimited.
    pub snaplen: u32,
    /// Frames, those that were skipped included.
    pub frames: u64,
    /// Frames that the capture says were dropped.
    pub dropped: u64,
    /// Its port, when a frame of it was delivered.
    pub port: Option<PortId>,
}

/// Several captures read as one, merged by packet time.
///
/// Frames of one input keep their order, whatever their times; between inputs the earlier frame
/// goes first, at equal times the one of the input named first. An input that turns out damaged
/// stops there, and the others go on.
pub struct Inputs {
    sources: Vec<Source>,
    /// Inputs with a frame to give, but for the current one.
    waiting: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The input whose frame is next.
    current: Option<usize>,
    /// Whether that frame was given out.
    given: bool,
    ports: Ports,
}

impl Inputs {
    /// Opens inputs by their paths, `-` being standard input, and reads their first frames.
    ///
    /// An input that opens but is damaged, or no capture, is no error here: see
    /// [`Inputs::damages`].
    pub fn open<P: AsRef<Path>>(paths: &[P], options: Options) -> Result<Inputs, OpenError> {
        let refused =
            |path: &Path, why: &str| OpenError::new(&path.to_string_lossy(), io::Error::other(why));
        let mut inputs = Inputs {
            sources: Vec::with_capacity(paths.len()),
            waiting: BinaryHeap::new(),
            current: None,
            given: false,
            ports: Ports::new(options.ports_by, options.reorder),
        };
        let labels = labels(paths);
        let mut standard_input = 0;
        for ((index, path), label) in paths.iter().map(AsRef::as_ref).enumerate().zip(labels) {
            standard_input += usize::from(path.as_os_str() == "-");
            if standard_input > 1 {
                return Err(refused(path, "standard input can be named only once"));
            }
            if index > usize::from(u16::MAX) {
                return Err(refused(path, "more than 65536 inputs"));
            }
            let mut source = Source::open(path, label)?;
            if let Some(time) = source.advance() {
                inputs.waiting.push(Reverse((time, index)));
                if paths.len() > KEEP_OPEN {
                    source.park();
                }
            }
            inputs.sources.push(source);
        }
        inputs.hand_over();
        Ok(inputs)
    }

    /// The next frame, lent until the next call; `None` when all inputs are at their ends.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    #[inline]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        let index = self.settle()?;
        let port = self.port(index);
        self.given = true;
        self.sources[index].frame(source_id(index), port)
    }

    /// Gives out up to `limit` frames; tells how many, which is fewer only at the end. Between
    /// two bursts is the time for timers and [`Inputs::progress`].
    #[inline]
    pub fn burst(&mut self, limit: usize, mut each: impl FnMut(Frame<'_>)) -> usize {
        for given in 0..limit {
            let Some(frame) = self.next() else {
                return given;
            };
            each(frame);
        }
        limit
    }

    /// Steps over the frame given out last; tells whose frame is next.
    #[inline]
    fn settle(&mut self) -> Option<usize> {
        let index = self.current?;
        if !self.given {
            return Some(index);
        }
        self.given = false;
        let next = self.sources[index].advance();
        match (next, self.waiting.peek()) {
            // One input alone, or one whose turn lasts: no heap is touched.
            (Some(_), None) => {}
            (Some(time), Some(&Reverse(other))) if (time, index) < other => {}
            (next, _) => {
                if let Some(time) = next {
                    self.waiting.push(Reverse((time, index)));
                }
                self.hand_over();
            }
        }
        self.current
    }

    /// Makes the input with the earliest frame the current one.
    #[cold]
    fn hand_over(&mut self) {
        self.current = loop {
            let Some(Reverse((_, index))) = self.waiting.pop() else {
                break None;
            };
            if self.sources[index].wake().is_some() {
                break Some(index);
            }
        };
    }

    /// The port of the frame that is next.
    #[inline]
    fn port(&mut self, index: usize) -> PortId {
        let source = &self.sources[index];
        let lane = source.lane();
        match source.lanes()[lane].port {
            Some(port) => port,
            None => self.first_frame(index, lane),
        }
    }

    #[cold]
    fn first_frame(&mut self, index: usize, lane: usize) -> PortId {
        let time = self.sources[index].lanes()[lane].first;
        let port = self.ports.assign(&mut self.sources, index, lane, time);
        self.sources[index].set_port(lane, port);
        port
    }

    /// The names of inputs and of the ports met so far.
    pub fn names(&self) -> Names {
        Names {
            ports: self.ports.names().to_vec(),
            sources: self.sources.iter().map(|s| s.label().to_owned()).collect(),
            sensor: None,
        }
    }

    /// Which rule named the ports met so far.
    pub fn port_rule(&self) -> PortRule {
        self.ports.rule()
    }

    /// Of how many interfaces one input may carry frames out of time order, which is what a
    /// [`Reorder`](super::Reorder) has to expect. Inputs with one interface are in order, and so
    /// are inputs merged.
    pub fn lanes(&self) -> usize {
        let readable = |source: &Source| {
            let all = source.interfaces().iter();
            all.filter(|i| file::link_type(i.link_code).is_some())
                .count()
        };
        self.sources.iter().map(readable).max().unwrap_or(0)
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        Progress {
            read: self.sources.iter().map(Source::bytes_read).sum(),
            total: self.sources.iter().map(Source::size).sum(),
        }
    }

    /// The inputs that could not be read to their end, as far as they have been read.
    pub fn damages(&self) -> impl Iterator<Item = (SourceId, &Damage)> {
        let damages = self.sources.iter().map(Source::damage).enumerate();
        damages.filter_map(|(index, damage)| Some((source_id(index), damage?)))
    }

    /// The interfaces that all inputs have declared so far, input by input.
    pub fn interfaces(&self) -> Vec<InterfaceInfo> {
        let mut all = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            for (at, interface) in source.interfaces().iter().enumerate() {
                let lane = source.lanes().get(at);
                all.push(InterfaceInfo {
                    source: source_id(index),
                    index: interface.index,
                    name: interface.name.clone(),
                    link_code: interface.link_code,
                    link: file::link_type(interface.link_code),
                    snaplen: interface.snaplen,
                    frames: lane.map_or(0, |lane| lane.frames),
                    dropped: interface.dropped,
                    port: lane.and_then(|lane| lane.port),
                });
            }
        }
        all
    }

    /// One message per interface whose frames were skipped because of their link type.
    pub fn notices(&self) -> Vec<String> {
        let mut skipped = self.interfaces();
        skipped.retain(|interface| interface.link.is_none() && interface.frames > 0);
        let more = skipped.len().saturating_sub(MAX_NOTICES);
        skipped.truncate(MAX_NOTICES);
        let mut notices: Vec<String> = skipped.iter().map(|i| self.notice(i)).collect();
        if more > 0 {
            notices.push(format!("and {more} more interfaces with other link types"));
        }
        notices
    }

    fn notice(&self, interface: &InterfaceInfo) -> String {
        let source = self.sources[usize::from(interface.source.0)].label();
        let (index, code, frames) = (interface.index, interface.link_code, interface.frames);
        let name = match &interface.name {
            Some(name) => format!(" ({name})"),
            None => String::new(),
        };
        let link = match file::link_name(code) {
            Some(link) => format!(" ({link})"),
            None => String::new(),
        };
        format!(
            "{source}: interface {index}{name} has link type {code}{link}; its {frames} frames are \
             skipped, since only Ethernet, Linux SLL and SLL2 are read"
        )
    }
}

fn source_id(index: usize) -> SourceId {
    SourceId(u16::try_from(index).expect("no more inputs are opened"))
}

/// What inputs are called: their base names, or their whole paths where those are equal.
fn labels<P: AsRef<Path>>(paths: &[P]) -> Vec<String> {
    let whole = |path: &P| path.as_ref().to_string_lossy().into_owned();
    let base = |path: &P| match path.as_ref().file_name() {
        _ if path.as_ref().as_os_str() == "-" => "stdin".to_owned(),
        Some(name) => name.to_string_lossy().into_owned(),
        None => whole(path),
    };
    let mut uses = HashMap::new();
    for path in paths {
        *uses.entry(base(path)).or_insert(0) += 1;
    }
    let mut repeats = HashMap::new();
    let distinct = paths.iter().map(|path| {
        let name = base(path);
        if uses.get(&name) == Some(&1) {
            return name;
        }
        let name = whole(path);
        let repeat = repeats.entry(name.clone()).or_insert(0);
        *repeat += 1;
        match *repeat {
            1 => name,
            repeat => format!("{name} ({repeat})"),
        }
    });
    distinct.collect()
}

#[cfg(test)]
#[path = "inputs_tests.rs"]
mod tests;
