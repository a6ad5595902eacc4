//! Weights. Those that were taken back stay, and count for nothing.
use crate::model::Peso;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, PesoId, SedeId},
};

/// A weight that somebody takes now.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pesaje {
    pub gramos: i32,
    pub sede: Option<SedeId>,
    pub condicion: Option<i16>,
    /// It is odd, and somebody looked twice.
    pub confirmado: bool,
}

pub async fn insert(tx: &mut Tx, mascota: MascotaId, pesado_en: Timestamp, pesaje: Pesaje) -> Result<Peso, Problem> {
    let (id, autor) = (PesoId::new(), tx.author());
    sqlx::query!(
        "insert into pesos (id, mascota_id, sede_id, pesado_en, kg, autor_id, condicion, confirmado)
         values ($1, $2, $3, $4, $5::int / 1000.0, $6, $7, $8)",
        id as _,
        mascota as _,
        pesaje.sede as _,
        pesado_en.to_sqlx() as _,
        pesaje.gramos,
        autor,
        pesaje.condicion,
        pesaje.confirmado
    )
    .execute(&mut **tx)
    .await?;
    Ok(Peso { id, pesado_en, kg: f64::from(pesaje.gramos) / 1000.0, sede_id: pesaje.sede, condicion: pesaje.condicion })
}

/// Those that count, newest first, before a position.
pub async fn list(tx: &mut Tx, mascota: MascotaId, before: Option<(Timestamp, PesoId)>, limit: i64) -> Result<Vec<Peso>, Problem> {
    let (en, id) = before.unzip();
    let rows = sqlx::query!(
        r#"select id, pesado_en, (kg * 1000)::int as "gramos!", sede_id, condicion from pesos
            where mascota_id = $1 and anulado_en is null and ($2::timestamptz is null or (pesado_en <= $2 and (pesado_en < $2 or id < $3)))
            order by pesado_en desc, id desc limit $4"#,
        mascota as _,
        en.map(ToSqlx::to_sqlx) as _,
        id as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let peso = rows.into_iter().map(|row| Peso {
        id: row.id,
        pesado_en: row.pesado_en.to_jiff(),
        kg: f64::from(row.gramos) / 1000.0,
        sede_id: row.sede_id,
        condicion: row.condicion,
    });
    Ok(peso.collect())
}

/// The weight of a pet, held, and whether it was taken back before.
pub async fn lock(tx: &mut Tx, mascota: MascotaId, id: PesoId) -> Result<Option<(Peso, bool)>, Problem> {
    let row = sqlx::query!(
        r#"select id, pesado_en, (kg * 1000)::int as "gramos!", sede_id, condicion, anulado_en is not null as "anulado!"
             from pesos where mascota_id = $1 and id = $2 for update"#,
        mascota as _,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| {
        let kg = f64::from(row.gramos) / 1000.0;
        (Peso { id: row.id, pesado_en: row.pesado_en.to_jiff(), kg, sede_id: row.sede_id, condicion: row.condicion }, row.anulado)
    }))
}

pub async fn annul(tx: &mut Tx, id: PesoId, motivo: &str) -> Result<(), Problem> {
    let (autor, now) = (tx.author(), tx.now().to_sqlx());
    sqlx::query!("update pesos set anulado_en = $2, anulado_por = $3, anulado_motivo = $4 where id = $1", id as _, now as _, autor, motivo)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
