//! Reading: what the screens show.

pub mod conversations;
pub mod export;
pub mod gallery;
pub mod not_understood;
pub mod search;
pub mod timeline;
pub mod words;
