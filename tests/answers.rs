//! From documents to cited answers over HTTP, without models.

use serde_json::{Value, json};

use crate::support::{Service, kefu, stdout};

struct Shop {
    service: Service,
    _dir: tempfile::TempDir,
}

fn shop() -> Shop {
    let dir = tempfile::tempdir().unwrap();
    let docs = dir.path().join("docs");
    std::fs::create_dir(&docs).unwrap();
    let returns = "# Returning a lamp\n\nLamps can be returned within 45 days of delivery. \
                   The return label costs 3.90 euros.\n\n## Broken lamps\n\nA broken lamp is \
                   replaced free of charge within 24 months.\n";
    std::fs::write(docs.join("returns.md"), returns).unwrap();
    std::fs::write(
        docs.join("退货.md"),
        "# 台灯退货\n\n台灯在签收后45天内可以退货。退货运费为28元，由顾客承担。\n",
    )
    .unwrap();
    let data = dir.path().join("data");
    stdout(kefu(&data).arg("ingest").arg(&docs));
    Shop { service: Service::serve(&data), _dir: dir }
}

/// Every citation's quote is found at its offsets in the document's text.
fn check_citations(service: &Service, answer: &Value) {
    let citations = answer["citations"].as_array().unwrap();
    assert!(!citations.is_empty(), "{answer}");
    for citation in citations {
        let id = citation["document_id"].as_str().unwrap();
        let revision = citation["revision"].as_str().unwrap();
        let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let (status, document) =
            service.get(&format!("/v1/documents/{encoded}?revision={revision}"));
        assert_eq!(status, 200, "{document}");
        let text = document["text"].as_str().unwrap();
        let offset = |name: &str| usize::try_from(citation[name].as_u64().unwrap()).unwrap();
        assert_eq!(citation["quote"].as_str(), text.get(offset("start")..offset("end")));
    }
}

#[test]
fn questions_are_answered_in_their_language_with_sources() {
    let shop = shop();
    for (question, expected, language) in [
        ("How many days do I have to return a lamp?", "45 days", "en"),
        ("台灯退货运费多少钱？", "28元", "zh"),
    ] {
        let (status, answer) = shop.service.post("/v1/answers", &json!({"question": question}));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["outcome"], "answered", "{answer}");
        assert_eq!(answer["language"], language);
        assert!(answer["answer"].as_str().unwrap().contains(expected), "{answer}");
        assert_eq!(answer["escalation"], Value::Null);
        check_citations(&shop.service, &answer);
        let id = answer["answer_id"].as_str().unwrap();
        let (status, record) = shop.service.get(&format!("/v1/records/{id}"));
        assert_eq!(status, 200);
        assert_eq!(record["question"], question);
        let feedback = json!({"answer_id": id, "thumbs": "up"});
        assert_eq!(shop.service.post("/v1/feedback", &feedback).0, 201);
    }
}

#[test]
fn what_is_not_in_the_documents_is_not_answered() {
    let shop = shop();
    for question in ["Who won the football world cup in 1998?", "法国的首都在哪里？"] {
        let (status, answer) = shop.service.post("/v1/answers", &json!({"question": question}));
        assert_eq!(status, 200);
        assert_eq!(answer["outcome"], "abstained", "{answer}");
        assert!(answer["reason"].is_string(), "{answer}");
        assert_eq!(answer["citations"], json!([]));
        assert_eq!(answer["offer_human"], true);
    }
}

#[test]
fn the_stream_carries_the_same_answer() {
    let shop = shop();
    let question = json!({"question": "How much is the return label?"});
    let (_, whole) = shop.service.post("/v1/answers", &question);
    let events = shop.service.stream("/v1/answers", &question);
    let (last, streamed) = events.last().unwrap();
    assert_eq!(last, "final");
    for field in ["answer", "citations", "outcome", "lane", "confidence", "language", "reason"] {
        assert_eq!(streamed[field], whole[field], "{field}");
    }
    let deltas: String = events
        .iter()
        .filter(|(name, _)| name == "delta")
        .map(|(_, data)| data["text"].as_str().unwrap())
        .collect();
    assert_eq!(Some(deltas.as_str()), streamed["answer"].as_str());
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"status") && names.contains(&"sources"), "{names:?}");
}

#[test]
fn passages_come_best_first() {
    let shop = shop();
    let (status, found) =
        shop.service.post("/v1/retrieve", &json!({"question": "broken lamp", "top_k": 3}));
    assert_eq!(status, 200, "{found}");
    let passages = found["passages"].as_array().unwrap();
    assert!(passages[0]["text"].as_str().unwrap().contains("replaced free of charge"), "{found}");
    let scores: Vec<f64> = passages.iter().map(|p| p["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn documents_change_through_the_api() {
    let shop = shop();
    let service = &shop.service;
    let body = json!({"title": "Delivery", "text": "Delivery to islands takes 9 working days."});
    let (status, job) = service.put("/v1/documents/delivery%2Fislands?wait=true", &body);
    assert!(status == 200 || status == 202, "{job}");
    assert_eq!(job["state"], "succeeded", "{job}");
    let question = json!({"question": "How long does delivery to islands take?"});
    let (_, answer) = service.post("/v1/answers", &question);
    assert!(answer["answer"].as_str().unwrap().contains("9 working days"), "{answer}");
    assert_eq!(answer["citations"][0]["document_id"], "delivery/islands");
    check_citations(service, &answer);
}

#[test]
fn health_metrics_and_descriptions_are_served() {
    let shop = shop();
    assert_eq!(shop.service.get("/livez").0, 200);
    assert_eq!(shop.service.get("/readyz").0, 200);
    shop.service.post("/v1/answers", &json!({"question": "Can I return a lamp?"}));
    let (status, metrics) = shop.service.get("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.as_str().unwrap().contains("kefu_"), "{metrics}");
    let (status, api) = shop.service.get("/openapi.json");
    assert_eq!(status, 200);
    assert!(api["paths"]["/v1/answers"].is_object());
    let (status, page) = shop.service.get("/");
    assert_eq!(status, 200);
    assert!(page.as_str().unwrap().contains("<html"));
}

/// A shop of two lamps, two versions of a policy and pages in Chinese.
fn catalogue() -> Shop {
    let dir = tempfile::tempdir().unwrap();
    let docs = dir.path().join("docs");
    std::fs::create_dir(&docs).unwrap();
    let pages = [
        ("aurora.md", "# Aurora lamp\n\nThe lamp weighs 1.2 kg. The warranty is two years.\n"),
        ("birch.md", "# Birch kettle\n\nThe kettle weighs 0.9 kg. The warranty is three years.\n"),
        ("returns-2023.md", "# Returns 2023\n\nUnused items can be returned within 30 days.\n"),
        ("returns-2024.md", "# Returns 2024\n\nUnused items can be returned within 14 days.\n"),
        ("台灯.md", "# 极光台灯\n\n整机重量为1.2公斤。保修期为两年。\n"),
        ("水壶.md", "# 溪流水壶\n\n整机重量为0.9公斤。保修期为三年。\n"),
    ];
    for (name, text) in pages {
        std::fs::write(docs.join(name), text).unwrap();
    }
    let data = dir.path().join("data");
    stdout(kefu(&data).arg("ingest").arg(&docs));
    Shop { service: Service::serve(&data), _dir: dir }
}

#[test]
fn an_ambiguous_question_is_asked_back_and_the_choice_is_answered() {
    let shop = catalogue();
    for (question, wanted, answer_has) in [
        ("How long is the warranty?", "Birch kettle", "three years"),
        ("保修多久？", "溪流水壶", "三年"),
    ] {
        let ask = |body: Value| {
            let (status, answer) = shop.service.post("/v1/answers", &body);
            assert_eq!(status, 200, "{answer}");
            answer
        };
        let back = ask(json!({"question": question}));
        assert_eq!(back["outcome"], "clarify", "{back}");
        assert_eq!(back["lane"], "none");
        let options = back["clarify"]["options"].as_array().unwrap();
        let at = options.iter().position(|option| option["label"] == wanted).unwrap();
        assert!(options[at]["document_id"].is_string());
        let (status, record) =
            shop.service.get(&format!("/v1/records/{}", back["answer_id"].as_str().unwrap()));
        assert_eq!((status, &record["clarify"]), (200, &back["clarify"]));

        let reply = json!({
            "question": (at + 1).to_string(), "conversation_id": back["conversation_id"]
        });
        let answer = ask(reply);
        assert_eq!(answer["outcome"], "answered", "{answer}");
        assert!(answer["answer"].as_str().unwrap().contains(answer_has), "{answer}");
        assert_eq!(answer["clarify"], Value::Null);
        check_citations(&shop.service, &answer);
    }
}

#[test]
fn comparisons_and_contradictions_cite_both_documents() {
    let shop = catalogue();
    let ask = |question: &str| {
        let (status, answer) = shop.service.post("/v1/answers", &json!({"question": question}));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["outcome"], "answered", "{answer}");
        check_citations(&shop.service, &answer);
        answer
    };
    let has = |answer: &Value, words: &str| answer["answer"].as_str().unwrap().contains(words);
    let both = ask("Which is heavier, the Aurora lamp or the Birch kettle?");
    assert!(has(&both, "1.2 kg") && has(&both, "0.9 kg"), "{both}");
    let both = ask("极光台灯和溪流水壶哪个更重？");
    assert!(has(&both, "1.2公斤") && has(&both, "0.9公斤"), "{both}");

    let newest = ask("Within how many days can unused items be returned?");
    assert!(has(&newest, "14 days") && !has(&newest, "30 days"), "{newest}");
    let conflicting = newest["conflicting"].as_array().unwrap();
    assert_eq!(conflicting.len(), 1, "{newest}");
    let citations = newest["citations"].as_array().unwrap();
    let other = citations.iter().find(|citation| citation["label"] == conflicting[0]).unwrap();
    assert_eq!(other["document_id"], "returns-2023.md");
}
