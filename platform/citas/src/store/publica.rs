//! What the booking page shows of sedes besides what they offer.
use kernel::{Problem, Tx, ids::SedeId};

/// How to reach a sede.
#[derive(Debug, Clone)]
pub struct Contacto {
    pub sede_id: SedeId,
    pub direccion: String,
    pub telefono: String,
}

/// What a chain's agendas are at: the version of what they work with, and the number of its last event, which the relay gives
/// when it was committed.
pub async fn cambios(tx: &mut Tx) -> Result<(i64, i64), Problem> {
    let row = sqlx::query!(
        r#"select coalesce((select version from versiones_agenda), 0) as "agenda!",
                  coalesce((select ultimo from eventos_ultimos), 0) as "suceso!""#
    );
    Ok(row.fetch_one(&mut **tx).await.map(|row| (row.agenda, row.suceso))?)
}

pub async fn contactos(tx: &mut Tx, sedes: &[SedeId]) -> Result<Vec<Contacto>, Problem> {
    Ok(sqlx::query_as!(
        Contacto,
        r#"select id as "sede_id!: SedeId", direccion as "direccion!", telefono as "telefono!" from v_sedes_contacto where id = any ($1)"#,
        sedes as _
    )
    .fetch_all(&mut **tx)
    .await?)
}
