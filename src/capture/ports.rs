use std::collections::HashMap;
use std::fmt;

use super::file;
use super::source::Source;
use crate::model::{PortId, Span, Timestamp};

/// How interfaces without a name become ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PortsBy {
    /// Those that follow one another in time are one port, those that overlap are several.
    #[default]
    Auto,
    /// Each file is a port of its own.
    File,
    /// All are one port: a rotated capture, whatever its times say.
    Time,
}

/// Which rule named the ports, for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortRule {
    /// No frame was read.
    None,
    /// The capture names its interfaces.
    InterfaceNames,
    /// One nameless interface, or several that follow one another in time: one port.
    OneInTime,
    /// Nameless interfaces or files that overlap in time, or that the user keeps apart.
    FileNames,
    /// Some interfaces have names, others go by their file.
    Mixed,
}

impl fmt::Display for PortRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            PortRule::None => "no frames, so no ports",
            PortRule::InterfaceNames => "each named interface of the capture is a port",
            PortRule::OneInTime => "no interface has a name, so what follows in time is one port",
            PortRule::FileNames => {
                "each file or nameless interface is a port, for they overlap in time"
            }
            PortRule::Mixed => {
                "each named interface is a port, and each file where interfaces have no name"
            }
        })
    }
}

/// How many ports one run tells apart; what comes later shares the last one.
const MAX_PORTS: usize = u16::MAX as usize;

/// How many nameless ports are considered as the one that a new interface goes on with.
const MAX_CHAINS: usize = 256;

/// The ports of a run, decided as the first frame of each interface comes up in the merge.
pub(super) struct Ports {
    by: PortsBy,
    reorder: Span,
    names: Vec<String>,
    by_name: HashMap<String, PortId>,
    /// How many ports were opened under a name, their copies numbered.
    copies: HashMap<String, u32>,
    chains: Vec<Chain>,
    named: bool,
}

/// A nameless port: interfaces that follow one another in time.
struct Chain {
    port: PortId,
    /// The interface it was last carried on by.
    source: usize,
    lane: usize,
}

impl Ports {
    pub(super) fn new(by: PortsBy, reorder: Span) -> Ports {
        Ports {
            by,
            reorder,
            names: Vec::new(),
            by_name: HashMap::new(),
            copies: HashMap::new(),
            chains: Vec::new(),
            named: false,
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn rule(&self) -> PortRule {
        let nameless = match self.by {
            _ if self.chains.is_empty() => PortRule::None,
            PortsBy::File if self.names.len() > 1 => PortRule::FileNames,
            _ if self.chains.len() > 1 => PortRule::FileNames,
            _ => PortRule::OneInTime,
        };
        match (self.named, nameless) {
            (true, PortRule::None) => PortRule::InterfaceNames,
            (true, _) => PortRule::Mixed,
            (false, nameless) => nameless,
        }
    }

    /// The port of an interface whose first frame, at `time`, is the next one in the merge.
    pub(super) fn assign(
        &mut self,
        sources: &mut [Source],
        source: usize,
        lane: usize,
        time: Timestamp,
    ) -> PortId {
        let interface = &sources[source].interfaces()[lane];
        if let Some(name) = interface.name.clone() {
            self.named = true;
            return self.intern(name);
        }
        let index = interface.index;
        let found = match self.by {
            PortsBy::Auto => self.predecessor(sources, source, lane, time),
            PortsBy::Time => (!self.chains.is_empty()).then_some(0),
            PortsBy::File => None,
        };
        if let Some(found) = found {
            let chain = &mut self.chains[found];
            (chain.source, chain.lane) = (source, lane);
            return chain.port;
        }
        let label = sources[source].label();
        let name = if has_nameless_siblings(&sources[source], lane) {
            format!("{label}#{index}")
        } else {
            label.to_owned()
        };
        let port = match self.by {
            // The same interface of a later section is the same port.
            PortsBy::File => self.intern(name),
            PortsBy::Auto | PortsBy::Time => self.open(&name),
        };
        if !self.chains.iter().any(|chain| chain.port == port) {
            self.chains.push(Chain { port, source, lane });
        }
        port
    }

    /// The chain that an interface goes on with: one that is over by the time it begins. Of
    /// several the one with the same interface number in the same file is taken, then one whose
    /// file differs only by digits, as those of one rotated capture do.
    fn predecessor(
        &self,
        sources: &mut [Source],
        source: usize,
        lane: usize,
        time: Timestamp,
    ) -> Option<usize> {
        let oldest = self.chains.len().saturating_sub(MAX_CHAINS);
        let mut candidates: Vec<usize> = (oldest..self.chains.len()).collect();
        let label = stem(sources[source].label());
        let index = sources[source].interfaces()[lane].index;
        candidates.sort_by_cached_key(|&at| {
            let chain = &self.chains[at];
            let before = &sources[chain.source];
            let same_file =
                chain.source == source && before.interfaces()[chain.lane].index == index;
            (!same_file, stem(before.label()) != label)
        });
        candidates.into_iter().find(|&at| {
            let chain = &self.chains[at];
            self.is_over(&mut sources[chain.source], chain.lane, time)
        })
    }

    /// Whether an interface has (as good as) no frames after `time`.
    ///
    /// The files of a rotated capture may overlap by a hair, since frames are written out of
    /// order: by less than `reorder`, and by less than a quarter of what the earlier one lasts,
    /// so that two short captures of one moment stay two ports.
    fn is_over(&self, source: &mut Source, lane: usize, time: Timestamp) -> bool {
        let known = &source.lanes()[lane];
        let lasted = Span::from_nanos(time.since(known.first).nanos() / 4);
        let limit = time + lasted.min(self.reorder).max(Span::ZERO);
        known.last <= limit && (source.is_past(lane) || source.ends_by(lane, limit))
    }

    fn intern(&mut self, name: String) -> PortId {
        if let Some(&port) = self.by_name.get(&name) {
            return port;
        }
        let Some(port) = u16::try_from(self.names.len())
            .ok()
            .filter(|_| self.names.len() < MAX_PORTS)
        else {
            return PortId(u16::MAX - 1);
        };
        let port = PortId(port);
        self.names.push(name.clone());
        self.by_name.insert(name, port);
        port
    }

    /// A new port, its name made distinct.
    fn open(&mut self, name: &str) -> PortId {
        // Counts on from the last copy, lest a capture of very many of them take for ever.
        let mut copy = self.copies.get(name).copied().unwrap_or(0);
        let free = loop {
            copy += 1;
            let candidate = match copy {
                1 => name.to_owned(),
                copy => format!("{name} ({copy})"),
            };
            if !self.by_name.contains_key(&candidate) {
                break candidate;
            }
        };
        self.copies.insert(name.to_owned(), copy);
        self.intern(free)
    }
}

/// Whether the section of a nameless interface declares another one that is read.
fn has_nameless_siblings(source: &Source, lane: usize) -> bool {
    let own = &source.interfaces()[lane];
    // The interfaces of a section stand together, in their order.
    let first = lane.saturating_sub(own.index as usize);
    let section = source.interfaces()[first..].iter();
    let readable = section
        .take_while(|interface| interface.section == own.section)
        .filter(|interface| interface.name.is_none())
        .filter(|interface| file::link_type(interface.link_code).is_some());
    readable.take(2).count() > 1
}

/// A file name without what counts files up.
fn stem(label: &str) -> String {
    label.chars().filter(|c| !c.is_ascii_digit()).collect()
}
