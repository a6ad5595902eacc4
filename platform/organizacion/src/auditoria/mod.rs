//! Reading the audit: who did what, when, from where, and what a record was before.
mod model;
pub mod routes;
mod store;
