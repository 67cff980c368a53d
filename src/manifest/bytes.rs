//! Bytes of a file to text, as kubectl decodes them (golang.org/x/text `unicode.BOMOverride`).

/// The text of a file: UTF-16 where it begins with its byte order mark, else UTF-8. The mark goes, and what is no
/// character becomes U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let pairs = bytes.chunks(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0xfffd,
    });
    char::decode_utf16(pairs).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn marks_say_how_a_file_is_written() {
        let cases: [(&[u8], &str); 5] = [
            (b"a: \xeb\xb0\x94", "a: \u{bc14}"),
            (b"\xef\xbb\xbfa: 1", "a: 1"),
            (b"\xff\xfea\0:\0\x14\xbc", "a:\u{bc14}"),
            (b"\xfe\xff\0a\0:\xbc\x14", "a:\u{bc14}"),
            (b"a\xff: 1", "a\u{fffd}: 1"),
        ];
        for (bytes, text) in cases {
            assert_eq!(decode(bytes), text);
        }
        assert_eq!(decode(b"\xff\xfea\0b"), "a\u{fffd}", "half a character is none");
    }
}
