//! Names that do not fit the bytes.

use crate::made::{container, docx, paragraph, run};
use crate::{code, read};

#[test]
fn a_document_is_read_whatever_its_name_says() {
    let bytes = docx(&paragraph("", &run("Within thirty days.")), &[]);
    for name in ["returns.txt", "returns.xlsx", "returns", "returns.bak"] {
        let parsed = read(name, &bytes);
        assert!(parsed.text.contains("thirty"), "{name}");
        assert_eq!(
            parsed.notes.is_empty(),
            !name.ends_with("txt") && !name.ends_with("xlsx"),
            "{name}"
        );
    }
}

#[test]
fn other_formats_are_named_with_what_to_do() {
    let archive = container(&[("notes.txt", b"x")]);
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0";
    assert_eq!(code("notes.txt", &archive), "wrong_format");
    assert_eq!(code("scan.pdf", picture), "wrong_format");
    assert_eq!(code("policy.docx", b"{\\rtf1 x}"), "wrong_format");
    assert_eq!(code("notes.zip", &archive), "unsupported_format");
    assert_eq!(code("policy.docx", b"just words"), "broken_file");
    assert_eq!(code("policy.pdf", b"just words"), "broken_file");
    assert_eq!(read("page.md", b"<p>HTML in a .md file is Markdown.</p>").notes.len(), 0);
}

#[test]
fn a_container_that_was_cut_off_is_broken() {
    let bytes = docx(&paragraph("", &run(&"Within thirty days. ".repeat(50))), &[]);
    assert_eq!(code("returns.docx", &bytes[..bytes.len() / 2]), "broken_file");
}

#[test]
fn office_files_behind_a_password_say_so() {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.extend([0; 600]);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    for name in ["a.docx", "a.xlsx", "a.pptx"] {
        assert_eq!(code(name, &bytes), "password_required");
    }
}
