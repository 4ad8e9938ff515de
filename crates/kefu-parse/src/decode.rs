//! Bytes to text.

mod wide;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::ParseError;

/// Text, with a remark when it was not plain UTF-8.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) note: Option<String>,
}

/// One bad character in this many is taken for a slip in an otherwise good file.
const TOLERATED_ONE_IN: usize = 100;

/// Where a file may declare its encoding.
const DECLARATION_BYTES: usize = 2048;

/// A byte order mark decides; then valid UTF-8; then what a page declares about itself, if its
/// bytes agree; then the statistics of the bytes.
pub(crate) fn decode(bytes: &[u8], may_declare: bool) -> Result<Decoded, ParseError> {
    if let Some(text) = wide::utf32(bytes) {
        return Ok(Decoded { text, note: Some("read as UTF-32".to_owned()) });
    }
    if let Some((encoding, mark_len)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, &bytes[mark_len..]);
    }
    if bytes.contains(&0) {
        return match wide::utf16_without_mark(bytes) {
            Some(encoding) => decode_as(encoding, bytes),
            None => Err(ParseError::BinaryFile),
        };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded { text: text.to_owned(), note: None });
    }
    let declared = declared(bytes).filter(|_| may_declare);
    if let Some(encoding) = declared.filter(|encoding| fits(encoding, bytes)) {
        return decode_as(encoding, bytes);
    }
    let share = Share::of(bytes);
    if share.n_good >= share.n_bad * 10 {
        return decode_as(UTF_8, bytes);
    }
    let guessed = guess(bytes);
    // A file put together from parts: its UTF-8 characters would turn to nonsense.
    if share.n_good > 0 && guessed == WINDOWS_1252 {
        return Ok(mixed(bytes));
    }
    decode_as(guessed, bytes)
}

/// How many characters of a file are valid UTF-8 beyond ASCII, and how many runs are not.
struct Share {
    n_good: usize,
    n_bad: usize,
}

impl Share {
    fn of(bytes: &[u8]) -> Self {
        let (mut n_good, mut n_bad) = (0, 0);
        for chunk in bytes.utf8_chunks() {
            n_good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            n_bad += usize::from(!chunk.invalid().is_empty());
        }
        Self { n_good, n_bad }
    }
}

/// Valid UTF-8 as it is, every other byte by itself.
fn mixed(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Decoded { text, note: Some("read as UTF-8 mixed with windows-1252".to_owned()) }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    superset(detector.guess(None, Utf8Detection::Deny))
}

/// The detector and most pages say GBK for its superset too.
fn superset(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// What a page says about itself: `charset=` of a meta element, `encoding=` of an XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes);
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let at = start.find("charset=").map(|at| at + 8).or_else(|| {
        let at = start.starts_with("<?xml").then(|| start.find("encoding="))?;
        at.map(|at| at + 9)
    })?;
    let label: String = start[at..]
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c))
        .collect();
    // A declaration that is read byte by byte cannot be right about two-byte characters.
    let encoding = Encoding::for_label(label.as_bytes())?;
    (encoding != UTF_16LE && encoding != UTF_16BE && encoding != UTF_8).then(|| superset(encoding))
}

fn fits(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    !encoding.decode_without_bom_handling(bytes).1
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<Decoded, ParseError> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let text = match text {
        // Stray NUL characters of a text in two-byte units are padding.
        text if text.contains('\0') && encoding.is_ascii_compatible() => {
            drop(text);
            return Err(ParseError::BinaryFile);
        }
        text if text.contains('\0') => Cow::Owned(text.replace('\0', "")),
        text => text,
    };
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
    const TRADITIONAL: &str = "退貨政策：商品簽收後七日內可以申請退貨";
    const JAPANESE: &str = "商品の返品は到着後三十日以内にお願いします。送料は無料です。";

    fn text_of(bytes: &[u8]) -> String {
        decode(bytes, false).unwrap().text
    }

    fn utf32(text: &str, bytes_of: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().flat_map(|c| bytes_of(u32::from(c))).collect()
    }

    #[test]
    fn encodings_of_one_text_decode_to_it() {
        let utf16: Vec<u8> = CHINESE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> =
            format!("{CHINESE}\n").encode_utf16().flat_map(u16::to_be_bytes).collect();
        let english: Vec<u8> = "Returns\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases = [
            ("utf-8", CHINESE.as_bytes().to_vec(), CHINESE),
            ("utf-8 with mark", [b"\xef\xbb\xbf", CHINESE.as_bytes()].concat(), CHINESE),
            ("utf-16 with mark", [b"\xff\xfe".to_vec(), utf16].concat(), CHINESE),
            ("utf-16 big-endian without mark", be, CHINESE),
            ("utf-16 without mark", english, "Returns"),
            (
                "utf-32 with mark",
                [b"\xff\xfe\0\0".to_vec(), utf32(CHINESE, u32::to_le_bytes)].concat(),
                CHINESE,
            ),
            (
                "utf-32 big-endian with mark",
                [b"\0\0\xfe\xff".to_vec(), utf32(CHINESE, u32::to_be_bytes)].concat(),
                CHINESE,
            ),
            ("utf-32 without mark", utf32(CHINESE, u32::to_le_bytes), CHINESE),
            ("gb18030", GB18030.encode(CHINESE).0.into_owned(), CHINESE),
            ("big5", encoding_rs::BIG5.encode(TRADITIONAL).0.into_owned(), TRADITIONAL),
            ("shift-jis", encoding_rs::SHIFT_JIS.encode(JAPANESE).0.into_owned(), JAPANESE),
            (
                "windows-1252",
                b"Gr\xfc\xdfe aus M\xfcnchen, 5 \x80".to_vec(),
                "Grüße aus München, 5 €",
            ),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(text_of(&bytes).trim(), expected, "{name}");
        }
    }

    #[test]
    fn a_page_that_declares_its_encoding_is_believed_when_its_bytes_agree() {
        let short = GB18030.encode("<meta charset=\"gb2312\"><p>退货</p>").0.into_owned();
        assert!(decode(&short, true).unwrap().text.contains("退货"));
        let wrong =
            [b"<meta charset=\"big5\"><p>".as_slice(), &[0xff, 0xff, 0xfc], b"ber</p>"].concat();
        assert!(decode(&wrong, true).is_ok());
        let lie = format!("<meta charset=\"iso-8859-1\"><p>{CHINESE}</p>");
        assert!(decode(lie.as_bytes(), true).unwrap().text.contains(CHINESE));
    }

    #[test]
    fn parts_in_two_encodings_do_not_spoil_each_other() {
        let bytes =
            [b"caf\xe9 \xe0 la carte, ".as_slice(), "naïve".as_bytes(), b" na\xefve"].concat();
        let decoded = decode(&bytes, false).unwrap();
        assert_eq!(decoded.text, "café à la carte, naïve naïve");
        assert!(decoded.note.unwrap().contains("mixed"));
    }

    #[test]
    fn one_bad_byte_does_not_change_the_encoding() {
        let mut bytes = CHINESE.repeat(5).into_bytes();
        bytes.push(0xff);
        let decoded = decode(&bytes, false).unwrap();
        assert!(decoded.text.starts_with(CHINESE));
        assert!(decoded.note.unwrap().contains("1 characters"));
    }

    #[test]
    fn binary_is_refused() {
        for bytes in [&b"PK\x03\x04\0\0"[..], b"\0\0\0\0", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0"] {
            assert_eq!(decode(bytes, false).unwrap_err(), ParseError::BinaryFile);
        }
    }
}
