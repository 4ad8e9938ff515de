//! What needs a real listener: the job worker, shutdown, and clients that leave.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kefu_server::serve;
use kefu_testkit::fakes::Script;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::shop::{RETURNS_QUESTION, Shop};

pub(crate) struct Running {
    address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
}

pub(crate) async fn run(shop: &Shop, grace: Duration) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(serve(listener, shop.service.clone(), shutdown.clone(), grace));
    Running { address, shutdown, server }
}

impl Running {
    /// Sends a request and leaves the connection to the caller.
    async fn send(&self, head: &str, body: &Value) -> TcpStream {
        let body = body.to_string();
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{head}\r\nhost: {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn ask(&self, head: &str, body: &Value) -> String {
        read_all(self.send(head, body).await).await
    }
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

async fn read_until(stream: &mut TcpStream, wanted: &str) {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(wanted) {
        let n_read = stream.read_buf(&mut seen).await.unwrap();
        assert!(n_read > 0, "the stream ended before {wanted}");
    }
}

fn slow_script() -> Script {
    let pieces = vec!["Items can be returned within 30 days of delivery. ".to_owned(); 400];
    Script::SaySlowly(pieces, Duration::from_millis(20))
}

const GENERATED: &str = "POST /v1/answers HTTP/1.1\r\naccept: text/event-stream";

fn generated() -> Value {
    json!({"question": RETURNS_QUESTION, "lane": "generated"})
}

#[tokio::test]
async fn a_document_can_be_waited_for() {
    let shop = Shop::open().await;
    let running = run(&shop, Duration::from_secs(2)).await;
    let body = json!({"text": "The kettle holds 1.7 litres."});
    let reply = running.ask("PUT /v1/documents/kettle?wait=true HTTP/1.1", &body).await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(reply.contains("\"state\":\"succeeded\""), "{reply}");
    let text = shop.get("/v1/documents/kettle").await.ok();
    assert_eq!(text["text"], "The kettle holds 1.7 litres.");

    running.shutdown.cancel();
    running.server.await.unwrap().unwrap();
    assert_eq!(shop.readiness.reason().as_deref(), Some("shutting down"));
}

#[tokio::test]
async fn what_is_in_flight_finishes_after_shutdown_began() {
    let shop = Shop::open().await;
    shop.store.delay(Duration::from_millis(150));
    let running = run(&shop, Duration::from_secs(5)).await;
    let body = json!({"question": RETURNS_QUESTION});
    let connection = running.send("POST /v1/answers HTTP/1.1", &body).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.shutdown.cancel();
    let reply = read_all(connection).await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    running.server.await.unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn what_does_not_finish_is_ended_cleanly_within_the_grace() {
    let shop = Shop::fitted(|fittings| fittings.script = slow_script()).await;
    let grace = Duration::from_millis(600);
    let running = run(&shop, grace).await;
    let mut connection = running.send(GENERATED, &generated()).await;
    read_until(&mut connection, "generating").await;
    shop.store.delay(Duration::from_secs(30));
    let body = json!({"question": RETURNS_QUESTION});
    let stuck = running.send("POST /v1/retrieve HTTP/1.1", &body).await;
    tokio::time::sleep(Duration::from_millis(50)).await;

    let began = Instant::now();
    running.shutdown.cancel();
    let (rest, cut) = tokio::join!(read_all(connection), read_all(stuck));
    running.server.await.unwrap().unwrap();
    assert!(began.elapsed() < grace + Duration::from_millis(200));
    assert!(cut.starts_with("HTTP/1.1 503") && cut.contains("shutting down"), "{cut}");
    assert!(rest.contains("event: final") || rest.contains("event: error"), "{rest}");
}

#[tokio::test]
async fn generation_stops_when_the_connection_closes() {
    let shop = Shop::fitted(|fittings| fittings.script = slow_script()).await;
    let running = run(&shop, Duration::from_secs(2)).await;
    let mut connection = running.send(GENERATED, &generated()).await;
    read_until(&mut connection, "generating").await;
    while shop.generator.n_pieces_sent() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(connection);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let n_sent = shop.generator.n_pieces_sent();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(shop.generator.n_pieces_sent(), n_sent);
    running.shutdown.cancel();
    running.server.await.unwrap().unwrap();
}
