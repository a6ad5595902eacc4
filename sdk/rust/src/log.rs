//! Lines of the run, for the chain and for whoever looks for a fault. Never secrets, never what identifies a person.
pub use crate::bindings::host::log::Level;
use crate::{Kv, backend};

pub fn write(level: Level, message: &str, fields: &[(&str, &str)]) {
    let fields: Vec<Kv> = fields.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect();
    backend::log::write(level, message, &fields);
}

pub fn debug(message: &str, fields: &[(&str, &str)]) {
    write(Level::Debug, message, fields);
}

pub fn info(message: &str, fields: &[(&str, &str)]) {
    write(Level::Info, message, fields);
}

pub fn warn(message: &str, fields: &[(&str, &str)]) {
    write(Level::Warn, message, fields);
}

pub fn error(message: &str, fields: &[(&str, &str)]) {
    write(Level::Error, message, fields);
}
