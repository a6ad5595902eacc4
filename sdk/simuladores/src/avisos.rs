//! Webhooks: what becomes of a message and what people write, told to whoever registered an address.
use crate::guion::Falla;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// What becomes of messages to a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destino {
    #[default]
    Leido,
    Entregado,
    /// Sent, and never heard of again.
    Apagado,
    /// The number has no such service.
    NoEntregable,
}

/// What somebody writes to the account's number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entrante {
    /// Their number without `+`.
    pub de: String,
    pub texto: String,
    /// What the button carries that they pressed; the text is what is written on it.
    #[serde(default)]
    pub boton: Option<String>,
    /// The reference of the message that they answer.
    #[serde(default)]
    pub responde_a: Option<String>,
    /// Where it is told, if not at the account's own address.
    #[serde(default)]
    pub webhook: Option<String>,
}

/// Who does not react as everybody does, by number without `+`.
pub(crate) type Destinos = BTreeMap<String, Destino>;

/// A webhook ready to leave.
pub(crate) struct Aviso {
    pub cabecera: (&'static str, String),
    pub cuerpo: String,
}

/// Sends them one by one, each after `pausa`; one that is refused is tried twice more, as providers do.
pub(crate) fn enviar(url: Option<String>, mut avisos: Vec<Aviso>, falla: Option<&Falla>, pausa: Duration) {
    let Some(url) = url else { return };
    if falla == Some(&Falla::Desorden) {
        avisos.reverse();
    }
    let veces = if falla == Some(&Falla::Duplicado) { 2 } else { 1 };
    tokio::spawn(async move {
        let client = reqwest::Client::new();
        for aviso in avisos {
            tokio::time::sleep(pausa).await;
            for _ in 0..veces {
                entregar(&client, &url, &aviso, pausa).await;
            }
        }
    });
}

async fn entregar(client: &reqwest::Client, url: &str, aviso: &Aviso, pausa: Duration) {
    for vuelta in 0..3 {
        let request = client.post(url).header("content-type", "application/json").header(aviso.cabecera.0, &aviso.cabecera.1);
        match request.body(aviso.cuerpo.clone()).timeout(Duration::from_secs(5)).send().await {
            Ok(response) if response.status().is_success() => return,
            Ok(_) | Err(_) => tokio::time::sleep(pausa * 2u32.pow(vuelta)).await,
        }
    }
}
