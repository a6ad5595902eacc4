//! Deaths of pets, and those that were a mistake.
use crate::model::{Fallecimiento, NuevoFallecimiento};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::MascotaId, ports::CitaBreve};
use sqlx::types::Json;
use uuid::Uuid;

/// Marks the pet; its appointments are looked for after this, so that they find it dead.
pub async fn mark(tx: &mut Tx, mascota: MascotaId, nuevo: &NuevoFallecimiento) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update mascotas set fallecida_en = $2, fallecida_causa = $3, version = version + 1, actualizado_en = $4 where id = $1",
        mascota as _,
        nuevo.fecha.to_sqlx() as _,
        nuevo.causa,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn unmark(tx: &mut Tx, mascota: MascotaId) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update mascotas set fallecida_en = null, fallecida_causa = null, version = version + 1, actualizado_en = $2 where id = $1",
        mascota as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn insert(tx: &mut Tx, mascota: MascotaId, nuevo: &NuevoFallecimiento, anuladas: &[CitaBreve]) -> Result<Uuid, Problem> {
    let (id, now, autor) = (Uuid::now_v7(), tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into fallecimientos (id, mascota_id, fecha, causa, nota, citas_anuladas, registrado_en, registrado_por)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        mascota as _,
        nuevo.fecha.to_sqlx() as _,
        nuevo.causa,
        nuevo.nota,
        Json(anuladas) as _,
        now as _,
        autor
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn correct(tx: &mut Tx, id: Uuid, motivo: &str) -> Result<(), Problem> {
    let (now, autor) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "update fallecimientos set corregido_en = $2, corregido_por = $3, corregido_motivo = $4 where id = $1",
        id,
        now as _,
        autor,
        motivo
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The death of a pet that is dead; `None` of one that lives.
pub async fn current(tx: &mut Tx, mascota: MascotaId) -> Result<Option<Fallecimiento>, Problem> {
    let row = sqlx::query!(
        r#"select id, mascota_id, fecha, causa, nota, citas_anuladas as "citas_anuladas: Json<Vec<CitaBreve>>", registrado_en
             from fallecimientos where mascota_id = $1 and corregido_en is null"#,
        mascota as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Fallecimiento {
        id: row.id,
        mascota_id: row.mascota_id,
        fecha: row.fecha.to_jiff(),
        causa: row.causa,
        nota: row.nota,
        citas_anuladas: row.citas_anuladas.0,
        registrado_en: row.registrado_en.to_jiff(),
        corregido_en: None,
        corregido_motivo: None,
    }))
}
