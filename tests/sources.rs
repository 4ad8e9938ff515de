//! Sources on a web server of this machine: on the command line, then by the service itself.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Service, kefu, run, stdout};

type Pages = Arc<Mutex<BTreeMap<String, String>>>;

/// A web site whose pages can be changed; what it does not have is not found.
fn site() -> (SocketAddr, Pages) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pages = Pages::default();
    let served = pages.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(&stream, &served.lock().unwrap().clone());
        }
    });
    (address, pages)
}

fn answer(mut stream: &TcpStream, pages: &BTreeMap<String, String>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|n| n > 2) {}
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match pages.get(path) {
        Some(body) => ("200 OK", body.as_str()),
        None => ("404 Not Found", ""),
    };
    let length = body.len();
    let reply = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(reply.as_bytes());
}

struct Shop {
    dir: tempfile::TempDir,
    address: SocketAddr,
    pages: Pages,
}

impl Shop {
    fn new() -> Self {
        let (address, pages) = site();
        let shop = Self { dir: tempfile::tempdir().unwrap(), address, pages };
        let files = shop.path("source.toml").display().to_string();
        let config = format!(
            "[fetch]\nallow_networks = [\"127.0.0.1\"]\ndelay_ms = 0\n[sources]\nfiles = [{files:?}]\n"
        );
        std::fs::write(shop.path("kefu.toml"), config).unwrap();
        let source = format!(
            "[[source]]\nid = \"help\"\nkind = \"sitemap\"\nsitemap = \"http://{address}/s.xml\"\n\
             every = \"1h\"\n"
        );
        std::fs::write(shop.path("source.toml"), source).unwrap();
        shop
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    fn lamps(&self, numbers: impl IntoIterator<Item = u32>) {
        let mut pages = BTreeMap::new();
        let mut entries = String::new();
        for n in numbers {
            let body = format!(
                "<html><body><h1>Lamp L{n}</h1><p>The lamp L{n} costs {n}9 euros.</p></body></html>"
            );
            pages.insert(format!("/{n}"), body);
            entries.push_str(&format!("<url><loc>http://{}/{n}</loc></url>", self.address));
        }
        pages.insert("/s.xml".to_owned(), format!("<urlset>{entries}</urlset>"));
        *self.pages.lock().unwrap() = pages;
    }

    fn kefu(&self, args: &[&str]) -> std::process::Command {
        let mut command = kefu(&self.path("data"));
        command.arg("--config").arg(self.path("kefu.toml")).args(args);
        command
    }

    fn ingest(&self, more: &[&str]) -> (Option<i32>, Value) {
        let source = self.path("source.toml").display().to_string();
        let args = [&["ingest", source.as_str(), "--json"], more].concat();
        let output = run(&mut self.kefu(&args));
        let report = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    }
}

#[test]
fn a_sitemap_is_followed_and_deletions_wait_for_a_word() {
    let shop = Shop::new();
    shop.lamps(1..=6);
    let (code, first) = shop.ingest(&[]);
    assert_eq!((code, &first["n_added"]), (Some(0), &json!(6)), "{first}");
    let answer = stdout(&mut shop.kefu(&["ask", "How much is the lamp L3?"]));
    assert!(answer.contains("39 euros"), "{answer}");

    shop.lamps(6..=7);
    let (code, second) = shop.ingest(&[]);
    assert_eq!((code, &second["n_added"], &second["n_removed"]), (Some(1), &json!(1), &json!(0)));
    let listed = stdout(&mut shop.kefu(&["sources", "list", "--json"]));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["items"][0]["last_run"]["n_deletions_withheld"], 5, "{listed}");

    // The service knows of that run, and is told to go on.
    let service = Service::start(&mut shop.kefu(&["serve"]));
    let (_, sources) = service.get("/v1/sources");
    assert_eq!(sources["items"][0]["last_run"]["n_deletions_withheld"], 5, "{sources}");
    shop.lamps([7, 8]);
    let (status, _) = service.post("/v1/sources/help/run", &json!({"confirm_deletions": true}));
    assert_eq!(status, 202);
    let last = || service.get("/v1/sources").1["items"][0]["last_run"].clone();
    let begun = Instant::now();
    while last()["n_removed"] != 6 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", last());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(last()["n_added"], 1);
    let (_, documents) = service.get("/v1/documents");
    assert_eq!(documents["items"].as_array().unwrap().len(), 2, "{documents}");
}

#[test]
fn a_source_in_a_private_network_is_refused_unless_it_is_named() {
    let shop = Shop::new();
    shop.lamps(1..=1);
    std::fs::write(shop.path("kefu.toml"), "").unwrap();
    let (code, report) = shop.ingest(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(report["files"][0]["code"], "refused_address", "{report}");
    let missing = Path::new("no/such/source.toml").display().to_string();
    assert_ne!(run(&mut shop.kefu(&["ingest", &missing])).status.code(), Some(0));
}
