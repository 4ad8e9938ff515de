//! Sources to files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::IngestError;
use crate::report::{FileOutcome, FileReport};

/// A file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// Its path below the source, with `/`; a lone file's own name. The document's id.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The source's name.
    pub(crate) source: String,
}

/// What the sources hold.
#[derive(Debug)]
pub(crate) struct Found {
    /// Files, in the order of the sources and sorted by name within each.
    pub(crate) files: Vec<SourceFile>,
    /// Entries that were left out.
    pub(crate) problems: Vec<FileReport>,
    /// Names of the sources.
    pub(crate) sources: Vec<String>,
}

/// Lists the files of sources. Hidden entries are left out; links are followed to files inside
/// their source only.
pub(crate) fn walk(sources: &[PathBuf], name: Option<&str>) -> Result<Found, IngestError> {
    let mut found = Found { files: Vec::new(), problems: Vec::new(), sources: Vec::new() };
    for given in sources {
        let unreadable =
            |e: std::io::Error| IngestError::Source { path: given.clone(), detail: e.to_string() };
        let path = fs::canonicalize(given).map_err(unreadable)?;
        let source = name.map_or_else(|| path.to_string_lossy().into_owned(), str::to_owned);
        if path.is_dir() {
            fs::read_dir(&path).map_err(unreadable)?;
            walk_folder(&path, &source, &mut found);
        } else {
            let file_name = given.file_name().or_else(|| path.file_name()).unwrap_or_default();
            let name = file_name.to_string_lossy().into_owned();
            found.files.push(SourceFile { name, path, source: source.clone() });
        }
        if !found.sources.contains(&source) {
            found.sources.push(source);
        }
    }
    // What lies in a folder that cannot be read may be there all the same.
    if found.problems.iter().any(|problem| problem.code.as_deref() == Some("unreadable")) {
        found.sources.clear();
    }
    Ok(found)
}

fn walk_folder(root: &Path, source: &str, found: &mut Found) {
    let mut folders = vec![root.to_owned()];
    let first = found.files.len();
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.problems.push(left_out(root, &folder, "unreadable", &error.to_string()));
                continue;
            }
        };
        for entry in entries {
            let Ok(entry) = entry else { continue };
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            match kind(root, &path) {
                Ok(Kind::Folder) => folders.push(path),
                Ok(Kind::File) => {
                    let name = relative(root, &path);
                    found.files.push(SourceFile { name, path, source: source.to_owned() });
                }
                Err((code, detail)) => {
                    found.problems.push(left_out(root, &path, code, &detail));
                }
            }
        }
    }
    found.files[first..].sort_by(|a, b| a.name.cmp(&b.name));
}

enum Kind {
    Folder,
    File,
}

fn kind(root: &Path, path: &Path) -> Result<Kind, (&'static str, String)> {
    let unreadable = |e: std::io::Error| ("unreadable", e.to_string());
    let own = fs::symlink_metadata(path).map_err(unreadable)?;
    if own.is_dir() {
        return Ok(Kind::Folder);
    }
    if own.is_symlink() {
        let target = fs::canonicalize(path).map_err(unreadable)?;
        if !target.starts_with(root) {
            let detail = "the link leads out of the source".to_owned();
            return Err(("outside_source", detail));
        }
        if !target.is_file() {
            let detail = "links to folders are not followed".to_owned();
            return Err(("link_to_folder", detail));
        }
        return Ok(Kind::File);
    }
    if own.is_file() {
        return Ok(Kind::File);
    }
    Err(("not_a_file", "it is neither a file nor a folder".to_owned()))
}

fn left_out(root: &Path, path: &Path, code: &str, detail: &str) -> FileReport {
    FileReport::problem(relative(root, path), FileOutcome::Skipped, code, detail)
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn folders_are_listed_in_order_without_hidden_files_and_foreign_links() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.md"), "x").unwrap();
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("zh/.git")).unwrap();
        for name in ["b.md", "a.md", "zh/退货.md", ".hidden.md", "zh/.git/config"] {
            fs::write(at(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(at("a.md"), at("c.md")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.md"), at("d.md")).unwrap();
        std::os::unix::fs::symlink(at("zh"), at("loop")).unwrap();
        let found = walk(&[root.path().to_owned()], Some("handbook")).unwrap();
        let names: Vec<&str> = found.files.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["a.md", "b.md", "c.md", "zh/退货.md"]);
        assert_eq!(found.sources, ["handbook"]);
        let mut codes: Vec<_> =
            found.problems.iter().map(|p| (p.name.as_str(), p.code.as_deref().unwrap())).collect();
        codes.sort_unstable();
        assert_eq!(codes, [("d.md", "outside_source"), ("loop", "link_to_folder")]);
    }

    #[test]
    fn a_lone_file_is_named_by_itself_and_a_missing_path_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("faq.csv"), "x").unwrap();
        let found = walk(&[root.path().join("faq.csv")], None).unwrap();
        assert_eq!(found.files[0].name, "faq.csv");
        let missing = walk(&[root.path().join("none")], None).unwrap_err();
        assert!(missing.to_string().contains("none"));
    }
}
