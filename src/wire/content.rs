use crate::model::Mac;

use super::ether_type;

/// How many bytes behind the EtherType go into a content hash.
///
/// Enough for IPv4 or IPv6 with TCP and options. What lies beyond is vouched for by the transport
/// checksum, the IPv4 identification and the sequence number, all of which lie before.
const DEPTH: usize = 128;

/// A keyed 64-bit hash: of frames, to know copies again, and of identities too long to carry.
///
/// Two lanes of a folded 64×64→128 multiplication take 16 bytes each per step, as wyhash and
/// foldhash do; the lanes run side by side, so 128 bytes cost four multiplications in a row. The
/// keys come from a seed that the wire never shows, so nobody can aim two frames at one value.
#[derive(Clone, Debug)]
pub(super) struct Hasher {
    keys: [u64; 4],
}

impl Hasher {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = seed;
        Hasher {
            keys: std::array::from_fn(|_| split_mix(&mut state)),
        }
    }

    /// Hashes a frame without its VLAN tags, its padding and what a capture may have cut.
    ///
    /// Copies of one frame may differ in all three: a trunk adds tags, a NIC pads to 60 bytes
    /// where a virtual cable does not. So what counts of ARP is its 28 bytes, of IP the length in
    /// its header, of 802.3 the length field, and of the rest what stands before trailing zeros.
    #[inline]
    pub(super) fn frame(&self, destination: Mac, source: Mac, kind: u16, payload: &[u8]) -> u64 {
        let payload = meaningful(kind, payload);
        let destination = destination.to_bits() | (u64::from(kind) << 48);
        let source = source.to_bits() | ((payload.len() as u64) << 48);
        self.hash(destination, source, payload)
    }

    /// Hashes an identity such as a DHCP client identifier. Never zero: zero means "none".
    pub(super) fn identity(&self, bytes: &[u8]) -> u64 {
        self.hash(0, bytes.len() as u64, bytes).max(1)
    }

    /// The two head words go in last: mixed in first, a change in them could be undone by the
    /// same change in the data.
    #[inline]
    fn hash(&self, head: u64, length: u64, bytes: &[u8]) -> u64 {
        let [a, b, c, d] = self.keys;
        let mut lanes = [a, b];
        let mut step = |low: &[u8; 16], high: &[u8; 16]| {
            lanes[0] = fold(word(low, 0) ^ lanes[0], word(low, 8) ^ c);
            lanes[1] = fold(word(high, 0) ^ lanes[1], word(high, 8) ^ d);
        };
        let (blocks, rest) = bytes.as_chunks::<32>();
        for block in blocks {
            let (halves, _) = block.as_chunks::<16>();
            if let [low, high] = halves {
                step(low, high);
            }
        }
        // The last step may read bytes a second time; the length, which is hashed too, tells
        // which ones.
        if !rest.is_empty() {
            if let (Some(low), Some(high)) = (bytes.first_chunk(), bytes.last_chunk()) {
                let low = rest.first_chunk().unwrap_or(low);
                step(low, high);
            } else {
                let mut short = [0; 16];
                short[..rest.len()].copy_from_slice(rest);
                step(&short, &[0; 16]);
            }
        }
        fold(lanes[0] ^ head, lanes[1] ^ length)
    }
}

/// The part of a payload that every copy of its frame carries, up to [`DEPTH`].
#[inline]
fn meaningful(kind: u16, payload: &[u8]) -> &[u8] {
    let length = match kind {
        ether_type::IPV4 => payload
            .get(2..4)
            .map_or(0, |at| usize::from(u16::from_be_bytes([at[0], at[1]]))),
        ether_type::IPV6 => payload
            .get(4..6)
            .map_or(0, |at| 40 + usize::from(u16::from_be_bytes([at[0], at[1]]))),
        ether_type::ARP | ether_type::RARP => 28,
        length if length < ether_type::FIRST => usize::from(length),
        _ => payload
            .iter()
            .take(DEPTH)
            .rposition(|&byte| byte != 0)
            .map_or(0, |last| last + 1),
    };
    // Zero in an IP header: the NIC will cut the packet up and the capture came before it.
    let length = if length == 0 { DEPTH } else { length };
    &payload[..length.min(DEPTH).min(payload.len())]
}

#[inline]
fn word(bytes: &[u8; 16], at: usize) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    u64::from_le_bytes(words[at / 8])
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
    {
        (product as u64) ^ ((product >> 64) as u64)
    }
}

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const A: Mac = Mac::new([2, 0, 0, 0, 0, 1]);
    const B: Mac = Mac::new([2, 0, 0, 0, 0, 2]);

    #[test]
    fn every_bit_of_every_length_counts() {
        let hasher = Hasher::new(1);
        let mut seen = HashSet::new();
        for length in 0..=DEPTH {
            let mut bytes = vec![0x55; length];
            assert!(seen.insert(hasher.identity(&bytes)), "length {length}");
            for bit in 0..length * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(seen.insert(hasher.identity(&bytes)), "{length}, bit {bit}");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn padding_is_no_content_but_direction_is() {
        let hasher = Hasher::new(1);
        let bare = [1u8; 28];
        let mut padded = [0u8; 46];
        padded[..28].copy_from_slice(&bare);
        let hash = |bytes: &[u8], kind| hasher.frame(A, B, kind, bytes);
        assert_eq!(hash(&bare, 0x0806), hash(&padded, 0x0806));
        assert_eq!(hash(&bare, 0x88cc), hash(&padded, 0x88cc));
        assert_ne!(hash(&bare, 0x88cc), hasher.frame(B, A, 0x88cc, &bare));
        assert_ne!(hash(&bare, 0x88cc), hash(&bare, 0x88cd));
    }

    #[test]
    fn another_seed_gives_other_values() {
        assert_ne!(
            Hasher::new(1).identity(b"host"),
            Hasher::new(2).identity(b"host")
        );
    }

    #[test]
    fn a_change_in_the_addresses_cannot_be_undone_in_the_payload() {
        let hasher = Hasher::new(7);
        let mut payload = [0x11u8; 64];
        let before = hasher.frame(A, B, 0x88b5, &payload);
        let other = Mac::from_bits(A.to_bits() ^ 0xff);
        for at in 0..64 {
            payload[at] ^= 0xff;
            assert_ne!(before, hasher.frame(other, B, 0x88b5, &payload));
            payload[at] ^= 0xff;
        }
    }
}
