//! A disk that fills up while documents come in.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Service, kefu, run};

/// A small disk of its own; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at);
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        is_mounted.then(|| Self(at.to_owned()))
    }

    /// Takes the room there is but for `n_left` bytes.
    fn fill(&self, n_left: u64) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = std::fs::File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(n_left)).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn put(service: &Service, n: usize) -> (u16, Value) {
    let text =
        format!("# Item {n}\n\nItem K{n:04} costs {n}.50 euros.\n\n{}", "Words. ".repeat(200));
    service.put(&format!("/v1/documents/item-{n}?wait=true"), &json!({ "text": text }))
}

fn price_of(service: &Service, n: usize) -> String {
    let question = json!({"question": format!("What does item K{n:04} cost?")});
    let (status, answer) = service.post("/v1/answers", &question);
    assert_eq!(status, 200, "{answer}");
    answer["answer"].as_str().unwrap().to_owned()
}

#[test]
fn a_full_disk_is_said_and_passes_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&dir.path().join("disk"), "256m") else {
        eprintln!(
            "SKIPPED: a small disk cannot be mounted here (it takes root), so that a full disk \
             was not tried"
        );
        return;
    };
    let service = Service::serve(&disk.0.join("data"));
    let (status, job) = put(&service, 1);
    assert_eq!((status, job["state"].as_str()), (200, Some("succeeded")), "{job}");

    let mut n = 1;
    let mut kept = vec![1];
    for n_left in [0, 128 << 10, 60 << 20, 65 << 20] {
        let ballast = disk.fill(n_left);
        let refused = (0..400).find_map(|_| {
            n += 1;
            let (status, said) = put(&service, n);
            if status == 200 && said["state"] == "succeeded" {
                kept.push(n);
                return None;
            }
            Some((status, said))
        });
        let (status, said) = refused.expect("the disk never filled up");
        eprintln!("{n_left} bytes left, at item {n}: {status} {said}");
        assert!(
            status == 507 || said.to_string().contains("disk"),
            "nothing says why: {status} {said}"
        );
        assert_eq!(service.get("/livez").0, 200);
        let (status, found) = service.post("/v1/retrieve", &json!({"question": "item K0001"}));
        assert_eq!(status, 200, "{found}");

        std::fs::remove_file(ballast).unwrap();
        n += 1;
        let (status, job) = put(&service, n);
        assert_eq!((status, job["state"].as_str()), (200, Some("succeeded")), "{job}");
        kept.push(n);
        for n in [1, kept[kept.len() / 2], n] {
            assert!(price_of(&service, n).contains(&format!("{n}.50")), "{n}");
        }
    }
    service.terminate();
    assert!(run(kefu(&disk.0.join("data")).arg("doctor")).status.success());
}
