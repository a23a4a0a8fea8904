//! Reading: what the screens show.

mod common_words;
pub(crate) mod conversations;
pub(crate) mod export;
pub(crate) mod gallery;
pub(crate) mod not_understood;
mod phrase;
mod recent;
pub(crate) mod search;
pub(crate) mod snippet;
pub(crate) mod timeline;
pub(crate) mod words;
