//! `nosrv` reads what was saved from a HAProxy incident and says why clients got 503.
//!
//! The program is a row of rooms; data walks through them in one direction, in the order of the list below.

pub mod base;

// bytes of a bundle -> what they are, what they say
pub mod artifact;
pub mod capture;
pub mod carrier;
pub mod config;
pub mod dump;
pub mod event;
pub mod evidence;
pub mod intake;
pub mod report;
pub mod run;
