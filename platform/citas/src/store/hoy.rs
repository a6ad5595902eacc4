//! Figures of a day.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::SedeId};

/// How long those who came waited on average until they were seen, in minutes, and how many they were.
pub async fn espera(tx: &mut Tx, sede: SedeId, desde: Timestamp, hasta: Timestamp) -> Result<(Option<f64>, i64), Problem> {
    let row = sqlx::query!(
        r#"select round(avg(extract(epoch from consulta_en - llegada_en) / 60), 1)::float8 as promedio, count(*) as "cuantas!"
             from visitas where sede_id = $1 and llegada_en >= $2 and llegada_en < $3 and consulta_en is not null"#,
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.promedio, row.cuantas))
}

/// No-shows from `hoy` on and from `desde` on, and all appointments from `desde` on but the cancelled ones.
pub async fn inasistencias(
    tx: &mut Tx,
    sede: SedeId,
    desde: Timestamp,
    hoy: Timestamp,
    hasta: Timestamp,
) -> Result<(i64, i64, i64), Problem> {
    let row = sqlx::query!(
        r#"select count(*) filter (where estado = 'no_asistio' and inicio >= $3) as "hoy!",
                  count(*) filter (where estado = 'no_asistio') as "semana!", count(*) as "citas!"
             from citas where sede_id = $1 and inicio >= $2 and inicio < $4 and estado <> 'anulada' and retenida_hasta is null"#,
        sede as _,
        desde.to_sqlx() as _,
        hoy.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.hoy, row.semana, row.citas))
}
