//! Small files by hand.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A ZIP container of these members, packed.
pub(crate) fn container(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        // The type of an OpenDocument file and of an e-book stands unpacked at the beginning.
        let method = match *name {
            "mimetype" => zip::CompressionMethod::Stored,
            _ => zip::CompressionMethod::Deflated,
        };
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A part that relates to others, given as (id, last word of the type, target).
pub(crate) fn relations(targets: &[(&str, &str, &str)]) -> String {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let all: String = targets.iter().map(one).collect();
    format!("<?xml version=\"1.0\"?><Relationships xmlns=\"{RELATIONS}\">{all}</Relationships>")
}

/// Content types that name only what readers ask for.
pub(crate) fn types(main_part: &str, main_type: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><Types \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/{main_part}\" ContentType=\
         \"application/vnd.openxmlformats-officedocument.{main_type}.main+xml\"/></Types>"
    )
}

const WORD: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
     xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
     xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\"";

/// A Word document with this body, and with these parts beside it.
pub(crate) fn docx(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let document =
        format!("<?xml version=\"1.0\"?><w:document {WORD}><w:body>{body}</w:body></w:document>");
    let styles = format!(
        "<?xml version=\"1.0\"?><w:styles {WORD}>{}{}</w:styles>",
        style("Heading1", "heading 1", 0),
        style("Heading2", "heading 2", 1)
    );
    let numbering = format!(
        "<?xml version=\"1.0\"?><w:numbering {WORD}>{}{}\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>\
         <w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>",
        abstract_list(0, "decimal", "%1."),
        abstract_list(1, "bullet", "•")
    );
    let types = types("word/document.xml", "wordprocessingml.document");
    let root = relations(&[("rId1", "officeDocument", "word/document.xml")]);
    let own = relations(&[
        ("rId1", "styles", "styles.xml"),
        ("rId2", "numbering", "numbering.xml"),
        ("rId3", "footnotes", "footnotes.xml"),
        ("rId4", "comments", "comments.xml"),
    ]);
    let mut members: Vec<(&str, Vec<u8>)> = vec![
        ("[Content_Types].xml", types.into_bytes()),
        ("_rels/.rels", root.into_bytes()),
        ("word/document.xml", document.into_bytes()),
        ("word/styles.xml", styles.into_bytes()),
        ("word/numbering.xml", numbering.into_bytes()),
        ("word/_rels/document.xml.rels", own.into_bytes()),
    ];
    for (name, xml) in parts {
        members.push((name, xml.replace("WORD", WORD).into_bytes()));
    }
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (*n, b.as_slice())).collect();
    container(&members)
}

fn style(id: &str, name: &str, outline: u8) -> String {
    format!(
        "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>\
         <w:pPr><w:outlineLvl w:val=\"{outline}\"/></w:pPr></w:style>"
    )
}

fn abstract_list(id: u8, format: &str, text: &str) -> String {
    format!(
        "<w:abstractNum w:abstractNumId=\"{id}\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/>\
         <w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/></w:lvl></w:abstractNum>"
    )
}

/// A paragraph of a Word document: its properties and its runs.
pub(crate) fn paragraph(properties: &str, runs: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>")
}

/// A run of words.
pub(crate) fn run(words: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{words}</w:t></w:r>")
}

/// A workbook; sheets are (name, state, rows as XML), `styles` are number formats by style index.
pub(crate) fn xlsx(sheets: &[(&str, &str, &str)], formats: &[&str]) -> Vec<u8> {
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let mut list = String::new();
    let mut targets = Vec::new();
    let mut members: Vec<(String, String)> = Vec::new();
    for (number, (name, state, rows)) in (1..).zip(sheets) {
        list.push_str(&format!(
            "<sheet name=\"{name}\" sheetId=\"{number}\" state=\"{state}\" r:id=\"rId{number}\"/>"
        ));
        targets.push((format!("rId{number}"), format!("worksheets/sheet{number}.xml")));
        members.push((
            format!("xl/worksheets/sheet{number}.xml"),
            format!("<?xml version=\"1.0\"?><worksheet {main}>{rows}</worksheet>"),
        ));
    }
    let number_formats: String = (164..)
        .zip(formats)
        .map(|(id, code)| format!("<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>"))
        .collect();
    let cell_formats: String = (164..)
        .zip(formats)
        .map(|(id, _)| format!("<xf numFmtId=\"{id}\" applyNumberFormat=\"1\"/>"))
        .collect();
    members.push((
        "xl/styles.xml".to_owned(),
        format!(
            "<?xml version=\"1.0\"?><styleSheet {main}><numFmts>{number_formats}</numFmts>\
             <fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>\
             <cellXfs><xf numFmtId=\"0\"/>{cell_formats}</cellXfs></styleSheet>"
        ),
    ));
    members.push((
        "xl/workbook.xml".to_owned(),
        format!("<?xml version=\"1.0\"?><workbook {main} xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>"),
    ));
    let mut related: Vec<(&str, &str, &str)> =
        targets.iter().map(|(id, target)| (id.as_str(), "worksheet", target.as_str())).collect();
    related.push(("rIdStyles", "styles", "styles.xml"));
    members.push(("xl/_rels/workbook.xml.rels".to_owned(), relations(&related)));
    members
        .push(("[Content_Types].xml".to_owned(), types("xl/workbook.xml", "spreadsheetml.sheet")));
    members.push((
        "_rels/.rels".to_owned(),
        relations(&[("rId1", "officeDocument", "xl/workbook.xml")]),
    ));
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())).collect();
    container(&members)
}

/// A row of a worksheet; words become inline strings, `=style:value` a number of that style.
pub(crate) fn row(number: u32, cells: &[(&str, &str)]) -> String {
    let cell = |(column, value): &(&str, &str)| match value.strip_prefix('=') {
        Some(number_cell) => {
            let (style, value) = number_cell.split_once(':').unwrap();
            format!("<c r=\"{column}{number}\" s=\"{style}\"><v>{value}</v></c>")
        }
        None => format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{value}</t></is></c>"),
    };
    let cells: String = cells.iter().map(cell).collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

/// An e-book of these chapters, listed in this order but stored in the reverse one.
pub(crate) fn epub(title: &str, chapters: &[(&str, &str)]) -> Vec<u8> {
    let items: String = chapters
        .iter()
        .rev()
        .map(|(id, _)| {
            format!(
                "<item id=\"{id}\" href=\"text/{id}.xhtml\" media-type=\"application/xhtml+xml\"/>"
            )
        })
        .collect();
    let spine: String =
        chapters.iter().map(|(id, _)| format!("<itemref idref=\"{id}\"/>")).collect();
    let package = format!(
        "<?xml version=\"1.0\"?><package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\">\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title>\
         <dc:language>zh-CN</dc:language></metadata><manifest>{items}<item id=\"nav\" \
         href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/></manifest>\
         <spine><itemref idref=\"nav\"/>{spine}</spine></package>"
    );
    let container_xml = "<?xml version=\"1.0\"?><container \
         xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile \
         full-path=\"OEBPS/book.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles>\
         </container>";
    let mut members: Vec<(String, Vec<u8>)> = vec![
        ("mimetype".to_owned(), b"application/epub+zip".to_vec()),
        ("META-INF/container.xml".to_owned(), container_xml.as_bytes().to_vec()),
        ("OEBPS/book.opf".to_owned(), package.into_bytes()),
        ("OEBPS/nav.xhtml".to_owned(), b"<html><body><h2>Contents</h2></body></html>".to_vec()),
    ];
    for (id, body) in chapters.iter().rev() {
        let page = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">\
             <head><title>{id}</title></head><body>{body}</body></html>"
        );
        members.push((format!("OEBPS/text/{id}.xhtml"), page.into_bytes()));
    }
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    container(&members)
}
