//! Files that are ZIP containers: office formats and e-books.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::ParseError;
use crate::limits::Limits;
use crate::xml;

/// A container whose members have all been unpacked once within the limits. Names of members are
/// keys and never paths.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    max_member_bytes: u64,
}

/// Members this small may unpack to any multiple.
const RATIO_FREE_BYTES: u64 = 4 << 20;

impl<'a> Archive<'a> {
    /// Opens a container and checks what its members really unpack to, whatever its directory
    /// says; XML members must not nest too deeply and must not define entities.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| of_zip(&e))?;
        if zip.len() > limits.max_archive_entries {
            let limit = limits.max_archive_entries;
            return Err(ParseError::TooMany { what: "members", limit });
        }
        let mut names = HashSet::new();
        let mut n_bytes = 0;
        for index in 0..zip.len() {
            let member = zip.by_index(index).map_err(|e| of_zip(&e))?;
            let name = member.name().map_err(|e| of_zip(&e))?.into_owned();
            let is_xml = xml::is_xml_name(&name);
            if !names.insert(name) {
                return Err(ParseError::broken("a member of the container appears twice"));
            }
            let ratio = member.compressed_size().max(1).saturating_mul(limits.max_archive_ratio);
            let left = limits.max_unpacked_bytes - n_bytes;
            let most = left.min(ratio.max(RATIO_FREE_BYTES));
            let mut reader = Counted { inner: member.take(most + 1), n_bytes: 0 };
            let read = if is_xml {
                xml::check(&mut reader, limits.max_nesting)
            } else {
                std::io::copy(&mut reader, &mut std::io::sink())
                    .map(|_| ())
                    .map_err(ParseError::broken)
            };
            n_bytes += reader.n_bytes;
            if reader.n_bytes > most {
                return Err(if most < left {
                    ParseError::Bomb { limit: limits.max_archive_ratio }
                } else {
                    let (what, limit) = ("unpacked file", limits.max_unpacked_bytes);
                    ParseError::TooLarge { what, limit }
                });
            }
            // Members other than XML are pictures and the like; damage to them costs no text.
            if is_xml {
                read?;
            }
        }
        Ok(Self { zip, max_member_bytes: limits.max_unpacked_bytes })
    }

    /// A member's bytes.
    pub(crate) fn read(&mut self, name: &str) -> Result<Vec<u8>, ParseError> {
        let member = self.zip.by_name(name).map_err(|e| of_zip(&e))?;
        let mut bytes = Vec::new();
        member.take(self.max_member_bytes).read_to_end(&mut bytes).map_err(ParseError::broken)?;
        Ok(bytes)
    }
}

/// Names of the members, without unpacking any; empty when this is no container.
pub(crate) fn names(bytes: &[u8], limits: &Limits) -> Vec<String> {
    match ZipArchive::new(Cursor::new(bytes)) {
        Ok(zip) => {
            let names = zip.file_names().flatten().take(limits.max_archive_entries);
            names.map(std::borrow::Cow::into_owned).collect()
        }
        Err(_) => Vec::new(),
    }
}

fn of_zip(error: &ZipError) -> ParseError {
    match error {
        ZipError::UnsupportedArchive(reason) if *reason == ZipError::PASSWORD_REQUIRED => {
            ParseError::PasswordRequired
        }
        other => ParseError::broken(other),
    }
}

struct Counted<R> {
    inner: R,
    n_bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n_read = self.inner.read(into)?;
        self.n_bytes += n_read as u64;
        Ok(n_read)
    }
}
