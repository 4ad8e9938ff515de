//! Decoder networks.

mod matrix;
