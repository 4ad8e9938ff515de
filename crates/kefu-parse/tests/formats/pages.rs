//! PDF.

use kefu_parse::{BlockKind, Limits, parse};

use crate::{blocks, check_tiling, code, headings, read};

const LATIN: &str = "F1";
const BOLD: &str = "F2";
const CHINESE: &str = "F3";

/// Words at a place: font, size, x, y.
struct Words<'a>(&'a str, u32, u32, u32, &'a str);

/// What a scanner draws.
const PICTURE: &str = "q 612 0 0 792 0 0 cm /Im1 Do Q\n";

/// A page of words.
fn page(words: &[Words<'_>]) -> String {
    let one = |Words(font, size, x, y, text): &Words<'_>| {
        let shown = if *font == CHINESE {
            let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
            format!("<{units}>")
        } else {
            format!("({})", text.replace('(', "\\(").replace(')', "\\)"))
        };
        format!("BT /{font} {size} Tf {x} {y} Td {shown} Tj ET\n")
    };
    words.iter().map(one).collect()
}

/// A file of pages given by what is drawn on them.
fn pdf(pages: &[String]) -> Vec<u8> {
    let n_pages = pages.len();
    let kids: String = (0..n_pages).map(|n| format!("{} 0 R ", 10 + 2 * n)).collect();
    let mut objects: Vec<(usize, String)> = vec![
        (1, "<< /Type /Catalog /Pages 2 0 R >>".to_owned()),
        (2, format!("<< /Type /Pages /Kids [{kids}] /Count {n_pages} >>")),
        (3, font("Helvetica")),
        (4, font("Helvetica-Bold")),
        (
            5,
            "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H \
             /DescendantFonts [6 0 R] >>"
                .to_owned(),
        ),
        (
            6,
            "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo \
             << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>"
                .to_owned(),
        ),
    ];
    let image = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 \
         /ColorSpace /DeviceGray /Length 1 >>\nstream\n0\nendstream";
    objects.push((7, image.to_owned()));
    for (n, content) in pages.iter().enumerate() {
        let (page, stream) = (10 + 2 * n, 11 + 2 * n);
        let picture = if content == PICTURE { "/XObject << /Im1 7 0 R >>" } else { "" };
        objects.push((
            page,
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {stream} 0 R \
                 /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> {picture} >> >>"
            ),
        ));
        objects
            .push((stream, format!("<< /Length {} >>\nstream\n{content}endstream", content.len())));
    }
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut table = String::new();
    for (number, body) in &objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", bytes.len()));
        bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let start = bytes.len();
    let size = 10 + 2 * n_pages;
    bytes.extend(
        format!(
            "xref\n0 1\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n\
             startxref\n{start}\n%%EOF\n"
        )
        .bytes(),
    );
    bytes
}

fn font(name: &str) -> String {
    format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
}

#[test]
fn lines_become_headings_paragraphs_and_items() {
    let first = page(&[
        Words(BOLD, 20, 72, 720, "Returns policy"),
        Words(
            LATIN,
            11,
            72,
            690,
            "Goods can be returned within 30 days, and parcels that were dam-",
        ),
        Words(
            LATIN,
            11,
            72,
            676,
            "aged in the post are replaced. The fee for pick-up is 15.50 dollars",
        ),
        Words(LATIN, 11, 72, 662, "within 24 hours."),
        Words(LATIN, 11, 90, 634, "1. Pack the goods"),
        Words(LATIN, 11, 90, 620, "2. Print the label"),
    ]);
    let second = page(&[Words(LATIN, 11, 72, 720, "Page two says 4711.")]);
    let parsed = read("returns.pdf", &pdf(&[first, second]));
    assert_eq!(parsed.title.as_deref(), Some("Returns policy"));
    assert_eq!(headings(&parsed), [(1, "Returns policy")]);
    let prose = "Goods can be returned within 30 days, and parcels that were damaged in the post \
                 are replaced. The fee for pick-up is 15.50 dollars within 24 hours.";
    assert_eq!(blocks(&parsed, &BlockKind::Paragraph), [prose, "Page two says 4711."]);
    let items = ["1. Pack the goods", "2. Print the label"];
    assert_eq!(blocks(&parsed, &BlockKind::ListItem), items);
    assert_eq!(parsed.text.matches('\u{c}').count(), 1);
    assert_eq!(parsed.notes, Vec::<String>::new());
    check_tiling(&parsed);
}

#[test]
fn chinese_lines_join_without_a_space() {
    let words = page(&[
        Words(CHINESE, 12, 72, 700, "商品签收之日起七日内，如商品完好且不影响二次"),
        Words(CHINESE, 12, 72, 684, "销售，您可以申请无理由退货，退款将原路返回。"),
    ]);
    let parsed = read("退货.pdf", &pdf(&[words]));
    assert!(parsed.text.contains("不影响二次销售，您可以"), "{}", parsed.text);
}

#[test]
fn columns_are_read_one_after_the_other() {
    let mut words =
        vec![Words(BOLD, 16, 72, 740, "Terms of the warranty for the whole of the range of goods")];
    let left: Vec<String> =
        (0..8).map(|n| format!("left line {n} runs on to the gutter")).collect();
    let right: Vec<String> =
        (0..8).map(|n| format!("right line {n} runs on to the edge")).collect();
    for n in 0..8_u32 {
        words.push(Words(LATIN, 11, 72, 700 - 14 * n, &left[n as usize]));
        words.push(Words(LATIN, 11, 330, 700 - 14 * n, &right[n as usize]));
    }
    let text = read("columns.pdf", &pdf(&[page(&words)])).text;
    let at = |words: &str| text.find(words).unwrap();
    assert!(at("Terms") < at("left line 0"));
    assert!(at("left line 7") < at("right line 0"), "{text}");
}

#[test]
fn a_table_without_lines_keeps_its_rows() {
    let rows = [
        ["Item", "Price", "Delivery"],
        ["Kettle", "39.90", "2 days"],
        ["Toaster", "25.00", "3 days"],
        ["Fan", "199.00", "5 days"],
    ];
    let mut words = Vec::new();
    for (n, row) in (0_u32..).zip(&rows) {
        for (x, cell) in [72, 220, 360].into_iter().zip(row) {
            words.push(Words(LATIN, 11, x, 700 - 20 * n, cell));
        }
    }
    let parsed = read("prices.pdf", &pdf(&[page(&words)]));
    let expected = [
        "| Kettle | 39.90 | 2 days |",
        "| Toaster | 25.00 | 3 days |",
        "| Fan | 199.00 | 5 days |",
    ];
    assert_eq!(blocks(&parsed, &BlockKind::TableRow), expected, "{}", parsed.text);
}

#[test]
fn pages_that_are_pictures_are_told_apart_from_damage() {
    assert_eq!(code("scan.pdf", &pdf(&[PICTURE.to_owned()])), "no_text_layer");
    let words = page(&[Words(LATIN, 11, 72, 700, "Within 30 days.")]);
    let parsed = read("mixed.pdf", &pdf(&[words, PICTURE.to_owned()]));
    assert_eq!(parsed.text, "Within 30 days.\n");
    assert_eq!(parsed.notes, ["pages 2 are pictures without a text layer"]);
    assert_eq!(code("cut.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Cat"), "broken_file");
    assert_eq!(code("none.pdf", &pdf(&[])), "broken_file");
}

#[test]
fn pages_are_bounded() {
    let pages: Vec<String> = (0..5).map(|_| page(&[Words(LATIN, 11, 72, 700, "x")])).collect();
    let limits = Limits { max_pages: 4, ..Limits::STANDARD };
    assert_eq!(parse("a.pdf", &pdf(&pages), &limits).unwrap_err().code(), "too_large");
}

#[test]
fn damaged_bytes_never_panic() {
    let bytes = pdf(&[page(&[
        Words(LATIN, 11, 72, 700, "Goods can be returned within 30 days."),
        Words(CHINESE, 12, 72, 684, "七日内可以退货"),
    ])]);
    for at in (0..bytes.len()).step_by(37) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x15;
        bytes.truncate(bytes.len() - at % 50);
        let _ = parse("a.pdf", &bytes, &Limits::STANDARD);
    }
}
