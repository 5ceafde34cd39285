//! Sources of frames: capture files, pipes and, with the feature `live`, network interfaces.
//!
//! Paths come in; frames go out, one at a time or in bursts, merged by packet time and lent from
//! the buffers they were read into, each with the port it was captured on as far as the capture
//! can tell (SPEC section 2, rules 3 and 4). What cannot be read is told afterwards, input by
//! input. This room never looks into a frame and never judges one.
//!
//! ```no_run
//! use doppelmac::capture::{Inputs, Options};
//!
//! let mut inputs = Inputs::open(&["a.pcap", "b.pcapng.gz"], Options::default())?;
//! while let Some(frame) = inputs.next() {
//!     println!("{} bytes at {:?}", frame.bytes.len(), frame.time);
//! }
//! for (source, damage) in inputs.damages() {
//!     println!("{}: {damage}", inputs.names().source(source));
//! }
//! # Ok::<(), doppelmac::capture::OpenError>(())
//! ```

mod error;
mod file;
mod inputs;
#[cfg(feature = "live")]
pub mod live;
mod ports;
mod reorder;
mod source;

pub use error::{Damage, DamageKind, OpenError};
pub use inputs::{Inputs, InterfaceInfo, Options, Progress};
pub use ports::{PortRule, PortsBy};
pub use reorder::Reorder;
