//! Walks through all pets of a chain, and when the next night begins.
use crate::model::medicas::{Pasada, PasadaMotivo};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, PasadaId},
};
use sqlx::PgConnection;

struct Fila {
    id: PasadaId,
    motivo: PasadaMotivo,
    total: i32,
    vistas: i32,
    nuevas: i32,
    cambiadas: i32,
    cerradas: i32,
    sin_evaluar: i32,
    despues: Option<MascotaId>,
    firma: String,
    empezada_en: jiff_sqlx::Timestamp,
    avanzada_en: jiff_sqlx::Timestamp,
    terminada_en: Option<jiff_sqlx::Timestamp>,
}

impl From<Fila> for Pasada {
    fn from(fila: Fila) -> Self {
        let Fila { id, motivo, total, vistas, nuevas, cambiadas, cerradas, sin_evaluar, despues, firma, .. } = fila;
        let (empezada_en, avanzada_en) = (fila.empezada_en.to_jiff(), fila.avanzada_en.to_jiff());
        let terminada_en = fila.terminada_en.map(|at| at.to_jiff());
        Self { id, motivo, total, vistas, nuevas, cambiadas, cerradas, sin_evaluar, empezada_en, avanzada_en, terminada_en, despues, firma }
    }
}

/// The one under way, or the last one.
pub async fn ultima(tx: &mut Tx) -> Result<Option<Pasada>, Problem> {
    let fila = sqlx::query_as!(
        Fila,
        r#"select id as "id: PasadaId", motivo as "motivo: PasadaMotivo", total, vistas, nuevas, cambiadas, cerradas, sin_evaluar,
                  despues as "despues: MascotaId", firma, empezada_en, avanzada_en, terminada_en
             from alertas_pasadas order by empezada_en desc, id desc limit 1"#
    );
    Ok(fila.fetch_optional(&mut **tx).await?.map(Into::into))
}

/// Begins one. Who holds the chain's alerts is the only one who does.
pub async fn empezar(tx: &mut Tx, motivo: PasadaMotivo, firma: &str) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into alertas_pasadas (id, motivo, firma, total, empezada_en, avanzada_en) select $1, $2, $4, count(*), $3, $3 from v_vivas",
        PasadaId::new().0,
        motivo.clave(),
        now as _,
        firma
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a portion added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Avance {
    pub vistas: i32,
    pub nuevas: i32,
    pub cambiadas: i32,
    pub cerradas: i32,
    pub sin_evaluar: i32,
}

/// Goes on to `hasta`; `false` if somebody else did meanwhile.
pub async fn avanzar(tx: &mut Tx, pasada: &Pasada, hasta: MascotaId, avance: Avance) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update alertas_pasadas set vistas = vistas + $4, nuevas = nuevas + $5, cambiadas = cambiadas + $6, cerradas = cerradas + $7,
                sin_evaluar = sin_evaluar + $8, despues = $3, avanzada_en = $9
          where id = $1 and despues is not distinct from $2 and terminada_en is null",
        pasada.id.0,
        pasada.despues as _,
        hasta as _,
        avance.vistas,
        avance.nuevas,
        avance.cambiadas,
        avance.cerradas,
        avance.sin_evaluar,
        now as _
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn terminar(tx: &mut Tx, id: PasadaId, cerradas: i32) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update alertas_pasadas set terminada_en = $2, avanzada_en = $2, cerradas = cerradas + $3 where id = $1 and terminada_en is null",
        id.0,
        now as _,
        cerradas
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn proxima(tx: &mut Tx) -> Result<Option<Timestamp>, Problem> {
    let at = sqlx::query_scalar!("select proxima from alertas_noches").fetch_optional(&mut **tx).await?;
    Ok(at.flatten().map(|at| at.to_jiff()))
}

pub async fn fijar_proxima(tx: &mut Tx, at: Timestamp) -> Result<(), Problem> {
    sqlx::query!("insert into alertas_noches (proxima) values ($1) on conflict (tenant_id) do update set proxima = $1", at.to_sqlx() as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Walks that are long over, rehearsals that had their days, and alerts that were closed long ago. Role `huella_jobs`.
pub async fn olvidar_pasadas(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from alertas_pasadas where ctid in (select ctid from alertas_pasadas where terminada_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

pub async fn olvidar_ensayos(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from alertas_ensayos where ctid in (select ctid from alertas_ensayos where creado_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

pub async fn olvidar_cerradas(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from alertas_medicas where ctid in (select ctid from alertas_medicas where cerrada_en < $1 and not calla limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
