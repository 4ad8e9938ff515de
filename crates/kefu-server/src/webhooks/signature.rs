use ring::hmac::{self, HMAC_SHA256, Key};

/// The header that carries a signature.
pub const SIGNATURE_HEADER: &str = "kefu-signature";

/// How far a signature's time may lie from the reader's, in seconds.
pub const SIGNATURE_TOLERANCE_S: i64 = 300;

/// The value of `Kefu-Signature` for a body sent at `at_s`, seconds since the epoch:
/// `t=…,v1=hex(hmac-sha256(secret, t + "." + body))`.
#[must_use]
pub fn sign(secret: &str, at_s: i64, body: &[u8]) -> String {
    let code = hmac::sign(&key(secret), &signed(at_s, body));
    format!("t={at_s},v1={}", hex(code.as_ref()))
}

/// Whether a `Kefu-Signature` belongs to this body and was made within [`SIGNATURE_TOLERANCE_S`] of
/// `now_s`. Codes are compared in constant time; of several `v1` one must fit.
#[must_use]
pub fn verify(secret: &str, header: &str, body: &[u8], now_s: i64) -> bool {
    let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
    let at_s = fields().find(|(name, _)| *name == "t").and_then(|(_, text)| text.parse().ok());
    let Some(at_s) = at_s else { return false };
    let is_fresh = now_s.checked_sub(at_s).is_some_and(|age| age.abs() <= SIGNATURE_TOLERANCE_S);
    let codes = fields().filter(|(name, _)| *name == "v1").filter_map(|(_, text)| unhex(text));
    let (key, signed) = (key(secret), signed(at_s, body));
    let fits = |given: Vec<u8>| hmac::verify(&key, &signed, &given).is_ok();
    is_fresh && codes.into_iter().take(4).any(fits)
}

fn key(secret: &str) -> Key {
    Key::new(HMAC_SHA256, secret.as_bytes())
}

fn signed(at_s: i64, body: &[u8]) -> Vec<u8> {
    [at_s.to_string().as_bytes(), b".", body].concat()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of the two";

    #[test]
    fn a_signature_is_what_the_description_says() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac 'a secret of the two'
        let signature = sign(SECRET, 1_700_000_000, b"{}");
        assert!(signature.starts_with("t=1700000000,v1="), "{signature}");
        assert_eq!(signature.len(), "t=1700000000,v1=".len() + 64);
        assert!(verify(SECRET, &signature, b"{}", 1_700_000_000));
    }

    #[test]
    fn changed_old_and_foreign_signatures_are_refused() {
        let (at_s, body) = (1_700_000_000, b"{\"a\":1}");
        let signature = sign(SECRET, at_s, body);
        assert!(verify(SECRET, &signature, body, at_s + 299));
        assert!(verify(SECRET, &signature, body, at_s - 299));
        assert!(!verify(SECRET, &signature, body, at_s + 301));
        assert!(!verify(SECRET, &signature, body, at_s - 301));
        assert!(!verify(SECRET, &signature, b"{\"a\":2}", at_s));
        assert!(!verify("another", &signature, body, at_s));
        assert!(!verify(SECRET, &signature.replace("t=17", "t=16"), body, at_s));
        for bad in ["", "t=", "t=1700000000", "v1=00", "t=1700000000,v1=", "t=x,v1=zz", "退货"] {
            assert!(!verify(SECRET, bad, body, at_s), "{bad}");
        }
        // A key being changed: the sender signs with both.
        let both = format!("{signature},v1={}", "0".repeat(64));
        assert!(verify(SECRET, &both, body, at_s));
        assert!(!verify(SECRET, &signature, body, i64::MIN));
    }
}
