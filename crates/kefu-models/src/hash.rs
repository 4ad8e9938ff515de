use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Length and SHA-256 (lower-case hex) of a file, read in blocks.
pub(crate) fn hash_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    let mut n_bytes = 0;
    loop {
        let n = file.read(&mut block)?;
        let Some(read) = block.get(..n).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
        n_bytes += n as u64;
    }
    Ok((n_bytes, hex(&hasher.finalize())))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
