//! What the page asks for: a rule on facts, a channel on a message.
use super::Taller;
use crate::host::{
    banco::{Ajustes, Banco, usage},
    casos::{Mensaje, first_attempt, result_of, wanted},
    proveedor::{Intercambio, Respuesta},
};
use anyhow::{Context, Result, bail};
use plugin_host::{
    Corrida,
    manifest::World,
    v0_1::{HttpMessage, Kv, Moment},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Pedido {
    Regla {
        hechos: Value,
        trigger: String,
        hoy: String,
        #[serde(default)]
        ajustes: Ajustes,
    },
    Canal {
        mensaje: Mensaje,
        #[serde(default)]
        ajustes: Ajustes,
        /// In order; ignored when a provider was named.
        #[serde(default)]
        respuestas: Vec<Respuesta>,
    },
    Aviso {
        cabeceras: BTreeMap<String, String>,
        cuerpo: String,
        #[serde(default)]
        ajustes: Ajustes,
    },
}

/// Of a rule, when it wants to be asked.
pub async fn described(banco: &Banco) -> Result<Value> {
    if banco.plugin().world() != World::Alerts {
        return Ok(Value::Null);
    }
    // What a rule wants does not depend on its configuration, but the schema may ask for one.
    let Ok(installed) = banco.install(&Ajustes::default()) else {
        return Ok(Value::Null);
    };
    let described = installed.alerts()?.describe().await.result?;
    Ok(described.into_iter().map(|one| json!({"trigger": one.trigger, "hechos": one.facts})).collect())
}

pub async fn probar(taller: &Taller, pedido: Pedido) -> Result<Value> {
    let banco = taller.banco().context("todavía no hay nada cargado")?;
    let _turno = taller.turno.lock().await;
    match pedido {
        Pedido::Regla { hechos, trigger, hoy, ajustes } => rule(&banco, hechos, trigger, hoy, &ajustes).await,
        Pedido::Canal { mensaje, ajustes, respuestas } => {
            taller.answers(respuestas);
            let run = banco.install(&ajustes)?.notifications()?.send(first_attempt(), mensaje.message()).await;
            let detail = run.result.as_ref().err().map(ToString::to_string);
            let secrets: Vec<&str> = ajustes.secretos.values().map(String::as_str).collect();
            let diario: Vec<Intercambio> = taller.provider.diario().into_iter().map(|one| one.without(&secrets)).collect();
            let told = json!({"resultado": result_of(&run.result), "detalle": detail, "diario": diario});
            Ok(with_usage(told, &run.corrida))
        }
        Pedido::Aviso { cabeceras, cuerpo, ajustes } => {
            let headers = cabeceras.into_iter().map(|(key, value)| Kv { key, value }).collect();
            let message = HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers, body: cuerpo.into_bytes() };
            let run = banco.install(&ajustes)?.notifications()?.handle_webhook(first_attempt(), message).await;
            let told = match &run.result {
                Ok(updates) => json!({"novedades": format!("{updates:?}")}),
                Err(failure) => json!({"resultado": {"error": failure.outcome.name()}, "detalle": failure.to_string()}),
            };
            Ok(with_usage(told, &run.corrida))
        }
    }
}

async fn rule(banco: &Banco, hechos: Value, trigger: String, hoy: String, ajustes: &Ajustes) -> Result<Value> {
    if banco.plugin().world() != World::Alerts {
        bail!("esto no es una regla: envíe un mensaje");
    }
    let rule = banco.install(ajustes)?.alerts()?;
    let wanted = wanted(&*rule, &trigger).await?;
    let run = rule.evaluate(&trigger, &hechos, &wanted, Moment { unix_ms: 0, today: hoy }).await;
    let told = match &run.result {
        Ok(alerts) => json!({"alertas": alerts}),
        Err(failure) => json!({"resultado": {"error": failure.outcome.name()}, "detalle": failure.to_string()}),
    };
    Ok(with_usage(told, &run.corrida))
}

/// In the terminal too, for whoever does not look at the page.
fn with_usage(mut told: Value, corrida: &Corrida) -> Value {
    println!("{} {}  [{}]", corrida.operacion, corrida.resultado.name(), usage(corrida));
    told["uso"] = json!(corrida.uso);
    told["tiempos"] = json!(corrida.tiempos);
    told["registro"] = json!(corrida.registro);
    told
}
