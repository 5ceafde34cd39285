//! What an address or an announcement says of itself.
//!
//! In come MAC addresses and the form and timing of announcements; out come vendor names (the
//! IEEE listings), the class of an address (hypervisor, container, virtual router, …), the pool
//! it was assigned from, and the program that announced. Everything is a look-up in a constant
//! table: nothing here keeps stations, judges, reads the clock or the network.

mod announcer;
mod class;
mod csv;
mod embedded;
mod oui;
mod ranges;

pub use announcer::AnnouncerTrace;
pub use class::{Administered, MacClass, administered, class, is_virtual_router};
pub use csv::{CsvError, CsvErrorKind};
pub use embedded::{Pool, embedded_ipv4, pool};
pub use oui::{Block, Vendors};
