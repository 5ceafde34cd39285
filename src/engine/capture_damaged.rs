//! Says that an input could not be read to its end.
//!
//! Evidence: the reader's own finding, with the byte offset. What was judged up to there stands.

use super::Engine;
use super::incidents::IncidentKey;
use crate::model::{Evidence, Finding, FrameRef, Kind, Severity, SourceId, Timestamp};

impl Engine {
    /// An input ends or turns to garbage at a byte offset, after `frames` frames.
    pub fn note_damage(&mut self, source: SourceId, offset: u64, frames: u64) {
        let mut event = self.draft(Kind::CaptureDamaged, Severity::Warning, 0);
        event.segment = None;
        // An input without a frame has no packet time.
        event.time = event.time.max(Timestamp::default());
        let at = FrameRef {
            source,
            number: frames,
        };
        let finding = Finding::DamagedAt { offset };
        event.evidence.push(Evidence {
            finding,
            time: event.time,
            at,
        });
        let subject = [u64::from(source.0), offset];
        self.incidents
            .observe(IncidentKey::new(Kind::CaptureDamaged, &subject), event);
    }
}
