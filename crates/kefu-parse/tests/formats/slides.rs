//! Slide decks.

use kefu_parse::BlockKind;

use crate::made::{container, relations, types};
use crate::{blocks, check_tiling, headings, read};

const NAMES: &str = "xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" \
     xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

fn shape(kind: &str, words: &[&str]) -> String {
    let lines: String =
        words.iter().map(|w| format!("<a:p><a:r><a:t>{w}</a:t></a:r></a:p>")).collect();
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"s\"/><p:cNvSpPr/><p:nvPr><p:ph type=\"{kind}\"/>\
         </p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{lines}</p:txBody></p:sp>"
    )
}

fn table(rows: &[[&str; 2]]) -> String {
    let cell = |w: &str| {
        format!("<a:tc><a:txBody><a:bodyPr/><a:p><a:r><a:t>{w}</a:t></a:r></a:p></a:txBody></a:tc>")
    };
    let rows: String = rows
        .iter()
        .map(|[left, right]| format!("<a:tr h=\"1\">{}{}</a:tr>", cell(left), cell(right)))
        .collect();
    format!(
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"9\" name=\"t\"/><p:cNvGraphicFramePr/>\
         <p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x=\"0\" y=\"9000000\"/></p:xfrm><a:graphic>\
         <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/table\"><a:tbl>\
         <a:tblGrid><a:gridCol w=\"1\"/><a:gridCol w=\"1\"/></a:tblGrid>{rows}</a:tbl>\
         </a:graphicData></a:graphic></p:graphicFrame>"
    )
}

fn deck(slides: &[String], notes: &str) -> Vec<u8> {
    let slide = |kind: &str, shapes: &str| {
        format!(
            "<?xml version=\"1.0\"?><p:{kind} {NAMES}><p:cSld><p:spTree>{shapes}</p:spTree>\
             </p:cSld></p:{kind}>"
        )
    };
    let ids: Vec<String> = (1..=slides.len()).map(|n| format!("rId{n}")).collect();
    let targets: Vec<String> = (1..=slides.len()).map(|n| format!("slides/slide{n}.xml")).collect();
    let list: String = ids
        .iter()
        .zip(256..)
        .map(|(id, n)| format!("<p:sldId id=\"{n}\" r:id=\"{id}\"/>"))
        .collect();
    let related: Vec<(&str, &str, &str)> =
        ids.iter().zip(&targets).map(|(id, t)| (id.as_str(), "slide", t.as_str())).collect();
    let mut members = vec![
        (
            "[Content_Types].xml".to_owned(),
            types("ppt/presentation.xml", "presentationml.presentation"),
        ),
        (
            "_rels/.rels".to_owned(),
            relations(&[("rId1", "officeDocument", "ppt/presentation.xml")]),
        ),
        (
            "ppt/presentation.xml".to_owned(),
            format!(
                "<?xml version=\"1.0\"?><p:presentation {NAMES}><p:sldIdLst>{list}</p:sldIdLst></p:presentation>"
            ),
        ),
        ("ppt/_rels/presentation.xml.rels".to_owned(), relations(&related)),
        (
            "ppt/slides/_rels/slide1.xml.rels".to_owned(),
            relations(&[("rId1", "notesSlide", "../notesSlides/notesSlide1.xml")]),
        ),
        ("ppt/notesSlides/notesSlide1.xml".to_owned(), slide("notes", &shape("body", &[notes]))),
    ];
    for (target, shapes) in targets.iter().zip(slides) {
        members.push((format!("ppt/{target}"), slide("sld", shapes)));
    }
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())).collect();
    container(&members)
}

#[test]
fn slides_keep_titles_bullets_tables_and_marked_notes() {
    let first = shape("title", &["Returns desk"]) + &shape("body", &["Check the seal", "核对订单"]);
    let second = shape("title", &["Fees"]) + &table(&[["Item", "Fee"], ["Sofa", "39"]]);
    let parsed = read("training.pptx", &deck(&[first, second], "Smile first"));
    assert_eq!(headings(&parsed), [(1, "Returns desk"), (1, "Fees")]);
    assert!(parsed.text.contains("Check the seal") && parsed.text.contains("核对订单"));
    assert_eq!(blocks(&parsed, &BlockKind::Quote), ["> Speaker notes: Smile first"]);
    assert_eq!(blocks(&parsed, &BlockKind::TableRow), ["| Sofa | 39 |"]);
    let pages: Vec<&str> = parsed.text.split('\u{c}').collect();
    assert!(pages.len() == 2 && pages[1].starts_with("# Fees"), "{:?}", parsed.text);
    check_tiling(&parsed);
}

#[test]
fn a_deck_without_words_is_empty() {
    assert_eq!(read("empty.pptx", &deck(&[String::new()], "")).text, "");
}
