//! E-mail.

use crate::{check_tiling, code, read};

#[test]
fn a_message_is_its_head_and_its_text() {
    let message = "From: =?utf-8?B?5p2O5pWP?= <li@example.com>\r\nTo: desk@example.com\r\n\
        Date: Wed, 25 Nov 2026 10:00:00 +0800\r\nSubject: =?utf-8?B?6YCA6LSn5pS/562W?=\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n\
        --c\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThirty days.\r\n\
        --c\r\nContent-Type: text/html\r\n\r\n<p>Thirty <b>days</b>.</p>\r\n--c--\r\n\
        --b\r\nContent-Type: application/pdf; name=\"form.pdf\"\r\n\
        Content-Disposition: attachment; filename=\"form.pdf\"\r\n\r\n%PDF-1.4\r\n--b--\r\n";
    let parsed = read("policy.eml", message.as_bytes());
    assert_eq!(parsed.title.as_deref(), Some("退货政策"));
    let expected = "From: 李敏 <li@example.com>\nDate: 2026-11-25\n\nThirty days.";
    assert_eq!(parsed.text, expected);
    assert!(parsed.notes[0].contains("form.pdf"), "{:?}", parsed.notes);
    check_tiling(&parsed);
}

#[test]
fn a_message_in_html_alone_is_converted() {
    let message =
        "From: a@example.com\r\nSubject: Fees\r\nContent-Type: text/html; charset=gb2312\r\n\r\n";
    let body = encoding_rs::GBK.encode("<h1>运费</h1><p>十元</p>").0.into_owned();
    let parsed = read("fees.eml", &[message.as_bytes(), &body].concat());
    assert!(parsed.text.contains("# 运费\n\n十元"), "{}", parsed.text);
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    assert_eq!(code("a.eml", b"\x00\x01\x02"), "broken_file");
}
