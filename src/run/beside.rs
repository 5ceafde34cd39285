//! Judging beside reading: one thread reads and decodes, another judges.
//!
//! Sightings are handed over in the order of the capture, and events come back in the order in
//! which they were said, so that the verdicts are those of a run on one thread.

use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use super::Error;
use super::pipeline::{Judging, Laned, Pipeline};
use crate::model::{Event, Frame};

/// Batches on their way to the judge. More only hold more memory.
const UNDER_WAY: usize = 2;

/// Sightings for the judge, and of how many lanes they may be out of order.
struct Work {
    sightings: Vec<Laned>,
    lanes: usize,
}

/// What became of them, and their memory for the next.
struct Judged {
    events: Vec<Event>,
    spent: Vec<Laned>,
}

/// What a run does between two batches.
pub(super) trait Script {
    /// Of how many interfaces the next frames may be out of order.
    fn lanes(&self) -> usize;

    /// Gives out the next frames; returns whether these were the last.
    fn read(&mut self, each: &mut dyn FnMut(&Frame<'_>)) -> bool;

    /// Tells what was said.
    ///
    /// # Errors
    ///
    /// When it cannot be told, which ends the run.
    fn tell(&mut self, events: &mut dyn Iterator<Item = Event>) -> Result<(), Error>;
}

/// Runs a pipeline to the end of its input on the calling thread.
pub(super) fn run_alone(pipeline: &mut Pipeline, script: &mut impl Script) -> Result<(), Error> {
    loop {
        pipeline.expect_lanes(script.lanes());
        let is_last = script.read(&mut |frame| pipeline.push(frame));
        pipeline.settle();
        script.tell(&mut pipeline.engine().events())?;
        if is_last {
            break;
        }
    }
    pipeline.finish();
    script.tell(&mut pipeline.engine().events())
}

/// Runs a pipeline to the end of its input, judging on a thread of its own.
pub(super) fn run_beside(pipeline: &mut Pipeline, script: &mut impl Script) -> Result<(), Error> {
    let (decoding, judging) = (&mut pipeline.decoding, &mut pipeline.judging);
    let (give, work) = sync_channel::<Work>(UNDER_WAY);
    let (tell, told) = channel::<Judged>();
    thread::scope(|scope| {
        let judge = scope.spawn(move || {
            for Work {
                mut sightings,
                lanes,
            } in work
            {
                judging.expect_lanes(lanes);
                judging.take(&sightings);
                sightings.clear();
                let events = events(judging);
                if tell
                    .send(Judged {
                        events,
                        spent: sightings,
                    })
                    .is_err()
                {
                    return;
                }
            }
            judging.finish();
            // Nobody listens when the run was given up.
            let _ = tell.send(Judged {
                events: events(judging),
                spent: Vec::new(),
            });
        });
        let mut spare: Vec<Vec<Laned>> = Vec::new();
        let result = loop {
            let mut sightings = spare.pop().unwrap_or_default();
            let lanes = script.lanes();
            let is_last = script.read(&mut |frame| decoding.decode(frame, &mut sightings));
            if give.send(Work { sightings, lanes }).is_err() || is_last {
                break Ok(());
            }
            let mut results = told.try_iter().map(|judged| {
                spare.push(judged.spent);
                script.tell(&mut judged.events.into_iter())
            });
            if let Some(error) = results.find_map(Result::err) {
                break Err(error);
            }
        };
        drop(give);
        let result = result.and_then(|()| {
            told.iter()
                .try_for_each(|judged| script.tell(&mut judged.events.into_iter()))
        });
        if let Err(panic) = judge.join() {
            std::panic::resume_unwind(panic);
        }
        result
    })
}

fn events(judging: &mut Judging) -> Vec<Event> {
    judging.engine.events().collect()
}
