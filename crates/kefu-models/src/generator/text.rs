/// Bytes of tokens to text, never giving part of a character.
#[derive(Default)]
pub(super) struct TextStream {
    pending: Vec<u8>,
}

impl TextStream {
    /// Takes the bytes of a token and gives the text that is now complete. Bytes that can never
    /// become a character turn into U+FFFD.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let (valid, rest) = self.pending.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let n_wrong = error.error_len();
                    self.pending = rest.split_at(n_wrong.unwrap_or(0)).1.to_vec();
                    if n_wrong.is_none() {
                        return text;
                    }
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_whole() {
        let mut stream = TextStream::default();
        let bytes = "a退😀".as_bytes();
        let pieces: Vec<String> = bytes.iter().map(|b| stream.push(&[*b])).collect();
        assert_eq!(pieces, ["a", "", "", "退", "", "", "", "😀"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut stream = TextStream::default();
        assert_eq!(stream.push(b"\xE9"), "");
        assert_eq!(stream.push(b"x\xFFy"), "\u{FFFD}x\u{FFFD}y");
    }
}
