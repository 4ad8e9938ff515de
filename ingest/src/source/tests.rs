use std::io::Write;

use super::*;

fn specs(toml: &str) -> Result<Vec<SourceSpec>, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("more.txt"), "# pages\nhttps://shop.example/c\n\n").unwrap();
    let path = folder.path().join("source.toml");
    std::fs::write(&path, toml).unwrap();
    read_source_file(&path).map_err(|fault| fault.to_string())
}

fn one(rest: &str) -> Result<SourceSpec, String> {
    let toml = format!("[[source]]\nid = \"shop\"\n{rest}");
    specs(&toml).map(|mut specs| specs.remove(0))
}

#[test]
fn a_source_file_is_read_with_its_defaults() {
    let specs = specs(
        "[[source]]\nid = \"handbook\"\nkind = \"folder\"\npath = \"docs\"\nevery = \"15m\"\n\
         include = [\"**/*.md\"]\nexclude = [\"drafts/**\"]\naudiences = [\"staff\"]\n\
         [[source]]\nid = \"pages\"\nkind = \"urls\"\nurls = [\"HTTPS://Shop.Example/b#top\"]\n\
         urls_file = \"more.txt\"\ndelete = \"prune\"\nlang = \"zh\"\n\
         [[source]]\nid = \"site\"\nkind = \"sitemap\"\nsitemap = \"https://shop.example/s.xml\"\n\
         include = [\"*/help/*\"]\nmax_vanish_share = 0.2\nmax_documents = 7\n",
    )
    .unwrap();
    let [handbook, pages, site] = specs.as_slice() else { unreachable!() };
    assert_eq!(handbook.every, Some(Duration::from_secs(900)));
    assert_eq!((handbook.delete, handbook.max_vanish_share), (DeletePolicy::Ask, 0.5));
    assert_eq!(handbook.audiences.len(), 1);
    let SourcePlace::Folder { path, globs } = &handbook.place else { unreachable!() };
    assert!(path.ends_with("docs") && path.is_absolute());
    assert!(globs.take("a.md") && globs.take("zh/a.md") && !globs.take("drafts/a.md"));
    assert!(!globs.take("a.txt"));
    let SourcePlace::Urls { urls } = &pages.place else { unreachable!() };
    assert_eq!(urls, &["https://shop.example/b", "https://shop.example/c"]);
    assert_eq!((pages.delete, pages.language), (DeletePolicy::Prune, Some(Language::CHINESE)));
    let SourcePlace::Sitemap { globs, .. } = &site.place else { unreachable!() };
    assert!(globs.take("https://shop.example/help/a/b") && !globs.take("https://shop.example/x"));
    assert_eq!((site.max_documents, site.every), (7, None));
}

#[test]
fn what_is_wrong_with_a_source_file_is_said() {
    let folder = "kind = \"folder\"\npath = \"docs\"\n";
    for (toml, words) in [
        ("kind = \"folder\"\n", "needs a path"),
        ("kind = \"ftp\"\n", "unknown variant"),
        ("kind = \"urls\"\n", "1 to 50000 addresses"),
        ("kind = \"urls\"\nurls = [\"file:///etc/passwd\"]\n", "no http or https"),
        ("kind = \"urls\"\nurls = [\"https://a:b@shop.example/\"]\n", "user name"),
        (
            "kind = \"sitemap\"\nsitemap = \"https://x.example/s.xml\"\npath = \"x\"\n",
            "path does not",
        ),
        (&format!("{folder}evry = \"1h\"\n"), "unknown field `evry`"),
        (&format!("{folder}every = \"5s\"\n"), "one minute to one year"),
        (&format!("{folder}every = \"soon\"\n"), "such as 6h"),
        (&format!("{folder}every = \"\"\n"), "such as 6h"),
        (&format!("{folder}include = [\"a[\"]\n"), "pattern"),
        (&format!("{folder}max_vanish_share = 2\n"), "between 0 and 1"),
        (&format!("{folder}max_documents = 0\n"), "max_documents"),
        (&format!("{folder}lang = \"klingon\"\n"), "no code"),
        (&format!("{folder}audiences = [\"a b\"]\n"), "name of an audience"),
    ] {
        let fault = one(toml).unwrap_err();
        assert!(fault.contains(words) && fault.contains("source.toml"), "{fault}");
    }
    assert!(specs("").unwrap_err().contains("[[source]]"));
    let twice = format!("[[source]]\nid = \"a\"\n{folder}[[source]]\nid = \"a\"\n{folder}");
    assert!(specs(&twice).unwrap_err().contains("same id"));
    for id in ["", "a b", "api", "a::b"] {
        let toml = format!("[[source]]\nid = \"{id}\"\n{folder}");
        assert!(specs(&toml).unwrap_err().contains("its id"), "{id}");
    }
}

fn sitemap(xml: &str) -> Result<sitemap::Sitemap, String> {
    sitemap::read(xml.as_bytes(), 100)
}

#[test]
fn sitemaps_are_read_compressed_or_not() {
    let xml = "<?xml version=\"1.0\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
               <url><loc> https://shop.example/a?x=1&amp;y=2 </loc><lastmod>2026-01-02</lastmod>\
               <image:image xmlns:image=\"i\"><image:loc>https://shop.example/i.png</image:loc>\
               </image:image></url><url><loc><![CDATA[https://shop.example/退货]]></loc></url>\
               <url></url></urlset>";
    let expected = sitemap::Sitemap {
        sitemaps: Vec::new(),
        pages: vec![
            ("https://shop.example/a?x=1&y=2".to_owned(), Some("2026-01-02".to_owned())),
            ("https://shop.example/退货".to_owned(), None),
        ],
    };
    assert_eq!(sitemap(xml).unwrap(), expected);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(xml.as_bytes()).unwrap();
    assert_eq!(sitemap::read(&packed.finish().unwrap(), 100).unwrap(), expected);
    let index =
        "<sitemapindex><sitemap><loc>https://shop.example/1.xml</loc></sitemap></sitemapindex>";
    assert_eq!(sitemap(index).unwrap().sitemaps, ["https://shop.example/1.xml"]);
}

#[test]
fn hostile_sitemaps_do_no_harm() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
                <urlset><url><loc>https://shop.example/&b;</loc></url></urlset>";
    assert_eq!(sitemap(bomb).unwrap().pages[0].0, "https://shop.example/");
    let many = format!("<urlset>{}</urlset>", "<url><loc>x</loc></url>".repeat(1_000));
    assert_eq!(sitemap(&many).unwrap().pages.len(), 101);
    let deep = "<urlset>".to_owned() + &"<a>".repeat(1_000_000);
    for bad in ["", "hello", "<html><body/></html>", "<urlset><url></urlset>", deep.as_str()] {
        assert!(sitemap(bad).is_err(), "{}", &bad[..bad.len().min(40)]);
    }
    let zeros = vec![0; 60 << 20];
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&zeros).unwrap();
    assert!(sitemap::read(&packed.finish().unwrap(), 9).unwrap_err().contains("limit"));
}
