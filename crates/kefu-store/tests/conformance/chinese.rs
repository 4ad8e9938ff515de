//! The real analyser and both adapters together: a few characters of a sentence find it.

use kefu_core::ports::{Leg, LegQuery, VectorStore};
use kefu_core::{Chunk, ChunkId};
use kefu_text::Analyser;

use crate::edge;
use crate::fake_qdrant::FakeQdrant;
use crate::qdrant;
use crate::sample::{NAME, chunks, directory, fill, scope};

const SENTENCES: [&str; 6] = [
    "未拆封的商品可在签收后三十天内无理由退货。",
    "运费由买家承担，质量问题除外。",
    "電子發票將在付款後自動發送至註冊郵箱。",
    "iPhone15支持5G网络，订货号为SKU-1234。",
    "会员积分可以抵扣下一次订单的金额。",
    "定制家具的生产周期约为六周。",
];
/// Queries, each with the sentence that it must find.
const ALSO: [(&str, usize); 9] = [
    ("电子发票", 2),
    ("注册邮箱", 2),
    ("會員積分", 4),
    ("iphone15", 3),
    ("iPhone 15", 3),
    ("5G", 3),
    ("SKU-1234", 3),
    ("sku1234", 3),
    ("1234", 3),
];

async fn check(store: &dyn VectorStore) {
    let analyser = Analyser::new();
    let all: Vec<Chunk> = chunks(1..7)
        .into_iter()
        .zip(SENTENCES)
        .map(|(mut chunk, sentence)| {
            chunk.sparse = analyser.encode_passage(sentence);
            chunk
        })
        .collect();
    fill(store, &all).await;
    let finds = async |words: &str, idx: usize| {
        let query = LegQuery {
            leg: Leg::Lexical(analyser.encode_query(&[(words, 1.0)])),
            limit: SENTENCES.len(),
            ..crate::sample::queries()[0].clone()
        };
        let hits = store.query(&scope(), NAME, &query).await.unwrap();
        let wanted = ChunkId::from_u128(idx as u128 + 1);
        assert!(hits.iter().any(|hit| hit.chunk_id == wanted), "{words}: {}", SENTENCES[idx]);
    };
    for (idx, sentence) in SENTENCES.iter().enumerate() {
        for len in 2..=4 {
            for term in analyser.content_terms(sentence) {
                let chars = sentence[term.span.start..].chars().take(len);
                let words: String = chars.take_while(|c| kefu_text::is_han(*c)).collect();
                if words.chars().count() == len {
                    finds(&words, idx).await;
                }
            }
        }
    }
    for (words, idx) in ALSO {
        finds(words, idx).await;
    }
}

#[tokio::test]
async fn a_few_characters_find_their_sentence_in_the_embedded_store() {
    let dir = directory();
    check(&edge::open(dir.path())).await;
}

#[tokio::test]
async fn a_few_characters_find_their_sentence_on_a_server() {
    let server = FakeQdrant::start(None);
    check(&qdrant::connect(&server).await).await;
}
