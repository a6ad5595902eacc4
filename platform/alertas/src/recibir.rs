//! What a channel's webhook tells: what became of messages, and what people wrote back. The work that follows is asked for in
//! the same transaction and done in its own, so that a webhook that comes twice, late or in another order does it once.
use crate::{
    canales::{Entrega, EstadoEntrega, Novedad, Respuesta},
    enviar,
    model::{Accion, AccionDeMensaje, Entrante, EstadoEnvio, EstadoMensaje, Hecho, HechoDeRespuesta},
    responder::{hacer_del_tutor, leer_boton},
    store::{
        entrantes::{self, Nueva},
        envios::{self, Respondido},
        mensajes,
    },
};
use axum::http::StatusCode;
use kernel::{
    Job, Problem, SystemCtx, Tx,
    ids::{CitaId, TenantId, TutorId},
    job::Fallo,
    text,
};
use pacientes::{Canal, Finalidad, Medio, NuevoConsentimiento};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The kind of work: do what an owner answered.
pub const RESPONDER: &str = "aviso.responder";
/// How often an answer that lost a race is tried again.
const TRIES: u8 = 2;
/// What a line of the ledger of consents says it rests on, when somebody writes that they want no more.
const BAJA: &str = "baja-por-mensaje";

#[derive(Serialize, Deserialize)]
struct Trabajo {
    respuesta: Uuid,
}

/// Notes what a verified webhook of a plugin says. `tx` sees all sedes of the chain.
pub async fn recibir(tx: &mut Tx, complemento: &str, novedades: &[Novedad]) -> Result<(), Problem> {
    for novedad in novedades {
        match novedad {
            Novedad::Entrega(entrega) => entregado(tx, complemento, entrega).await?,
            Novedad::Respuesta(respuesta) => respondido(tx, complemento, respuesta).await?,
        }
    }
    Ok(())
}

async fn entregado(tx: &mut Tx, complemento: &str, entrega: &Entrega) -> Result<(), Problem> {
    // Not one of ours: another system may write by the same number.
    let Some(avisado) = envios::told(tx, complemento, entrega).await? else { return Ok(()) };
    if !entrega.estado.sigue_a(avisado.entrega) {
        return Ok(());
    }
    let failed = entrega.estado == EstadoEntrega::Fallido;
    let estado = if failed { EstadoEnvio::Fallido } else { EstadoEnvio::Enviado };
    let why = failed.then(|| match &entrega.codigo {
        Some(codigo) => format!("el proveedor no lo entregó: {codigo}"),
        None => "el proveedor no lo entregó".into(),
    });
    envios::deliver(tx, avisado.id, estado, entrega, why.as_deref()).await?;
    if failed && avisado.estado != EstadoEnvio::Fallido {
        // Of some nothing is kept that could be said by another way.
        if mensajes::repeatable(tx, avisado.mensaje).await? {
            mensajes::go_on(tx, avisado.mensaje).await?;
            enviar::pedir(tx, avisado.mensaje, None).await?;
        } else {
            mensajes::note(tx, avisado.mensaje, EstadoMensaje::Fallido, why.as_deref()).await?;
        }
    } else if !failed && avisado.estado != EstadoEnvio::Enviado {
        // Nobody was sure, or it was believed lost: what waits to go out by another channel need not.
        mensajes::note(tx, avisado.mensaje, EstadoMensaje::Enviado, None).await?;
    }
    Ok(())
}

async fn respondido(tx: &mut Tx, complemento: &str, respuesta: &Respuesta) -> Result<(), Problem> {
    let tutores = match text::phone(&respuesta.de) {
        Some(telefono) => pacientes::de_telefono(tx, &telefono).await?,
        None => Vec::new(),
    };
    let leida = leer(tx, complemento, respuesta, &tutores).await?;
    let nueva = Nueva { complemento, respuesta, leida: &leida, tutor: leida.tutor.or_else(|| tutores.first().copied()) };
    if let Some(id) = entrantes::insert(tx, &nueva).await?
        && leida.accion.is_some()
    {
        tx.enqueue(Job::new(RESPONDER, Trabajo { respuesta: id }).once(id.to_string())).await?;
    }
    Ok(())
}

/// What is meant, and of what: a button says it itself; a text is about the message that it answers, else about the last one.
async fn leer(tx: &mut Tx, complemento: &str, respuesta: &Respuesta, tutores: &[TutorId]) -> Result<Entrante, Problem> {
    let answered = match &respuesta.referencia {
        Some(referencia) => envios::by_reference(tx, complemento, referencia).await?,
        None => None,
    };
    if let Some(boton) = &respuesta.boton {
        let (cita, accion) = leer_boton(tx, boton).await?.unzip();
        return Ok(entrante(answered, cita, accion.and_then(AccionDeMensaje::de_cita)));
    }
    let accion = AccionDeMensaje::leer(&respuesta.texto);
    let about = match (answered, accion) {
        (Some(answered), _) => Some(answered),
        (None, accion) => {
            let of_cita = accion.is_some_and(AccionDeMensaje::es_de_cita);
            envios::last_to(tx, complemento, tutores, of_cita).await?
        }
    };
    let cita = about.as_ref().and_then(|about| about.cita);
    let accion = accion.filter(|accion| match accion.es_de_cita() {
        true => cita.is_some(),
        false => about.as_ref().is_some_and(|about| about.tutor.is_some()) || !tutores.is_empty(),
    });
    Ok(entrante(about, cita, accion))
}

fn entrante(about: Option<Respondido>, cita: Option<CitaId>, accion: Option<AccionDeMensaje>) -> Entrante {
    Entrante {
        mensaje: about.as_ref().map(|about| about.mensaje),
        medio: about.as_ref().map(|about| about.medio),
        tutor: about.as_ref().and_then(|about| about.tutor),
        cita,
        accion,
    }
}

/// Does what was answered, by the rules of the page behind a link. Done twice it is done once.
pub async fn responder(system: &SystemCtx, tenant: TenantId, cuerpo: &Value) -> Result<(), Fallo> {
    let Trabajo { respuesta } = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    let mut left = TRIES;
    loop {
        let mut tx = system.begin(tenant).await?;
        let Some(entrante) = entrantes::waiting(&mut tx, respuesta).await? else { return Ok(()) };
        match hacer(&mut tx, &entrante).await {
            Ok(hecho) => {
                entrantes::done(&mut tx, respuesta, hecho).await?;
                return Ok(tx.commit().await?);
            }
            Err(problem) if problem.is_lost_race() && left > 0 => left -= 1,
            // It went on since the message: arrived, over, of a pet that died.
            Err(problem) if problem.is_lost_race() || [StatusCode::CONFLICT, StatusCode::NOT_FOUND].contains(&problem.status()) => break,
            Err(problem) => return Err(problem.into()),
        }
    }
    let mut tx = system.begin(tenant).await?;
    entrantes::done(&mut tx, respuesta, HechoDeRespuesta::NoSePuede).await?;
    Ok(tx.commit().await?)
}

async fn hacer(tx: &mut Tx, entrante: &Entrante) -> Result<HechoDeRespuesta, Problem> {
    let accion = match (entrante.accion, entrante.cita) {
        (Some(AccionDeMensaje::Confirmar), Some(cita)) => (cita, Accion::Confirmar),
        (Some(AccionDeMensaje::Anular), Some(cita)) => (cita, Accion::Anular),
        (Some(AccionDeMensaje::Baja), _) => return dar_de_baja(tx, entrante).await,
        _ => return Ok(HechoDeRespuesta::PorLeer),
    };
    Ok(match hacer_del_tutor(tx, accion.0, accion.1).await? {
        Hecho::Confirmada => HechoDeRespuesta::Confirmada,
        Hecho::Anulada => HechoDeRespuesta::Anulada,
        _ => HechoDeRespuesta::NoSePuede,
    })
}

/// Who writes that they want no more gets no more, by this medium.
async fn dar_de_baja(tx: &mut Tx, entrante: &Entrante) -> Result<HechoDeRespuesta, Problem> {
    let Some(tutor) = entrante.tutor else { return Ok(HechoDeRespuesta::PorLeer) };
    let nuevo = NuevoConsentimiento {
        finalidad: Finalidad::Recordatorios,
        otorgado: false,
        medio: entrante.medio.filter(|medio| *medio != Medio::Correo),
        canal: Canal::Mensaje,
        texto_version: BAJA.into(),
        evidencia: None,
    };
    pacientes::consentir(tx, tutor, &nuevo).await?;
    Ok(HechoDeRespuesta::Baja)
}
