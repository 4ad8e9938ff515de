//! Cursors of listings: hexadecimal, so that nobody is tempted to build one.

use crate::fault::{Fault, invalid};

/// A cursor that goes on in `listing` after `place`.
pub(crate) fn write(listing: &str, place: &str) -> String {
    format!("{listing}\n{place}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The place that [`write()`] put into a cursor of the same listing.
pub(crate) fn read(listing: &str, cursor: &str) -> Result<String, Fault> {
    let text = unhex(cursor).and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.as_deref().and_then(|text| text.strip_prefix(listing)?.strip_prefix('\n'));
    place.map(str::to_owned).ok_or_else(|| not_ours(listing))
}

pub(crate) fn not_ours(listing: &str) -> Fault {
    invalid(format!("cursor is not one that a list of {listing} returned"))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_stay_with_their_listing() {
        let cursor = write("documents", "退货/a.md");
        assert_eq!(read("documents", &cursor).ok().as_deref(), Some("退货/a.md"));
        assert!(read("tickets", &cursor).is_err());
        for bad in ["", "0", "zz", "退货", "ff", "+1"] {
            assert!(read("documents", bad).is_err(), "{bad}");
        }
    }
}
