//! `claves_api`.
use super::model::ClaveApi;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{ClaveApiId, SedeId, UsuarioId},
    ports::PorReasignar,
};
use uuid::Uuid;

pub async fn insert(tx: &mut Tx, clave: &ClaveApi, resumen: &[u8]) -> Result<(), Problem> {
    let sedes: Option<Vec<Uuid>> = clave.sedes.as_ref().map(|sedes| sedes.iter().map(|sede| sede.0).collect());
    sqlx::query!(
        "insert into claves_api (id, nombre, resumen, permisos, sedes, creada_por, creada_en, expira_en) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        clave.id.0,
        clave.nombre,
        resumen,
        &clave.permisos,
        sedes.as_deref(),
        clave.creada_por.0,
        clave.creada_en.to_sqlx() as _,
        clave.expira_en.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The newest first, revoked and expired ones included.
pub async fn list(tx: &mut Tx, after: Option<ClaveApiId>, limit: i64) -> Result<Vec<ClaveApi>, Problem> {
    let rows = sqlx::query!(
        "select id, nombre, permisos, sedes, creada_por, creada_en, expira_en, revocada_en from claves_api
          where id < $1 or $1 is null order by id desc limit $2",
        after.map(Uuid::from),
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?;
    let clave = rows.into_iter().map(|row| ClaveApi {
        id: row.id,
        nombre: row.nombre,
        permisos: row.permisos,
        sedes: row.sedes.map(|sedes| sedes.into_iter().map(SedeId).collect()),
        creada_por: row.creada_por,
        creada_en: row.creada_en.to_jiff(),
        expira_en: row.expira_en.to_jiff(),
        revocada_en: row.revocada_en.map(|at| at.to_jiff()),
    });
    Ok(clave.collect())
}

/// The keys that somebody made and that are good now.
pub async fn por_reasignar(tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<PorReasignar>, Problem> {
    let now = tx.now();
    let ids = sqlx::query_scalar!(
        r#"select id as "id: Uuid" from claves_api where creada_por = $1 and revocada_en is null and expira_en > $2 order by id"#,
        usuario.0,
        now.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids.into_iter().map(|id| PorReasignar { tipo: "clave_api", id: Some(id), sede_id: None, desde: None }).collect())
}

/// Revokes a key for good; `false` if there is none or it was revoked.
pub async fn revocar(tx: &mut Tx, clave: ClaveApiId) -> Result<bool, Problem> {
    let now = tx.now();
    let done = sqlx::query!("update claves_api set revocada_en = $2 where id = $1 and revocada_en is null", clave.0, now.to_sqlx() as _)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Positions of the sedes that the chain does not have.
pub async fn sedes_desconocidas(tx: &mut Tx, sedes: &[SedeId]) -> Result<Vec<i64>, Problem> {
    let ids: Vec<Uuid> = sedes.iter().map(|sede| sede.0).collect();
    Ok(sqlx::query_scalar!(
        r#"select n - 1 as "position!" from unnest($1::uuid[]) with ordinality as q(id, n) where not exists (select from sedes s where s.id = q.id) order by n"#,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?)
}
