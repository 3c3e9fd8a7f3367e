//! Binary data as text: base64 with the standard alphabet and padding, and nothing else.
//!
//! With the feature `simd` by the instructions of the processor that it runs on: a put and a read consist of base64 for a
//! good part. What is accepted is the same.

#[cfg(not(feature = "simd"))]
use base64::Engine as _;
#[cfg(not(feature = "simd"))]
use base64::engine::general_purpose::STANDARD;

/// How long the text of so many bytes is.
pub(crate) fn text_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Writes the text of `bytes`, which must fill `text`.
pub(crate) fn write(bytes: &[u8], text: &mut [u8]) {
    debug_assert_eq!(text.len(), text_len(bytes.len()));
    #[cfg(feature = "simd")]
    let written = base64_simd::STANDARD.encode(bytes, base64_simd::Out::from_slice(text)).len();
    #[cfg(not(feature = "simd"))]
    let written = STANDARD.encode_slice(bytes, text).unwrap_or_default();
    debug_assert_eq!(written, text_len(bytes.len()));
}

/// Reads a text into `bytes`, which must have room for three bytes of four characters; gives how many there are, or
/// nothing if the text is no base64.
pub(crate) fn read(text: &str, bytes: &mut [u8]) -> Option<usize> {
    let bytes = bytes.get_mut(..text.len() / 4 * 3)?;
    #[cfg(feature = "simd")]
    let read = base64_simd::STANDARD.decode(text.as_bytes(), base64_simd::Out::from_slice(bytes));
    #[cfg(feature = "simd")]
    let read = read.map(|bytes| bytes.len());
    #[cfg(not(feature = "simd"))]
    let read = STANDARD.decode_slice(text, bytes);
    read.ok()
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::{read, text_len, write};

    fn written(bytes: &[u8]) -> String {
        let mut text = vec![0; text_len(bytes.len())];
        write(bytes, &mut text);
        String::from_utf8(text).unwrap()
    }

    fn read_whole(text: &str) -> Option<Vec<u8>> {
        let mut bytes = vec![0; text.len() / 4 * 3];
        let len = read(text, &mut bytes)?;
        bytes.truncate(len);
        Some(bytes)
    }

    #[test]
    fn there_must_be_room() {
        assert_eq!(read("AAAA", &mut [0; 2]), None);
        assert_eq!(read("AAAA", &mut [7; 5]), Some(3));
        assert_eq!(read("", &mut []), Some(0));
    }

    #[test]
    fn only_one_text_stands_for_some_bytes() {
        for text in ["AA==", "AAA=", "AAAA", "+/+/"] {
            assert_eq!(written(&read_whole(text).unwrap()), text);
        }
        // Bits that are left over, no padding or too much, another alphabet, spaces.
        for text in
            ["AB==", "AAB=", "AA", "AA=", "A===", "AAAA====", "AA==AAAA", "-_-_", "AA A", "AA\nA", "ÄÄ"]
        {
            assert_eq!(read_whole(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_those_of_others(bytes: Vec<u8>) {
            let text = written(&bytes);
            prop_assert_eq!(&text, &STANDARD.encode(&bytes));
            prop_assert_eq!(read_whole(&text), Some(bytes));
        }

        #[test]
        fn what_is_refused_is_what_others_refuse(
            bytes in prop::collection::vec(any::<u8>(), 3..200),
            at: prop::sample::Index,
            other in "[\\x00-\\x7f]{2}|[\\u{80}-\\u{7ff}]",
        ) {
            // Two characters or one, but two bytes: the length stays as it is.
            let mut text = STANDARD.encode(&bytes);
            let at = at.index(text.len() - 1);
            text.replace_range(at..at + 2, &other);
            prop_assert_eq!(read_whole(&text), STANDARD.decode(&text).ok());
        }

        #[test]
        fn so_is_what_has_padding_anywhere(text in "[A-D=+/]{0,80}") {
            prop_assert_eq!(read_whole(&text), STANDARD.decode(&text).ok());
        }
    }
}
