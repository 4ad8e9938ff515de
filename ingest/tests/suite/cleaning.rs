//! Documents of which a part is not content.

use kefu_core::DocumentId;
use kefu_core::ports::{ContentRecords, JobFileState, Leg, LegQuery, VectorStore};
use kefu_core::{Passage, ReleaseNo};
use kefu_ingest::{FileOutcome, IngestOptions, KeepRules, Unobserved, Upload};
use kefu_text::Analyser;

use crate::world::{COLLECTION, World, line, options};

const BODY: &str = "云栖电热水壶的优(yōu)化方案说明如下:内胆换成双层不锈钢,烧水更快也更安静。\n\n\
    水壶保修两年,自签收之日起计算,保修期内的材料和工艺问题由我们免费修理。\n\n";
const FRAME: &str = "上一篇:怎样挑选水壶\n\n客服热线:400-123-4567\n\n版权所有 © 2024 某某资讯网\n";

/// Passages that a question finds.
async fn find(world: &World, question: &str) -> Vec<Passage> {
    let release = ReleaseNo(world.release().await);
    let leg = Leg::Lexical(Analyser::new().encode_query(&[(question, 1.0)]));
    let query = LegQuery { leg, release, day: None, documents: None, limit: 100 };
    let hits = world.store.query(&world.scope, COLLECTION, &query).await.unwrap();
    let ids: Vec<_> = hits.iter().map(|hit| hit.chunk_id).collect();
    world.records.passages(&world.scope, release, &ids).await.unwrap()
}

#[tokio::test]
async fn what_is_removed_is_listed_stored_and_never_found() {
    let world = World::new().await;
    world.write("kettle.txt", format!("{BODY}{FRAME}"));
    let report = world.ingest().await;
    let cleaning = &report.files[0].cleaning;
    assert_eq!(cleaning.len(), 1, "{cleaning:#?}");
    assert_eq!(
        (cleaning[0].document_id.as_str(), cleaning[0].rule.as_str()),
        ("kettle.txt", "boilerplate")
    );
    assert!(cleaning[0].excerpt.starts_with("上一篇"));
    assert_eq!(report.removals_by_rule().get("boilerplate"), Some(&1));

    let id = DocumentId::new("kettle.txt").unwrap();
    let stored = world.records.document(&world.scope, &id, None).await.unwrap();
    assert_eq!(stored.cleaning.removals.len(), 1);
    assert_eq!(stored.cleaning.removals[0].span, cleaning[0].span);
    assert!(stored.document.text.contains("400-123-4567"), "the text is whole");

    assert!(find(&world, "客服热线电话是多少").await.iter().all(|p| !p.text.contains("400-123")));
    let found = find(&world, "优化方案").await;
    assert!(found[0].text.contains("优(yōu)化方案"), "the raw bytes are quoted");
}

#[tokio::test]
async fn rules_can_be_kept_and_only_affected_documents_change() {
    let world = World::new().await;
    world.write("kettle.txt", format!("{BODY}{FRAME}"));
    world.write("plain.md", "# 配送\n\n配送需要三天左右,节假日顺延。\n");
    world.write("own.md", format!("---\nkeep: [boilerplate]\n---\n# 水壶\n\n{BODY}{FRAME}"));
    let first = world.ingest().await;
    assert!(first.files.iter().all(|f| f.cleaning.is_empty() || f.name == "kettle.txt"));
    assert_eq!(world.ingest().await.n_unchanged, 3);

    let n_embedded = world.embedder.n_embedded();
    let keep = KeepRules::parse(["boilerplate"]).unwrap();
    let kept = IngestOptions { keep, ..options() };
    let second = world.try_ingest(&kept, &Unobserved).await.unwrap();
    assert_eq!((second.n_changed, second.n_unchanged), (1, 2), "{:#?}", second.files);
    assert_eq!(world.embedder.n_embedded(), n_embedded, "no English text has changed");
    assert!(find(&world, "客服热线").await.iter().any(|p| p.text.contains("400-123")));
    assert_eq!(world.try_ingest(&kept, &Unobserved).await.unwrap().release, None);

    let third = world.ingest().await;
    assert_eq!(third.n_changed, 1);
    assert!(
        find(&world, "客服热线").await.iter().all(|p| !p
            .document_id
            .as_str()
            .starts_with("kettle")
            || !p.text.contains("400-123"))
    );
}

/// A page with little of its own in a large frame.
fn mostly_frame() -> String {
    let spam = "精品视频在线观看,国产高清无码,欧美成人专区,亚洲在线视频\n".repeat(12);
    format!("{spam}\n\n{BODY}")
}

#[tokio::test]
async fn a_document_that_would_lose_most_of_itself_waits_for_a_person() {
    let world = World::new().await;
    world.write("kettle.txt", BODY);
    world.ingest().await;
    world.write("kettle.txt", mostly_frame());
    let report = world.ingest().await;
    assert_eq!(line(&report, "kettle.txt"), (FileOutcome::Quarantined, Some("mostly_removed")));
    assert_eq!((report.n_quarantined, report.n_changed, report.release), (1, 0, None));
    assert!(!report.files[0].cleaning.is_empty());
    let id = DocumentId::new("kettle.txt").unwrap();
    let stored = world.records.document(&world.scope, &id, None).await.unwrap();
    assert_eq!(stored.document.text, BODY, "the older revision stays");

    let keep = KeepRules::parse(["all"]).unwrap();
    let kept = IngestOptions { keep, ..options() };
    assert_eq!(world.try_ingest(&kept, &Unobserved).await.unwrap().n_changed, 1);
}

#[tokio::test]
async fn a_job_says_that_a_file_is_quarantined() {
    let world = World::new().await;
    let bytes = mostly_frame().into_bytes();
    let upload = Upload::File { name: "kettle.txt".to_owned(), bytes };
    world.ingestor.accept(&world.scope, vec![upload]).await.unwrap();
    let job = world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap();
    assert_eq!(job.files[0].state, JobFileState::Quarantined);
    assert_eq!(job.files[0].code.as_deref(), Some("mostly_removed"));
    assert!(job.files[0].detail.as_deref().is_some_and(|detail| detail.contains("--keep")));
}

#[tokio::test]
async fn labels_that_the_pages_of_a_folder_share_go() {
    let world = World::new().await;
    for n in 1..=5 {
        let text =
            format!("云栖百科\n\n第 {n} 款水壶的容量是 {n} 升,适合 {n} 个人的家庭使用。\n\n{BODY}");
        world.write(&format!("page-{n}.txt"), text);
    }
    let report = world.ingest().await;
    assert_eq!(report.removals_by_rule().get("repeated_lines"), Some(&5));
}

/// Real pages lie outside of this project; a variable names their folder.
#[tokio::test]
async fn real_pages_are_found_by_their_words_and_not_by_their_frame() {
    let Some(folder) = std::env::var_os("KEFU_TEST_DIRTY_PAGES") else { return };
    let world = World::with_max_bytes(1 << 20).await;
    let files = std::fs::read_dir(folder).unwrap();
    let pages: Vec<_> = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    for path in &pages {
        let name = path.file_name().unwrap().to_str().unwrap();
        world.write(name, std::fs::read(path).unwrap());
    }
    let report = world.ingest().await;
    assert_eq!((report.n_added, report.n_quarantined), (pages.len(), 0), "{:#?}", report.files);
    assert!(report.files.iter().all(|file| !file.cleaning.is_empty()));
    let plan = find(&world, "优化方案").await;
    let glossed = plan.iter().find(|p| p.text.contains("優(yōu)化方案")).unwrap();
    assert!(!glossed.document_id.as_str().is_empty());
    assert!(find(&world, "质量").await.iter().any(|p| p.text.contains("質(zhì)量")));
    for question in ["客服电话是多少", "举报电话", "400"] {
        let found = find(&world, question).await;
        assert!(found.iter().all(|p| !p.text.contains("400-050")), "{question}");
    }
}
