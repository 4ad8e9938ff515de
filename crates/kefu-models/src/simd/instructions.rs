/// Sets of instructions that inner loops are written for. A loop that has no form for a set takes the
/// next one that it has; the last is for any processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instructions {
    /// AVX-512 with products of bytes.
    Vnni,
    /// AVX-512 without.
    Avx512,
    /// AVX2 with fused sums and 16-bit floats.
    Avx2,
    /// What the compiler takes.
    Portable,
}

impl Instructions {
    /// Those that this processor has, fastest first.
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        let all = [Self::Vnni, Self::Avx512, Self::Avx2, Self::Portable];
        all.into_iter().filter(|instructions| instructions.are_here())
    }

    /// The fastest.
    pub(crate) fn best() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    /// Whether this processor has them.
    #[inline]
    pub(crate) fn are_here(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni => is_x86_feature_detected!("avx512vnni") && Self::Avx512.are_here(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f") && Self::Avx2.are_here(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("f16c")
            }
            Self::Portable => true,
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }
}
