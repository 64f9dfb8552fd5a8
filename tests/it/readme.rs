//! To be written, soon enough.
