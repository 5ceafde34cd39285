use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use crate::model::Mac;

use super::csv::{self, CsvError, CsvErrorKind};

/// The IEEE listings, packed by `examples/pack_oui.rs`. Origin and date are in `README.md` beside it.
static BUILTIN: &[u8] = include_bytes!("oui.bin");

const MAGIC: &[u8; 4] = b"OUI1";
/// Magic, then the number of entries of each registry.
const HEADER: usize = MAGIC.len() + 4 * REGISTRIES.len();
/// Where a name lies in the pool.
const OFFSET: usize = 3;

/// One of the three block sizes of the IEEE: MA-S, MA-M, MA-L, smallest blocks first, because
/// the longest prefix wins.
struct Registry {
    /// Bits of the prefix.
    bits: u32,
    /// Bytes that hold those bits, right-aligned.
    key: usize,
}

const REGISTRIES: [Registry; 3] = [
    Registry { bits: 36, key: 5 },
    Registry { bits: 28, key: 4 },
    Registry { bits: 24, key: 3 },
];

/// A block of addresses assigned to one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Lowest address of the block.
    pub first: Mac,
    /// Bits of the prefix: 24 (MA-L), 28 (MA-M) or 36 (MA-S, IAB).
    pub bits: u32,
    /// The organisation as the IEEE lists it.
    pub vendor: &'a str,
}

impl fmt::Display for Block<'_> {
    /// `00:50:56:00:00:00/24`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.first, self.bits)
    }
}

/// Who the IEEE assigned an address block to.
///
/// The table is kept in the packed form it is stored in and searched there, so that the
/// built-in one costs nothing until it is asked:
///
/// ```text
/// "OUI1", three u32 counts            for 36, 28 and 24 bits
/// count × (key: 5, 4, 3 bytes; u24)   ascending keys, each with the offset of its name
/// pool: (u8 length, UTF-8)…           every name once
/// ```
///
/// All numbers are big-endian.
#[derive(Clone, Debug)]
pub struct Vendors {
    packed: Cow<'static, [u8]>,
}

impl Vendors {
    /// The table that is part of the program.
    pub const fn builtin() -> Self {
        Vendors {
            packed: Cow::Borrowed(BUILTIN),
        }
    }

    /// Reads listings as the IEEE publishes them (`Registry,Assignment,Organization Name,…`);
    /// several may follow one another. They replace the built-in table. Company IDs (CID),
    /// blocks whose owner is private, and the authority's own blocks name no vendor and are
    /// left out.
    ///
    /// # Errors
    ///
    /// When reading fails, and, with the line, when a row is not what the format says.
    pub fn from_csv(input: impl Read) -> Result<Self, CsvError> {
        let rows = csv::read(input)?;
        Ok(Vendors {
            packed: Cow::Owned(pack(rows)?),
        })
    }

    /// The packed table, as `oui.bin` holds it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.packed
    }

    /// How many blocks are listed.
    pub fn len(&self) -> usize {
        self.counts().iter().sum()
    }

    /// Whether no block is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The organisation the address's block is assigned to. Three binary searches.
    pub fn lookup(&self, mac: Mac) -> Option<&str> {
        self.block(mac).map(|block| block.vendor)
    }

    /// The smallest listed block that holds the address.
    ///
    /// Group and locally administered addresses are looked up as they are: only a few old
    /// blocks have the U/L bit set, and those belong to somebody.
    pub fn block(&self, mac: Mac) -> Option<Block<'_>> {
        let mut start = HEADER;
        for (registry, count) in REGISTRIES.iter().zip(self.counts()) {
            let size = registry.key + OFFSET;
            let end = start + count * size;
            let wanted = mac.to_bits() >> (48 - registry.bits);
            let entries = self.packed.get(start..end)?;
            let found = match registry.key {
                3 => search::<{ 3 + OFFSET }>(entries, wanted),
                4 => search::<{ 4 + OFFSET }>(entries, wanted),
                _ => search::<{ 5 + OFFSET }>(entries, wanted),
            };
            if let Some(offset) = found {
                let pool = self.packed.get(self.pool()..)?;
                return Some(Block {
                    first: Mac::from_bits(wanted << (48 - registry.bits)),
                    bits: registry.bits,
                    vendor: name(pool, offset)?,
                });
            }
            start = end;
        }
        None
    }

    fn counts(&self) -> [usize; REGISTRIES.len()] {
        let mut counts = [0; REGISTRIES.len()];
        for (index, count) in counts.iter_mut().enumerate() {
            let at = MAGIC.len() + 4 * index;
            *count = big_endian(&self.packed[at..at + 4]);
        }
        counts
    }

    fn pool(&self) -> usize {
        let entries = REGISTRIES.iter().zip(self.counts());
        HEADER
            + entries
                .map(|(registry, count)| count * (registry.key + OFFSET))
                .sum::<usize>()
    }
}

/// The offset stored with a key among sorted entries of `SIZE` bytes.
fn search<const SIZE: usize>(entries: &[u8], wanted: u64) -> Option<usize> {
    let (entries, _) = entries.as_chunks::<SIZE>();
    let key = |entry: &[u8; SIZE]| big_endian(&entry[..SIZE - OFFSET]) as u64;
    let place = entries.binary_search_by_key(&wanted, key).ok()?;
    Some(big_endian(&entries[place][SIZE - OFFSET..]))
}

fn name(pool: &[u8], offset: usize) -> Option<&str> {
    let (&length, rest) = pool.get(offset..)?.split_first()?;
    std::str::from_utf8(rest.get(..usize::from(length))?).ok()
}

#[inline]
fn big_endian(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |value, &byte| (value << 8) | usize::from(byte))
}

/// Packs rows; where two name one block, the later wins.
fn pack(mut rows: Vec<csv::Row>) -> Result<Vec<u8>, CsvError> {
    // Stable, so that the last of several equal prefixes stays last.
    rows.sort_by_key(|row| (row.bits, row.prefix));
    let mut pool = Vec::new();
    let mut offsets: HashMap<&str, usize> = HashMap::new();
    let mut sections: [Vec<u8>; REGISTRIES.len()] = Default::default();
    let mut packed = MAGIC.to_vec();
    for (section, registry) in sections.iter_mut().zip(&REGISTRIES) {
        let mut count: u32 = 0;
        let entries: Vec<_> = rows
            .iter()
            .filter(|row| row.bits == registry.bits)
            .collect();
        for (index, row) in entries.iter().enumerate() {
            if entries
                .get(index + 1)
                .is_some_and(|next| next.prefix == row.prefix)
            {
                continue;
            }
            let offset = *offsets.entry(row.vendor.as_str()).or_insert_with(|| {
                let offset = pool.len();
                let length = u8::try_from(row.vendor.len()).unwrap_or(0);
                pool.push(length);
                pool.extend_from_slice(&row.vendor.as_bytes()[..usize::from(length)]);
                offset
            });
            if offset >= 1 << (8 * OFFSET) {
                return Err(CsvError::new(row.line, CsvErrorKind::TooManyNames));
            }
            section.extend_from_slice(&row.prefix.to_be_bytes()[8 - registry.key..]);
            section.extend_from_slice(&offset.to_be_bytes()[size_of::<usize>() - OFFSET..]);
            count += 1;
        }
        packed.extend_from_slice(&count.to_be_bytes());
    }
    for section in sections {
        packed.extend_from_slice(&section);
    }
    packed.extend_from_slice(&pool);
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "Registry,Assignment,Organization Name,Organization Address\r\n\
        MA-L,005056,\"VMware, Inc.\",\"3401 Hillview Avenue\nPALO ALTO CA\"\r\n\
        MA-L,8C1F64,IEEE Registration Authority,445 Hoes Lane\r\n\
        MA-M,C85CE27,Synergy \"\"Systems\"\",\r\n\
        MA-S,8C1F64AFA,\"Data \"\"Electronic\"\" Devices\",\r\n\
        MA-L,C85CE2,Whole Block GmbH,\r\n";

    fn lookup(vendors: &Vendors, text: &str) -> Option<String> {
        let mac = text.parse().expect("an address of this test");
        vendors.lookup(mac).map(str::to_owned)
    }

    #[test]
    fn the_longest_prefix_wins() {
        let vendors = Vendors::from_csv(LISTING.as_bytes()).expect("a good listing");
        assert_eq!(vendors.len(), 4);
        for (mac, vendor) in [
            ("00:50:56:8a:12:34", Some("VMware, Inc.")),
            ("8c:1f:64:af:a1:23", Some("Data \"Electronic\" Devices")),
            ("8c:1f:64:af:b1:23", None),
            ("c8:5c:e2:7f:ff:ff", Some("Synergy \"\"Systems\"\"")),
            ("c8:5c:e2:8f:ff:ff", Some("Whole Block GmbH")),
            ("c8:5c:e3:00:00:00", None),
        ] {
            assert_eq!(lookup(&vendors, mac).as_deref(), vendor, "{mac}");
        }
    }

    #[test]
    fn the_later_of_two_listings_wins() {
        let twice = format!(
            "{LISTING}Registry,Assignment,Organization Name,Organization Address\n\
             MA-L,00-50-56,Another,\n"
        );
        let vendors = Vendors::from_csv(twice.as_bytes()).expect("a good listing");
        assert_eq!(
            lookup(&vendors, "00:50:56:00:00:01").as_deref(),
            Some("Another")
        );
    }

    #[test]
    fn the_built_in_table_knows_common_vendors() {
        let vendors = Vendors::builtin();
        for (mac, vendor) in [
            ("00:50:56:8a:12:34", "VMware, Inc."),
            ("00:15:5d:00:00:00", "Microsoft Corporation"),
            ("bc:24:11:00:00:01", "Proxmox Server Solutions GmbH"),
            ("00:00:00:00:00:00", "XEROX CORPORATION"),
            ("8c:1f:64:af:a0:00", "DATA ELECTRONIC DEVICES, INC"),
        ] {
            assert_eq!(lookup(&vendors, mac).as_deref(), Some(vendor), "{mac}");
        }
        assert_eq!(lookup(&vendors, "52:54:00:00:00:00"), None);
        assert!(vendors.len() > 50_000);
    }

    #[test]
    fn every_built_in_entry_is_found_and_has_a_name() {
        let vendors = Vendors::builtin();
        let mut at = HEADER;
        for (registry, count) in REGISTRIES.iter().zip(vendors.counts()) {
            let mut previous = None;
            for _ in 0..count {
                let key = big_endian(&BUILTIN[at..at + registry.key]) as u64;
                assert!(previous < Some(key), "keys ascend");
                previous = Some(key);
                let mac = Mac::from_bits(key << (48 - registry.bits));
                let vendor = vendors.block(mac).map_or("", |block| block.vendor);
                assert!(!vendor.is_empty(), "{mac} has no name");
                at += registry.key + OFFSET;
            }
        }
        assert_eq!(at, vendors.pool());
    }
}
