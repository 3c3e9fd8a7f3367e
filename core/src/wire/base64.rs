//! Base64 of the standard alphabet, decoded strictly: padded, canonical, nothing else.
//!
//! Half of the work of reading a batch of records is here, and no crate has a fast decoder that is both safe and free
//! of the standard library. A table for each of the four places of a quad makes it a load and an `or` a character.

/// No character: the bit is above the 24 of a quad.
const BAD: u32 = 1 << 31;

static TABLES: [[u32; 256]; 4] = [table(18), table(12), table(6), table(0)];

const fn table(shift: u32) -> [u32; 256] {
    let mut table = [BAD; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while value < 64 {
        table[alphabet[value] as usize] = (value as u32) << shift;
        value += 1;
    }
    table
}

const fn quad(chars: [u8; 4]) -> u32 {
    TABLES[0][chars[0] as usize]
        | TABLES[1][chars[1] as usize]
        | TABLES[2][chars[2] as usize]
        | TABLES[3][chars[3] as usize]
}

/// Decodes `text` to the start of `out`, and gives the length; none if `text` is not base64, or `out` is too short.
pub(super) fn decode(text: &[u8], out: &mut [u8]) -> Option<usize> {
    let Some((body, last)) = text.split_last_chunk::<4>() else {
        return text.is_empty().then_some(0);
    };
    if !body.len().is_multiple_of(4) {
        return None;
    }
    let (out, tail) = out.split_at_mut_checked(body.len() / 4 * 3)?;
    let mut seen = 0;
    // Sixteen characters are three words.
    let (blocks, rest) = body.as_chunks::<16>();
    let (places, rest_places) = out.as_chunks_mut::<12>();
    for (block, place) in blocks.iter().zip(places) {
        let (quads, _) = block.as_chunks::<4>();
        let [a, b, c, d] = [quad(quads[0]), quad(quads[1]), quad(quads[2]), quad(quads[3])];
        seen |= a | b | c | d;
        let words = [a << 8 | b >> 16, b << 16 | c >> 8, c << 24 | d];
        for (bytes, word) in place.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *bytes = word.to_be_bytes();
        }
    }
    for (chars, place) in rest.as_chunks::<4>().0.iter().zip(rest_places.as_chunks_mut::<3>().0) {
        let value = quad(*chars);
        seen |= value;
        let [_, bytes @ ..] = value.to_be_bytes();
        *place = bytes;
    }
    if seen & BAD != 0 {
        return None;
    }
    Some(out.len() + decode_last(*last, tail)?)
}

/// The last quad, which may end in pads. The bits that a pad leaves over must be 0.
fn decode_last(chars: [u8; 4], out: &mut [u8]) -> Option<usize> {
    let (value, length) = match chars {
        [a, b, b'=', b'='] => (quad([a, b, b'A', b'A']), 1),
        [a, b, c, b'='] => (quad([a, b, c, b'A']), 2),
        _ => (quad(chars), 3),
    };
    let left_over = value & (0xFF_FFFF >> (8 * length));
    if value & BAD != 0 || left_over != 0 {
        return None;
    }
    out.get_mut(..length)?.copy_from_slice(&value.to_be_bytes()[1..=length]);
    Some(length)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &[u8]) -> Option<Vec<u8>> {
        let mut out = vec![0; text.len()];
        let length = decode(text, &mut out)?;
        out.truncate(length);
        Some(out)
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        for text in [
            "=", "A", "AA", "AAA", "A===", "====", "AB==", "AAB=", "AA=A", "AAAA=", "AA==AAAA", "AA A",
            "AA-_",
        ] {
            assert_eq!(decoded(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decoded(b"AA==").as_deref(), Some(&[0][..]));
        assert_eq!(decode(b"AAAA", &mut [0; 2]), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_crate_on_its_own_text(bytes: Vec<u8>) {
            prop_assert_eq!(decoded(STANDARD.encode(&bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn agrees_with_the_crate_on_other_text(text in "[A-Za-z0-9+/=]{0,12}|[A-D/=]{0,80}|\\PC{0,40}") {
            prop_assert_eq!(decoded(text.as_bytes()), STANDARD.decode(&text).ok());
        }
    }
}
