//! `kefu up` with the models of the default profile, fetched once into the user's cache.

use serde_json::json;

use crate::support::{KEFU, Service, root};

#[test]
fn up_answers_from_the_samples_with_real_models() {
    if std::env::var_os("KEFU_SKIP_REAL_MODELS").is_some() {
        eprintln!("SKIPPED: KEFU_SKIP_REAL_MODELS is set, so `kefu up` was not tried");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut up = std::process::Command::new(KEFU);
    up.current_dir(root()).arg("up").arg("--data-dir").arg(dir.path());
    up.env("KEFU__INGEST__WORDS_FIRST", "false");
    let service = Service::start(&mut up);
    let question = json!({"question": "Who won the chess world championship in 1972?"});
    let (_, refused) = service.post("/v1/answers", &question);
    assert_eq!(refused["outcome"], "abstained", "{refused}");
    let question = json!({
        "question": "How long is the warranty?", "lane": "generated",
    });
    let (status, answer) = service.post("/v1/answers", &question);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["outcome"], "answered", "{answer}");
    assert!(answer["models"]["embedder"].as_str().unwrap().contains("minilm"), "{answer}");
    assert!(answer["timings_ms"]["generate"].as_u64().unwrap() > 0, "{answer}");
}
