//! The encrypted form: AES-256 in CBC mode with the key's beginning as the first block.

use aes::Aes256;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ring::rand::{SecureRandom, SystemRandom};

/// Texts are padded to multiples of this.
const BLOCK_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// Tolerates keys whose unused last bits are set: platforms hand such keys out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) struct Cipher {
    key: [u8; 32],
}

/// A text that was sealed, and for whom.
pub(super) struct Opened {
    pub(super) text: String,
    pub(super) recipient: String,
}

impl Cipher {
    /// Reads the key as the platform shows it: 43 characters.
    pub(super) fn new(encoded: &str) -> Result<Self, &'static str> {
        let bytes = BASE64.decode(encoded.trim()).map_err(|_| "aes_key is not base64")?;
        let key = bytes.try_into().map_err(|_| "aes_key must have 43 characters")?;
        Ok(Self { key })
    }

    /// The text in a sealed one; `None` when it was not sealed with this key.
    pub(super) fn open(&self, sealed: &str) -> Option<Opened> {
        let mut bytes = BASE64.decode(sealed).ok()?;
        let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&self.key, self.first()).ok()?;
        let plain = cipher.decrypt_padded::<NoPadding>(&mut bytes).ok()?;
        let n_padding = usize::from(*plain.last()?);
        if !(1..=BLOCK_BYTES).contains(&n_padding) {
            return None;
        }
        let plain = plain.get(SALT_BYTES..plain.len().checked_sub(n_padding)?)?;
        let (length, rest) = plain.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (text, recipient) = rest.split_at_checked(length)?;
        Some(Opened {
            text: String::from_utf8(text.to_vec()).ok()?,
            recipient: String::from_utf8(recipient.to_vec()).ok()?,
        })
    }

    /// A text sealed for somebody.
    pub(super) fn seal(&self, text: &str, recipient: &str) -> String {
        let mut plain = salt().to_vec();
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(text.as_bytes());
        plain.extend_from_slice(recipient.as_bytes());
        let n_padding = BLOCK_BYTES - plain.len() % BLOCK_BYTES;
        plain.resize(plain.len() + n_padding, u8::try_from(n_padding).unwrap_or_default());
        let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&self.key, self.first());
        let n_bytes = plain.len();
        let sealed = cipher
            .ok()
            .and_then(|cipher| cipher.encrypt_padded::<NoPadding>(&mut plain, n_bytes).ok());
        sealed.map(|bytes| BASE64.encode(bytes)).unwrap_or_default()
    }

    fn first(&self) -> &[u8] {
        &self.key[..16]
    }
}

fn salt() -> [u8; SALT_BYTES] {
    let mut salt = uuid::Uuid::now_v7().into_bytes();
    // Without the system's randomness the time makes it different at least.
    let _ = SystemRandom::new().fill(&mut salt);
    salt
}

/// Text that was not used before.
pub(super) fn nonce() -> String {
    crate::webhooks::hex(&salt())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    #[test]
    fn what_is_sealed_is_opened_again() {
        let cipher = Cipher::new(KEY).unwrap();
        for text in ["", "hello", "<xml>你好</xml>", &"长".repeat(1_000)] {
            let opened = cipher.open(&cipher.seal(text, "corp-1")).unwrap();
            assert_eq!((opened.text.as_str(), opened.recipient.as_str()), (text, "corp-1"));
        }
        assert_ne!(cipher.seal("a", "b"), cipher.seal("a", "b"));
    }

    #[test]
    fn what_is_not_sealed_with_the_key_is_not_opened() {
        let cipher = Cipher::new(KEY).unwrap();
        let other = Cipher::new(&KEY.replace('a', "b")).unwrap();
        let sealed = cipher.seal("a secret text of some length", "corp-1");
        assert!(
            other.open(&sealed).is_none_or(|opened| opened.text != "a secret text of some length")
        );
        for bad in ["", "AAAA", "not base64!", &sealed[..sealed.len() - 8]] {
            assert!(cipher.open(bad).is_none(), "{bad}");
        }
        assert!(Cipher::new("short").is_err() && Cipher::new("退货").is_err());
    }
}
