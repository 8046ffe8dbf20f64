//! Commands against an engine made of channels.
