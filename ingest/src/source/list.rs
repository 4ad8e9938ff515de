//! A source's documents as work for a run.

use std::collections::{HashMap, HashSet, VecDeque};

use kefu_core::ports::{FetchError, FetchRequest, Fetched, Fetcher, PageRecord};

use super::{Globs, SourcePlace, SourceSpec, file, sitemap};
use crate::error::IngestError;
use crate::pipeline::{Content, Defaults, Intake, Listed, PageWork, Work, blocking, source_of};
use crate::report::{FileOutcome, FileReport};
use crate::walk;

/// Sitemaps read for one source, and how deep an index may lead.
const MAX_SITEMAPS: usize = 500;
const MAX_DEPTH: usize = 3;

/// Lists a source. What cannot be listed is a problem of the run, and then nothing of the source
/// counts as vanished.
pub(super) async fn list(
    spec: &SourceSpec,
    fetcher: Option<&dyn Fetcher>,
    known: Vec<PageRecord>,
) -> Result<Intake, IngestError> {
    let mut intake =
        Intake { works: Vec::new(), problems: Vec::new(), sources: vec![listed(spec)] };
    let known: HashMap<String, PageRecord> =
        known.into_iter().map(|page| (page.origin.clone(), page)).collect();
    match &spec.place {
        SourcePlace::Folder { path, globs } => {
            folder(spec, path.clone(), globs, &mut intake).await?
        }
        SourcePlace::Urls { urls } => {
            let pages = urls.iter().map(|url| (url.clone(), None)).collect();
            take_pages(spec, pages, &known, &mut intake);
        }
        SourcePlace::Sitemap { url, globs } => {
            let Some(fetcher) = fetcher else { return Ok(no_fetcher(intake, url)) };
            match read_sitemaps(fetcher, url, globs, spec.max_documents).await {
                Ok(pages) => take_pages(spec, pages, &known, &mut intake),
                Err(error) => {
                    let line =
                        FileReport::problem(url, FileOutcome::Failed, error.code, error.detail);
                    intake.problems.push(line);
                    intake.sources.clear();
                }
            }
        }
    }
    if intake.works.len() > spec.max_documents {
        intake.works.truncate(spec.max_documents);
        let limit = spec.max_documents;
        let detail =
            format!("it lists more than {limit} documents: raise max_documents, or split it");
        let line = FileReport::problem(&spec.id, FileOutcome::Failed, "too_many_documents", detail);
        intake.problems.push(line);
        intake.sources.clear();
    }
    Ok(intake)
}

fn no_fetcher(mut intake: Intake, url: &str) -> Intake {
    let detail = "this program was put together without a way to fetch pages";
    intake.problems.push(FileReport::problem(url, FileOutcome::Failed, "no_fetcher", detail));
    intake.sources.clear();
    intake
}

fn listed(spec: &SourceSpec) -> Listed {
    Listed {
        name: spec.id.clone(),
        delete: spec.delete != super::DeletePolicy::Keep,
        max_vanish_share: match spec.delete {
            super::DeletePolicy::Ask => Some(spec.max_vanish_share),
            super::DeletePolicy::Prune | super::DeletePolicy::Keep => None,
        },
    }
}

async fn folder(
    spec: &SourceSpec,
    path: std::path::PathBuf,
    globs: &Globs,
    intake: &mut Intake,
) -> Result<(), IngestError> {
    let id = spec.id.clone();
    let found = blocking(move || walk::walk(&[path], Some(&id))).await??;
    intake.problems.extend(found.problems);
    let files = found.files.into_iter().filter(|file| globs.take(&file.name));
    intake.works.extend(files.map(|file| Work {
        source: source_of(&file.source, &file.name),
        name: file.name,
        content: Content::Path(file.path),
        defaults: defaults(spec),
    }));
    Ok(())
}

fn defaults(spec: &SourceSpec) -> Defaults {
    Defaults { audiences: spec.audiences.clone(), language: spec.language, url: None }
}

fn take_pages(
    spec: &SourceSpec,
    pages: Vec<(String, Option<String>)>,
    known: &HashMap<String, PageRecord>,
    intake: &mut Intake,
) {
    let mut seen = HashSet::new();
    for (url, changed_at) in pages {
        if !seen.insert(url.clone()) {
            continue;
        }
        let source = source_of(&spec.id, &url);
        let known = known.get(&source).cloned();
        let request = FetchRequest { url: url.clone(), ..FetchRequest::default() };
        intake.works.push(Work {
            content: Content::Page(PageWork { request, known, changed_at }),
            defaults: Defaults { url: Some(url.clone()), ..defaults(spec) },
            name: url,
            source,
        });
    }
}

/// Pages of a sitemap and of those below it, in order, that are of its own site.
async fn read_sitemaps(
    fetcher: &dyn Fetcher,
    url: &str,
    globs: &Globs,
    max: usize,
) -> Result<Vec<(String, Option<String>)>, FetchError> {
    let site = host(url);
    let (mut waiting, mut pages) = (VecDeque::from([(url.to_owned(), 1)]), Vec::new());
    let mut seen = HashSet::from([url.to_owned()]);
    while let Some((place, depth)) = waiting.pop_front() {
        let request = FetchRequest { url: place.clone(), ..FetchRequest::default() };
        let page = match fetcher.fetch(&request).await? {
            Fetched::Page(page) => page,
            Fetched::Gone | Fetched::NotModified => {
                let detail = format!("there is no sitemap at {place}");
                return Err(FetchError { code: "no_sitemap", detail });
            }
        };
        let bad = |detail: String| {
            let detail = format!("the sitemap at {place}: {detail}");
            FetchError { code: "bad_sitemap", detail }
        };
        let read = tokio::task::spawn_blocking(move || sitemap::read(&page.bytes, max + 1));
        let found = read.await.map_err(|error| bad(error.to_string()))?.map_err(bad)?;
        let own = |address: &String| {
            file::web_address(address).ok().filter(|address| host(address) == site)
        };
        for below in found.sitemaps.iter().filter_map(own) {
            if depth < MAX_DEPTH && seen.len() < MAX_SITEMAPS && seen.insert(below.clone()) {
                waiting.push_back((below, depth + 1));
            }
        }
        let own = found.pages.into_iter().filter_map(|(url, day)| Some((own(&url)?, day)));
        pages.extend(own.filter(|(url, _)| globs.take(url)));
        if pages.len() > max {
            break;
        }
    }
    Ok(pages)
}

fn host(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_lowercase)
}
