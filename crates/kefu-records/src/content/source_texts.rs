//! What versions were made from. Blocks are stored one after another: a byte for the kind, one for
//! the level, then start, length and length of the title as 32-bit numbers, then the title.

use kefu_core::{Block, BlockKind, DocumentId, Revision, SourceText};
use rusqlite::params;

use crate::fault::{Fault, damaged, invalid};
use crate::session::Session;

pub(super) fn keep(s: &Session<'_>, version: i64, source: &SourceText) -> Result<(), Fault> {
    s.run(
        "INSERT INTO source_texts (version, tenant, text, blocks) VALUES (?1, ?2, ?3, ?4)",
        params![version, s.tenant(), source.text, write(&source.blocks)?],
    )?;
    Ok(())
}

pub(super) fn read(
    s: &Session<'_>,
    id: &DocumentId,
    revision: &Revision,
) -> Result<Option<SourceText>, Fault> {
    s.one(
        "SELECT t.text, t.blocks
        FROM versions v JOIN revisions r ON r.id = v.revision JOIN source_texts t ON t.version = v.id
        WHERE v.tenant = ?1 AND v.document_id = ?2 AND r.revision = ?3
        ORDER BY v.since DESC LIMIT 1",
        params![s.tenant(), id.as_str(), revision.as_str()],
        |row| {
            let blocks = blocks(row.get_ref(1)?.as_blob()?).ok_or_else(|| damaged("blocks"))?;
            Ok(SourceText { text: row.get(0)?, blocks })
        },
    )
}

fn write(blocks: &[Block]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(blocks.len() * 16);
    for block in blocks {
        let (kind, level, title) = match &block.kind {
            BlockKind::Heading { level, title } => (0, *level, title.as_str()),
            BlockKind::Paragraph => (1, 0, ""),
            BlockKind::ListItem => (2, 0, ""),
            BlockKind::TableHeader => (3, 0, ""),
            BlockKind::TableRow => (4, 0, ""),
            BlockKind::Code => (5, 0, ""),
            BlockKind::Quote => (6, 0, ""),
        };
        bytes.extend([kind, level]);
        for number in [block.start, block.end.saturating_sub(block.start), title.len()] {
            let number = u32::try_from(number).map_err(|_| {
                invalid("a document of more than 4 GiB cannot be stored".to_owned())
            })?;
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(title.as_bytes());
    }
    Ok(bytes)
}

/// `None` for bytes that [`write`] did not make.
fn blocks(mut bytes: &[u8]) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    while !bytes.is_empty() {
        let ([kind, level], rest) = bytes.split_first_chunk::<2>()?;
        let (start, rest) = number(rest)?;
        let (length, rest) = number(rest)?;
        let (title_length, rest) = number(rest)?;
        let (title, rest) = rest.split_at_checked(title_length)?;
        let kind = match kind {
            0 => {
                let title = std::str::from_utf8(title).ok()?.to_owned();
                BlockKind::Heading { level: *level, title }
            }
            1 => BlockKind::Paragraph,
            2 => BlockKind::ListItem,
            3 => BlockKind::TableHeader,
            4 => BlockKind::TableRow,
            5 => BlockKind::Code,
            6 => BlockKind::Quote,
            _ => return None,
        };
        blocks.push(Block { kind, start, end: start.checked_add(length)? });
        bytes = rest;
    }
    Some(blocks)
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((usize::try_from(u32::from_le_bytes(*number)).ok()?, rest))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn blocks_survive_storage_and_damage_is_noticed() {
        let heading = BlockKind::Heading { level: 3, title: "退货".to_owned() };
        let kinds = [
            heading,
            BlockKind::Paragraph,
            BlockKind::ListItem,
            BlockKind::TableHeader,
            BlockKind::TableRow,
            BlockKind::Code,
            BlockKind::Quote,
        ];
        let made: Vec<Block> = (0..)
            .zip(kinds)
            .map(|(n, kind)| Block { kind, start: n * 300, end: n * 300 + 299 })
            .collect();
        let bytes = write(&made).ok().unwrap();
        assert_eq!(blocks(&bytes), Some(made));
        assert_eq!(blocks(&bytes[..bytes.len() - 1]), None);
        assert_eq!(blocks(b"\x09\x00"), None);
        assert_eq!(blocks(b""), Some(Vec::new()));
    }
}
