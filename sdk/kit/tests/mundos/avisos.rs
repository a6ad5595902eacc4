//! A webhook is the provider's if it is signed with the key that both know.
use huella_plugin_sdk::{
    HttpMessage, PluginError,
    crypto::{self, SignatureAlg},
};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Aviso {
    pub id: String,
}

pub fn read(message: &HttpMessage, verified: bool) -> Result<Aviso, PluginError> {
    let bad = || PluginError::NotAuthorized("el aviso no viene del proveedor".into());
    if verified {
        let signature = message.header("x-signature").and_then(crypto::from_hex).ok_or_else(bad)?;
        if !crypto::verify("avisos", SignatureAlg::HmacSha256, &message.body, &signature)? {
            return Err(bad());
        }
    }
    serde_json::from_slice(&message.body).map_err(|error| PluginError::InvalidInput(error.to_string()))
}
