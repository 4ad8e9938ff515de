//! Bytes of a head: fixed-width little-endian numbers and length-prefixed lists, with a version in
//! front and a digest behind.

use kefu_core::content::digest;

use super::error::IntentError;

const MAGIC: &[u8; 8] = b"KEFUHEAD";
/// Raised with any change of the form or of what the numbers mean.
pub(crate) const VERSION: u32 = 1;
const DIGEST_BYTES: usize = 32;
const HEADER_BYTES: usize = MAGIC.len() + 4;

/// Writes a head.
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        Self { bytes }
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        let digest = digest(&[&self.bytes]);
        self.bytes.extend(digest);
        self.bytes
    }

    pub(crate) fn number(&mut self, value: usize) {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        self.bytes.extend(value.to_le_bytes());
    }

    pub(crate) fn real(&mut self, value: f32) {
        self.bytes.extend(value.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes.extend(text.as_bytes());
    }

    pub(crate) fn texts(&mut self, texts: &[String]) {
        self.number(texts.len());
        texts.iter().for_each(|text| self.text(text));
    }

    /// An empty text stands for none.
    pub(crate) fn optional(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default());
    }

    pub(crate) fn reals(&mut self, values: &[f32]) {
        self.number(values.len());
        values.iter().for_each(|value| self.real(*value));
    }

    pub(crate) fn ids(&mut self, values: &[u32]) {
        self.number(values.len());
        values.iter().for_each(|value| self.bytes.extend(value.to_le_bytes()));
    }

    pub(crate) fn long_ids(&mut self, values: &[u64]) {
        self.number(values.len());
        values.iter().for_each(|value| self.bytes.extend(value.to_le_bytes()));
    }

    pub(crate) fn small(&mut self, values: &[i8]) {
        self.number(values.len());
        self.bytes.extend(values.iter().map(|value| value.to_le_bytes()[0]));
    }
}

/// Reads a head. Nothing is believed before the digest was checked, and no list may be longer than
/// the bytes that are left.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, IntentError> {
        let Some(n_signed) = bytes.len().checked_sub(DIGEST_BYTES) else {
            return Err(damaged("it is too short"));
        };
        if !bytes.starts_with(MAGIC) || n_signed < HEADER_BYTES {
            return Err(damaged("it is no head of `kefu triage fit`"));
        }
        let mut version = Self { rest: &bytes[MAGIC.len()..HEADER_BYTES] };
        let found = version.number()?;
        if found != VERSION as usize {
            return Err(IntentError::Version { found });
        }
        let (signed, seal) = bytes.split_at(n_signed);
        if digest(&[signed]) != *seal {
            return Err(damaged("its digest is wrong, so bytes were changed or lost"));
        }
        Ok(Self { rest: &signed[HEADER_BYTES..] })
    }

    pub(crate) fn finish(self) -> Result<(), IntentError> {
        if self.rest.is_empty() { Ok(()) } else { Err(damaged("it holds more than a head")) }
    }

    pub(crate) fn number(&mut self) -> Result<usize, IntentError> {
        Ok(self.array().map(u32::from_le_bytes)? as usize)
    }

    pub(crate) fn real(&mut self) -> Result<f32, IntentError> {
        let value = self.array().map(f32::from_le_bytes)?;
        if value.is_finite() { Ok(value) } else { Err(damaged("it holds what is no number")) }
    }

    pub(crate) fn text(&mut self) -> Result<String, IntentError> {
        let n = self.length(1)?;
        let (text, rest) = self.rest.split_at(n);
        self.rest = rest;
        let text = std::str::from_utf8(text).map_err(|_| damaged("it holds what is no text"))?;
        Ok(text.to_owned())
    }

    pub(crate) fn texts(&mut self) -> Result<Vec<String>, IntentError> {
        let n = self.length(4)?;
        (0..n).map(|_| self.text()).collect()
    }

    pub(crate) fn optional(&mut self) -> Result<Option<String>, IntentError> {
        Ok(Some(self.text()?).filter(|text| !text.is_empty()))
    }

    pub(crate) fn reals(&mut self) -> Result<Vec<f32>, IntentError> {
        let n = self.length(4)?;
        (0..n).map(|_| self.real()).collect()
    }

    pub(crate) fn ids(&mut self) -> Result<Vec<u32>, IntentError> {
        let n = self.length(4)?;
        (0..n).map(|_| self.array().map(u32::from_le_bytes)).collect()
    }

    pub(crate) fn long_ids(&mut self) -> Result<Vec<u64>, IntentError> {
        let n = self.length(8)?;
        (0..n).map(|_| self.array().map(u64::from_le_bytes)).collect()
    }

    pub(crate) fn small(&mut self) -> Result<Vec<i8>, IntentError> {
        let n = self.length(1)?;
        let (values, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(values.iter().map(|value| i8::from_le_bytes([*value])).collect())
    }

    /// The length of a list whose items take at least so many bytes each.
    pub(crate) fn length(&mut self, item_bytes: usize) -> Result<usize, IntentError> {
        let n = self.number()?;
        if n.saturating_mul(item_bytes) > self.rest.len() {
            return Err(damaged("a list is longer than the file"));
        }
        Ok(n)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], IntentError> {
        let (array, rest) =
            self.rest.split_first_chunk().ok_or_else(|| damaged("it ends too early"))?;
        self.rest = rest;
        Ok(*array)
    }
}

/// The head cannot be read.
pub(crate) fn damaged(detail: &'static str) -> IntentError {
    IntentError::Damaged { detail }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new();
        writer.text("退货");
        writer.optional(None);
        writer.reals(&[0.5, -1.0]);
        writer.ids(&[1, u32::MAX]);
        writer.long_ids(&[u64::MAX]);
        writer.small(&[-128, 127]);
        writer.texts(&["a".to_owned()]);
        writer.finish()
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = sample();
        let mut reader = Reader::open(&bytes).unwrap();
        assert_eq!(reader.text().unwrap(), "退货");
        assert_eq!(reader.optional().unwrap(), None);
        assert_eq!(reader.reals().unwrap(), [0.5, -1.0]);
        assert_eq!(reader.ids().unwrap(), [1, u32::MAX]);
        assert_eq!(reader.long_ids().unwrap(), [u64::MAX]);
        assert_eq!(reader.small().unwrap(), [-128, 127]);
        assert_eq!(reader.texts().unwrap(), ["a"]);
        reader.finish().unwrap();
    }

    #[test]
    fn another_version_says_so() {
        let mut bytes = sample();
        bytes[8] = 9;
        assert!(matches!(Reader::open(&bytes), Err(IntentError::Version { found: 9 })));
        assert!(Reader::open(b"").is_err());
        assert!(Reader::open(b"KEFUHEAD").is_err());
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_noticed(at in 0_usize..80, change in 1_u8..=255, cut in 0_usize..40) {
            let mut bytes = sample();
            let at = at % bytes.len();
            bytes[at] ^= change;
            prop_assert!(Reader::open(&bytes).is_err());
            let whole = sample();
            let cut = &whole[..whole.len() - 1 - cut % (whole.len() - 1)];
            prop_assert!(Reader::open(cut).is_err());
        }
    }
}
