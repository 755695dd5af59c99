//! What both C interfaces need.
