//! Reading: what the screens show.

mod common_words;
pub(crate) mod conversations;
mod count_hits;
pub(crate) mod export;
mod filters;
pub(crate) mod gallery;
pub(crate) mod neighbours;
pub(crate) mod not_understood;
mod phrase;
pub(crate) mod query;
mod recent;
pub(crate) mod search;
pub(crate) mod snippet;
pub(crate) mod statistics;
pub(crate) mod timeline;
pub(crate) mod words;
