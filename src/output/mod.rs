//! Text and JSON made from events.
//!
//! In come [`Event`](crate::model::Event)s, counters and the [`Terms`] that turn numbers into
//! names; out go JSON lines, the JSON Schema of those lines, the report for people, the run's
//! statistics and what an address says of itself, written to any [`std::io::Write`]. Nothing
//! here judges, waits, opens files or looks at the terminal: whether there is colour is the
//! caller's choice. Whatever came from the wire is escaped before people see it.

mod advice;
mod escape;
mod finding;
mod json;
mod mac;
mod message;
#[cfg(test)]
mod samples;
mod schema;
mod stats;
mod terms;
mod text;

pub use advice::advice;
pub use escape::escape;
pub use finding::detail;
pub use json::write_event;
pub use mac::{write_mac_json, write_mac_text};
pub use message::message;
pub use schema::{SCHEMA_NAME, schema};
pub use stats::{RunStats, write_stats};
pub use terms::Terms;
pub use text::{InputLine, PortLine, SegmentLine, Style, Summary, write_report};
