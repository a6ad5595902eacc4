//! The way from one sede to another.
use crate::model::Traslado;
use kernel::{Problem, Tx, ids::SedeId};

/// Every pair of sedes of the chain, once.
pub async fn traslados(tx: &mut Tx) -> Result<Vec<Traslado>, Problem> {
    let filas = sqlx::query_as!(
        Traslado,
        r#"select sede_a as "sede_a!: _", sede_b as "sede_b!: _", minutos as "minutos!", version is null as "estimado!", coalesce(version, 0) as "version!"
             from v_traslados where sede_a < sede_b order by sede_a, sede_b"#
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}

/// `None` if one of them is no sede of the chain, or both are the same.
pub async fn traslado(tx: &mut Tx, a: SedeId, b: SedeId) -> Result<Option<Traslado>, Problem> {
    let fila = sqlx::query_as!(
        Traslado,
        r#"select sede_a as "sede_a!: _", sede_b as "sede_b!: _", minutos as "minutos!", version is null as "estimado!", coalesce(version, 0) as "version!"
             from v_traslados where sede_a = least($1::uuid, $2::uuid) and sede_b = greatest($1::uuid, $2::uuid) and sede_a < sede_b"#,
        a as _,
        b as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila)
}

pub async fn guardar_traslado(tx: &mut Tx, traslado: &Traslado) -> Result<(), Problem> {
    sqlx::query!(
        "insert into traslados (sede_a, sede_b, minutos, version) values ($1, $2, $3, $4)
         on conflict (tenant_id, sede_a, sede_b) do update set minutos = excluded.minutos, version = excluded.version",
        traslado.sede_a as _,
        traslado.sede_b as _,
        traslado.minutos,
        traslado.version,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
