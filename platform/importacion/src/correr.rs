//! A trial, an import, its way back: portion by portion, each a transaction that ends with how far it came.
use crate::{
    filas::{self, Corrida, Fila, Lote},
    model::{Estado, Importacion, Tipo},
    store, subir,
};
use kernel::{
    Actor, Change, Event, Job, Problem, Sedes, SystemCtx, Tx,
    ids::{ClaveApiId, ImportacionId, TenantId, UsuarioId},
    job::{Fallo, Intento},
    problem::kinds,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// The kind of work that this is.
pub const TRABAJO: &str = "archivo.importar";
pub const OLVIDAR: &str = "olvidar";
/// Rows of a portion. Bookings are made one by one, and hold what they take until the portion ends.
const LOTE: usize = 500;
const LOTE_CITAS: usize = 50;
/// A trial of bookings is one portion: it takes them back, and each must meet those before it.
const LOTE_CITAS_PRUEBA: usize = 5_000;
/// A piece of work ends after the portion in which this is over; what is left is another one.
const TURNO: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paso {
    Probar,
    Importar,
    Deshacer,
    Olvidar,
}

impl Paso {
    fn en_curso(self) -> Estado {
        match self {
            Self::Probar => Estado::Probando,
            Self::Importar => Estado::Importando,
            Self::Deshacer | Self::Olvidar => Estado::Deshaciendo,
        }
    }
    /// A trial that failed has changed nothing, nor has a way back.
    fn fallido(self) -> Estado {
        match self {
            Self::Probar => Estado::Lista,
            Self::Importar => Estado::Fallida,
            Self::Deshacer | Self::Olvidar => Estado::Importada,
        }
    }
    fn hecho(self) -> Estado {
        match self {
            Self::Probar => Estado::Probada,
            Self::Importar => Estado::Importada,
            Self::Deshacer | Self::Olvidar => Estado::Deshecha,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Cuerpo {
    importacion: ImportacionId,
    paso: Paso,
}

/// Is told after each portion how far it is.
pub type Avance<'a> = &'a mut (dyn FnMut(&Importacion) + Send);

/// Asks for a step in the transaction that decides on it.
pub async fn pedir(tx: &mut Tx, id: ImportacionId, paso: Paso) -> Result<(), Problem> {
    tx.enqueue(Job::new(TRABAJO, json!({ "importacion": id, "paso": paso })).tries(6)).await.map(drop)
}

/// Does a piece of it. After the last try the import itself has to say that it failed.
pub async fn avanzar(system: &SystemCtx, tenant: TenantId, cuerpo: &Value, intento: Intento) -> Result<(), Fallo> {
    let Cuerpo { importacion, paso } = Cuerpo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    if paso == Paso::Olvidar {
        return Ok(forget(system, tenant, importacion).await?);
    }
    let done = step(system, tenant, importacion, paso, Some(TURNO), &mut |_| {}).await.map_err(failed);
    if let Err(fallo) = &done
        && (intento.numero >= intento.de || matches!(fallo, Fallo::Nunca(_)))
    {
        let (Fallo::Luego(why) | Fallo::Tras(_, why) | Fallo::Nunca(why)) = fallo;
        let mut tx = system.begin(tenant).await?;
        if store::lock(&mut tx, importacion, None).await?.is_some_and(|one| one.estado == paso.en_curso()) {
            store::set_estado(&mut tx, importacion, paso.fallido(), Some(why)).await?;
            tell(&mut tx, "importacion.terminada", importacion).await?;
            tx.commit().await?;
        }
    }
    done
}

/// A file that is gone will not come back.
fn failed(problem: Problem) -> Fallo {
    if problem.status().as_u16() == 410 { Fallo::Nunca(problem.status().to_string()) } else { problem.into() }
}

/// One step of it, for at most so long; what is left is asked for as more work.
pub async fn step(
    system: &SystemCtx,
    tenant: TenantId,
    id: ImportacionId,
    paso: Paso,
    turno: Option<Duration>,
    avance: Avance<'_>,
) -> Result<(), Problem> {
    let mut tx = system.begin(tenant).await?;
    let found = store::find(&mut tx, id, None).await?;
    let Some(importacion) = found.filter(|one| one.estado == paso.en_curso()) else { return Ok(()) };
    match paso {
        Paso::Probar | Paso::Importar => {
            let cuerpo = subir::abrir(system.app(), tx, id).await?;
            run(system, tenant, importacion, (paso, turno), &cuerpo, avance).await
        }
        Paso::Deshacer => {
            drop(tx);
            take_back(system, tenant, &importacion).await
        }
        Paso::Olvidar => Ok(()),
    }
}

fn actor(importacion: &Importacion) -> Actor {
    match importacion.actor_tipo.as_str() {
        "usuario" => Actor::Usuario(UsuarioId(importacion.creado_por)),
        "clave_api" => Actor::ClaveApi(ClaveApiId(importacion.creado_por)),
        _ => Actor::Sistema,
    }
}

/// In the name of who asked for it, and seeing no more sedes, nor patients where each sede sees its own.
async fn begin(system: &SystemCtx, tenant: TenantId, importacion: &Importacion) -> Result<Tx, Problem> {
    let (sedes, solo_sus_pacientes) = match importacion.sedes.clone() {
        None => (Sedes::Cadena, false),
        Some(sedes) => (Sedes::Lista(sedes.into()), pacientes::cada_sede_los_suyos(&mut system.begin(tenant).await?).await?),
    };
    system.begin_for(tenant, actor(importacion), sedes, solo_sus_pacientes).await
}

pub async fn run(
    system: &SystemCtx,
    tenant: TenantId,
    importacion: Importacion,
    (paso, turno): (Paso, Option<Duration>),
    cuerpo: &[u8],
    avance: Avance<'_>,
) -> Result<(), Problem> {
    let (began, id) = (Instant::now(), importacion.id);
    let mut hechas = importacion.cuenta.hechas;
    let mut rows = filas::de_archivo(cuerpo);
    let mut tx = begin(system, tenant, &importacion).await?;
    let mut corrida = Corrida::new(&mut tx, importacion, paso == Paso::Probar).await?;
    // What was imported is in the database; what was only tried has to be read again, or a row would not meet its double.
    for lote in lotes(&mut rows, hechas) {
        if corrida.probar {
            let lote = corrida.lectura().leer(lote);
            corrida.lote(&mut tx, lote).await?;
        }
    }
    drop(tx);
    let size = match (corrida.importacion().tipo, corrida.probar) {
        (Tipo::Citas, true) => LOTE_CITAS_PRUEBA,
        (Tipo::Citas, false) => LOTE_CITAS,
        _ => LOTE,
    };
    let mut ahead = read_ahead(&corrida, rows.by_ref().take(size).collect());
    loop {
        let lote = ahead.await.map_err(Problem::internal)?;
        ahead = read_ahead(&corrida, rows.by_ref().take(size).collect());
        let nothing = lote.is_empty();
        let mut tx = begin(system, tenant, corrida.importacion()).await?;
        // Nobody else is at it, and nobody called it off.
        let now = store::lock(&mut tx, id, None).await?;
        if now.is_none_or(|now| now.estado != paso.en_curso() || now.cuenta.hechas != hechas) {
            return Ok(());
        }
        let salida = if corrida.probar {
            // In a transaction of its own, which is never committed: whatever a trial did is undone.
            corrida.lote(&mut begin(system, tenant, corrida.importacion()).await?, lote).await?
        } else {
            corrida.lote(&mut tx, lote).await?
        };
        let registros = if corrida.probar { &[][..] } else { &salida.registros };
        store::note(&mut tx, id, registros, &salida.errores).await?;
        store::advance(&mut tx, id, &salida.cuenta).await?;
        hechas += salida.cuenta.hechas;
        let last = hechas >= corrida.importacion().filas || nothing;
        let tired = turno.is_some_and(|turno| began.elapsed() > turno);
        if last {
            finish(&mut tx, &corrida, paso).await?;
        } else if tired {
            pedir(&mut tx, id, paso).await?;
        }
        let shown = tell(&mut tx, if last { "importacion.terminada" } else { "importacion.avanzada" }, id).await?;
        tx.commit().await?;
        avance(&shown);
        if last || tired {
            return Ok(());
        }
    }
}

/// Reads a portion on a thread of its own, while the one before it is written.
fn read_ahead(corrida: &Corrida, filas: Vec<Fila>) -> JoinHandle<Lote> {
    let lectura = corrida.lectura().clone();
    tokio::task::spawn_blocking(move || lectura.leer(filas))
}

/// The first `count` rows, in portions.
fn lotes<'a>(rows: &'a mut impl Iterator<Item = Fila>, count: i32) -> impl Iterator<Item = Vec<Fila>> + 'a {
    let mut left = usize::try_from(count).unwrap_or_default();
    std::iter::from_fn(move || {
        let lote: Vec<Fila> = rows.by_ref().take(left.min(LOTE)).collect();
        left -= lote.len().min(left);
        (!lote.is_empty()).then_some(lote)
    })
}

async fn finish(tx: &mut Tx, corrida: &Corrida, paso: Paso) -> Result<(), Problem> {
    let id = corrida.importacion().id;
    store::set_estado(tx, id, paso.hecho(), None).await?;
    if paso == Paso::Importar {
        let done = store::find(tx, id, None).await?.ok_or_else(Problem::not_found)?;
        tx.audit(Change::new("importar", "importacion", id).despues(json!({ "tipo": done.tipo, "cuenta": done.cuenta })));
    }
    Ok(())
}

/// Tells who watches how far it is.
async fn tell(tx: &mut Tx, tema: &'static str, id: ImportacionId) -> Result<Importacion, Problem> {
    let shown = store::find(tx, id, None).await?.ok_or_else(Problem::not_found)?;
    tx.publish(Event::new(
        tema,
        json!({ "importacion_id": id, "tipo": shown.tipo, "estado": shown.estado, "filas": shown.filas, "cuenta": shown.cuenta }),
    ));
    Ok(shown)
}

/// All of it or nothing: what was touched meanwhile makes the database refuse.
async fn take_back(system: &SystemCtx, tenant: TenantId, importacion: &Importacion) -> Result<(), Problem> {
    let id = importacion.id;
    let mut tx = begin(system, tenant, importacion).await?;
    let now = store::lock(&mut tx, id, None).await?;
    if now.is_none_or(|now| now.estado != Estado::Deshaciendo) {
        return Ok(());
    }
    match back(&mut tx, id).await {
        Ok(borrados) => {
            tx.audit(Change::new("deshacer", "importacion", id).despues(json!({ "borrados": borrados })));
        }
        Err(problem) if touched(&problem) => {
            drop(tx);
            tx = begin(system, tenant, importacion).await?;
            store::set_estado(&mut tx, id, Estado::Importada, Some("algo de lo importado cambió después: no se deshizo nada")).await?;
        }
        Err(problem) => return Err(problem),
    }
    tell(&mut tx, "importacion.terminada", id).await?;
    tx.commit().await
}

async fn back(tx: &mut Tx, id: ImportacionId) -> Result<i64, Problem> {
    // Whose pets these are may have none afterwards, and is found by their own name then.
    let mascotas = store::mascotas_nuevas(tx, id).await?;
    let tutores = pacientes::tutores_de(tx, &mascotas).await?;
    let renovadas = store::agendas(tx, id).await?;
    // The database looks first whether anything was touched.
    let borrados = store::deshacer(tx, id).await?;
    renovadas.iter().for_each(|renovada| tx.publish(renovada.evento()));
    pacientes::reindexar_tutores(tx, &tutores).await?;
    for (tutor, campos) in store::completados(tx, id).await? {
        pacientes::vaciar_tutor(tx, tutor, &campos).await?;
    }
    store::borrar(tx, id, true).await?;
    store::set_estado(tx, id, Estado::Deshecha, None).await?;
    Ok(borrados)
}

/// Refused because of what came since, or because something refers to it.
fn touched(problem: &Problem) -> bool {
    problem.is_lost_race() || problem.status() == kinds::REFERENCED.status
}

async fn forget(system: &SystemCtx, tenant: TenantId, id: ImportacionId) -> Result<(), Problem> {
    let mut tx = system.begin(tenant).await?;
    let Some(importacion) = store::lock(&mut tx, id, None).await? else { return Ok(()) };
    if importacion.estado.en_curso() {
        return Err(Problem::new(crate::model::problemas::IMPORTACION_EN_CURSO));
    }
    if !importacion.archivada {
        subir::olvidar(system.app(), &mut tx, id).await?;
    }
    tx.commit().await
}
