use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::file::{self, Interface, Reader};
use super::{Damage, DamageKind, OpenError};
use crate::model::{Frame, FrameRef, LinkType, PortId, SourceId, Timestamp};

/// One input: a capture that is being read, waits for its turn, or is over.
pub(super) struct Source {
    path: PathBuf,
    label: String,
    /// Whether it is a plain file, which can be opened again.
    regular: bool,
    /// Length in bytes as it is stored, where it is known.
    size: Option<u64>,
    /// Bytes read so far, as stored.
    read: Arc<AtomicU64>,
    reader: Option<Reader>,
    /// The interfaces, once the reader is gone.
    interfaces: Vec<Interface>,
    lanes: Vec<Lane>,
    /// Packet records seen, which is the number of the last one.
    number: u64,
    /// Whether the reader stands at a frame that is next.
    ready: bool,
    over: bool,
    damage: Option<Damage>,
    survey: Survey,
}

/// What the merge keeps of one interface; same index as [`Source::interfaces`].
pub(super) struct Lane {
    /// `None`: frames of this kind are not read.
    pub(super) link: Option<LinkType>,
    pub(super) port: Option<PortId>,
    /// Packet records, also of a link type that is not read.
    pub(super) frames: u64,
    pub(super) first: Timestamp,
    /// Latest time read, that of a frame not yet delivered included.
    pub(super) last: Timestamp,
}

/// What reading ahead has shown about the time at which each interface ends.
#[derive(Default)]
struct Survey {
    latest: Vec<Timestamp>,
    begun: bool,
    complete: bool,
}

impl Source {
    /// Opens an input; `-` is standard input.
    pub(super) fn open(path: &Path, label: String) -> Result<Source, OpenError> {
        let fail = |cause| OpenError::new(&path.to_string_lossy(), cause);
        let mut source = Source {
            path: path.to_owned(),
            label,
            regular: false,
            size: None,
            read: Arc::default(),
            reader: None,
            interfaces: Vec::new(),
            lanes: Vec::new(),
            number: 0,
            ready: false,
            over: false,
            damage: None,
            survey: Survey::default(),
        };
        let input: Box<dyn Read + Send> = if path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            let file = File::open(path).map_err(fail)?;
            let about = file.metadata().map_err(fail)?;
            if about.is_dir() {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            }
            if about.is_file() {
                source.regular = true;
                source.size = Some(about.len());
            }
            Box::new(file)
        };
        source.start(input);
        Ok(source)
    }

    /// Closes a plain file until [`Source::wake`], so that a rotated capture of thousands of
    /// files needs one descriptor and one buffer at a time.
    pub(super) fn park(&mut self) {
        if self.regular && !self.over {
            self.reader = None;
            self.ready = false;
            self.lanes.clear();
            self.number = 0;
            self.read.store(0, Ordering::Relaxed);
        }
    }

    /// Opens a parked file again at its first frame; tells the time of the frame that is next.
    #[cold]
    pub(super) fn wake(&mut self) -> Option<Timestamp> {
        if self.reader.is_none() && !self.over {
            match File::open(&self.path) {
                Ok(file) => {
                    self.start(Box::new(file));
                    self.advance();
                }
                Err(error) => {
                    let message = format!("cannot open it again: {error}");
                    self.end(Some(Damage::new(DamageKind::Unreadable, 0, message)));
                }
            }
        }
        let reader = self.reader.as_ref().filter(|_| self.ready)?;
        Some(reader.record().time)
    }

    fn start(&mut self, input: Box<dyn Read + Send>) {
        let counted = Counted {
            input,
            read: Arc::clone(&self.read),
        };
        match Reader::new(Box::new(counted)) {
            Ok(reader) => self.reader = Some(reader),
            Err(damage) => self.end(Some(damage)),
        }
    }

    /// Goes on to the next frame of a link type that is read; tells its time.
    #[inline]
    pub(super) fn advance(&mut self) -> Option<Timestamp> {
        let reader = self.reader.as_mut()?;
        let damage = loop {
            match reader.advance() {
                Ok(true) => {
                    let record = reader.record();
                    self.number += 1;
                    let index = record.interface as usize;
                    if index >= self.lanes.len() {
                        let more = &reader.interfaces()[self.lanes.len()..];
                        self.lanes.extend(more.iter().map(Lane::new));
                    }
                    let lane = &mut self.lanes[index];
                    lane.note(record.time);
                    if lane.link.is_some() {
                        self.ready = true;
                        return Some(record.time);
                    }
                }
                Ok(false) => break None,
                Err(damage) => break Some(damage),
            }
        };
        self.end(damage);
        None
    }

    #[cold]
    fn end(&mut self, damage: Option<Damage>) {
        if let Some(reader) = self.reader.take() {
            reader.interfaces().clone_into(&mut self.interfaces);
            let more = &self.interfaces[self.lanes.len()..];
            self.lanes.extend(more.iter().map(Lane::new));
        }
        self.ready = false;
        self.over = true;
        self.damage = damage;
    }

    /// The interface of the frame that is next.
    #[inline]
    pub(super) fn lane(&self) -> usize {
        let reader = self.reader.as_ref();
        reader.map_or(0, |reader| reader.record().interface as usize)
    }

    /// The frame that is next, for as long as it stays so.
    #[inline]
    pub(super) fn frame(&self, source: SourceId, port: PortId) -> Option<Frame<'_>> {
        let reader = self.reader.as_ref()?;
        let record = reader.record();
        Some(Frame {
            time: record.time,
            at: FrameRef {
                number: self.number,
                source,
            },
            port,
            link: self.lanes[record.interface as usize].link?,
            direction: record.direction,
            wire_len: record.wire_len,
            bytes: reader.bytes(),
        })
    }

    /// Whether nothing more can come from the section that declares this interface.
    pub(super) fn is_past(&self, lane: usize) -> bool {
        match &self.reader {
            Some(reader) => reader.section() > reader.interfaces()[lane].section,
            None => self.over,
        }
    }

    /// Whether this interface has no frame later than `limit`, found out by reading ahead through
    /// a second opening of the file. A pipe cannot tell, which counts as no.
    ///
    /// The first reading stops at the first frame that is later, which for files that overlap is
    /// soon; the second goes to the end, and there is no third.
    pub(super) fn ends_by(&mut self, lane: usize, limit: Timestamp) -> bool {
        let later = |survey: &Survey| survey.latest.get(lane).is_some_and(|&t| t > limit);
        if later(&self.survey) {
            return false;
        }
        if !self.survey.complete && self.regular {
            let stop = (!self.survey.begun).then_some((lane, limit));
            self.survey.begun = true;
            match File::open(&self.path) {
                Ok(file) => self.survey.read(Box::new(file), stop),
                Err(_) => return false,
            }
        }
        self.survey.complete && !later(&self.survey)
    }

    pub(super) fn interfaces(&self) -> &[Interface] {
        match &self.reader {
            Some(reader) => reader.interfaces(),
            None => &self.interfaces,
        }
    }

    pub(super) fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    pub(super) fn set_port(&mut self, lane: usize, port: PortId) {
        self.lanes[lane].port = Some(port);
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }
}

impl Lane {
    fn new(interface: &Interface) -> Lane {
        Lane {
            link: file::link_type(interface.link_code),
            port: None,
            frames: 0,
            first: Timestamp::MAX,
            last: Timestamp::MIN,
        }
    }

    #[inline]
    fn note(&mut self, time: Timestamp) {
        self.frames += 1;
        self.first = self.first.min(time);
        self.last = self.last.max(time);
    }
}

impl Survey {
    /// Reads a capture for its times only, to its end or to the first frame of an interface that
    /// is later than a limit.
    fn read(&mut self, input: Box<dyn Read + Send>, stop: Option<(usize, Timestamp)>) {
        self.complete = true;
        let Ok(mut reader) = Reader::new(input) else {
            return;
        };
        while let Ok(true) = reader.advance() {
            let record = *reader.record();
            let index = record.interface as usize;
            if index >= self.latest.len() {
                self.latest.resize(index + 1, Timestamp::MIN);
            }
            self.latest[index] = self.latest[index].max(record.time);
            if stop.is_some_and(|(lane, limit)| lane == index && record.time > limit) {
                self.complete = false;
                return;
            }
        }
    }
}

/// Counts what is read, for the progress bar.
struct Counted {
    input: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
