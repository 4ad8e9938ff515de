//! Sources on the web and in folders, run again and again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kefu_core::ports::{
    ContentRecords, FetchError, FetchRequest, Fetched, FetchedPage, Fetcher, SourceOutcome,
    SourceRecords, SourceRun, Validators,
};
use kefu_core::{DocumentId, ReleaseNo};
use kefu_ingest::{
    FileOutcome, IngestOptions, IngestReport, Ingestor, SourceSpec, Unobserved, read_source_file,
};

use crate::world::{World, line, options};

const SITE: &str = "https://shop.example";

/// A web site that can change between runs, and what was sent of it.
#[derive(Default)]
struct Site {
    pages: Mutex<BTreeMap<String, Page>>,
    sent: Mutex<Vec<String>>,
}

#[derive(Clone)]
enum Page {
    /// Its text, which is also its ETag.
    There(String),
    Failing,
}

impl Site {
    fn put(&self, path: &str, text: &str) {
        let url = format!("{SITE}{path}");
        self.pages.lock().unwrap().insert(url, Page::There(text.to_owned()));
    }

    fn fail(&self, path: &str) {
        self.pages.lock().unwrap().insert(format!("{SITE}{path}"), Page::Failing);
    }

    fn drop_page(&self, path: &str) {
        self.pages.lock().unwrap().remove(&format!("{SITE}{path}"));
    }

    /// Pages sent whole since the last call.
    fn sent(&self) -> Vec<String> {
        let mut sent = std::mem::take(&mut *self.sent.lock().unwrap());
        sent.sort();
        sent.iter().map(|url| url[SITE.len()..].to_owned()).collect()
    }
}

#[async_trait]
impl Fetcher for Site {
    async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let page = self.pages.lock().unwrap().get(&request.url).cloned();
        match page {
            None => Ok(Fetched::Gone),
            Some(Page::Failing) => {
                Err(FetchError { code: "timeout", detail: "took too long".to_owned() })
            }
            Some(Page::There(text)) if request.known.etag.as_ref() == Some(&text) => {
                Ok(Fetched::NotModified)
            }
            Some(Page::There(text)) => {
                self.sent.lock().unwrap().push(request.url.clone());
                Ok(Fetched::Page(FetchedPage {
                    bytes: text.clone().into_bytes(),
                    content_type: Some("text/html".to_owned()),
                    validators: Validators { etag: Some(text), last_modified: None },
                }))
            }
        }
    }
}

struct Web {
    world: World,
    site: Arc<Site>,
    spec: SourceSpec,
}

impl Web {
    async fn new(toml: &str) -> Self {
        let mut world = World::new().await;
        let site = Arc::new(Site::default());
        let mut parts = world.parts();
        parts.fetcher = Some(site.clone());
        world.ingestor = Ingestor::new(parts);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("source.toml");
        std::fs::write(&path, format!("[[source]]\nid = \"site\"\n{toml}")).unwrap();
        let spec = read_source_file(&path).unwrap().remove(0);
        Self { world, site, spec }
    }

    fn page(&self, n: usize, price: u32) {
        let text =
            format!("<html><body><h1>Lamp {n}</h1><p>It costs {price} euros.</p></body></html>");
        self.site.put(&format!("/{n}"), &text);
    }

    fn sitemap(&self, pages: impl IntoIterator<Item = (usize, Option<&'static str>)>) {
        let entry = |(n, day): (usize, Option<&str>)| {
            let day = day.map(|day| format!("<lastmod>{day}</lastmod>")).unwrap_or_default();
            format!("<url><loc>{SITE}/{n}</loc>{day}</url>")
        };
        let entries: String = pages.into_iter().map(entry).collect();
        self.site.put("/sitemap.xml", &format!("<urlset>{entries}</urlset>"));
    }

    async fn run_with(&self, options: &IngestOptions) -> IngestReport {
        let world = &self.world;
        world.ingestor.ingest_source(&world.scope, &self.spec, options, &Unobserved).await.unwrap()
    }

    async fn run(&self) -> IngestReport {
        self.run_with(&options()).await
    }

    async fn last(&self) -> SourceRun {
        self.world.records.source_runs(&self.world.scope).await.unwrap().remove(0)
    }

    async fn text(&self, n: usize) -> String {
        let id = DocumentId::new(format!("{SITE}/{n}")).unwrap();
        self.world.records.document(&self.world.scope, &id, None).await.unwrap().document.text
    }
}

const SITEMAP: &str = "kind = \"sitemap\"\nsitemap = \"https://shop.example/sitemap.xml\"\n";

#[tokio::test]
async fn pages_are_taken_in_and_unchanged_ones_are_not_sent_again() {
    let web = Web::new(SITEMAP).await;
    for n in 1..=3 {
        web.page(n, 10);
    }
    web.sitemap([(1, None), (2, None), (3, Some("2026-01-01"))]);
    let first = web.run().await;
    assert_eq!((first.n_added, first.release), (3, Some(ReleaseNo(1))));
    assert_eq!(web.site.sent(), ["/1", "/2", "/3", "/sitemap.xml"]);
    let id = DocumentId::new(format!("{SITE}/1")).unwrap();
    let stored = web.world.records.document(&web.world.scope, &id, None).await.unwrap().document;
    assert_eq!(stored.meta.url.as_deref(), Some("https://shop.example/1"));
    assert_eq!(stored.meta.title, "Lamp 1");

    web.page(2, 12);
    web.page(3, 13);
    let second = web.run().await;
    assert_eq!((second.n_changed, second.n_unchanged), (1, 2));
    // The sitemap says that the third did not change, and is believed.
    assert_eq!(web.site.sent(), ["/2", "/sitemap.xml"]);
    assert!(web.text(2).await.contains("12 euros"));
    let last = web.last().await;
    assert_eq!((last.outcome, last.n_changed, last.n_unchanged), (SourceOutcome::Done, 1, 2));
    assert_eq!(last.release, Some(ReleaseNo(2)));

    // After a rollback what the server says of the newer page tells nothing about the older one.
    let previous = kefu_core::PointerTarget::Previous;
    web.world.records.move_pointer(&web.world.scope, previous, "").await.unwrap();
    web.sitemap([(1, None), (2, None), (3, Some("2026-02-02"))]);
    web.run().await;
    assert_eq!(web.site.sent(), ["/2", "/3", "/sitemap.xml"]);
    assert!(web.text(2).await.contains("12 euros") && web.text(3).await.contains("13 euros"));
    assert_eq!(web.run().await.release, None);
}

#[tokio::test]
async fn only_what_the_server_says_is_gone_goes_and_too_much_waits_for_a_word() {
    let web = Web::new(SITEMAP).await;
    let all = || (1..=8).map(|n| (n, None));
    (1..=8).for_each(|n| web.page(n, 10));
    web.sitemap(all());
    web.run().await;

    web.site.fail("/1");
    web.site.drop_page("/2");
    let second = web.run().await;
    assert_eq!(line(&second, &format!("{SITE}/1")), (FileOutcome::Failed, Some("timeout")));
    assert_eq!((second.n_removed, second.n_failed), (1, 1));
    assert!(web.text(1).await.contains("10 euros"));
    let last = web.last().await;
    assert_eq!((last.outcome, last.n_removed), (SourceOutcome::Partly, 1));
    assert!(last.error.unwrap().contains("took too long"));

    // A page that failed is asked for as before once it is back.
    web.page(1, 10);
    web.site.sent();
    assert_eq!(web.run().await.n_unchanged, 7);
    assert_eq!(web.site.sent(), ["/sitemap.xml"]);

    web.sitemap([(1, None)]);
    let third = web.run().await;
    assert_eq!((third.n_removed, third.n_deletions_withheld()), (0, 6));
    assert_eq!(web.last().await.n_withheld, 6);
    web.site.fail("/sitemap.xml");
    let unlisted = web.run().await;
    assert_eq!((unlisted.n_removed, unlisted.n_failed), (0, 1));
    assert_eq!(web.last().await.outcome, SourceOutcome::Failed);
    web.sitemap([(1, None)]);
    let confirmed = IngestOptions { confirm_deletions: true, ..options() };
    assert_eq!(web.run_with(&confirmed).await.n_removed, 6);
}

#[tokio::test]
async fn policies_and_limits_of_a_source_are_kept() {
    let keep = format!("{SITEMAP}delete = \"keep\"\nmax_documents = 2\nlang = \"de\"\n");
    let web = Web::new(&keep).await;
    (1..=3).for_each(|n| web.page(n, 10));
    web.sitemap([(1, None), (2, None)]);
    web.run().await;
    web.sitemap([(1, None)]);
    let second = web.run().await;
    let kept = line(&second, &format!("{SITE}/2"));
    assert_eq!(kept, (FileOutcome::Kept, Some("no_longer_in_source")));
    web.sitemap([(1, None), (2, None), (3, None)]);
    let cut = web.run().await;
    assert_eq!(line(&cut, "site"), (FileOutcome::Failed, Some("too_many_documents")));
    assert_eq!(cut.n_added, 0);

    // Pages of other sites are none of a sitemap's business.
    let foreign = "<urlset><url><loc>https://other.example/1</loc></url></urlset>";
    web.site.put("/sitemap.xml", foreign);
    assert_eq!(web.run().await.n_failed, 0);
    let dry = IngestOptions { dry_run: true, ..options() };
    let before = web.last().await;
    web.run_with(&dry).await;
    assert_eq!(web.last().await, before);
}

#[tokio::test]
async fn an_index_leads_to_further_sitemaps() {
    let web = Web::new(SITEMAP).await;
    web.page(1, 10);
    let to = |path: &str| format!("<sitemap><loc>{SITE}{path}</loc></sitemap>");
    let index = format!("<sitemapindex>{}{}</sitemapindex>", to("/sitemap.xml"), to("/a.xml"));
    web.site.put("/sitemap.xml", &index);
    web.site.put("/a.xml", &format!("<urlset><url><loc>{SITE}/1#top</loc></url></urlset>"));
    assert_eq!(web.run().await.n_added, 1);
}
