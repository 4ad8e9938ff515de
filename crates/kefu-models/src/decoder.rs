//! Decoder networks.

mod attention;
mod cache;
mod matrix;
