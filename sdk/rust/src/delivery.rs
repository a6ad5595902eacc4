//! World `delivery`: couriers.
pub use crate::bindings::delivery::delivery_provider::{Job, JobStatus, Parcel, Place, Quote};
use crate::{CallContext, HttpMessage, Plugin, PluginError};

pub trait Delivery: Plugin {
    fn estimate(&self, call: &CallContext, origin: &Place, dest: &Place, parcel: &Parcel) -> Result<Vec<Quote>, PluginError>;

    fn create(&self, call: &CallContext, quote_id: &str, origin: &Place, dest: &Place, parcel: &Parcel) -> Result<Job, PluginError>;

    fn cancel(&self, call: &CallContext, job_ref: &str) -> Result<Job, PluginError>;

    fn sync(&self, call: &CallContext, job_ref: &str) -> Result<Job, PluginError>;

    /// Verifies a webhook; the job to ask about, if any.
    fn handle_webhook(&self, _call: &CallContext, _request: &HttpMessage) -> Result<Option<String>, PluginError> {
        Err(PluginError::Unsupported("este servicio no avisa".into()))
    }
}
