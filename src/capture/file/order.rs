/// How a capture writes its numbers: as the machine that made it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// The 16-bit number at `at`, which the caller knows to be inside.
    #[inline]
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let value = u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        match self {
            ByteOrder::Little => value,
            ByteOrder::Big => value.swap_bytes(),
        }
    }

    /// The 32-bit number at `at`, which the caller knows to be inside.
    #[inline]
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        // One load and a swap if need be; written with a branch around two loads it became eight.
        let value = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        match self {
            ByteOrder::Little => value,
            ByteOrder::Big => value.swap_bytes(),
        }
    }

    /// A 64-bit number that fills `bytes`.
    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            ByteOrder::Little => u64::from_le_bytes(bytes),
            ByteOrder::Big => u64::from_be_bytes(bytes),
        }
    }
}
