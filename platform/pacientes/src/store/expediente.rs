//! What is asked only for one person's file.
use crate::model::AccesoADatos;
use kernel::{Problem, Tx};
use uuid::Uuid;

/// Who saw or changed any of these records, newest first.
pub async fn accesses(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<AccesoADatos>, Problem> {
    let rows = sqlx::query!(
        r#"select en as "en!", quien as "quien!", accion as "accion!", entidad as "entidad!" from v_accesos
            where entidad in ('tutor', 'mascota') and (entidad_id = any ($1) or ids && $1) order by id desc"#,
        ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let acceso =
        rows.into_iter().map(|row| AccesoADatos { en: row.en.to_jiff(), quien: row.quien, accion: row.accion, entidad: row.entidad });
    Ok(acceso.collect())
}
