//! One suite per port; every adapter runs it.

pub mod records;
pub mod store;
