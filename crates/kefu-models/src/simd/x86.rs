//! Loops compiled for the registers of x86-64.

use super::Instructions;

/// Runs work compiled for the widest registers that this processor has.
#[inline]
pub(super) fn run_wide(work: impl FnOnce()) {
    if Instructions::Avx512.are_here() {
        // SAFETY: the processor has the instructions that the function is compiled for.
        unsafe { wide_avx512(work) }
    } else if Instructions::Avx2.are_here() {
        // SAFETY: as above.
        unsafe { wide_avx2(work) }
    } else {
        work();
    }
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn wide_avx512(work: impl FnOnce()) {
    work();
}

#[target_feature(enable = "avx2,fma")]
fn wide_avx2(work: impl FnOnce()) {
    work();
}
