//! `nosrv` reads what was saved from a HAProxy incident and says why clients got 503.
//!
//! The program is a row of rooms; data walks through them in one direction, in the order of the list below.

pub mod base;

// paths -> bytes
pub mod intake;

// bytes -> what they are
pub mod artifact;

// haproxy.cfg -> settings
pub mod config;

// bytes of a log -> records
pub mod carrier;

// record bodies -> events
pub mod event;

// outputs of the runtime socket -> snapshots
pub mod dump;

// outputs of other programs -> facts
pub mod capture;

// events -> counts
pub mod evidence;

// threads
pub mod run;

// documents -> configs, dumps, captures
pub mod document;

// stamps of all sources -> one axis
pub mod clock;

// evidence, snapshots -> incidents
pub mod incident;

// findings -> text
pub mod report;
