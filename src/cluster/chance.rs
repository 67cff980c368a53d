//! Chance without a state: a draw is a hash of seed, actor, object, purpose and count.
//!
//! One draw more changes nothing elsewhere, so two runs with one difference stay comparable.

use super::table::Table;
use crate::value::Str;
use std::hash::{Hash, Hasher};

/// A hash that is the same on every platform: sizes are hashed as 64 bits.
#[derive(Clone, Debug)]
pub struct StableHasher(u64);

impl StableHasher {
    /// A hasher that begins with `seed`.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x9e37_79b9_7f4a_7c15))
    }
    fn add(&mut self, word: u64) {
        self.0 = mix(self.0.rotate_left(23) ^ word.wrapping_mul(0xff51_afd7_ed55_8ccd));
    }
}

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        mix(self.0)
    }
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.add(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            self.add(last_word(bytes, rest.len()));
        }
        self.add(bytes.len() as u64);
    }
    fn write_u8(&mut self, n: u8) {
        self.add(n.into());
    }
    fn write_u16(&mut self, n: u16) {
        self.add(n.into());
    }
    fn write_u32(&mut self, n: u32) {
        self.add(n.into());
    }
    fn write_u64(&mut self, n: u64) {
        self.add(n);
    }
    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }
    fn write_isize(&mut self, n: isize) {
        self.add(n as i64 as u64);
    }
    fn write_i32(&mut self, n: i32) {
        self.add(n as u32 as u64);
    }
    fn write_i64(&mut self, n: i64) {
        self.add(n as u64);
    }
}

/// The last `rest` bytes, at most seven, as a number. They are read without a copy: to call one for so few, a hundred
/// times a Pod, takes longer than all the rest of a hash, above all in WebAssembly.
pub(super) fn last_word(bytes: &[u8], rest: usize) -> u64 {
    match bytes.last_chunk::<8>() {
        Some(last) if rest > 0 => u64::from_le_bytes(*last) >> (8 * (8 - rest)),
        Some(_) => 0,
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The finalizer of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The hash of anything, the same everywhere.
pub fn stable_hash(seed: u64, value: &impl Hash) -> u64 {
    let mut hasher = StableHasher::new(seed);
    value.hash(&mut hasher);
    hasher.finish()
}

/// How often each stream has drawn. Nearly every one does so once or twice, and there are sixty a Pod: each has eight
/// bytes, at a place that its hash says, so that a draw comes to memory once.
#[derive(Clone, Debug, Default)]
struct Drawn {
    /// The upper bits of a stream, and how often it has drawn below them; 0 where there is none. As many as a power of two.
    slots: Vec<u64>,
    taken: usize,
    /// What does not fit into a slot.
    more: Table<u64, u32>,
}

/// So many bits of a slot are a count: two streams with the same other bits, which one in 2^52 has, count as one.
const COUNT_BITS: u32 = 12;
const MOST_COUNTED: u64 = (1 << COUNT_BITS) - 1;
const FEWEST_SLOTS: usize = 64;

impl Drawn {
    /// Where a stream stands, or has room.
    fn find(&self, id: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = id as usize & mask;
        while self.slots[at] != 0 && self.slots[at] >> COUNT_BITS != id {
            at = (at + 1) & mask;
        }
        at
    }
    /// Another draw of a stream. Gives how many it are with it.
    fn count(&mut self, stream: u64) -> u64 {
        if 4 * (self.taken + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let id = stream >> COUNT_BITS;
        let at = self.find(id);
        let counted = self.slots[at] & MOST_COUNTED;
        if counted == MOST_COUNTED {
            let more = self.more.or_default(stream);
            *more += 1;
            return MOST_COUNTED + u64::from(*more);
        }
        self.taken += usize::from(counted == 0);
        self.slots[at] = id << COUNT_BITS | (counted + 1);
        counted + 1
    }
    fn grow(&mut self) {
        let room = (2 * self.slots.len()).max(FEWEST_SLOTS);
        for slot in std::mem::replace(&mut self.slots, vec![0; room]) {
            if slot != 0 {
                let at = self.find(slot >> COUNT_BITS);
                self.slots[at] = slot;
            }
        }
    }
}

/// The seed, and how often each (actor, object, purpose) has drawn.
#[derive(Clone, Debug, Default)]
pub struct Chance {
    seed: u64,
    drawn: Drawn,
}

impl Chance {
    /// Chance of a run.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: Drawn::default() }
    }
    /// The next draw of `who` (actor, object and purpose, as a tuple): 64 even bits.
    pub fn draw(&mut self, who: impl Hash) -> u64 {
        let stream = stable_hash(self.seed, &who);
        mix(stream ^ self.drawn.count(stream).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
    /// The draw that belongs to `what` alone, however often it is asked for.
    pub fn fixed(&self, what: impl Hash) -> u64 {
        stable_hash(self.seed, &what)
    }
    /// A draw below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64, who: impl Hash) -> u64 {
        scale(self.draw(who), bound)
    }
}

/// Maps 64 even bits to 0..bound.
pub fn scale(bits: u64, bound: u64) -> u64 {
    ((u128::from(bits) * u128::from(bound)) >> 64) as u64
}

/// The letters of generated names, without vowels and easily confused digits
/// (upstream: k8s.io/apimachinery/pkg/util/rand).
const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A generated name's end of `length` letters.
pub fn suffix(mut bits: u64, length: usize) -> String {
    (0..length)
        .map(|_| {
            let letter = ALPHANUMS[(bits % ALPHANUMS.len() as u64) as usize];
            bits = mix(bits);
            char::from(letter)
        })
        .collect()
}

/// A hash in letters that are safe in a name (upstream: rand.SafeEncodeString).
pub fn safe_encode(text: &str) -> String {
    text.bytes().map(|b| char::from(ALPHANUMS[usize::from(b) % ALPHANUMS.len()])).collect()
}

/// A uid of version 4 made of two draws.
pub fn uuid(high: u64, low: u64) -> Str {
    let first = hex_digits(high & !0xf000 | 0x4000);
    let last = hex_digits(low & !(0xc000 << 48) | 0x8000 << 48);
    let mut uuid = [b'-'; 36];
    uuid[..8].copy_from_slice(&first[..8]);
    uuid[9..13].copy_from_slice(&first[8..12]);
    uuid[14..18].copy_from_slice(&first[12..]);
    uuid[19..23].copy_from_slice(&last[..4]);
    uuid[24..].copy_from_slice(&last[4..]);
    Str::own(std::str::from_utf8(&uuid).unwrap_or_default())
}

/// A number's sixteen digits to the base of sixteen.
pub(super) fn hex_digits(number: u64) -> [u8; 16] {
    std::array::from_fn(|place| hex_digit(number >> (60 - 4 * place)))
}

/// The letter of a number's last four bits.
fn hex_digit(number: u64) -> u8 {
    b"0123456789abcdef"[(number & 0xf) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_more_changes_nothing_elsewhere() {
        let (mut a, mut b) = (Chance::new(7), Chance::new(7));
        a.draw(("kubelet", "web", 1));
        assert_eq!(a.draw(("scheduler", "web", 2)), b.draw(("scheduler", "web", 2)));
        assert_ne!(a.draw(("scheduler", "web", 2)), Chance::new(7).draw(("scheduler", "web", 2)));
    }

    #[test]
    fn every_draw_of_a_stream_is_counted() {
        let (mut drawn, mut counts) = (Drawn::default(), std::collections::BTreeMap::new());
        for n in 0..60_000u64 {
            // A few that draw very often, many that do so a few times.
            let stream = mix(if n % 3 == 0 { n % 4 } else { n % 9_001 + 10 });
            let count = counts.entry(stream).or_insert(0);
            *count += 1;
            assert_eq!(drawn.count(stream), *count);
        }
        assert!(counts.values().max() > Some(&MOST_COUNTED) && drawn.taken == counts.len());
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        assert_eq!(&*uuid(0x0123_4567_89ab_cdef, !0), "01234567-89ab-4def-bfff-ffffffffffff");
    }

    #[test]
    fn text_is_hashed_in_words_of_eight_bytes_with_its_length() {
        for length in 0..40u8 {
            let bytes: Vec<u8> = (1..=length).collect();
            let (mut whole, mut words) = (StableHasher::new(1), StableHasher::new(1));
            whole.write(&bytes);
            for chunk in bytes.chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                words.write_u64(u64::from_le_bytes(word));
            }
            words.write_u64(length.into());
            assert_eq!(whole.finish(), words.finish(), "{length}");
        }
    }

    #[test]
    fn sizes_hash_alike_on_every_platform() {
        let mut hasher = StableHasher::new(1);
        hasher.write_usize(5);
        let mut other = StableHasher::new(1);
        other.write_u64(5);
        assert_eq!(hasher.finish(), other.finish());
    }
}
