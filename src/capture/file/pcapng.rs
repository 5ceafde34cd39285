use super::interface::{self, Clock, Interface};
use super::order::ByteOrder;
use super::window::Window;
use super::{MAX_CAPTURED, Record};
use crate::capture::{Damage, DamageKind};
use crate::model::{Direction, Timestamp};

/// First bytes of a capture, the same in both byte orders: the type of a section header block.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

// Block types (draft-ietf-opsawg-pcapng, section 4).
const SECTION_HEADER: u32 = u32::from_be_bytes(MAGIC);
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

/// Type and length before, length again after the body of a block.
const FRAMING: usize = 12;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;

/// Longest block that is looked into: a frame and as much again in comments. Blocks that are
/// only skipped may be as long as they like.
const MAX_BLOCK: usize = 2 * MAX_CAPTURED;

/// Interfaces that one capture may declare, so that what is remembered stays bounded.
const MAX_INTERFACES: usize = 65_536;

/// The block format of Wireshark: sections, each with a byte order and interfaces of its own.
pub(super) struct Pcapng {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    /// Sections begun.
    sections: u32,
    /// Index of the first interface of the present section.
    first: u32,
    /// Time of the last packet: what a simple packet, which has none, is given.
    time: Timestamp,
}

impl Pcapng {
    /// Ready for the first section header.
    pub(super) fn new() -> Pcapng {
        Pcapng {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            sections: 0,
            first: 0,
            time: Timestamp::default(),
        }
    }

    pub(super) fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    pub(super) fn section(&self) -> u32 {
        self.sections.saturating_sub(1)
    }

    #[inline]
    pub(super) fn advance(
        &mut self,
        window: &mut Window,
        record: &mut Record,
    ) -> Result<bool, Damage> {
        loop {
            let bytes = window.demand(FRAMING)?;
            let Some(head) = bytes.first_chunk::<FRAMING>() else {
                if bytes.is_empty() {
                    return Ok(false);
                }
                return Err(cut_short(window, "block header"));
            };
            let kind = self.order.u32(head, 0);
            if kind == SECTION_HEADER {
                self.begin_section(window)?;
                continue;
            }
            let len = self.order.u32(head, 4);
            match kind {
                ENHANCED_PACKET | PACKET => {
                    self.packet(kind, len, window, record)?;
                    return Ok(true);
                }
                SIMPLE_PACKET => {
                    self.simple_packet(len, window, record)?;
                    return Ok(true);
                }
                INTERFACE_DESCRIPTION => self.describe_interface(len, window)?,
                INTERFACE_STATISTICS => self.interface_statistics(len, window)?,
                _ => self.skip(len, window)?,
            }
        }
    }

    /// How many interfaces there are so far.
    fn declared(&self) -> u32 {
        u32::try_from(self.interfaces.len()).expect("at most MAX_INTERFACES")
    }

    #[cold]
    fn begin_section(&mut self, window: &mut Window) -> Result<(), Damage> {
        let Some(fields) = window.demand(28)?.first_chunk::<28>() else {
            return Err(cut_short(window, "section header"));
        };
        let order = [ByteOrder::Little, ByteOrder::Big]
            .into_iter()
            .find(|order| order.u32(fields, 8) == BYTE_ORDER_MAGIC);
        let Some(order) = order else {
            return Err(window.damage(
                DamageKind::Malformed,
                "a section header does not say its byte order",
            ));
        };
        let (major, minor) = (order.u16(fields, 12), order.u16(fields, 14));
        let len = order.u32(fields, 4);
        if len < 28 {
            return Err(impossible(window, len, 28));
        }
        if major != 1 {
            return Err(window.damage(
                DamageKind::NotACapture,
                format!("pcapng version {major}.{minor} is not known; 1.x is"),
            ));
        }
        self.order = order;
        self.sections = self.sections.saturating_add(1);
        self.first = self.declared();
        self.skip(len, window)
    }

    #[cold]
    fn describe_interface(&mut self, len: u32, window: &mut Window) -> Result<(), Damage> {
        let order = self.order;
        let block = self.block(len, 20, window)?;
        let mut described = Interface {
            name: None,
            link_code: order.u16(block, 8),
            snaplen: order.u32(block, 12),
            section: self.section(),
            index: 0,
            dropped: 0,
            clock: Clock::MICROSECONDS,
        };
        for (code, value) in options(order, &block[16..block.len() - 4]) {
            match (code, value) {
                (2, value) => described.name = interface::name(value),
                (9, &[resolution, ..]) => {
                    described.clock = described.clock.with_resolution(resolution);
                }
                (14, value) => {
                    if let Some(&value) = value.first_chunk::<8>() {
                        let seconds = order.u64(value).cast_signed();
                        described.clock = described.clock.with_offset(seconds);
                    }
                }
                _ => {}
            }
        }
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(window.damage(
                DamageKind::Malformed,
                format!("more than {MAX_INTERFACES} interfaces are declared"),
            ));
        }
        described.index = self.declared() - self.first;
        self.interfaces.push(described);
        window.consume(len as usize);
        Ok(())
    }

    /// Keeps what was dropped; the block counts from the start of the capture.
    #[cold]
    fn interface_statistics(&mut self, len: u32, window: &mut Window) -> Result<(), Damage> {
        let order = self.order;
        let block = self.block(len, 24, window)?;
        let id = order.u32(block, 8);
        let dropped = options(order, &block[20..block.len() - 4])
            .filter(|&(code, _)| matches!(code, 5 | 7))
            .filter_map(|(_, value)| value.first_chunk::<8>())
            .fold(0_u64, |sum, &count| sum.saturating_add(order.u64(count)));
        let index = self.first.saturating_add(id);
        if let Some(interface) = self.interfaces.get_mut(index as usize) {
            interface.dropped = interface.dropped.max(dropped);
        }
        window.consume(len as usize);
        Ok(())
    }

    /// An enhanced packet block, or its predecessor, which has a narrower interface number and a
    /// drop count in its place.
    #[inline]
    fn packet(
        &mut self,
        kind: u32,
        len: u32,
        window: &mut Window,
        record: &mut Record,
    ) -> Result<(), Damage> {
        let order = self.order;
        let block = self.block(len, 32, window)?;
        let Some(fields) = block.first_chunk::<28>() else {
            return Err(impossible(window, len, 32));
        };
        let id = if kind == ENHANCED_PACKET {
            order.u32(fields, 8)
        } else {
            u32::from(order.u16(fields, 8))
        };
        let stamp = u64::from(order.u32(fields, 12)) << 32 | u64::from(order.u32(fields, 16));
        let captured = order.u32(fields, 20) as usize;
        let wire_len = order.u32(fields, 24);
        let room = block.len() - 32;
        if captured > room || captured > MAX_CAPTURED {
            return Err(window.damage(
                DamageKind::Malformed,
                format!(
                    "a packet claims {captured} captured bytes in a block with room for {room}"
                ),
            ));
        }
        let padded = captured.next_multiple_of(4);
        let direction = if padded < room {
            direction(order, &block[28 + padded..28 + room])
        } else {
            Direction::Unknown
        };
        let interface = self.first.saturating_add(id);
        let Some(described) = self.interfaces.get(interface as usize) else {
            return Err(undeclared(window, id));
        };
        self.time = described.clock.time(stamp);
        record.time = self.time;
        record.direction = direction;
        record.interface = interface;
        record.wire_len = wire_len;
        record.start = window.position() + 28;
        record.len = captured;
        window.consume(len as usize);
        Ok(())
    }

    #[cold]
    fn simple_packet(
        &mut self,
        len: u32,
        window: &mut Window,
        record: &mut Record,
    ) -> Result<(), Damage> {
        let order = self.order;
        let block = self.block(len, 16, window)?;
        let wire_len = order.u32(block, 8);
        let room = block.len() - 16;
        let Some(interface) = self.interfaces.get(self.first as usize) else {
            return Err(undeclared(window, 0));
        };
        let limit = match interface.snaplen {
            0 => usize::MAX,
            snaplen => snaplen as usize,
        };
        let captured = (wire_len as usize).min(limit);
        if captured > room || captured > MAX_CAPTURED {
            return Err(window.damage(
                DamageKind::Malformed,
                format!("a packet of {captured} bytes stands in a block with room for {room}"),
            ));
        }
        record.time = self.time;
        record.direction = Direction::Unknown;
        record.interface = self.first;
        record.wire_len = wire_len;
        record.start = window.position() + 12;
        record.len = captured;
        window.consume(len as usize);
        Ok(())
    }

    /// The whole block at the front of the window, framing included, its lengths checked.
    #[inline]
    fn block<'w>(
        &self,
        len: u32,
        least: usize,
        window: &'w mut Window,
    ) -> Result<&'w [u8], Damage> {
        let whole = len as usize;
        if whole < least || !whole.is_multiple_of(4) || whole > MAX_BLOCK {
            return Err(impossible(window, len, least));
        }
        if window.demand(whole)?.len() < whole {
            return Err(cut_short(window, "block"));
        }
        let block = &window.unread()[..whole];
        let again = self.order.u32(block, whole - 4);
        if again != len {
            return Err(mismatch(window, window.offset(), len, again));
        }
        Ok(block)
    }

    /// Steps over a block of any length.
    #[cold]
    fn skip(&self, len: u32, window: &mut Window) -> Result<(), Damage> {
        if (len as usize) < FRAMING || !len.is_multiple_of(4) {
            return Err(impossible(window, len, FRAMING));
        }
        let begin = window.offset();
        let body = u64::from(len) - 4;
        let skipped = window.skip(body)?;
        let Some(trailer) = window.demand(4)?.first_chunk::<4>() else {
            return Err(window.damage_at(
                begin,
                DamageKind::CutShort,
                format!("the capture ends within a block of {len} bytes, after {skipped} of them"),
            ));
        };
        let again = self.order.u32(trailer, 0);
        if again != len {
            return Err(mismatch(window, begin, len, again));
        }
        window.consume(4);
        Ok(())
    }
}

/// The options in `bytes` up to their end mark, or up to where they make no sense: nothing that
/// stands in them is worth giving up the capture for.
fn options(order: ByteOrder, mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_first_chunk::<4>()?;
        let (code, len) = (order.u16(head, 0), usize::from(order.u16(head, 2)));
        let value = rest.get(..len)?;
        bytes = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        (code != 0).then_some((code, value))
    })
}

/// What `epb_flags` says of the direction: its lowest two bits.
fn direction(order: ByteOrder, bytes: &[u8]) -> Direction {
    let flags = options(order, bytes).find(|&(code, value)| code == 2 && value.len() == 4);
    match flags.map(|(_, value)| order.u32(value, 0) & 3) {
        Some(1) => Direction::Inbound,
        Some(2) => Direction::Outbound,
        _ => Direction::Unknown,
    }
}

#[cold]
fn cut_short(window: &Window, what: &str) -> Damage {
    window.damage(
        DamageKind::CutShort,
        format!("the capture ends within a {what}"),
    )
}

#[cold]
fn impossible(window: &Window, len: u32, least: usize) -> Damage {
    let why = if (len as usize) < least {
        format!("it needs at least {least}")
    } else if !len.is_multiple_of(4) {
        "it must be a multiple of 4".to_owned()
    } else {
        format!("more than {MAX_BLOCK} cannot be")
    };
    window.damage(
        DamageKind::Malformed,
        format!("a block claims {len} bytes; {why}"),
    )
}

#[cold]
fn mismatch(window: &Window, offset: u64, len: u32, again: u32) -> Damage {
    window.damage_at(
        offset,
        DamageKind::Malformed,
        format!("a block claims {len} bytes before its body and {again} after it"),
    )
}

#[cold]
fn undeclared(window: &Window, id: u32) -> Damage {
    window.damage(
        DamageKind::Malformed,
        format!("a packet names interface {id}, which its section does not declare"),
    )
}

#[cfg(test)]
#[path = "pcapng_tests.rs"]
mod tests;
