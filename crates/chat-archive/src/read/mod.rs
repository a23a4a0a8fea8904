//! Reading: what the screens show.

mod common_words;
pub mod conversations;
pub mod export;
pub mod gallery;
pub mod not_understood;
mod recent;
pub mod search;
mod snippet;
pub mod timeline;
pub mod words;
