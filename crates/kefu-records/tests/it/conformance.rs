use kefu_testkit::conformance::records;

use crate::Folder;

#[tokio::test]
async fn content() {
    let folder = Folder::new();
    records::content(&|| folder.subject()).await;
}

#[tokio::test]
async fn conversations() {
    let folder = Folder::new();
    records::conversations(&|| folder.subject()).await;
    records::feedback(&|| folder.subject()).await;
}

#[tokio::test]
async fn tickets() {
    let folder = Folder::new();
    records::tickets(&|| folder.subject()).await;
    records::desk(&|| folder.subject()).await;
}

#[tokio::test]
async fn jobs() {
    let folder = Folder::new();
    records::jobs(&|| folder.subject()).await;
}

#[tokio::test]
async fn overlays() {
    let folder = Folder::new();
    records::overlays(&|| folder.subject()).await;
}

#[tokio::test]
async fn sources() {
    let folder = Folder::new();
    records::sources(&|| folder.subject()).await;
}

#[tokio::test]
async fn isolation() {
    let folder = Folder::new();
    records::isolation(&|| folder.subject()).await;
}

#[tokio::test]
async fn outbox() {
    let folder = Folder::new();
    records::outbox(&|| folder.subject()).await;
}

#[tokio::test]
async fn lessons_and_links() {
    let folder = Folder::new();
    records::lessons(&|| folder.subject()).await;
    records::links(&|| folder.subject()).await;
}
