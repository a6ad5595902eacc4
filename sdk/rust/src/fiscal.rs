//! World `fiscal`: electronic documents.
pub use crate::bindings::fiscal::fiscal_issuer::{Artifact, DocStatus, Document, IssueResult};
use crate::{CallContext, Plugin, PluginError};

pub trait Fiscal: Plugin {
    /// What is wrong with it, before it has a number.
    fn validate(&self, call: &CallContext, document: &Document) -> Result<Vec<String>, PluginError>;

    fn issue(&self, call: &CallContext, document: &Document) -> Result<IssueResult, PluginError>;

    fn poll(&self, call: &CallContext, ticket: &str) -> Result<IssueResult, PluginError>;

    fn void_documents(&self, call: &CallContext, ids: &[String], reason: &str) -> Result<IssueResult, PluginError>;
}
