//! Handlers, one file per resource. Each takes the request apart, calls one use case and puts the
//! result into wire types.

pub(crate) mod agents;
pub(crate) mod answers;
pub(crate) mod assist;
pub(crate) mod channels;
pub(crate) mod conversations;
pub(crate) mod curation;
pub(crate) mod customers;
pub(crate) mod documents;
pub(crate) mod faq;
pub(crate) mod feedback;
pub(crate) mod jobs;
pub(crate) mod operations;
pub(crate) mod overlays;
pub(crate) mod pages;
pub(crate) mod records;
pub(crate) mod releases;
pub(crate) mod retrieve;
pub(crate) mod schemas;
pub(crate) mod sources;
pub(crate) mod teaching;
pub(crate) mod tickets;
pub(crate) mod uploads;
pub(crate) mod webhooks;
