use std::io::{self, BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::error::ParseError;
use crate::format::parse;
use crate::limits::Limits;
use crate::parsed::ParsedFile;

/// Longest request line.
const MAX_HEADER_BYTES: u64 = 64 << 10;

#[derive(Deserialize)]
struct Request {
    name: String,
    size_bytes: u64,
}

#[derive(Serialize)]
struct Failure<'a> {
    error: FailureBody<'a>,
}

#[derive(Serialize)]
struct FailureBody<'a> {
    code: &'a str,
    detail: &'a str,
}

/// Answers requests until the input ends: for every line `{"name","size_bytes"}` and the bytes
/// after it, one line `{"documents","row_errors"}` or `{"error":{"code","detail"}}`.
///
/// # Errors
/// The pipe broke, or a request line cannot be understood; the process should then end, as there
/// is no telling where the next request begins.
pub fn serve(input: impl BufRead, output: impl Write, limits: &Limits) -> io::Result<()> {
    serve_with(input, output, limits, || Ok(()))
}

/// As [`serve`]; `before_each` is called before each file is read.
///
/// # Errors
/// As [`serve`], and those of `before_each`.
pub fn serve_with(
    mut input: impl BufRead,
    mut output: impl Write,
    limits: &Limits,
    mut before_each: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let n_read = input.by_ref().take(MAX_HEADER_BYTES).read_until(b'\n', &mut line)?;
        if n_read == 0 {
            return Ok(());
        }
        let request: Request = serde_json::from_slice(&line)?;
        before_each()?;
        // Built whole before it is sent, so that no half of a line leaves on an error.
        let mut reply = match answer(&request, &mut input, limits)? {
            Ok(file) => serde_json::to_vec(&file)?,
            Err(error) => {
                let (code, detail) = (error.code(), error.to_string());
                let body = Failure { error: FailureBody { code, detail: &detail } };
                serde_json::to_vec(&body)?
            }
        };
        reply.push(b'\n');
        output.write_all(&reply)?;
        output.flush()?;
    }
}

fn answer(
    request: &Request,
    input: &mut impl BufRead,
    limits: &Limits,
) -> io::Result<Result<ParsedFile, ParseError>> {
    let mut body = input.by_ref().take(request.size_bytes);
    if request.size_bytes > limits.max_input_bytes {
        io::copy(&mut body, &mut io::sink())?;
        return Ok(Err(ParseError::TooLarge { what: "file", limit: limits.max_input_bytes }));
    }
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    if bytes.len() as u64 != request.size_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let result = catch_unwind(AssertUnwindSafe(|| parse(&request.name, &bytes, limits)));
    Ok(result.unwrap_or_else(|_| {
        let detail = "it hit a defect".to_owned();
        Err(ParseError::ParserFailed { detail })
    }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;
    use serde_json::Value;

    fn talk(input: &[u8], limits: &Limits) -> (io::Result<()>, Vec<Value>) {
        let mut output = Vec::new();
        let result = serve(input, &mut output, limits);
        let lines = std::str::from_utf8(&output).unwrap().lines();
        (result, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn one_line_per_file_and_errors_do_not_end_the_loop() {
        let limits = Limits { max_input_bytes: 8, ..Limits::STANDARD };
        let input = b"{\"name\":\"a.exe\",\"size_bytes\":2}\nMZ{\"name\":\"b.md\",\"size_bytes\":9}\n# too big{\"name\":\"dir/c.txt\",\"size_bytes\":3}\nHi\n";
        let (result, replies) = talk(input, &limits);
        assert!(result.is_ok());
        assert_eq!(replies[0]["error"]["code"], "unsupported_format");
        assert!(replies[0]["error"]["detail"].as_str().unwrap().contains("md, markdown, txt"));
        assert_eq!(replies[1]["error"]["code"], "too_large");
        assert_eq!(replies[2]["documents"][0]["title"], "c");
        assert_eq!(replies[2]["documents"][0]["text"], "Hi\n");
        assert_eq!(replies[2]["documents"][0]["blocks"][0]["kind"], "paragraph");
    }

    #[test]
    fn a_broken_request_ends_the_loop() {
        for input in [&b"nonsense\n"[..], b"{\"name\":\"a.md\",\"size_bytes\":9}\nshort"] {
            let (result, replies) = talk(input, &Limits::STANDARD);
            assert!(result.is_err() && replies.is_empty());
        }
    }
}
