//! What is kept in bytes and read back exactly: the same value, shared where it was shared.
//!
//! Only a program reads what it has written itself: there are no names of fields and no versions in it. `typed!` and
//! `words_enum!` bring this along; for other types `stored!` lists the fields or the variants, and the compiler says where one
//! is missing.

use super::{Map, Str, Value};
use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value that can be kept in bytes.
pub trait Stored: Sized {
    /// Appends it.
    fn write(&self, to: &mut Writer);
    /// Reads what `write` has appended; none where the bytes say something else.
    fn read(from: &mut Reader) -> Option<Self>;
}

/// What times and places are written relative to: they grow, and what comes next is near to what came last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Near {
    /// A time.
    pub time: u64,
    /// A place in a list.
    pub place: u32,
}

/// Bytes to be.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    texts: BTreeMap<String, usize>,
    /// Where what is shared lies in memory, and its number.
    shared: BTreeMap<usize, usize>,
    /// What is near.
    pub near: Near,
}

impl Writer {
    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
    /// A number: seven bits in a byte.
    pub fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
    /// A number that may be negative, and is small.
    pub fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }
    /// A text: its number where it was there before.
    fn text(&mut self, text: &str) {
        let next = self.texts.len();
        match self.texts.get(text).copied() {
            Some(known) => self.number(known as u64 + 1),
            None => {
                self.number(0);
                self.number(text.len() as u64);
                self.bytes.extend_from_slice(text.as_bytes());
                self.texts.insert(text.to_owned(), next);
            }
        }
    }
}

/// Bytes to be read. They stand in the program, so that its own words can be among them.
#[derive(Debug)]
pub struct Reader {
    bytes: &'static [u8],
    texts: Vec<(&'static str, Str)>,
    shared: Vec<Rc<dyn Any>>,
    /// What is near.
    pub near: Near,
}

impl Reader {
    /// Reads from the beginning.
    pub fn new(bytes: &'static [u8]) -> Self {
        Self { bytes, texts: Vec::new(), shared: Vec::new(), near: Near::default() }
    }
    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }
    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }
    /// A number that may be negative.
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
    fn text(&mut self) -> Option<&(&'static str, Str)> {
        let place = match self.number()? {
            0 => {
                let length = self.number()? as usize;
                let (text, rest) = self.bytes.split_at_checked(length)?;
                self.bytes = rest;
                let text = std::str::from_utf8(text).ok()?;
                self.texts.push((text, Str::from(text)));
                self.texts.len() - 1
            }
            known => known as usize - 1,
        };
        self.texts.get(place)
    }
}

macro_rules! numbers {
    ($( $type:ty: $number:ident $wide:ty ),+) => { $(
        impl Stored for $type {
            fn write(&self, to: &mut Writer) {
                to.$number(*self as $wide);
            }
            fn read(from: &mut Reader) -> Option<Self> {
                from.$number()?.try_into().ok()
            }
        }
    )+ };
}

numbers!(u8: number u64, u16: number u64, u32: number u64, u64: number u64, usize: number u64);
numbers!(i16: signed i64, i32: signed i64, i64: signed i64);

impl Stored for bool {
    fn write(&self, to: &mut Writer) {
        to.number(u64::from(*self));
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Some(from.number()? == 1)
    }
}

impl Stored for f64 {
    fn write(&self, to: &mut Writer) {
        to.number(self.to_bits());
    }
    fn read(from: &mut Reader) -> Option<Self> {
        from.number().map(Self::from_bits)
    }
}

impl Stored for Str {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        from.text().map(|(_, text)| text.clone())
    }
}

impl Stored for &'static str {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        from.text().map(|(text, _)| *text)
    }
}

impl Stored for String {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        <&str>::read(from).map(Self::from)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        self.iter().for_each(|inner| inner.write(to));
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Some(if bool::read(from)? { Some(T::read(from)?) } else { None })
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, to: &mut Writer) {
        self.len().write(to);
        self.iter().for_each(|item| item.write(to));
    }
    fn read(from: &mut Reader) -> Option<Self> {
        (0..usize::read(from)?).map(|_| T::read(from)).collect()
    }
}

impl<T: Stored + Copy + Default, const N: usize> Stored for [T; N] {
    fn write(&self, to: &mut Writer) {
        self.iter().for_each(|item| item.write(to));
    }
    fn read(from: &mut Reader) -> Option<Self> {
        let mut items = [T::default(); N];
        for item in &mut items {
            *item = T::read(from)?;
        }
        Some(items)
    }
}

impl<K: Stored + Ord, V: Stored> Stored for BTreeMap<K, V> {
    fn write(&self, to: &mut Writer) {
        self.len().write(to);
        for (key, value) in self {
            key.write(to);
            value.write(to);
        }
    }
    fn read(from: &mut Reader) -> Option<Self> {
        (0..usize::read(from)?).map(|_| <(K, V)>::read(from)).collect()
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<A: Stored, B: Stored, C: Stored> Stored for (A, B, C) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
        self.2.write(to);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?, C::read(from)?))
    }
}

/// Written where it first comes, and from then on by its number.
impl<T: Stored + 'static> Stored for Rc<T> {
    fn write(&self, to: &mut Writer) {
        let place = Rc::as_ptr(self).addr();
        match to.shared.get(&place).copied() {
            Some(known) => to.number(known as u64 + 1),
            None => {
                to.number(0);
                T::write(self, to);
                let next = to.shared.len();
                to.shared.insert(place, next);
            }
        }
    }
    fn read(from: &mut Reader) -> Option<Self> {
        match from.number()? {
            0 => {
                let value = Rc::new(T::read(from)?);
                from.shared.push(value.clone());
                Some(value)
            }
            known => from.shared.get(known as usize - 1)?.clone().downcast().ok(),
        }
    }
}

impl Stored for Map {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Vec::read(from).map(Self)
    }
}

crate::stored! {
    enum Value { Null, Bool(is), Int(number), Float(number), String(text), Array(items), Object(map) }
}

/// Makes types `Stored`: a struct by its fields, an enum by its variants and theirs.
#[macro_export]
macro_rules! stored {
    ($( struct $name:ident $( ( $($part:ident),+ ) )? $( { $($field:ident),+ $(,)? } )?; )+) => { $(
        impl $crate::value::stored::Stored for $name {
            fn write(&self, to: &mut $crate::value::stored::Writer) {
                let Self $( ( $($part),+ ) )? $( { $($field),+ } )? = self;
                $( $( $crate::value::stored::Stored::write($part, to); )+ )?
                $( $( $crate::value::stored::Stored::write($field, to); )+ )?
            }
            fn read(from: &mut $crate::value::stored::Reader) -> Option<Self> {
                $( $( let $part = $crate::value::stored::Stored::read(from)?; )+ )?
                $( $( let $field = $crate::value::stored::Stored::read(from)?; )+ )?
                Some(Self $( ( $($part),+ ) )? $( { $($field),+ } )?)
            }
        }
    )+ };
    ($( enum $name:ident { $( $variant:ident $( ( $($part:ident),+ ) )? $( { $($field:ident),+ $(,)? } )? ),+ $(,)? } )+) => { $(
        impl $crate::value::stored::Stored for $name {
            fn write(&self, to: &mut $crate::value::stored::Writer) {
                enum Tag { $( $variant ),+ }
                match self { $(
                    Self::$variant $( ( $($part),+ ) )? $( { $($field),+ } )? => {
                        to.number(Tag::$variant as u64);
                        $( $( $crate::value::stored::Stored::write($part, to); )+ )?
                        $( $( $crate::value::stored::Stored::write($field, to); )+ )?
                    }
                )+ }
            }
            fn read(from: &mut $crate::value::stored::Reader) -> Option<Self> {
                enum Tag { $( $variant ),+ }
                let tag = from.number()?;
                $( if tag == Tag::$variant as u64 {
                    $( $( let $part = $crate::value::stored::Stored::read(from)?; )+ )?
                    $( $( let $field = $crate::value::stored::Stored::read(from)?; )+ )?
                    return Some(Self::$variant $( ( $($part),+ ) )? $( { $($field),+ } )?);
                } )+
                None
            }
        }
    )+ };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    /// The bytes, for as long as the test runs.
    fn kept(value: &impl Stored) -> &'static [u8] {
        let mut to = Writer::default();
        value.write(&mut to);
        to.into_bytes().leak()
    }

    #[test]
    fn what_is_written_is_read_back_and_shared_as_it_was() {
        let text = r#"{"b":[1,-1,0.5,null,true],"a":"","c":{"a":"b","b":9007199254740993}}"#;
        let value = Rc::new(json::parse(text).expect("valid"));
        let both = (value.clone(), (value.clone(), Some(i64::MIN), [u64::MAX, 0]));
        let mut from = Reader::new(kept(&both));
        let read: (Rc<Value>, (Rc<Value>, Option<i64>, [u64; 2])) =
            Stored::read(&mut from).expect("it was written");
        assert!(from.is_at_end());
        assert_eq!(read, both);
        assert_eq!(json::compact(&read.0), json::compact(&value), "keys stay in their order");
        assert!(Rc::ptr_eq(&read.0, &read.1.0));
    }

    #[test]
    fn bytes_that_say_something_else_are_refused() {
        let bytes = kept(&Rc::new(Value::from("some text")));
        for end in 0..bytes.len() {
            assert!(Rc::<Value>::read(&mut Reader::new(&bytes[..end])).is_none());
        }
        assert!(Rc::<Value>::read(&mut Reader::new(&[0xff; 32])).is_none());
        assert!(Rc::<Value>::read(&mut Reader::new(&[7])).is_none());
        assert!(Str::read(&mut Reader::new(&[0, 1, 0xff])).is_none());
        // What is shared is of the type that was written.
        let two = kept(&(Rc::new(1u8), Rc::new(2u8)));
        assert!(<(Rc<u8>, Rc<u16>)>::read(&mut Reader::new(two)).is_some());
        assert!(<(Rc<u8>, Rc<u16>)>::read(&mut Reader::new(&[0, 1, 1])).is_none());
    }
}
