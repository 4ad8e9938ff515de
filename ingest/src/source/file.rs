//! Source files: TOML with one `[[source]]` table for each source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use kefu_core::{Audience, Language};
use serde::Deserialize;

use super::{DeletePolicy, Globs, SourcePlace, SourceSpec};

const MAX_SOURCES: usize = 100;
const MAX_URLS: usize = 50_000;
const MAX_GLOBS: usize = 100;
const MIN_EVERY: Duration = Duration::from_secs(60);
const MAX_EVERY: Duration = Duration::from_secs(366 * 86_400);
const MAX_FILE_BYTES: u64 = 16 << 20;

/// What is wrong with a source file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", path.display())]
pub struct SourceFault {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Table>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Folder,
    Urls,
    Sitemap,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Delete {
    Ask,
    Prune,
    Keep,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    id: String,
    kind: Kind,
    path: Option<PathBuf>,
    #[serde(default)]
    urls: Vec<String>,
    urls_file: Option<PathBuf>,
    sitemap: Option<String>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    every: Option<String>,
    #[serde(default = "ask")]
    delete: Delete,
    #[serde(default = "half")]
    max_vanish_share: f64,
    #[serde(default)]
    audiences: Vec<String>,
    lang: Option<String>,
    #[serde(default = "many")]
    max_documents: usize,
}

fn ask() -> Delete {
    Delete::Ask
}

fn half() -> f64 {
    0.5
}

fn many() -> usize {
    10_000
}

/// Reads a source file. Paths in it are relative to it.
///
/// # Errors
/// [`SourceFault`] for the first thing that is wrong.
pub fn read_source_file(path: &Path) -> Result<Vec<SourceSpec>, SourceFault> {
    let fault = |detail: String| SourceFault { path: path.to_owned(), detail };
    let text = read(path).map_err(fault)?;
    let file: File = toml::from_str(&text).map_err(|error| fault(error.to_string()))?;
    if file.source.is_empty() || file.source.len() > MAX_SOURCES {
        let detail = format!("it must have 1 to {MAX_SOURCES} tables called [[source]]");
        return Err(fault(detail));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut ids = BTreeSet::new();
    let mut specs = Vec::with_capacity(file.source.len());
    for table in file.source {
        let id = table.id.clone();
        let named = |detail: String| fault(format!("source {id:?}: {detail}"));
        if !ids.insert(table.id.clone()) {
            return Err(named("another source has the same id".to_owned()));
        }
        specs.push(spec(table, folder).map_err(named)?);
    }
    Ok(specs)
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!("it exceeds the limit of {MAX_FILE_BYTES} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

fn spec(table: Table, folder: &Path) -> Result<SourceSpec, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let id = table.id.clone();
    if id.is_empty() || id.len() > 64 || !id.chars().all(is_plain) || id == "api" {
        return Err("its id must be 1 to 64 letters, digits, '-', '_' and '.', and not api".into());
    }
    if !(0.0..=1.0).contains(&table.max_vanish_share) {
        return Err("max_vanish_share must lie between 0 and 1".to_owned());
    }
    if !(1..=1_000_000).contains(&table.max_documents) {
        return Err("max_documents must be 1 to 1000000".to_owned());
    }
    let audience = |name: &String| {
        Audience::new(name).ok_or_else(|| format!("{name:?} is no name of an audience"))
    };
    let language = |code: &String| {
        let known = Language::from_code(code);
        known.ok_or_else(|| format!("lang {code:?} is no code such as en or zh"))
    };
    Ok(SourceSpec {
        every: table.every.as_deref().map(duration).transpose()?,
        delete: match table.delete {
            Delete::Ask => DeletePolicy::Ask,
            Delete::Prune => DeletePolicy::Prune,
            Delete::Keep => DeletePolicy::Keep,
        },
        max_vanish_share: table.max_vanish_share,
        audiences: table.audiences.iter().map(audience).collect::<Result<_, _>>()?,
        language: table.lang.as_ref().map(language).transpose()?,
        max_documents: table.max_documents,
        place: place(table, folder)?,
        id,
    })
}

fn place(table: Table, folder: &Path) -> Result<SourcePlace, String> {
    let of_kind = |name: &str, is_given: bool, kinds: &[Kind]| {
        if is_given && !kinds.contains(&table.kind) {
            return Err(format!("{name} does not belong to this kind"));
        }
        Ok(())
    };
    of_kind("path", table.path.is_some(), &[Kind::Folder])?;
    of_kind("urls", !table.urls.is_empty() || table.urls_file.is_some(), &[Kind::Urls])?;
    of_kind("sitemap", table.sitemap.is_some(), &[Kind::Sitemap])?;
    let has_globs = !table.include.is_empty() || !table.exclude.is_empty();
    of_kind("include and exclude", has_globs, &[Kind::Folder, Kind::Sitemap])?;
    match table.kind {
        Kind::Folder => {
            let path = table.path.ok_or("a folder needs a path")?;
            let globs = globs(&table.include, &table.exclude, true)?;
            Ok(SourcePlace::Folder { path: folder.join(path), globs })
        }
        Kind::Urls => {
            let mut urls = table.urls;
            if let Some(file) = table.urls_file {
                let file = folder.join(file);
                let text = read(&file).map_err(|detail| format!("{}: {detail}", file.display()))?;
                let lines = text.lines().map(str::trim);
                let listed = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
                urls.extend(listed.map(str::to_owned));
            }
            if urls.is_empty() || urls.len() > MAX_URLS {
                return Err(format!("name 1 to {MAX_URLS} addresses by urls or urls_file"));
            }
            let urls = urls.iter().map(|url| web_address(url)).collect::<Result<_, _>>()?;
            Ok(SourcePlace::Urls { urls })
        }
        Kind::Sitemap => {
            let url = table.sitemap.ok_or("a sitemap needs the address called sitemap")?;
            let globs = globs(&table.include, &table.exclude, false)?;
            Ok(SourcePlace::Sitemap { url: web_address(&url)?, globs })
        }
    }
}

/// An address without its fragment, in the form in which it is a document's id.
pub(super) fn web_address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|error| format!("{text:?} is no address: {error}"));
    let mut url = url?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("{text:?} is no http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address must not hold a user name or password".to_owned());
    }
    url.set_fragment(None);
    Ok(url.into())
}

/// In a folder `*` stops at `/`; in an address it does not, since `/` is no border there.
fn globs(include: &[String], exclude: &[String], is_path: bool) -> Result<Globs, String> {
    if include.len() + exclude.len() > MAX_GLOBS {
        return Err(format!("at most {MAX_GLOBS} patterns are allowed"));
    }
    let set = |patterns: &[String]| -> Result<GlobSet, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern).literal_separator(is_path).build();
            set.add(glob.map_err(|error| format!("pattern {pattern:?}: {error}"))?);
        }
        set.build().map_err(|error| error.to_string())
    };
    let include = if include.is_empty() { None } else { Some(set(include)?) };
    Ok(Globs { include, exclude: set(exclude)? })
}

/// Reads `90s`, `15m`, `6h` or `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("every {text:?}: write a number with s, m, h or d, such as 6h");
    let text = text.trim();
    let unit = text.chars().next_back().ok_or_else(bad)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(bad()),
    };
    let number: u64 = text[..text.len() - 1].trim().parse().map_err(|_| bad())?;
    let every = Duration::from_secs(number.saturating_mul(seconds));
    if (MIN_EVERY..=MAX_EVERY).contains(&every) {
        Ok(every)
    } else {
        Err("every must be one minute to one year".to_owned())
    }
}
