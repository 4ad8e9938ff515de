//! Room for keys and values on a device, in pages that caches share.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::Tensor;

use super::Setting;
use crate::decoder::cache::{Cache, Held, PAGE_TOKENS};
use crate::decoder::source::Hyper;

/// Keys and values of one page in all layers. The last who lets go of it makes it free again.
pub(crate) struct Slot {
    number: u32,
    free: Arc<Mutex<Vec<u32>>>,
}

/// All pages of a network.
pub(super) struct Pages {
    free: Arc<Mutex<Vec<u32>>>,
    layers: Vec<Rows>,
}

/// Keys and values of a layer: (key heads, tokens of all pages, numbers of a head).
pub(super) struct Rows {
    pub(super) keys: Tensor,
    pub(super) values: Tensor,
}

impl Pages {
    pub(super) fn new(
        hyper: &Hyper,
        n_pages: usize,
        setting: &Setting,
    ) -> candle_core::Result<Self> {
        let n_pages = u32::try_from(n_pages).unwrap_or(u32::MAX);
        let shape = (hyper.heads.n_kv_heads, n_pages as usize * PAGE_TOKENS, hyper.heads.dim);
        let rows = || Tensor::zeros(shape, setting.dtype, &setting.device);
        let layers = (0..hyper.n_layers).map(|_| Ok(Rows { keys: rows()?, values: rows()? }));
        let layers = layers.collect::<candle_core::Result<_>>()?;
        // Taken from the end.
        Ok(Self { free: Arc::new(Mutex::new((0..n_pages).rev().collect())), layers })
    }

    /// Keys and values of a layer.
    pub(super) fn layer(&self, idx: usize) -> candle_core::Result<&Rows> {
        self.layers.get(idx).ok_or_else(|| candle_core::Error::msg("a layer without pages"))
    }

    /// Gives a cache pages of its own for `n_new` tokens more, and tells where all its tokens are
    /// then, those included. Fails where no page is free.
    pub(super) fn make_room(
        &self,
        cache: &mut Cache,
        n_new: usize,
    ) -> candle_core::Result<Vec<u32>> {
        let (Some(held), n_tokens) = cache.slots() else {
            candle_core::bail!("a cache without layers")
        };
        // Of a pass that failed.
        held.truncate(n_tokens.div_ceil(PAGE_TOKENS));
        if let (Some(Held::Device(last)), false) =
            (held.get_mut(n_tokens / PAGE_TOKENS), n_tokens.is_multiple_of(PAGE_TOKENS))
            && Arc::get_mut(last).is_none()
        {
            // Somebody else may write to its end too.
            let own = self.take()?;
            self.copy(last.number, own.number)?;
            *last = Arc::new(own);
        }
        let n_all = n_tokens + n_new;
        while held.len() < n_all.div_ceil(PAGE_TOKENS) {
            held.push(Held::Device(Arc::new(self.take()?)));
        }
        let first = |held: &Held| match held {
            Held::Device(slot) => Some(slot.number * PAGE_TOKENS as u32),
            Held::Host(_) => None,
        };
        let tokens = held.iter().filter_map(first).flat_map(|n| n..n + PAGE_TOKENS as u32);
        Ok(tokens.take(n_all).collect())
    }

    fn take(&self) -> candle_core::Result<Slot> {
        let number = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(number) = number else {
            candle_core::bail!("the device has no room for more text")
        };
        Ok(Slot { number, free: Arc::clone(&self.free) })
    }

    fn copy(&self, from: u32, to: u32) -> candle_core::Result<()> {
        let (from, to) = (from as usize * PAGE_TOKENS, to as usize * PAGE_TOKENS);
        for Rows { keys, values } in &self.layers {
            for rows in [keys, values] {
                let page = rows.narrow(1, from, PAGE_TOKENS)?.force_contiguous()?;
                rows.slice_set(&page, 1, to)?;
            }
        }
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.number);
    }
}
