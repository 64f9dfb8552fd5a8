//! Record bodies become events: traffic lines, HAProxy's own messages, lines of the rest of the host.

pub mod host;
pub mod message;
