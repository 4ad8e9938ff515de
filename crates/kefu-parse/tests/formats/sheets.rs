//! Workbooks.

use kefu_parse::{BlockKind, Limits, parse};

use crate::made::{container, row, xlsx};
use crate::{blocks, check_tiling, code, headings, read};

#[test]
fn visible_sheets_become_tables_as_a_person_sees_them() {
    let prices = format!(
        "<sheetData>{}{}{}</sheetData>",
        row(1, &[("A", "商品"), ("B", "价格"), ("C", "折扣"), ("D", "起售")]),
        row(2, &[("A", "杯子"), ("B", "=1:39"), ("C", "=2:0.15"), ("D", "=3:46351")]),
        row(3, &[("A", "碗"), ("B", "=1:1234.5"), ("D", "=3:46352")]),
    );
    let formula =
        "<sheetData><row r=\"1\"><c r=\"A1\"><f>SUM(B1:B2)</f><v>73.5</v></c></row></sheetData>";
    let secret = format!("<sheetData>{}</sheetData>", row(1, &[("A", "margin")]));
    let bytes = xlsx(
        &[
            ("价目表", "visible", &prices),
            ("Sums", "visible", formula),
            ("Internal", "hidden", &secret),
        ],
        &["#,##0.00", "0%", "yyyy\\-mm\\-dd"],
    );
    let parsed = read("prices.xlsx", &bytes);
    assert_eq!(headings(&parsed), [(2, "价目表"), (2, "Sums")]);
    let rows = ["| 杯子 | 39.00 | 15% | 2026-11-25 |", "| 碗 | 1,234.50 | | 2026-11-26 |"];
    assert_eq!(blocks(&parsed, &BlockKind::TableRow), rows);
    assert!(parsed.text.contains("73.5"), "{}", parsed.text);
    assert!(!parsed.text.contains("margin"), "{}", parsed.text);
    assert!(parsed.notes[0].contains("Internal"), "{:?}", parsed.notes);
    check_tiling(&parsed);
}

#[test]
fn a_workbook_without_cells_is_empty() {
    assert_eq!(read("empty.xlsx", &xlsx(&[("Sheet1", "visible", "<sheetData/>")], &[])).text, "");
}

#[test]
fn what_a_sheet_declares_as_its_size_costs_nothing() {
    let rows = format!(
        "<dimension ref=\"A1:XFD1048576\"/><sheetData>{}{}</sheetData>",
        row(1, &[("A", "first")]),
        row(1_048_576, &[("XFD", "last")])
    );
    let parsed = read("wide.xlsx", &xlsx(&[("Wide", "visible", &rows)], &[]));
    assert_eq!(parsed.text, "## Wide\n\nfirst\n\nlast\n");
}

#[test]
fn cells_and_sheets_are_bounded() {
    let rows: String = (1..=5).map(|n| row(n, &[("A", "x"), ("B", "y")])).collect();
    let bytes = xlsx(&[("Many", "visible", &format!("<sheetData>{rows}</sheetData>"))], &[]);
    let few = Limits { max_cells: 9, ..Limits::STANDARD };
    assert_eq!(parse("a.xlsx", &bytes, &few).unwrap_err().code(), "too_large");
    let none = Limits { max_pages: 0, ..Limits::STANDARD };
    assert_eq!(parse("a.xlsx", &bytes, &none).unwrap_err().code(), "too_large");
}

#[test]
fn open_document_sheets_are_read() {
    let content = "<?xml version=\"1.0\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body>\
         <office:spreadsheet><table:table table:name=\"Fees\"><table:table-row>\
         <table:table-cell office:value-type=\"string\"><text:p>Item</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"string\"><text:p>Fee</text:p></table:table-cell>\
         </table:table-row><table:table-row><table:table-cell office:value-type=\"string\">\
         <text:p>Sofa</text:p></table:table-cell><table:table-cell office:value-type=\"float\" \
         office:value=\"39\"><text:p>39</text:p></table:table-cell></table:table-row>\
         </table:table></office:spreadsheet></office:body></office:document-content>";
    let manifest = "<?xml version=\"1.0\"?><manifest:manifest \
         xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    let bytes = container(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ]);
    let parsed = read("fees.ods", &bytes);
    assert_eq!(parsed.text, "## Fees\n\n| Item | Fee |\n| --- | --- |\n| Sofa | 39 |\n");
}

#[test]
fn a_workbook_that_is_a_page_is_read_as_one() {
    let page = b"<html><table><tr><th>Item</th></tr><tr><td>Sofa</td></tr></table></html>";
    let parsed = read("export.xls", page);
    assert!(parsed.text.contains("| Sofa |") && parsed.notes[0].contains("HTML"));
    assert_eq!(code("export.xls", b"Item;Fee\nSofa;39\n"), "broken_file");
}
