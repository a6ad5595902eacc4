//! Every SQL statement of integrations.
pub mod entregas;
pub mod webhooks;
