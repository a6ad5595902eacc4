//! What `huella demo` brings along so that one machine is enough: a private PostgreSQL, an S3 endpoint and a mail
//! server with a page to read the mail. The product reaches them as it would reach real ones, by address and
//! credentials; none of this is compiled into a production binary.
mod command;
mod complementos;
pub mod correo;
pub mod datos;
mod environment;
mod folder;
mod parts;
mod password;
mod progress;
pub mod s3;
mod signals;

pub use command::{Arguments, run};
pub use correo::MailSink;
pub use s3::S3Endpoint;

use anyhow::Result;
use cluster::private;
use tokio::net::TcpListener;

async fn listen(port: u16) -> Result<TcpListener> {
    Ok(TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| private::cannot_listen(port, &error))?)
}
