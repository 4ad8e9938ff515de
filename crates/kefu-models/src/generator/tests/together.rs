//! Several answers at once, prompts that begin alike, and guesses.

use tokio::sync::mpsc;

use super::*;
use crate::generator::load::Load;
use crate::generator::queue::Waiting;
use crate::generator::run::Run;
use crate::generator::schedule::Schedule;

const FOUR: RuntimeSettings = RuntimeSettings {
    max_waiting: 8,
    threads: 2,
    n_parallel: 4,
    cache_mib: 64,
    drafts: true,
    device: Processor::Cpu,
};

fn together(tiny: &Tiny) -> Arc<dyn Generator> {
    load_generator(&verified(tiny).1, &FOUR).unwrap()
}

fn prompts() -> Vec<String> {
    let shared = "the very same beginning of a long prompt, several pages of it. ".repeat(6);
    ["one", "two and more", "three", "four, the longest of all these questions"]
        .map(|end| format!("{shared}{end}"))
        .to_vec()
}

#[tokio::test]
async fn answers_written_together_are_those_written_alone() {
    for family in ["llama", "qwen3"] {
        let tiny = Tiny::random(family);
        let mut alone = Vec::new();
        for prompt in prompts() {
            // A new one each, which knows no earlier prompt.
            let generator = generator(&tiny);
            alone.push(finish(generator.generate(request(&prompt, 60)).await.unwrap()).await);
        }
        let generator = together(&tiny);
        for round in 0..2 {
            let mut streams = Vec::new();
            for prompt in prompts() {
                streams.push(generator.generate(request(&prompt, 60)).await.unwrap());
            }
            for (stream, alone) in streams.into_iter().zip(&alone) {
                assert_eq!(&finish(stream).await, alone, "{family}, round {round}");
            }
        }
    }
}

#[tokio::test]
async fn a_short_answer_does_not_wait_for_a_long_one() {
    let generator = together(&Tiny::endless());
    let mut long = generator.generate(request("?", 3000)).await.unwrap();
    next(&mut long).await.unwrap().unwrap();
    let started = Instant::now();
    let short = finish(generator.generate(request("?", 5)).await.unwrap()).await;
    let took = started.elapsed();
    assert_eq!(short.0.concat(), "ABCDE");
    let whole = finish(long).await;
    assert_eq!(whole.2, 3000);
    assert!(took * 5 < started.elapsed(), "the short one took {took:?}");
}

#[tokio::test]
async fn more_than_fit_into_memory_wait_for_their_turn() {
    // There is memory for one text of full length.
    let settings = RuntimeSettings { cache_mib: 1, ..FOUR };
    let generator = load_generator(&verified(&Tiny::endless()).1, &settings).unwrap();
    let context = generator.info().context_tokens;
    let long = context - 100;
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(generator.generate(request("?", long)).await.unwrap());
    }
    for stream in streams {
        assert_eq!(finish(stream).await.2, long);
    }
}

#[test]
fn memory_for_earlier_prompts_is_bounded() {
    let (mut engine, prompter) = parts(&Tiny::random("llama"));
    engine.max_pages = 30;
    let prompts: Vec<Vec<u32>> = (b'a'..=b'h')
        .map(|letter| {
            let text = char::from(letter).to_string().repeat(170);
            let message = PromptMessage { role: PromptRole::User, text };
            prompter.encode(&[message], &engine.vocabulary).unwrap()
        })
        .collect();
    let load = Arc::new(Load::new(20));
    let (jobs, waiting) = mpsc::unbounded_channel();
    let mut received = Vec::new();
    for prompt in prompts {
        assert!((180..240).contains(&prompt.len()), "{}", prompt.len());
        let (events, reader) = mpsc::channel(20);
        received.push(reader);
        let deadline = Deadline::after(Duration::from_secs(60));
        let place = Load::enter(&load, (1, 1), Duration::from_secs(60)).unwrap();
        let job = Job { prompt, max_tokens: 3, deadline };
        jobs.send(Waiting { job, events, place }).unwrap();
    }
    drop(jobs);
    let mut schedule = Schedule::new(engine, waiting, load);
    schedule.run();
    let n_kept = schedule.n_kept_pages();
    assert!((11..=30).contains(&n_kept), "{n_kept} pages");
    for reader in &mut received {
        let mut events = Vec::new();
        while let Ok(event) = reader.try_recv() {
            events.push(event.unwrap());
        }
        assert!(matches!(events.last(), Some(GenerateEvent::Done { n_generated_tokens: 3, .. })));
    }
}

/// What a model writes, and in how many passes.
fn written(
    engine: &Engine,
    prompt: &[u32],
    max_tokens: usize,
    n_guesses: usize,
) -> (String, usize) {
    let (events, mut received) = mpsc::channel(max_tokens + 2);
    let deadline = Deadline::after(Duration::from_secs(60));
    let load = Arc::new(Load::new(1));
    let place = Load::enter(&load, (1, 1), Duration::from_secs(60)).unwrap();
    let job = Job { prompt: prompt.to_vec(), max_tokens, deadline };
    let cache = engine.decoder.cache(prompt.len() + max_tokens);
    let mut run = Run::new(Waiting { job, events, place }, cache, &engine.vocabulary);
    let mut n_passes = 0;
    while !run.has_ended() {
        if run.is_writing() {
            run.plan_answer(n_guesses);
        } else {
            run.plan_prompt(64);
        }
        let scores = engine.decoder.forward(&engine.pool, &mut [run.segment()]).unwrap().concat();
        run.advance(&scores, engine.vocabulary.len()).unwrap();
        n_passes += 1;
    }
    let mut text = String::new();
    while let Ok(event) = received.try_recv() {
        if let GenerateEvent::Text(more) = event.unwrap() {
            text.push_str(&more);
        }
    }
    (text, n_passes)
}

#[test]
fn guesses_change_no_word_and_save_passes() {
    let mut n_saved = 0;
    for tiny in [Tiny::endless(), Tiny::random("llama"), Tiny::random("qwen3")] {
        let (engine, prompter) = parts(&tiny);
        for text in ["abcdefghij, abcdefghij", "hello hello hello", "x", &prompts()[1]] {
            let message = PromptMessage { role: PromptRole::User, text: text.to_owned() };
            let prompt = prompter.encode(&[message], &engine.vocabulary).unwrap();
            let plain = written(&engine, &prompt, 150, 0);
            for n_guesses in [1, 6, 15] {
                let guessed = written(&engine, &prompt, 150, n_guesses);
                assert_eq!(guessed.0, plain.0, "{text:?}, {n_guesses} guesses");
                n_saved += plain.1.saturating_sub(guessed.1);
            }
        }
    }
    assert!(n_saved > 500, "{n_saved} passes saved");
}
