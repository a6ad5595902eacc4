//! Channels that are plugins, as messages use them.
use super::{Complementos, cargar::Listo, operaciones::SEND};
use alertas::canales::{Canal, CanalFallo, Canales, Entrega, EstadoEntrega, Novedad, Respuesta, Saliente};
use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{Problem, ids::TenantId, job::Fallo};
use plugin_host::{
    Failure, Outcome, Run,
    manifest::World,
    v0_1::{CallContext, DeliveryStatus, HttpMessage, Kv, Message, NotificationPlugin, Update},
};
use std::sync::Arc;

/// What a message may take, its waiting included.
const SENDING: u32 = 15_000;

#[async_trait]
impl Canales for Complementos {
    async fn activos(&self, tenant: TenantId) -> Result<Vec<Canal>, Problem> {
        let puestos = self.puestos(tenant, World::Notification).await?;
        let ready = puestos.puestos.iter().filter_map(|puesto| Some((puesto, puesto.listo.as_ref().ok()?)));
        Ok(ready
            .map(|(puesto, listo)| Canal {
                complemento: puesto.activo.complemento.clone(),
                clave: channel(listo).unwrap_or_default(),
                nombre: listo.nombre.clone(),
                sedes: puesto.activo.sedes.clone(),
            })
            .collect())
    }

    async fn enviar(
        &self,
        tenant: TenantId,
        complemento: &str,
        clave: &str,
        intento: u32,
        mensaje: &Saliente,
    ) -> Result<String, CanalFallo> {
        let channel = self.notification(tenant, complemento).await?;
        let known = self.empezar(tenant, complemento, SEND, clave).await.map_err(|_| CanalFallo::Luego(None))?;
        let context = CallContext { previous_ref: known, ..context(clave, intento, channel.sandbox) };
        let run = channel.plugin.send(context, message(mensaje)).await;
        self.0.corridas.put(run.registro());
        if let Ok(referencia) = &run.result {
            self.anotar_respuesta(tenant, complemento, SEND, clave, referencia).await;
        }
        answer(&run)
    }
}

/// What a channel says that it is: the first of its capability `channels`.
fn channel(listo: &Listo) -> Option<String> {
    listo.installed.plugin().package.manifest.capabilities.get("channels")?.first().cloned()
}

struct Notification {
    plugin: Arc<dyn NotificationPlugin>,
    sandbox: bool,
}

impl Complementos {
    async fn notification(&self, tenant: TenantId, complemento: &str) -> Result<Notification, CanalFallo> {
        let puestos = self.puestos(tenant, World::Notification).await;
        let puestos = puestos.map_err(|_| CanalFallo::Luego(None))?;
        // Switched off or in quarantine since the channels were asked for.
        let off = || CanalFallo::Detenido { detalle: "el canal no está activo".into(), espera: None };
        let puesto = puestos.puestos.iter().find(|puesto| puesto.activo.complemento == complemento).ok_or_else(off)?;
        let listo = puesto.listo.as_ref().map_err(|why| CanalFallo::NoCorrio(why.clone()))?;
        let plugin = listo.installed.clone().notifications().map_err(|error| CanalFallo::NoCorrio(error.to_string()))?;
        Ok(Notification { plugin, sandbox: puesto.activo.sandbox })
    }

    /// What a provider told a channel: the plugin says what it means, if it is the provider's at all.
    pub(super) async fn entender(&self, tenant: TenantId, complemento: &str, mensaje: HttpMessage) -> Result<Vec<Novedad>, Fallo> {
        let channel = self.notification(tenant, complemento).await.map_err(|_| Fallo::Luego("el canal no está listo".into()))?;
        let key = mensaje_clave(&mensaje);
        let run = channel.plugin.handle_webhook(context(&key, 0, channel.sandbox), mensaje).await;
        self.0.corridas.put(run.registro());
        match run.result {
            Ok(updates) => Ok(updates.into_iter().filter_map(novedad).collect()),
            // Its words are no use to anybody, however often they are looked at.
            Err(failure) if failure.outcome.is_answer() => Err(Fallo::Nunca(format!("el complemento lo rechazó: {failure}"))),
            Err(failure) => Err(Fallo::Luego(failure.to_string())),
        }
    }
}

/// The same words are the same message.
fn mensaje_clave(mensaje: &HttpMessage) -> String {
    plugin_host::manifest::Digest::of(&mensaje.body).to_string()
}

fn context(clave: &str, intento: u32, sandbox: bool) -> CallContext {
    CallContext {
        idempotency_key: clave.to_owned(),
        attempt: intento,
        previous_ref: None,
        deadline_ms: SENDING,
        sandbox,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}

fn message(mensaje: &Saliente) -> Message {
    Message {
        to: mensaje.a.clone(),
        template: mensaje.plantilla.clone(),
        vars: mensaje.variables.iter().map(|(key, value)| Kv { key: key.clone(), value: value.clone() }).collect(),
        text: mensaje.texto.clone(),
    }
}

/// Whatever may have left is never said to be safe to repeat.
fn answer(run: &Run<String>) -> Result<String, CanalFallo> {
    let failure = match &run.result {
        Ok(reference) => return Ok(reference.clone()),
        Err(failure) => failure,
    };
    let detail = failure.detail.clone();
    Err(match failure.outcome {
        _ if run.may_have_happened() => CanalFallo::Incierto(detail),
        Outcome::Rejected | Outcome::InvalidInput | Outcome::Unsupported => rejected(failure),
        Outcome::NotAuthorized => CanalFallo::SinPermiso(detail),
        Outcome::RetryLater => CanalFallo::Luego(failure.retry_after),
        Outcome::Refused(_) => CanalFallo::Detenido { detalle: detail, espera: failure.retry_after },
        _ => CanalFallo::NoCorrio(detail),
    })
}

fn rejected(failure: &Failure) -> CanalFallo {
    CanalFallo::Rechazado { codigo: failure.code.clone(), detalle: failure.detail.clone() }
}

fn at(unix_ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()
}

fn novedad(update: Update) -> Option<Novedad> {
    Some(match update {
        Update::Delivery(one) => Novedad::Entrega(Entrega {
            referencia: one.provider_ref,
            clave: one.idempotency_key,
            estado: match one.status {
                DeliveryStatus::Queued => EstadoEntrega::EnCola,
                DeliveryStatus::Sent => EstadoEntrega::Enviado,
                DeliveryStatus::Delivered => EstadoEntrega::Entregado,
                DeliveryStatus::Read => EstadoEntrega::Leido,
                DeliveryStatus::Failed => EstadoEntrega::Fallido,
                DeliveryStatus::Other => EstadoEntrega::Otro,
            },
            codigo: one.code,
            en: at(one.at_unix_ms)?,
        }),
        Update::Reply(one) => Novedad::Respuesta(Respuesta {
            de: one.sender,
            texto: one.text,
            boton: one.payload,
            referencia: one.provider_ref,
            en: at(one.at_unix_ms)?,
        }),
    })
}
