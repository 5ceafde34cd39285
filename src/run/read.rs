//! `doppelmac read`: judges capture files from their first frame to their last.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use super::beside::{Script, run_alone, run_beside};
use super::progress::Bar;
use super::summary::{Tally, summarize};
use super::{Error, Format, Outcome, Pipeline, ReadConfig};
use crate::capture::{Inputs, Options};
use crate::model::{Counts, Event, Frame, Kind, Names, Severity};
use crate::output::{RunStats, Style, Terms, write_event, write_report, write_stats};
use crate::vendor::Vendors;

/// Frames between two looks at events, the progress bar and new interfaces.
const BURST: usize = 1024;
/// Bursts between two redraws of the progress bar.
const REDRAW: u32 = 64;
/// Events that a report tells at most; what comes after is counted, so that memory is bounded.
const KEPT: usize = 50_000;
/// The width reports are wrapped at.
const WIDTH: usize = 100;

/// Judges the captures of `config` and writes what is to be said to standard output.
///
/// Damaged inputs are told on standard error, with the byte offset; the events up to there are
/// out all the same.
///
/// # Errors
///
/// When an input cannot be opened, an output cannot be written, or the vendor listing is broken.
pub fn read(config: &ReadConfig) -> Result<Outcome, Error> {
    let started = Instant::now();
    let vendors = vendors(config.oui.as_deref())?;
    let options = Options {
        ports_by: config.ports_by,
        reorder: config.reorder,
    };
    let mut inputs = Inputs::open(&config.inputs, options)
        .map_err(|error| Error::configuration(error.to_string()))?;
    let count_sources = config.stats.is_some();
    let mut pipeline = Pipeline::new(
        config.settings,
        config.port_from,
        config.reorder,
        count_sources,
    );
    let mut script = Reading {
        tally: Tally::default(),
        teller: Teller::new(config, &vendors),
        bar: Bar::new(config.progress),
        bursts: 0,
        inputs: &mut inputs,
    };
    if config.threads > 1 {
        run_beside(&mut pipeline, &mut script)?;
    } else {
        run_alone(&mut pipeline, &mut script)?;
    }
    script.bar.clear();
    let Reading {
        tally, mut teller, ..
    } = script;
    let is_damaged = note_damages(&mut pipeline, &inputs);
    teller.tell(&mut pipeline.engine().events(), &inputs)?;
    let names = teller.names(&inputs);
    let census = pipeline.engine().census();
    let counts = pipeline.counts(inputs.interfaces().iter().map(|i| i.frames).sum());
    if config.format == Format::Text {
        let new_stations = teller.count(Kind::StationNew);
        let mut summary = summarize(
            &inputs,
            &names,
            &tally,
            &census,
            &counts,
            new_stations,
            &teller.kept,
        );
        if teller.untold > 0 {
            summary.notes.push(format!(
                "{} more events are not listed here; --format json tells all",
                teller.untold
            ));
        }
        let terms = Terms {
            names: &names,
            vendors: &vendors,
        };
        let style = Style {
            colour: config.color,
            width: WIDTH,
        };
        write_report(&mut teller.out, &summary, terms, style).map_err(stdout_error)?;
    }
    teller.out.flush().map_err(stdout_error)?;
    if let Some(path) = &config.stats {
        let stats = RunStats {
            files: config.inputs.len() as u64,
            interfaces: inputs.interfaces().len() as u64,
            stations: census.stations,
            addresses: census.addresses,
            outer_sources: pipeline.outer_sources(),
            copies: census.copies,
            events: teller.counts(),
            seconds: started.elapsed().as_secs_f64(),
        };
        save_stats(path, &counts, &stats)?;
    }
    warn(&inputs, config.format);
    Ok(match (is_damaged, teller.found) {
        (true, _) => Outcome::Damaged,
        (false, true) => Outcome::Found,
        (false, false) => Outcome::Done,
    })
}

/// A run over files, as its threads see it.
struct Reading<'a, 'b> {
    inputs: &'b mut Inputs,
    tally: Tally,
    teller: Teller<'a>,
    bar: Bar,
    bursts: u32,
}

impl Script for Reading<'_, '_> {
    fn lanes(&self) -> usize {
        self.inputs.lanes()
    }

    fn read(&mut self, each: &mut dyn FnMut(&Frame<'_>)) -> bool {
        let tally = &mut self.tally;
        let given = self.inputs.burst(BURST, |frame| {
            tally.note(&frame);
            each(&frame);
        });
        self.bursts = self.bursts.wrapping_add(1);
        if self.bursts.is_multiple_of(REDRAW) {
            self.bar.show(self.inputs.progress());
        }
        given < BURST
    }

    fn tell(&mut self, events: &mut dyn Iterator<Item = Event>) -> Result<(), Error> {
        self.teller.tell(events, self.inputs)
    }
}

/// The vendor table: the built-in one, or the listing at `path`.
///
/// # Errors
///
/// When the listing cannot be read or is none.
pub fn vendors(path: Option<&Path>) -> Result<Vendors, Error> {
    let Some(path) = path else {
        return Ok(Vendors::builtin());
    };
    let file = File::open(path).map_err(|error| Error::input(path, error))?;
    Vendors::from_csv(io::BufReader::new(file))
        .map_err(|error| Error::configuration(format!("{}: {error}", path.display())))
}

fn note_damages(pipeline: &mut Pipeline, inputs: &Inputs) -> bool {
    let interfaces = inputs.interfaces();
    let mut is_damaged = false;
    for (source, damage) in inputs.damages() {
        is_damaged = true;
        let read = interfaces
            .iter()
            .filter(|i| i.source == source)
            .map(|i| i.frames)
            .sum();
        pipeline.engine().note_damage(source, damage.offset(), read);
    }
    is_damaged
}

/// Tells on standard error what kept inputs from being read; JSON readers see it nowhere else.
fn warn(inputs: &Inputs, format: Format) {
    let mut err = io::stderr().lock();
    if format == Format::Json {
        for notice in inputs.notices() {
            let _ = writeln!(err, "doppelmac: {notice}");
        }
    }
    let names = inputs.names();
    for (source, damage) in inputs.damages() {
        let name = crate::output::escape(names.source(source));
        let _ = writeln!(err, "doppelmac: {name}: {damage}");
    }
}

fn save_stats(path: &Path, counts: &Counts, stats: &RunStats) -> Result<(), Error> {
    if path == Path::new("-") {
        return write_stats(&mut io::stdout().lock(), counts, stats).map_err(stdout_error);
    }
    let failed = |error| Error::output(path.display(), error);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    write_stats(&mut file, counts, stats)
        .and_then(|()| file.flush())
        .map_err(failed)
}

fn stdout_error(error: io::Error) -> Error {
    Error::output("standard output", error)
}

/// Writes events as they come, or keeps them for the report.
struct Teller<'a> {
    config: &'a ReadConfig,
    vendors: &'a Vendors,
    out: BufWriter<io::StdoutLock<'static>>,
    /// Events for the report; first frames of stations are only counted.
    kept: Vec<Event>,
    /// Events beyond those.
    untold: u64,
    counts: Vec<u64>,
    found: bool,
}

impl<'a> Teller<'a> {
    fn new(config: &'a ReadConfig, vendors: &'a Vendors) -> Self {
        Teller {
            config,
            vendors,
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            kept: Vec::new(),
            untold: 0,
            counts: vec![0; Kind::ALL.len()],
            found: false,
        }
    }

    fn names(&self, inputs: &Inputs) -> Names {
        Names {
            sensor: self.config.sensor.clone(),
            ..inputs.names()
        }
    }

    fn tell(
        &mut self,
        events: &mut dyn Iterator<Item = Event>,
        inputs: &Inputs,
    ) -> Result<(), Error> {
        let mut events = events.peekable();
        if events.peek().is_none() {
            return Ok(());
        }
        let names = self.names(inputs);
        let terms = Terms {
            names: &names,
            vendors: self.vendors,
        };
        let threshold = self.config.fail_on;
        for event in events {
            self.counts[event.kind as usize] += 1;
            self.found |= threshold.is_some_and(|least: Severity| event.severity >= least);
            match self.config.format {
                Format::Json => write_event(&mut self.out, &event, terms).map_err(stdout_error)?,
                Format::Text if event.kind == Kind::StationNew => {}
                Format::Text if self.kept.len() < KEPT => self.kept.push(event),
                Format::Text => self.untold += 1,
            }
        }
        Ok(())
    }

    fn count(&self, kind: Kind) -> u64 {
        self.counts[kind as usize]
    }

    fn counts(&self) -> Vec<(Kind, u64)> {
        let counted = Kind::ALL.iter().map(|&kind| (kind, self.count(kind)));
        counted.filter(|&(_, count)| count > 0).collect()
    }
}
