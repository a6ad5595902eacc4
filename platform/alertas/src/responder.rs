//! What an owner answers to a letter: yes, no, or another time. Who has the link needs nothing else; it is good for one
//! appointment until that begins.
use crate::{
    model::{Abierta, Accion, Hecho, Respuesta, Solicitud},
    store::{respuestas, solicitudes},
};
use axum::http::StatusCode;
use kernel::{
    Anon, Change, Event, Problem, Tx,
    ids::{CitaId, SolicitudId, TenantId, TutorId},
    token,
};
use serde_json::json;

/// Begins every link.
const PREFIX: &str = "ha_";
/// Begins what a button carries; which one, and a token that is good for that alone.
const DE_BOTON: &str = "hb_";
/// The buttons of a message about an appointment, in their order.
pub const BOTONES: [Accion; 2] = [Accion::Confirmar, Accion::Anular];
/// How often an answer that lost a race is tried again.
const TRIES: u8 = 2;

/// A new link, as the address of its page.
pub async fn enlazar(tx: &mut Tx, publica: &str, cita: CitaId, tutor: TutorId) -> Result<String, Problem> {
    let (text, resumen) = token::make(PREFIX, tx.who().tenant);
    respuestas::insert(tx, &resumen, cita, tutor, None).await?;
    Ok(format!("{publica}/api/v1/citas/respuestas/{text}"))
}

/// What a button is to bring back.
pub async fn abotonar(tx: &mut Tx, accion: Accion, cita: CitaId, tutor: TutorId) -> Result<String, Problem> {
    let (text, resumen) = token::make(DE_BOTON, tx.who().tenant);
    respuestas::insert(tx, &resumen, cita, tutor, Some(accion)).await?;
    Ok(text)
}

/// Which appointment a button was about, and what it does with it.
pub async fn leer_boton(tx: &mut Tx, boton: &str) -> Result<Option<(CitaId, Accion)>, Problem> {
    match token::read(DE_BOTON, boton) {
        Some((tenant, resumen)) if tenant == tx.who().tenant => respuestas::button(tx, &resumen).await,
        _ => Ok(None),
    }
}

/// What a link opens.
pub async fn abrir(anon: &Anon, enlace: &str) -> Result<Option<(TenantId, Abierta)>, Problem> {
    let Some((tenant, resumen)) = token::read(PREFIX, enlace) else { return Ok(None) };
    let mut tx = anon.begin(tenant).await?;
    Ok(respuestas::abrir(&mut tx, &resumen).await?.map(|abierta| (tenant, abierta)))
}

/// Does what the owner answers. Answered twice, it is done once.
pub async fn responder(anon: &Anon, tenant: TenantId, abierta: &Abierta, respuesta: &Respuesta) -> Result<Hecho, Problem> {
    let mut left = TRIES;
    loop {
        let mut tx = anon.begin_in(tenant, &[abierta.sede_id]).await?;
        match hacer(&mut tx, abierta, respuesta).await {
            Ok(hecho) => return tx.commit().await.map(|()| hecho),
            Err(problem) if problem.is_lost_race() && left > 0 => left -= 1,
            // It went on since the letter: arrived, over, in another sede, of a pet that died.
            Err(problem) if problem.is_lost_race() || [StatusCode::CONFLICT, StatusCode::NOT_FOUND].contains(&problem.status()) => {
                return Ok(Hecho::NoSePuede);
            }
            Err(problem) => return Err(problem),
        }
    }
}

async fn hacer(tx: &mut Tx, abierta: &Abierta, respuesta: &Respuesta) -> Result<Hecho, Problem> {
    match respuesta.accion {
        Accion::PedirCambio => pedir_cambio(tx, abierta, respuesta).await,
        accion => hacer_del_tutor(tx, abierta.cita, accion).await,
    }
}

/// What an owner answers in one word, by whatever way.
pub async fn hacer_del_tutor(tx: &mut Tx, cita: CitaId, accion: Accion) -> Result<Hecho, Problem> {
    match accion {
        Accion::Confirmar => citas::confirmar_del_tutor(tx, cita).await.map(|_| Hecho::Confirmada),
        Accion::Anular => citas::anular_del_tutor(tx, cita).await.map(|_| Hecho::Anulada),
        Accion::PedirCambio => Ok(Hecho::NoSePuede),
    }
}

async fn pedir_cambio(tx: &mut Tx, abierta: &Abierta, respuesta: &Respuesta) -> Result<Hecho, Problem> {
    if !["programada", "confirmada"].contains(&abierta.estado.as_str()) {
        return Ok(Hecho::NoSePuede);
    }
    let solicitud = Solicitud {
        id: SolicitudId::new(),
        cita_id: abierta.cita,
        sede_id: abierta.sede_id,
        tutor_id: abierta.tutor,
        mascota: abierta.mascota.clone(),
        inicio: abierta.inicio,
        estado: abierta.estado.clone(),
        texto: respuesta.texto(),
        creada_en: tx.now(),
        atendida_en: None,
        atendida_por: None,
        version: 1,
    };
    if solicitudes::insert(tx, &solicitud).await? {
        let told = json!({ "id": solicitud.id, "cita_id": solicitud.cita_id, "sede_id": solicitud.sede_id });
        tx.audit(Change::new("pedir_cambio", "cita", solicitud.cita_id).sede(solicitud.sede_id).despues(&told));
        tx.publish(Event::new("cita.cambio_pedido", told).sede(solicitud.sede_id));
    }
    Ok(Hecho::Pedida)
}
