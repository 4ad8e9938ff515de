//! E-books.

use crate::made::{container, epub};
use crate::{check_tiling, code, headings, read};

#[test]
fn chapters_come_in_reading_order() {
    let book = epub(
        "售后手册",
        &[
            ("one", "<h1>第一章 退货</h1><p>商品签收\n之日起七日内。</p>"),
            ("two", "<h1>第二章 保修</h1><p>Two years &amp; one month.</p>"),
        ],
    );
    let parsed = read("handbook.epub", &book);
    assert_eq!(parsed.title.as_deref(), Some("售后手册"));
    assert_eq!(parsed.meta.language.as_deref(), Some("zh"));
    assert_eq!(headings(&parsed), [(1, "第一章 退货"), (1, "第二章 保修")]);
    assert!(parsed.text.contains("商品签收之日起七日内。"), "{}", parsed.text);
    assert!(parsed.text.contains("Two years & one month."));
    assert!(!parsed.text.contains("Contents"));
    check_tiling(&parsed);
}

#[test]
fn a_book_that_names_no_package_is_broken() {
    let members: [(&str, &[u8]); 2] =
        [("mimetype", b"application/epub+zip"), ("META-INF/container.xml", b"<container/>")];
    assert_eq!(code("a.epub", &container(&members)), "broken_file");
}
