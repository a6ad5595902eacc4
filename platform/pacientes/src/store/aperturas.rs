//! Patients opened in an emergency.
use crate::model::{Apertura, Dictamen, NuevaApertura};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, UsuarioId},
};
use uuid::Uuid;

pub async fn insert(tx: &mut Tx, mascota: MascotaId, nueva: &NuevaApertura, vence_en: Timestamp) -> Result<Uuid, Problem> {
    let (id, now, autor) = (Uuid::now_v7(), tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into aperturas (id, mascota_id, usuario_id, sede_id, motivo, abierta_en, vence_en) values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        mascota as _,
        autor,
        nueva.sede_id as _,
        nueva.motivo,
        now as _,
        vence_en.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Newest first; only those that somebody judged, or nobody yet.
pub async fn list(tx: &mut Tx, revisadas: Option<bool>, before: Option<Uuid>, limit: i64) -> Result<Vec<Apertura>, Problem> {
    select(tx, None, revisadas, before, limit).await
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Apertura>, Problem> {
    Ok(select(tx, Some(id), None, None, 1).await?.pop())
}

/// Two who judge at once do so one after the other.
pub async fn hold(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    sqlx::query!("select from aperturas where id = $1 for update", id).execute(&mut **tx).await?;
    Ok(())
}

async fn select(
    tx: &mut Tx,
    id: Option<Uuid>,
    revisadas: Option<bool>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Apertura>, Problem> {
    let rows = sqlx::query!(
        r#"select a.id, a.mascota_id as "mascota_id: MascotaId", a.usuario_id as "usuario_id: UsuarioId", u.nombre as "usuario!",
                  a.sede_id as "sede_id: kernel::ids::SedeId", a.motivo, a.abierta_en, a.vence_en, a.dictamen as "dictamen: Dictamen", a.nota,
                  a.revisada_en as "revisada_en: jiff_sqlx::Timestamp", a.revisada_por as "revisada_por: UsuarioId", a.version
             from aperturas a join v_autores u on u.id = a.usuario_id
            where ($1::uuid is null or a.id = $1) and ($2::boolean is null or (a.dictamen is not null) = $2) and ($3::uuid is null or a.id < $3)
            order by a.id desc limit $4"#,
        id,
        revisadas,
        before,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let apertura = rows.into_iter().map(|row| Apertura {
        id: row.id,
        mascota_id: row.mascota_id,
        usuario_id: row.usuario_id,
        usuario: row.usuario,
        sede_id: row.sede_id,
        motivo: row.motivo,
        abierta_en: row.abierta_en.to_jiff(),
        vence_en: row.vence_en.to_jiff(),
        dictamen: row.dictamen,
        nota: row.nota,
        revisada_en: row.revisada_en.map(|en| en.to_jiff()),
        revisada_por: row.revisada_por,
        version: row.version,
    });
    Ok(apertura.collect())
}

pub async fn save_review(tx: &mut Tx, apertura: &Apertura) -> Result<(), Problem> {
    sqlx::query!(
        "update aperturas set dictamen = $2, nota = $3, revisada_en = $4, revisada_por = $5, vence_en = $6, version = version + 1 where id = $1",
        apertura.id,
        apertura.dictamen as _,
        apertura.nota,
        apertura.revisada_en.map(ToSqlx::to_sqlx) as _,
        apertura.revisada_por as _,
        apertura.vence_en.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
