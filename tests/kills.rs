//! kill -9 at random moments of ingest and publishing, again and again.
//!
//! `KEFU_KILLS` says how often (6 when unset); with 200 it takes about a quarter of an hour.
//! With `KEFU_KILLS_PROFILE=default` chunks are embedded by the real model as well.

mod handbook;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{Service, kefu, run, stdout};
use handbook::Handbook;

const SEED: u64 = 20_261_125;

/// How a round is done.
struct World<'a> {
    data: &'a Path,
    docs: &'a Path,
    profile: String,
}

impl World<'_> {
    fn command(&self) -> Command {
        let mut command = kefu(self.data);
        command.env("KEFU__MODELS__PROFILE", &self.profile);
        command
    }

    fn ingest(&self) -> Command {
        let mut command = self.command();
        command.args(["ingest", "--prune", "--json"]).arg(self.docs);
        command
    }

    fn serve(&self) -> Service {
        Service::start(self.command().arg("serve"))
    }

    /// Vectors that are durable now.
    fn n_vectors(&self) -> u64 {
        let count = "import sqlite3, sys; \
                     print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM vectors').fetchone()[0])";
        let records = self.data.join("records.sqlite");
        let n = stdout(Command::new("python3").arg("-c").arg(count).arg(records));
        n.trim().parse().unwrap()
    }

    fn doctor(&self) {
        assert!(run(self.command().arg("doctor")).status.success(), "records and index differ");
    }
}

#[test]
fn whatever_is_killed_one_whole_release_answers_and_a_rerun_completes_the_next() {
    let n_kills: u32 = std::env::var("KEFU_KILLS").map_or(6, |text| text.parse().unwrap());
    let profile = std::env::var("KEFU_KILLS_PROFILE").unwrap_or_else(|_| "none".to_owned());
    let dir = tempfile::tempdir().unwrap();
    let (docs, data) = (dir.path().join("docs"), dir.path().join("data"));
    let world = World { data: &data, docs: &docs, profile };
    let mut rng = StdRng::seed_from_u64(SEED);

    let mut published = Handbook::first();
    published.write(&docs);
    let started = Instant::now();
    stdout(&mut world.ingest());
    let full = started.elapsed();
    let (mut n_old, mut n_new, mut n_mid) = (0, 0, 0);

    for round in 0..n_kills {
        let next = published.edited(&mut rng);
        next.write(&docs);
        let pause = full.mul_f64(rng.random_range(0.0..1.2));
        if round % 2 == 0 {
            kill_command(&mut world.ingest(), pause);
        } else {
            n_mid += kill_service(&world, (&published, &next), pause.min(full / 2));
        }
        // Whichever release is the current one, it is whole, and it answers.
        let service = world.serve();
        if next.is_what_is_served(&service) {
            published = next;
            n_new += 1;
        } else {
            assert!(published.is_what_is_served(&service), "round {round}: a mixture is served");
            n_old += 1;
        }
        published.ask(&service, &mut rng);
        service.terminate();
        world.doctor();
        if round % 5 == 4 {
            published = complete(&world, &published, &mut rng);
        }
    }
    published = complete(&world, &published, &mut rng);
    assert!(!published.is_empty());
    eprintln!(
        "{n_kills} kills: {n_old} left the old release, {n_new} came after the pointer had moved; \
         {n_mid} questions were answered while a job ran; full ingest {full:?}"
    );
}

/// A run that is let finish: everything of the folder, and nothing embedded that was kept.
fn complete(world: &World<'_>, published: &Handbook, rng: &mut StdRng) -> Handbook {
    let next = published.edited(rng);
    next.write(world.docs);
    let before = world.n_vectors();
    let report: Value = serde_json::from_str(&stdout(&mut world.ingest())).unwrap();
    assert_eq!(report["n_failed"], 0, "{report}");
    let n_made = world.n_vectors().saturating_sub(before);
    if let Some(n_embedded) = report["n_chunks_embedded"].as_u64()
        && world.profile != "none"
    {
        assert_eq!(n_embedded, n_made, "texts were embedded again: {report}");
    }
    let again: Value = serde_json::from_str(&stdout(&mut world.ingest())).unwrap();
    assert_eq!(again["n_chunks_embedded"], 0, "{again}");
    assert_eq!(again["release"], Value::Null, "{again}");
    let service = world.serve();
    assert!(next.is_what_is_served(&service), "the re-run left something out");
    next.ask(&service, rng);
    service.terminate();
    world.doctor();
    next
}

fn kill_command(command: &mut Command, pause: Duration) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(pause);
    let _ = child.kill();
    child.wait().unwrap();
}

/// Sends the changes as one job, asks while it runs, and kills the service. How many questions
/// were answered.
fn kill_service(world: &World<'_>, (old, new): (&Handbook, &Handbook), pause: Duration) -> u32 {
    let service = world.serve();
    let (status, job) = service.post_files("/v1/documents", &new.files_changed_since(old));
    assert_eq!(status, 202, "{job}");
    let started = Instant::now();
    let mut n_answered = 0;
    while started.elapsed() < pause {
        let question = json!({"question": old.stable_question()});
        let (status, answer) = service.post("/v1/answers", &question);
        assert_eq!(status, 200, "{answer}");
        let text = answer["answer"].as_str().unwrap();
        assert!(text.contains(old.stable_answer()), "{answer}");
        n_answered += 1;
    }
    service.kill();
    // The accepted job is finished by the next process; wait for it, so that one of two states
    // is served, and let the folder's run delete what the job could not.
    let service = world.serve();
    let id = job["job_id"].as_str().unwrap();
    for _ in 0..600 {
        let (_, job) = service.get(&format!("/v1/jobs/{id}"));
        if job["state"] == "succeeded" {
            break;
        }
        assert_ne!(job["state"], "failed", "{job}");
        std::thread::sleep(Duration::from_millis(50));
    }
    service.terminate();
    stdout(&mut world.ingest());
    n_answered
}
