//! Sitemaps, as sitemaps.org describes them.

use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Largest sitemap after decompression; the protocol allows 50 MB.
const MAX_BYTES: u64 = 52 << 20;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a sitemap lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// Further sitemaps.
    pub(super) sitemaps: Vec<String>,
    /// Pages, with the day of their last change as written.
    pub(super) pages: Vec<(String, Option<String>)>,
}

/// Reads a sitemap or an index of them, compressed or not; at most `max` entries.
pub(super) fn read(bytes: &[u8], max: usize) -> Result<Sitemap, String> {
    let mut unpacked = Vec::new();
    let bytes = if bytes.starts_with(&GZIP_MAGIC) {
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes).take(MAX_BYTES + 1);
        let read = decoder.read_to_end(&mut unpacked);
        read.map_err(|error| format!("it cannot be decompressed: {error}"))?;
        unpacked.as_slice()
    } else {
        bytes
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it exceeds the limit of {MAX_BYTES} bytes"));
    }
    let xml = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let (mut found, mut path) = (Sitemap::default(), Vec::<String>::new());
    let (mut address, mut changed, mut text) = (None, None, String::new());
    let mut has_root = false;
    loop {
        match reader.read_event().map_err(|error| format!("it is no XML: {error}"))? {
            Event::Eof if has_root => return Ok(found),
            Event::Eof => return Err("it is no sitemap".to_owned()),
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                if path.is_empty() {
                    has_root = matches!(name.as_str(), "urlset" | "sitemapindex");
                    if !has_root {
                        return Err("it is no sitemap".to_owned());
                    }
                }
                if path.len() > 8 {
                    return Err("it is nested too deep".to_owned());
                }
                path.push(name);
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece),
            // Entities of the file's own are not known, so they expand to nothing.
            Event::GeneralRef(name) => text.push_str(match name.as_ref() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                _ => "",
            }),
            Event::End(_) => {
                let Some(name) = path.pop() else { continue };
                let value = || Some(text.trim().to_owned()).filter(|text| !text.is_empty());
                match (name.as_str(), path.len()) {
                    ("loc", 2) => address = value(),
                    ("lastmod", 2) => changed = value(),
                    ("sitemap", 1) => found.sitemaps.extend(address.take()),
                    ("url", 1) => {
                        let changed = changed.take();
                        found.pages.extend(address.take().map(|address| (address, changed)));
                    }
                    _ => {}
                }
                if found.pages.len() + found.sitemaps.len() > max {
                    return Ok(found);
                }
            }
            _ => {}
        }
    }
}
