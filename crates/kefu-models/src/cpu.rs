/// What is wrong with this machine's processor, if anything: without AVX2 and FMA the models run,
/// but many times slower than the figures in the documentation.
#[must_use]
pub fn cpu_warning() -> Option<String> {
    #[cfg(target_arch = "x86_64")]
    {
        let features =
            [("avx2", is_x86_feature_detected!("avx2")), ("fma", is_x86_feature_detected!("fma"))];
        missing_features(&features)
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[cfg(target_arch = "x86_64")]
fn missing_features(features: &[(&str, bool)]) -> Option<String> {
    let missing: Vec<&str> =
        features.iter().filter(|(_, present)| !present).map(|(name, _)| *name).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "this processor lacks {}: local models will be many times slower than they should; use \
             a machine from 2015 or later, or allow the feature in the virtual machine's settings",
            missing.join(" and ")
        )
    })
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn the_warning_names_what_is_missing() {
        assert_eq!(missing_features(&[("avx2", true), ("fma", true)]), None);
        let warning = missing_features(&[("avx2", false), ("fma", true)]).unwrap_or_default();
        assert!(warning.contains("lacks avx2:"), "{warning}");
    }
}
