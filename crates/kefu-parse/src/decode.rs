//! Bytes to text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

use crate::error::ParseError;

/// Text, with a remark when it was not plain UTF-8.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) note: Option<String>,
}

/// One bad character in this many is taken for a slip in an otherwise good file.
const TOLERATED_ONE_IN: usize = 100;

/// A byte order mark decides; then valid UTF-8; then the statistics of the bytes.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, ParseError> {
    if let Some((encoding, mark_len)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, &bytes[mark_len..]);
    }
    if bytes.contains(&0) {
        return Err(ParseError::BinaryFile);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: text.to_owned(), note: None }),
        Err(_) if is_damaged_utf8(bytes) => decode_as(UTF_8, bytes),
        Err(_) => decode_as(guess(bytes), bytes),
    }
}

/// A file in another encoding has next to no valid multi-byte UTF-8 sequences, so many of them
/// beside few bad ones mean UTF-8 with a slip.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut n_good, mut n_bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        n_good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        n_bad += usize::from(!chunk.invalid().is_empty());
    }
    n_good >= n_bad * 10
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    // The detector says GBK for its superset too.
    if encoding == GBK { GB18030 } else { encoding }
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<Decoded, ParseError> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    if text.contains('\0') {
        return Err(ParseError::BinaryFile);
    }
    let n_bad = if had_errors { text.chars().filter(|c| *c == '\u{fffd}').count() } else { 0 };
    if n_bad > text.chars().count() / TOLERATED_ONE_IN {
        return Err(ParseError::BadEncoding { encoding: encoding.name(), n_bad });
    }
    let note = match n_bad {
        0 if encoding == UTF_8 => None,
        0 => Some(format!("read as {}", encoding.name())),
        n => Some(format!("read as {}; {n} characters could not be decoded", encoding.name())),
    };
    Ok(Decoded { text: text.into_owned(), note })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    const CHINESE: &str = "七天无理由退货：商品签收之日起七日内，可以申请退货，运费由买家承担。";

    #[test]
    fn encodings_of_one_text_decode_to_it() {
        let utf16: Vec<u8> = CHINESE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases = [
            ("utf-8", CHINESE.as_bytes().to_vec()),
            ("utf-8 with mark", [b"\xef\xbb\xbf", CHINESE.as_bytes()].concat()),
            ("utf-16 with mark", [b"\xff\xfe".to_vec(), utf16].concat()),
            ("gb18030", GB18030.encode(CHINESE).0.into_owned()),
            (
                "big5",
                encoding_rs::BIG5.encode("退貨政策：商品簽收後七日內可以申請退貨").0.into_owned(),
            ),
        ];
        for (name, bytes) in cases {
            let expected = if name == "big5" {
                "退貨政策：商品簽收後七日內可以申請退貨"
            } else {
                CHINESE
            };
            assert_eq!(decode(&bytes).unwrap().text, expected, "{name}");
        }
    }

    #[test]
    fn one_bad_byte_does_not_change_the_encoding() {
        let mut bytes = CHINESE.repeat(5).into_bytes();
        bytes.push(0xff);
        let decoded = decode(&bytes).unwrap();
        assert!(decoded.text.starts_with(CHINESE));
        assert!(decoded.note.unwrap().contains("1 characters"));
    }

    #[test]
    fn binary_is_refused() {
        assert_eq!(decode(b"PK\x03\x04\0\0").unwrap_err(), ParseError::BinaryFile);
    }
}
