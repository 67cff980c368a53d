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

/// The seed, and how often each (actor, object, purpose) has drawn.
#[derive(Clone, Debug, Default)]
pub struct Chance {
    seed: u64,
    drawn: Table<u64, u32>,
}

impl Chance {
    /// Chance of a run.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: Table::default() }
    }
    /// The next draw of `who` (actor, object and purpose, as a tuple): 64 even bits.
    pub fn draw(&mut self, who: impl Hash) -> u64 {
        let stream = stable_hash(self.seed, &who);
        let count = self.drawn.or_default(stream);
        *count += 1;
        mix(stream ^ u64::from(*count).wrapping_mul(0x9e37_79b9_7f4a_7c15))
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
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, (high & 0x0fff) | 0x4000);
    let (d, e) = (((low >> 48) & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
    let (first, last) =
        (u128::from(a) << 32 | u128::from(b) << 16 | u128::from(c), u128::from(d) << 48 | u128::from(e));
    let digits = first << 64 | last;
    let mut uuid = [b'-'; 36];
    let mut shift = 128;
    for (place, letter) in uuid.iter_mut().enumerate() {
        if !matches!(place, 8 | 13 | 18 | 23) {
            shift -= 4;
            *letter = hex_digit((digits >> shift) as u64);
        }
    }
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
