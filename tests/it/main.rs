//! The one integration binary: the house itself, the samples, the laws, the command line, the README.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on shall stop loudly, and reads the files it checks"
)]

mod bundles;
mod carrier_laws;
mod carriers;
mod causes;
mod citations;
mod cli;
mod config;
mod config_cited;
mod drops;
mod dumps;
mod filter;
mod format_laws;
mod formats;
mod laws;
mod one_axis;
mod readme;
mod regress;
mod sample;
mod stats;
mod tidy;
