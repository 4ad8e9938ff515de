//! Word documents.

use kefu_parse::BlockKind;

use crate::made::{docx, paragraph, run};
use crate::{blocks, check_tiling, headings, read};

fn cell(words: &str) -> String {
    format!("<w:tc>{}</w:tc>", paragraph("", &run(words)))
}

#[test]
fn headings_lists_and_tables_keep_their_structure() {
    let item = |id: u8, words: &str| {
        let list = format!("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{id}\"/></w:numPr>");
        paragraph(&list, &run(words))
    };
    let body = [
        paragraph("<w:pStyle w:val=\"Heading1\"/>", &run("退货政策")),
        paragraph("", &run("Within thirty days.")),
        item(1, "Pack the goods"),
        item(1, "Print the label"),
        item(1, "Hand in the parcel"),
        item(2, "No fee"),
        paragraph("<w:pStyle w:val=\"Heading2\"/>", &run("Fees")),
        format!(
            "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
            cell("Item"),
            cell("Fee"),
            cell("Sofa"),
            cell("$ 39")
        ),
    ];
    let parsed = read("returns.docx", &docx(&body.concat(), &[]));
    assert_eq!(parsed.title.as_deref(), Some("退货政策"));
    assert_eq!(headings(&parsed), [(1, "退货政策"), (2, "Fees")]);
    let items = ["1. Pack the goods", "2. Print the label", "3. Hand in the parcel", "- No fee"];
    assert_eq!(blocks(&parsed, &BlockKind::ListItem), items);
    assert_eq!(blocks(&parsed, &BlockKind::TableHeader), ["| Item | Fee |\n| --- | --- |"]);
    assert_eq!(blocks(&parsed, &BlockKind::TableRow), ["| Sofa | $ 39 |"]);
    check_tiling(&parsed);
}

#[test]
fn notes_and_text_boxes_are_read_but_comments_and_deleted_words_are_not() {
    let body = [
        paragraph(
            "",
            &[
                run("The fee is "),
                "<w:del w:id=\"1\" w:author=\"a\"><w:r><w:delText>ninety</w:delText></w:r></w:del>"
                    .to_owned(),
                "<w:ins w:id=\"2\" w:author=\"a\"><w:r><w:t>fifteen</w:t></w:r></w:ins>".to_owned(),
                run(" dollars"),
                "<w:r><w:footnoteReference w:id=\"2\"/></w:r>".to_owned(),
                "<w:r><w:commentReference w:id=\"0\"/></w:r>".to_owned(),
            ]
            .concat(),
        ),
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:wsp>\
         <wps:txbx><w:txbxContent><w:p><w:r><w:t>Mind the box</w:t></w:r></w:p></w:txbxContent>\
         </wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><w:p><w:r>\
         <w:t>Mind the box</w:t></w:r></w:p></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
            .to_owned(),
    ];
    let parts = [
        (
            "word/footnotes.xml",
            "<w:footnotes WORD><w:footnote w:id=\"2\"><w:p><w:r><w:t>Islands cost more</w:t></w:r>\
             </w:p></w:footnote></w:footnotes>",
        ),
        (
            "word/comments.xml",
            "<w:comments WORD><w:comment w:id=\"0\" w:author=\"a\"><w:p><w:r>\
             <w:t>ask legal first</w:t></w:r></w:p></w:comment></w:comments>",
        ),
    ];
    let parsed = read("fees.docx", &docx(&body.concat(), &parts));
    assert!(parsed.text.contains("The fee is fifteen dollars"), "{}", parsed.text);
    assert!(parsed.text.contains("Islands cost more"), "{}", parsed.text);
    assert_eq!(parsed.text.matches("Mind the box").count(), 1, "{}", parsed.text);
    for gone in ["ninety", "legal"] {
        assert!(!parsed.text.contains(gone), "{gone} in {}", parsed.text);
    }
    check_tiling(&parsed);
}

#[test]
fn a_document_without_words_is_empty() {
    assert_eq!(read("empty.docx", &docx("<w:p/>", &[])).text, "");
}
