//! Weights.
use crate::model::Peso;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, PesoId, SedeId},
};

pub async fn insert(tx: &mut Tx, mascota: MascotaId, gramos: i32, pesado_en: Timestamp, sede: Option<SedeId>) -> Result<Peso, Problem> {
    let (id, autor) = (PesoId::new(), tx.author());
    sqlx::query!(
        "insert into pesos (id, mascota_id, sede_id, pesado_en, kg, autor_id) values ($1, $2, $3, $4, $5::int / 1000.0, $6)",
        id as _,
        mascota as _,
        sede as _,
        pesado_en.to_sqlx() as _,
        gramos,
        autor
    )
    .execute(&mut **tx)
    .await?;
    Ok(Peso { id, pesado_en, kg: f64::from(gramos) / 1000.0, sede_id: sede })
}

pub async fn list(tx: &mut Tx, mascota: MascotaId, before: Option<(Timestamp, PesoId)>, limit: i64) -> Result<Vec<Peso>, Problem> {
    let (en, id) = before.unzip();
    let rows = sqlx::query!(
        r#"select id, pesado_en, (kg * 1000)::int as "gramos!", sede_id from pesos
            where mascota_id = $1 and ($2::timestamptz is null or (pesado_en <= $2 and (pesado_en < $2 or id < $3)))
            order by pesado_en desc, id desc limit $4"#,
        mascota as _,
        en.map(ToSqlx::to_sqlx) as _,
        id as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let peso = |id, pesado_en: jiff_sqlx::Timestamp, gramos: i32, sede_id| Peso {
        id,
        pesado_en: pesado_en.to_jiff(),
        kg: f64::from(gramos) / 1000.0,
        sede_id,
    };
    Ok(rows.into_iter().map(|row| peso(row.id, row.pesado_en, row.gramos, row.sede_id)).collect())
}
