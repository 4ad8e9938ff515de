//! The pages in a real browser. Every test starts its own Chromium and its own service; pictures of
//! what was seen lie in `screenshots/` of the target folder.

mod chat;
mod chromium;
mod desk;
mod desk_network;
mod desk_replies;
mod network;
mod page;
mod widget;
