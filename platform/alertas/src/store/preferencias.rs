//! By which channels an owner wants to be reached.
use super::ajustes::{claves, medios};
use crate::model::Preferencia;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::TutorId};
use pacientes::Medio;
use std::collections::HashMap;
use uuid::Uuid;

pub async fn find(tx: &mut Tx, tutor: TutorId) -> Result<Option<Preferencia>, Problem> {
    let row = sqlx::query!("select canales, segun_cadena, version from tutores_canales where tutor_id = $1", tutor.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| Preferencia { canales: (!row.segun_cadena).then(|| medios(&row.canales)), version: row.version }))
}

/// `None`: as the chain does it.
pub async fn get(tx: &mut Tx, tutor: TutorId) -> Result<Option<Vec<Medio>>, Problem> {
    Ok(of(tx, &[tutor]).await?.remove(&tutor))
}

/// Of those who said something.
pub async fn of(tx: &mut Tx, tutores: &[TutorId]) -> Result<HashMap<TutorId, Vec<Medio>>, Problem> {
    let ids: Vec<Uuid> = tutores.iter().map(|tutor| tutor.0).collect();
    let rows = sqlx::query!("select tutor_id, canales from tutores_canales where tutor_id = any ($1) and not segun_cadena", &ids)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| (TutorId(row.tutor_id), medios(&row.canales))).collect())
}

/// Two changes at once queue up, also when there is no row yet.
pub async fn hold(tx: &mut Tx, tutor: TutorId) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'canales:' || $1::uuid::text, 0))", tutor.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// `None`: as the chain does it; a row stays for its version.
pub async fn put(tx: &mut Tx, tutor: TutorId, canales: Option<&[Medio]>) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into tutores_canales as c (tutor_id, canales, segun_cadena, actualizado_en, version) values ($1, $2, $3, $4, 2)
         on conflict (tenant_id, tutor_id) do update set canales = $2, segun_cadena = $3, actualizado_en = $4, version = c.version + 1",
        tutor.0,
        &claves(canales.unwrap_or_default()),
        canales.is_none(),
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
