//! The other sites: mutual TLS, and nothing that is said over it is believed unproved.

pub mod tls;
