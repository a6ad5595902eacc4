//! What the booking page shows of sedes besides what they offer.
use kernel::{Problem, Tx, ids::SedeId};

/// How to reach a sede.
#[derive(Debug, Clone)]
pub struct Contacto {
    pub sede_id: SedeId,
    pub direccion: String,
    pub telefono: String,
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
