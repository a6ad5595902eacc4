//! How long each kind of data is kept: what was decided, what would fall due, and doing it.
use crate::{
    model::{
        conservacion::{CambioRegla, Clase, Regla, Vencidos},
        plazo::hoy,
    },
    store::conservacion as store,
};
use jiff::Timestamp;
use kernel::{
    Change, Ctx, Event, IfMatch, Json, Path, Problem, Tx, Versioned, ids::TutorId, permission::ConfigurarConservacion,
    ports::AgendaDeMascotas,
};
use serde_json::json;
use uuid::Uuid;

/// As far as a dry run counts, and how many it names.
const CONTADOS: i64 = 100_000;
const MUESTRA: usize = 100;

/// Cuánto se guarda cada clase de datos, y lo menos que se puede guardar, con su fuente.
#[utoipa::path(
    get, path = "/conservacion", tag = "privacidad", extensions(("x-permiso" = json!("conservacion.configurar"))),
    responses((status = 200, body = [Regla]), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<ConfigurarConservacion>) -> Result<Json<Vec<Regla>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Json(store::rules(&mut tx).await?))
}

/// Cambia cuánto se guarda una clase de datos, y si lo que vence se anonimiza o se borra cada noche.
///
/// Para activarla hay que haberla ensayado con esos meses en los últimos 30 días.
#[utoipa::path(
    put, path = "/conservacion/{clase}", tag = "privacidad", extensions(("x-permiso" = json!("conservacion.configurar"))),
    params(("clase" = Clase, Path), ("If-Match" = String, Header)), request_body = CambioRegla,
    responses((status = 200, body = Regla), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<ConfigurarConservacion>,
    Path(clase): Path<Clase>,
    version: IfMatch,
    Json(cambio): Json<CambioRegla>,
) -> Result<Versioned<Regla>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::hold(&mut tx, clase).await?;
    version.check(antes.version)?;
    let mut regla = antes.clone();
    regla.cambiar(&cambio, ctx.now)?;
    store::save(&mut tx, &regla).await?;
    let regla = store::hold(&mut tx, clase).await?;
    tx.audit(Change::new("cambiar", "conservacion", ctx.tenant).antes(&antes).despues(&regla));
    tx.commit().await?;
    Ok(Versioned(regla))
}

/// Ensaya una regla: dice qué vencería ahora, y no cambia nada.
#[utoipa::path(
    post, path = "/conservacion/{clase}/ensayo", tag = "privacidad", extensions(("x-permiso" = json!("conservacion.configurar"))),
    params(("clase" = Clase, Path)), responses((status = 200, body = Vencidos), (status = "4XX", body = Problem))
)]
pub async fn ensayar(ctx: Ctx<ConfigurarConservacion>, Path(clase): Path<Clase>) -> Result<Json<Vencidos>, Problem> {
    let mut tx = ctx.begin().await?;
    let mut regla = store::hold(&mut tx, clase).await?;
    let antes_de = regla.antes_de(ctx.now).ok_or_else(Problem::not_found)?;
    let mut muestra = due(&mut tx, clase, antes_de, CONTADOS).await?;
    let cantidad = muestra.len() as i64;
    muestra.truncate(MUESTRA);
    (regla.ensayada_en, regla.ensayo_cantidad) = (Some(ctx.now), Some(cantidad));
    store::save(&mut tx, &regla).await?;
    tx.audit(Change::new("ensayar", "conservacion", ctx.tenant).despues(json!({ "clase": clase, "cantidad": cantidad })));
    tx.commit().await?;
    Ok(Json(Vencidos { antes_de, cantidad, muestra }))
}

/// What of a kind had its time before that.
async fn due(tx: &mut Tx, clase: Clase, before: Timestamp, limit: i64) -> Result<Vec<Uuid>, Problem> {
    match clase {
        Clase::Tutores => Ok(pacientes::tutores_inactivos(tx, before, limit).await?.into_iter().map(Uuid::from).collect()),
        Clase::Aperturas => pacientes::aperturas_revisadas(tx, before, limit).await,
        Clase::Expedientes => store::answered(tx, before, true, limit).await,
        Clase::Solicitudes => store::answered(tx, before, false, limit).await,
        Clase::Incidentes => store::closed(tx, before, limit).await,
        Clase::Historias | Clase::Comprobantes | Clase::Consentimientos | Clase::Auditoria | Clase::Accesos => Ok(Vec::new()),
    }
}

/// Does at most `limit` of what is due under the chain's active rules, and says how much that was: less than `limit`
/// when nothing is left for today.
pub async fn cumplir(tx: &mut Tx, agenda: &dyn AgendaDeMascotas, limit: i64) -> Result<i64, Problem> {
    let mut done = 0;
    for regla in store::rules(tx).await?.into_iter().filter(|regla| regla.activa) {
        let regla = store::hold(tx, regla.clase).await?;
        let Some(antes_de) = regla.antes_de(tx.now()).filter(|_| regla.activa && done < limit) else { continue };
        let ids = due(tx, regla.clase, antes_de, limit - done).await?;
        end(tx, regla.clase, &ids, agenda).await?;
        done += ids.len() as i64;
        remember(tx, regla, ids.len() as i64).await?;
    }
    Ok(done)
}

async fn end(tx: &mut Tx, clase: Clase, ids: &[Uuid], agenda: &dyn AgendaDeMascotas) -> Result<(), Problem> {
    let entidad = match clase {
        Clase::Tutores => {
            for id in ids {
                pacientes::olvidar(tx, TutorId(*id), "Plazo de conservación", agenda).await?;
            }
            return Ok(());
        }
        Clase::Aperturas => {
            pacientes::borrar_aperturas(tx, ids).await?;
            "apertura"
        }
        Clase::Expedientes => {
            store::delete_copies(tx, ids).await?;
            "expediente_entregado"
        }
        Clase::Solicitudes => {
            store::delete_requests(tx, ids).await?;
            "solicitud_datos"
        }
        Clase::Incidentes => {
            store::delete_incidents(tx, ids).await?;
            "incidente_datos"
        }
        _ => return Ok(()),
    };
    for id in ids {
        tx.audit(Change::new("borrar", entidad, *id).despues(json!({ "motivo": "Plazo de conservación" })));
    }
    Ok(())
}

async fn remember(tx: &mut Tx, mut regla: Regla, done: i64) -> Result<(), Problem> {
    let today = regla.cumplida_en.is_some_and(|en| hoy(en) == hoy(tx.now()));
    let before = if today { regla.cumplida_cantidad.unwrap_or_default() } else { 0 };
    (regla.cumplida_en, regla.cumplida_cantidad) = (Some(tx.now()), Some(before + done));
    if done > 0 {
        tx.publish(Event::new("conservacion.cumplida", json!({ "clase": regla.clase, "cantidad": done })));
    }
    store::save(tx, &regla).await
}
