//! To be described with its contents.
