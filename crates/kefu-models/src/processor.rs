use candle_core::Device;
use serde::Deserialize;

use crate::decoder::device::Setting;
use crate::error::ModelsError;
use crate::runtime::guarded;

/// What a generator computes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Processor {
    /// A GPU where this build knows how and there is one, otherwise the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first CUDA device, which `CUDA_VISIBLE_DEVICES` chooses. Needs a build with the feature
    /// `cuda`.
    Cuda,
}

impl Processor {
    /// The device that is meant; `None` is the CPU, for which there are kernels of our own.
    pub(crate) fn find(self) -> Result<Option<Setting>, ModelsError> {
        let device = match self {
            Self::Cpu => return Ok(None),
            Self::Auto if !candle_core::utils::cuda_is_available() => return Ok(None),
            Self::Auto => match cuda() {
                Ok(device) => device,
                Err(detail) => {
                    tracing::info!("generators compute on the CPU: {detail}");
                    return Ok(None);
                }
            },
            Self::Cuda => cuda().map_err(|detail| ModelsError::Device { detail })?,
        };
        Ok(Some(Setting::of(device)))
    }
}

fn cuda() -> Result<Device, String> {
    if !candle_core::utils::cuda_is_available() {
        return Err(
            "this build computes on the CPU only; a build for GPUs is made by `cargo build \
                    --release --features cuda`"
                .to_owned(),
        );
    }
    // The driver's bindings panic where there is no driver.
    guarded("CUDA", || Device::new_cuda(0)).map_err(|e| e.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_no_device() {
        assert!(Processor::Cpu.find().unwrap().is_none());
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_support_says_how_to_make_one_with_it() {
        assert!(Processor::Auto.find().unwrap().is_none());
        let error = Processor::Cuda.find().unwrap_err().to_string();
        assert!(error.contains("--features cuda"), "{error}");
        assert!(error.contains("models.device = \"cpu\""), "{error}");
    }
}
