//! What lies between a page and the service: a wire that can be cut, and another site.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

const WHOLE: u8 = 0;
const CUT: u8 = 1;
const MUTE: u8 = 2;

/// A port that leads to the service as long as it is whole.
pub(crate) struct Wire {
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    state: Arc<AtomicU8>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    pub(crate) fn to(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let target = service.trim_start_matches("http://").to_owned();
        let state = Arc::new(AtomicU8::new(WHOLE));
        let open = Arc::new(Mutex::new(Vec::new()));
        let wire = Self { address, state: state.clone(), open: open.clone() };
        std::thread::spawn(move || {
            for incoming in listener.incoming().map_while(Result::ok) {
                if state.load(Ordering::SeqCst) == CUT {
                    continue; // dropped: the connection breaks
                }
                let Ok(outgoing) = TcpStream::connect(&target) else { continue };
                let ends = [&incoming, &outgoing].map(|end| end.try_clone().unwrap());
                open.lock().unwrap().extend(ends);
                let (from, to) = (incoming.try_clone().unwrap(), outgoing.try_clone().unwrap());
                std::thread::spawn(move || pass(from, to, None));
                let state = state.clone();
                std::thread::spawn(move || pass(outgoing, incoming, Some(&state)));
            }
        });
        wire
    }

    /// Breaks every connection and lets no new one through.
    pub(crate) fn cut(&self) {
        self.state.store(CUT, Ordering::SeqCst);
        for end in self.open.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Requests arrive, replies are lost on their way.
    pub(crate) fn mute(&self) {
        self.state.store(MUTE, Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.state.store(WHOLE, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, state: Option<&AtomicU8>) {
    let mut buffer = [0; 16_384];
    while let Ok(n_read @ 1..) = from.read(&mut buffer) {
        let is_lost = state.is_some_and(|state| state.load(Ordering::SeqCst) == MUTE);
        if !is_lost && to.write_all(&buffer[..n_read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// A site of somebody else that serves one page.
pub(crate) struct Site {
    /// `http://127.0.0.1:PORT`, which is also its origin.
    pub(crate) address: String,
    page: Arc<Mutex<String>>,
}

impl Site {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let page = Arc::new(Mutex::new(String::new()));
        let site = Self { address, page: page.clone() };
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let body = page.lock().unwrap().clone();
                let reply = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(reply.as_bytes());
            }
        });
        site
    }

    /// What the site shows from now on.
    pub(crate) fn show(&self, html: &str) {
        html.clone_into(&mut self.page.lock().unwrap());
    }
}
