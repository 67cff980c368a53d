//! A session or a lesson in an address: its text, compressed, behind the `#`. What stands there goes to no server.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableStreamDefaultReader, ReadableWritablePair};
use yew::AttrValue;

/// What the fragment of a link to a session begins with. The number is the version of this writing; an older one is always read.
pub(super) const MARK: &str = "#podium1=";

/// What the fragment of a link to a lesson begins with, which is its text. Of the number the same is true.
pub(in crate::app) const LESSON: &str = "#podiumLesson1=";

/// What every link to a lesson begins with, whatever its version is.
pub(super) const ANY_LESSON: &str = "#podiumLesson";

/// What the fragment of a link to a solved puzzle begins with. Of the number the same is true.
pub(super) const RESULT: &str = "#podiumResult1=";

/// What every link to a solved puzzle begins with, whatever its version is.
pub(super) const ANY_RESULT: &str = "#podiumResult";

/// The longest link that goes through chats and mail, in characters.
pub(in crate::app) const LONGEST: usize = 30_000;

/// How long a log may be that a link unfolds to, in bytes.
const LONGEST_LOG: usize = 16 * 1024 * 1024;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The link that opens this text here, with what follows the page's address and with a mark that says what it is; none where the
/// browser cannot compress.
pub(super) async fn link(mark: &str, text: &str, asks: &str) -> Option<String> {
    let parts = Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence(&parts).ok()?;
    let bytes = through(&blob, "CompressionStream").await?;
    let address = gloo::utils::window().location().href().ok()?;
    let address = address.split(['#', '?']).next().unwrap_or_default();
    Some(format!("{address}{asks}{mark}{}", to_letters(&bytes)))
}

/// What has come of making a link.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum Made {
    Soon,
    Link(AttrValue),
    /// It would have so many characters.
    TooLong(usize),
    /// The browser cannot compress.
    Impossible,
}

impl Made {
    /// Makes the link that opens this text here, with a mark that says what it is.
    pub(in crate::app) async fn of(mark: &str, text: &str) -> Made {
        match link(mark, text, "").await {
            Some(link) if link.len() > LONGEST => Made::TooLong(link.len()),
            Some(link) => Made::Link(link.into()),
            None => Made::Impossible,
        }
    }
}

/// The text that a fragment holds behind a mark; none where it holds none that can be read.
pub(super) async fn text(mark: &str, fragment: &str) -> Option<String> {
    let bytes = from_letters(fragment.strip_prefix(mark)?)?;
    let parts = Array::of1(&Uint8Array::from(&bytes[..]));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    String::from_utf8(through(&blob, "DecompressionStream").await?).ok()
}

/// What comes of bytes when they have gone through one of the browser's streams, of at most `LONGEST_LOG` bytes.
async fn through(blob: &Blob, name: &str) -> Option<Vec<u8>> {
    // web-sys has these two only behind a flag of the compiler.
    let class: Function = Reflect::get(&gloo::utils::window(), &name.into()).ok()?.dyn_into().ok()?;
    let stream = Reflect::construct(&class, &Array::of1(&"deflate-raw".into())).ok()?;
    let stream: ReadableWritablePair = stream.unchecked_into();
    let out: ReadableStream = blob.stream().pipe_through(&stream);
    let reader: ReadableStreamDefaultReader = out.get_reader().dyn_into().ok()?;
    let mut bytes = Vec::new();
    loop {
        let read: Promise = reader.read();
        let part = JsFuture::from(read).await.ok()?;
        if Reflect::get(&part, &"done".into()).ok()?.is_truthy() {
            return Some(bytes);
        }
        let part: Uint8Array = Reflect::get(&part, &"value".into()).ok()?.dyn_into().ok()?;
        if bytes.len() + part.length() as usize > LONGEST_LOG {
            return None;
        }
        bytes.extend(part.to_vec());
    }
}

/// Bytes in letters that an address takes (base64url without padding).
fn to_letters(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let bits =
            part.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for place in 0..=part.len() {
            out.push(char::from(LETTERS[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    out
}

fn from_letters(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}
